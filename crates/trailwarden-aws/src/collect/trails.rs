//! One trail is one resource: sightings merged by ARN, selectors read at the owner.

use std::collections::BTreeMap;

use futures::StreamExt;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::{Selectors, Trail};

use super::Context;
use super::regions::Sighting;
use crate::read::cloudtrail;

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

/// The event selectors of each trail, asked at its owner in its home region, in scope or not.
pub(crate) async fn selectors(context: &Context<'_>, trails: &Trails) -> BTreeMap<Arn, Observed<Selectors>> {
    if !context.needs.contains(&Need::EventSelectors) {
        return BTreeMap::new();
    }
    let read = futures::stream::iter(trails.values())
        .map(|trail| async move { (trail.arn.clone(), selectors_of(context, trail).await.into()) });
    read.buffer_unordered(context.width).collect().await
}

/// At the owner. A delegated administrator of CloudTrail, who may not enter the management account, reads the selectors
/// of organization trails with its own credentials; where that fails too, the closed account is what is missing.
async fn selectors_of(context: &Context<'_>, trail: &Trail) -> Result<Selectors, Gap> {
    let closed = match context.site(&trail.owner, &trail.home_region).await {
        Ok(site) => return Ok(cloudtrail::selectors(context.session, &site, &trail.arn).await?),
        Err(gap) if trail.is_organization => gap,
        Err(gap) => return Err(gap),
    };
    let own = context.session.own_site(&trail.home_region).await?;
    cloudtrail::selectors(context.session, &own, &trail.arn).await.map_err(|_| closed)
}

/// The trails with their selectors in place.
pub(crate) fn with_selectors(trails: Trails, mut selectors: BTreeMap<Arn, Observed<Selectors>>) -> Trails {
    let complete = trails.into_iter().map(|(arn, trail)| {
        let selectors = selectors.remove(&arn).unwrap_or_else(|| trail.selectors.clone());
        (arn, Trail { selectors, ..trail })
    });
    complete.collect()
}

#[cfg(test)]
pub(crate) mod tests {
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
        let sighting = |trail| Sighting { trails: vec![trail], statuses: Observed::Known(BTreeMap::new()) };
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
