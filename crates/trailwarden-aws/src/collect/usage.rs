//! Who used certain actions: the event history of every account and region, asked for one event name after the other; or the log
//! files in a bucket.
//!
//! Places are asked side by side, far more of them than calls may be in flight: each waits most of the time for its own two
//! calls a second. A place is done before all others are, so that an interrupted run has whole answers to keep.

mod logs;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::Duration;

use futures::StreamExt;
use jiff::Timestamp;
use tokio::time::Instant;
use trailwarden_model::history::PastEvent;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::Organization;
use trailwarden_model::snapshot::RegionList;
use trailwarden_model::usage::{LogLocation, Lookups, PlaceUsage};

use self::logs::LogBucket;
use super::questions::Place;
use super::selection::{Scope, Selection, check_regions};
use super::{Context, accounts};
use crate::error::CollectError;
use crate::progress::{Event, Progress};
use crate::read::cloudtrail::history::{self, LOOKUP_EVENTS};
use crate::read::s3::log_files::{GET_OBJECT, LIST_OBJECTS};
use crate::session::Session;

/// Places asked at once for every call that may be in flight. A place makes two calls a second, and a call takes about a tenth of
/// a second: with fewer places than five for each call in flight, some of them would stay empty.
const PLACES_PER_CALL: usize = 8;

/// What to ask.
#[derive(Debug, Clone, Copy)]
pub struct UsageQuery<'a> {
    /// The organization, with its tree.
    pub organization: &'a Organization,
    /// Which accounts and regions.
    pub selection: &'a Selection,
    /// Which events.
    pub lookups: &'a Lookups,
    /// Where the time begins.
    pub since: Timestamp,
    /// Where it ends.
    pub until: Timestamp,
    /// Places that have answered before, and are not asked again.
    pub answered: &'a BTreeSet<(AccountId, Region)>,
    /// The log files to read instead of the event history.
    pub logs: Option<&'a LogLocation>,
}

/// What asking took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsageEffort {
    /// Accounts in scope.
    pub n_accounts: usize,
    /// Accounts and regions in scope, those that had answered before included.
    pub n_places: usize,
    /// Of these, asked now and answered, with or without a gap.
    pub n_asked: usize,
    /// Lookups made, the SDK's own retries not counted.
    pub n_requests: u64,
    /// The most lookups that one place took.
    pub n_most: u32,
    /// The time from the first lookup to the last answer.
    pub wall: Duration,
    /// The time that lookups took, one after the other, their waiting for a turn not counted.
    pub in_calls: Duration,
    /// Calls that may be in flight.
    pub in_flight: usize,
}

impl UsageEffort {
    /// The least time that the rate of two lookups a second allows, if all places are asked side by side: that of the place with
    /// the most requests. Its first needs no waiting.
    pub fn floor_of_rate(&self) -> Duration {
        Duration::from_secs_f64(f64::from(self.n_most.saturating_sub(1)) / f64::from(LOOKUP_EVENTS.per_second))
    }

    /// The least time in which so many answers of this speed arrive, with so many calls in flight.
    pub fn floor_of_width(&self) -> Duration {
        self.in_calls.div_f64(self.in_flight.max(1) as f64)
    }
}

/// Asks every account and region in scope, and hands on each answer as it comes; asking ends early when `keep` breaks. An account
/// that could not be entered, or the regions of which are not known, is an answer without a region.
///
/// # Errors
/// Only what leaves nothing to ask: see [`CollectError`]. Every other failure is the gap of its place.
pub async fn collect_usage(
    session: &Session,
    query: UsageQuery<'_>,
    progress: &dyn Progress,
    keep: &mut dyn FnMut(PlaceUsage) -> ControlFlow<()>,
) -> Result<UsageEffort, CollectError> {
    let Scope { accounts: in_scope, .. } = query.selection.resolve(query.organization)?;
    let n_in_scope = in_scope.len();
    progress.event(Event::OrganizationRead { n_accounts: query.organization.accounts.len(), n_in_scope });
    let context = Context {
        session,
        organization: query.organization,
        needs: &BTreeSet::new(),
        regions: &query.selection.regions,
        since: query.since,
        progress,
        width: session.width(),
    };
    let mut effort = UsageEffort { n_accounts: n_in_scope, in_flight: session.in_flight(), ..UsageEffort::default() };
    let bucket = match query.logs {
        Some(location) => Some(LogBucket::find(&context, location).await?),
        None => None,
    };
    let (places, unknown) = match &bucket {
        Some(bucket) => bucket.places(&context, &in_scope).await?,
        None => {
            let entered = accounts::enter_all(&context, &in_scope).await;
            check_regions(context.regions, &entered)?;
            let unknown = entered.iter().filter_map(|(account, entered)| unentered(account, entered));
            (places(&entered), unknown.collect())
        }
    };
    effort.n_places = places.len();
    if unknown.into_iter().any(|answer| keep(answer).is_break()) {
        return Ok(effort);
    }
    let left = places.into_iter().filter(|place| !query.answered.contains(place));
    let (begun, calls, spent) = (Instant::now(), n_calls(session), in_calls(session));
    let (context, bucket) = (&context, &bucket);
    let mut answers = futures::stream::iter(left)
        .map(|place| async move {
            match bucket {
                Some(bucket) => bucket.ask(context, query, place).await,
                None => ask(context, query, place).await,
            }
        })
        .buffer_unordered(session.in_flight().saturating_mul(PLACES_PER_CALL));
    while let Some(answer) = answers.next().await {
        effort.n_asked += 1;
        if bucket.is_none() {
            effort.n_most = effort.n_most.max(answer.n_requests);
        }
        effort.wall = begun.elapsed();
        if let Some(region) = &answer.region {
            progress.event(Event::RegionRead { account: &answer.account, region });
        }
        if keep(answer).is_break() {
            break;
        }
    }
    effort.n_requests = n_calls(session) - calls;
    effort.in_calls = in_calls(session) - spent;
    progress.event(Event::Finished { n_calls: session.calls().values().sum() });
    Ok(effort)
}

