//! Trails with their status and everything around them, account by account and region by region.

use std::collections::BTreeMap;

use futures::StreamExt;
use futures::future::join_all;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::{Need, RegionSnapshot};
use trailwarden_model::trail::{Trail, TrailStatus};

use super::accounts::Entered;
use super::{Context, surroundings};
use crate::progress::Event;
use crate::read::cloudtrail;
use crate::session::Site;

/// What one account and region showed.
#[derive(Debug, Clone)]
pub(crate) struct Sighting {
    /// The trails as seen from here.
    pub(crate) trails: Vec<Trail>,
    /// Their status as seen from here, and what else is here.
    pub(crate) region: RegionSnapshot,
}

/// Reads every region of every entered account.
pub(crate) async fn read_all(
    context: &Context<'_>,
    entered: &BTreeMap<AccountId, Entered>,
) -> BTreeMap<(AccountId, Region), Sighting> {
    let places =
        entered.iter().flat_map(|(account, entered)| entered.regions.iter().map(move |region| (account, region)));
    let read = futures::stream::iter(places).map(|(account, region)| async move {
        let sighting = match context.site(account, region).await {
            Ok(site) => read(context, &site).await,
            Err(gap) => Sighting { trails: Vec::new(), region: surroundings::closed(context, &gap) },
        };
        context.progress.event(Event::RegionRead { account, region });
        ((account.clone(), region.clone()), sighting)
    });
    read.buffer_unordered(context.width).collect().await
}

async fn read(context: &Context<'_>, site: &Site) -> Sighting {
    let ((trails, statuses), around) = futures::join!(trails(context, site), surroundings::read(context, site));
    Sighting { trails, region: RegionSnapshot { trails: statuses, ..around } }
}

async fn trails(context: &Context<'_>, site: &Site) -> (Vec<Trail>, Observed<BTreeMap<Arn, Observed<TrailStatus>>>) {
    match cloudtrail::trails(context.session, site).await {
        Err(failure) => (Vec::new(), Observed::Gap(failure.gap)),
        Ok(trails) => {
            let statuses = trails.iter().map(|trail| async { (trail.arn.clone(), status(context, site, trail).await) });
            let statuses = join_all(statuses).await.into_iter().collect();
            (trails, Observed::Known(statuses))
        }
    }
}

async fn status(context: &Context<'_>, site: &Site, trail: &Trail) -> Observed<TrailStatus> {
    if !context.needs.contains(&Need::TrailStatus) {
        let call = "cloudtrail:GetTrailStatus";
        return Observed::Gap(Gap::not_collected(call, Some(&site.account), Some(&site.region)));
    }
    cloudtrail::status(context.session, site, trail.arn.as_str()).await.map_err(Gap::from).into()
}
