//! Trails and their status, account by account and region by region.

use std::collections::BTreeMap;

use futures::StreamExt;
use futures::future::join_all;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::{Trail, TrailStatus};

use super::Context;
use super::accounts::Entered;
use crate::progress::Event;
use crate::read::cloudtrail;
use crate::session::Site;

/// What one account and region showed.
#[derive(Debug, Clone)]
pub(crate) struct Sighting {
    /// The trails as seen from here.
    pub(crate) trails: Vec<Trail>,
    /// Their status as seen from here.
    pub(crate) statuses: Observed<BTreeMap<Arn, Observed<TrailStatus>>>,
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
            Err(gap) => Sighting { trails: Vec::new(), statuses: Observed::Gap(gap) },
        };
        context.progress.event(Event::RegionRead { account, region });
        ((account.clone(), region.clone()), sighting)
    });
    read.buffer_unordered(context.width).collect().await
}

async fn read(context: &Context<'_>, site: &Site) -> Sighting {
    match cloudtrail::trails(context.session, site).await {
        Err(failure) => Sighting { trails: Vec::new(), statuses: Observed::Gap(failure.gap) },
        Ok(trails) => {
            let statuses = trails.iter().map(|trail| async { (trail.arn.clone(), status(context, site, trail).await) });
            let statuses = join_all(statuses).await.into_iter().collect();
            Sighting { trails, statuses: Observed::Known(statuses) }
        }
    }
}

async fn status(context: &Context<'_>, site: &Site, trail: &Trail) -> Observed<TrailStatus> {
    if !context.needs.contains(&Need::TrailStatus) {
        let call = "cloudtrail:GetTrailStatus";
        return Observed::Gap(Gap::not_collected(call, Some(&site.account), Some(&site.region)));
    }
    cloudtrail::status(context.session, site, &trail.arn).await.map_err(Gap::from).into()
}
