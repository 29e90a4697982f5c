//! Collection of a snapshot: the schedule over accounts and regions, then over what the trails point at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use trailwarden_model::history::History;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind, Observed};
use trailwarden_model::organization::Organization;
use trailwarden_model::snapshot::{AccountSnapshot, FORMAT, Need, RegionSnapshot, Snapshot};

use crate::discover;
use crate::error::CollectError;
use crate::progress::{Event, Progress};
use crate::session::{Session, Site};

mod accounts;
mod alarms;
mod buckets;
mod groups;
mod history;
mod keys;
mod log_sources;
mod owner;
mod questions;
mod regions;
mod selection;
mod surroundings;
mod topics;
mod trails;
mod usage;

use selection::Scope;
pub use selection::Selection;
pub use usage::{UsageEffort, UsageQuery, collect_usage};

/// What every stage of a collection needs to know.
pub(crate) struct Context<'a> {
    pub(crate) session: &'a Session,
    pub(crate) organization: &'a Organization,
    pub(crate) needs: &'a BTreeSet<Need>,
    pub(crate) regions: &'a BTreeSet<Region>,
    /// Where the event history to look up begins.
    pub(crate) since: Timestamp,
    pub(crate) progress: &'a dyn Progress,
    /// Tasks kept going at once; the calls in flight are bounded by the session.
    pub(crate) width: usize,
}

impl Context<'_> {
    /// A site in an account of the organization, in scope or not.
    pub(crate) async fn site(&self, account: &AccountId, region: &Region) -> Result<Site, Gap> {
        if self.organization.accounts.contains_key(account) {
            return self.session.site(account, region).await;
        }
        Err(Gap {
            kind: GapKind::AccountNotEntered,
            call: "sts:AssumeRole".to_owned(),
            account: Some(account.clone()),
            region: None,
            code: "NotInOrganization".to_owned(),
            reason: format!("account {account} is not in organization {}", self.organization.id),
        })
    }

    /// True when any of these was asked for.
    pub(crate) fn needs_any(&self, needs: &[Need]) -> bool {
        needs.iter().any(|need| self.needs.contains(need))
    }
}

/// Takes a snapshot of the caller's organization: everything that `selection.needs` asks for, in its scope.
///
/// `collected_at` is the time the snapshot will carry and freshness will be judged by; `tool_version` is the caller's.
///
/// # Errors
/// Only what leaves nothing to audit: see [`CollectError`]. Every other failed read is a gap in the snapshot.
pub async fn collect(
    session: &Session,
    selection: &Selection,
    collected_at: Timestamp,
    tool_version: &str,
    progress: &dyn Progress,
) -> Result<Snapshot, CollectError> {
    let organization = discover::organization(session).await?;
    let Scope { accounts, excluded } = selection.resolve(&organization)?;
    progress.event(Event::OrganizationRead { n_accounts: organization.accounts.len(), n_in_scope: accounts.len() });
    let context = Context {
        session,
        organization: &organization,
        needs: &selection.needs,
        regions: &selection.regions,
        since: history_begins(collected_at, selection.history_days),
        progress,
        width: session.width(),
    };
    let (guards, seen) = futures::join!(
        discover::guards(session, &organization, &selection.needs),
        Box::pin(workload(&context, &accounts))
    );
    let seen = seen?;
    progress.event(Event::Finished { n_calls: session.calls().values().sum() });
    Ok(Snapshot {
        format: FORMAT.to_owned(),
        tool_version: tool_version.to_owned(),
        collected_at,
        caller: session.caller().clone(),
        needs: selection.needs.clone(),
        organization: guards.complete(organization),
        accounts: seen.accounts,
        excluded,
        region_filter: selection.regions.clone(),
        trails: seen.trails,
        buckets: seen.buckets,
        keys: seen.keys,
        log_groups: seen.log_groups,
        topics: seen.topics,
    })
}

/// Reads the organization alone, with what `needs` asks for of its policies, services and administrators; no account is
/// entered.
///
/// # Errors
/// Only what leaves nothing to read: see [`CollectError`]. Every other failed read is a gap in the organization.
pub async fn collect_organization(session: &Session, needs: &BTreeSet<Need>) -> Result<Organization, CollectError> {
    let organization = discover::organization(session).await?;
    let guards = discover::guards(session, &organization, needs).await;
    Ok(guards.complete(organization))
}

/// What the accounts showed, and what their trails point at.
struct Seen {
    accounts: BTreeMap<AccountId, AccountSnapshot>,
    trails: trails::Trails,
    buckets: buckets::Buckets,
    keys: keys::Keys,
    log_groups: groups::Groups,
    topics: topics::Topics,
}

/// A time too far back to be told begins with everything that CloudTrail keeps.
fn history_begins(collected_at: Timestamp, days: u32) -> Timestamp {
    let hours = i64::from(days).saturating_mul(24);
    collected_at.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::UNIX_EPOCH)
}

async fn workload(context: &Context<'_>, in_scope: &BTreeSet<AccountId>) -> Result<Seen, CollectError> {
    let entered = accounts::enter_all(context, in_scope).await;
    selection::check_regions(context.regions, &entered)?;
    let sightings = regions::read_all(context, &entered).await;
    let trails = trails::merge(&sightings);
    context.progress.event(Event::TrailsRead { n_trails: trails.len() });
    let (buckets, keys, log_groups) = futures::join!(
        buckets::read_all(context, &trails),
        keys::read_all(context, &trails),
        groups::read_all(context, &trails),
    );
    let places = sightings.keys().filter(|_| context.needs.contains(&Need::EventHistory)).cloned();
    let targets = questions::targets(&buckets, &keys, &log_groups);
    let management = &context.organization.management_account;
    let questions = questions::all(places, management, &context.session.leader, &targets);
    let (trails, (log_groups, topics), histories) = futures::join!(
        trails::with_selectors(context, trails.clone()),
        watchers(context, &trails, log_groups),
        history::read_all(context, &questions),
    );
    let accounts = assemble(entered, sightings, histories);
    Ok(Seen { accounts, trails, buckets, keys, log_groups, topics })
}

/// What watches the logs: the alarms of the groups, and the topics of alarms and trails.
async fn watchers(
    context: &Context<'_>,
    trails: &trails::Trails,
    groups: groups::Groups,
) -> (groups::Groups, topics::Topics) {
    let groups = alarms::attach(context, groups).await;
    let topics = topics::read_all(context, trails, &groups).await;
    (groups, topics)
}

fn assemble(
    entered: BTreeMap<AccountId, accounts::Entered>,
    sightings: BTreeMap<(AccountId, Region), regions::Sighting>,
    mut histories: BTreeMap<(AccountId, Region), Observed<History>>,
) -> BTreeMap<AccountId, AccountSnapshot> {
    let mut snapshots: BTreeMap<AccountId, AccountSnapshot> = entered
        .into_iter()
        .map(|(account, entered)| {
            let snapshot = AccountSnapshot {
                entered_as: entered.entered_as,
                region_list: entered.region_list,
                regions: BTreeMap::new(),
            };
            (account, snapshot)
        })
        .collect();
    for (place, sighting) in sightings {
        let history = histories.remove(&place).unwrap_or(sighting.region.history);
        let (account, region) = place;
        if let Some(snapshot) = snapshots.get_mut(&account) {
            snapshot.regions.insert(region, RegionSnapshot { history, ..sighting.region });
        }
    }
    snapshots
}