/// The calls that tell of the past.
const ASKING: [&str; 3] = [LOOKUP_EVENTS.operation, LIST_OBJECTS.operation, GET_OBJECT.operation];

fn n_calls(session: &Session) -> u64 {
    let calls = session.calls();
    ASKING.iter().filter_map(|operation| calls.get(operation)).sum()
}

fn in_calls(session: &Session) -> Duration {
    ASKING.iter().map(|operation| session.spent(operation)).sum()
}

/// What is not known of an account as a whole.
fn unentered(account: &AccountId, entered: &accounts::Entered) -> Option<PlaceUsage> {
    let gap = match &entered.region_list {
        Observed::Gap(gap) | Observed::Known(RegionList::Assumed(gap)) => gap.clone(),
        Observed::Known(RegionList::Read) => return None,
    };
    Some(PlaceUsage { account: account.clone(), region: None, n_requests: 0, gap: Some(gap), events: Vec::new() })
}

/// The regions of one account after the other's, so that the places asked at once are of many accounts.
fn places(entered: &BTreeMap<AccountId, accounts::Entered>) -> Vec<Place> {
    let regions: BTreeSet<&Region> = entered.values().flat_map(|entered| &entered.regions).collect();
    let has = |region: &Region| {
        let region = region.clone();
        entered
            .iter()
            .filter(move |(_, entered)| entered.regions.contains(&region))
            .map(|(account, _)| account.clone())
            .collect::<Vec<_>>()
    };
    regions
        .into_iter()
        .flat_map(|region| has(region).into_iter().map(move |account| (account, region.clone())))
        .collect()
}

async fn ask(context: &Context<'_>, query: UsageQuery<'_>, (account, region): Place) -> PlaceUsage {
    let mut usage = PlaceUsage { account, region: Some(region.clone()), n_requests: 0, gap: None, events: Vec::new() };
    let is_leader = region == context.session.leader;
    let mut found: BTreeMap<String, PastEvent> = BTreeMap::new();
    for lookup in query.lookups.at(&usage.account, is_leader) {
        // Credentials may end while a place is asked.
        let answer = match context.site(&usage.account, &region).await {
            Err(gap) => Err(gap),
            Ok(site) => {
                let period = (query.since, Some(query.until));
                let (answer, n_pages) = history::events(context.session, &site, &lookup.name, period).await;
                usage.n_requests += n_pages;
                answer.map_err(Gap::from)
            }
        };
        match answer {
            Ok(events) => {
                let events = events.into_iter().filter(|event| event.source == lookup.source);
                found.extend(events.map(|event| (event.id.clone(), event)));
            }
            // What it says to one name, it says to all.
            Err(gap) => {
                usage.gap = Some(gap);
                break;
            }
        }
    }
    usage.events = found.into_values().collect();
    usage.events.sort_by(|a, b| (b.time, &a.id).cmp(&(a.time, &b.id)));
    usage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_that_of_the_busiest_place_and_of_the_calls_in_flight() {
        let effort =
            UsageEffort { n_most: 7, in_calls: Duration::from_secs(640), in_flight: 64, ..UsageEffort::default() };
        assert_eq!((effort.floor_of_rate().as_secs(), effort.floor_of_width().as_secs()), (3, 10));
        assert_eq!(UsageEffort::default().floor_of_rate(), Duration::ZERO);
    }

    #[test]
    fn places_alternate_between_accounts() {
        let regions: BTreeSet<Region> = ["eu-west-1", "us-east-1"].map(|region| region.parse().unwrap()).into();
        let entered = ["111111111111", "222222222222"].map(|account| {
            let entered = accounts::Entered {
                entered_as: Observed::Known(None),
                region_list: Observed::Known(RegionList::Read),
                regions: regions.clone(),
            };
            (account.parse::<AccountId>().unwrap(), entered)
        });
        let order: Vec<String> = places(&entered.into()).iter().map(|(id, region)| format!("{id} {region}")).collect();
        assert_eq!(order[..2], ["111111111111 eu-west-1", "222222222222 eu-west-1"]);
        assert_eq!(order.len(), 4);
    }
}
