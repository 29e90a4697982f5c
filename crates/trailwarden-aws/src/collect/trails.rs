//! One trail is one resource: sightings merged by ARN, selectors and Insights read at the owner.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::{Insight, Selectors, Trail};

use super::Context;
use super::regions::Sighting;
use crate::gap::Failure;
use crate::read::cloudtrail::{self, insights};
use crate::session::Site;

/// Trails by ARN.
pub(crate) type Trails = BTreeMap<Arn, Trail>;

/// Every sighted trail once, as seen at home where it was, else as its first shadow by account and region shows it.
pub(crate) fn merge(sightings: &BTreeMap<(AccountId, Region), Sighting>) -> Trails {
    let mut trails = Trails::new();
    for trail in sightings.values().flat_map(|sighting| &sighting.trails) {
        let is_known_better = trails.get(&trail.arn).is_some_and(|known| known.read_at_home || !trail.read_at_home);
        if !is_known_better {
            trails.insert(trail.arn.clone(), trail.clone());
        }
    }
    trails
}

/// The trails with their event selectors and Insights, asked at their owner in their home region, in scope or not.
pub(crate) async fn with_selectors(context: &Context<'_>, trails: Trails) -> Trails {
    let read = futures::stream::iter(trails).map(|(arn, mut trail)| async move {
        let (selectors, insights) = futures::join!(selectors(context, &trail), insights(context, &trail));
        trail.selectors = selectors.unwrap_or(trail.selectors);
        trail.insights = insights.unwrap_or(trail.insights);
        (arn, trail)
    });
    read.buffer_unordered(context.width).collect().await
}

/// None when nobody asked for them.
async fn selectors(context: &Context<'_>, trail: &Trail) -> Option<Observed<Selectors>> {
    let read = async |site: Site| cloudtrail::selectors(context.session, &site, &trail.arn).await;
    if context.needs.contains(&Need::EventSelectors) { Some(at_owner(context, trail, read).await) } else { None }
}

/// None when nobody asked for them.
async fn insights(context: &Context<'_>, trail: &Trail) -> Option<Observed<BTreeSet<Insight>>> {
    let read = async |site: Site| insights::insights(context.session, &site, trail.arn.as_str()).await;
    if context.needs.contains(&Need::Insights) { Some(at_owner(context, trail, read).await) } else { None }
}

/// At the owner. A delegated administrator of CloudTrail, who may not enter the management account, reads what belongs to
/// organization trails with its own credentials; where that fails too, the closed account is what is missing.
async fn at_owner<T>(
    context: &Context<'_>,
    trail: &Trail,
    read: impl AsyncFn(Site) -> Result<T, Failure>,
) -> Observed<T> {
    let closed = match context.site(&trail.owner, &trail.home_region).await {
        Ok(site) => return read(site).await.map_err(Gap::from).into(),
        Err(gap) if trail.is_organization => gap,
        Err(gap) => return Observed::Gap(gap),
    };
    match context.session.own_site(&trail.home_region).await {
        Ok(own) => read(own).await.map_err(|_| closed).into(),
        Err(gap) => Observed::Gap(gap),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use trailwarden_model::snapshot::RegionSnapshot;

    use super::*;

    /// A multi-region trail delivering to the bucket `logs`.
    pub(crate) fn trail_of(arn: Arn, kms_key: Option<Arn>) -> Trail {
        Trail {
            name: "t".to_owned(),
            owner: arn.account().unwrap(),
            home_region: arn.region().unwrap(),
            read_at_home: false,
            is_multi_region: true,
            is_organization: false,
            includes_global_service_events: true,
            log_file_validation: true,
            kms_key,
            bucket: "logs".to_owned(),
            prefix: None,
            sns_topic: None,
            log_group: None,
            log_role: None,
            recursive_logging: None,
            selectors: Observed::Gap(Gap::not_collected("cloudtrail:GetEventSelectors", None, None)),
            insights: Observed::default(),
            arn,
        }
    }

    fn trail(read_at_home: bool, bucket: &str) -> Trail {
        let arn: Arn = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/t".parse().unwrap();
        Trail { read_at_home, bucket: bucket.to_owned(), ..trail_of(arn, None) }
    }

    fn sightings(seen: [(&str, &str, Trail); 2]) -> BTreeMap<(AccountId, Region), Sighting> {
        let sighting = |trail| Sighting { trails: vec![trail], region: RegionSnapshot::default() };
        seen.map(|(account, region, trail)| ((account.parse().unwrap(), region.parse().unwrap()), sighting(trail)))
            .into()
    }

    #[test]
    fn a_trail_and_its_shadow_are_one_trail_as_seen_at_home() {
        let shadow_first = sightings([
            ("000000000000", "eu-west-1", trail(false, "from-shadow")),
            ("111111111111", "eu-west-1", trail(true, "from-home")),
        ]);
        let merged = merge(&shadow_first);
        assert_eq!(merged.values().map(|trail| trail.bucket.as_str()).collect::<Vec<_>>(), ["from-home"]);
        let shadow_last = sightings([
            ("111111111111", "eu-west-1", trail(true, "from-home")),
            ("222222222222", "eu-west-1", trail(false, "from-shadow")),
        ]);
        assert_eq!(merge(&shadow_last), merged);
    }
}
