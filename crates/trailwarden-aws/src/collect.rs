//! Collection of a snapshot: the schedule over accounts and regions, then over what the trails point at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::organization::Organization;
use trailwarden_model::snapshot::{AccountSnapshot, FORMAT, Need, RegionSnapshot, Snapshot};

use crate::discover;
use crate::error::CollectError;
use crate::progress::{Event, Progress};
use crate::session::{Session, Site};

mod accounts;
mod buckets;
mod groups;
mod keys;
mod owner;
mod regions;
mod selection;
mod trails;

use selection::Scope;
pub use selection::Selection;

/// What every stage of a collection needs to know.
pub(crate) struct Context<'a> {
    pub(crate) session: &'a Session,
    pub(crate) organization: &'a Organization,
    pub(crate) needs: &'a BTreeSet<Need>,
    pub(crate) regions: &'a BTreeSet<Region>,
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
        topics: BTreeMap::new(),
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
}

async fn workload(context: &Context<'_>, in_scope: &BTreeSet<AccountId>) -> Result<Seen, CollectError> {
    let entered = accounts::enter_all(context, in_scope).await;
    selection::check_regions(context.regions, &entered)?;
    let sightings = regions::read_all(context, &entered).await;
    let trails = trails::merge(&sightings);
    context.progress.event(Event::TrailsRead { n_trails: trails.len() });
    let (selectors, buckets, keys, log_groups) = futures::join!(
        trails::selectors(context, &trails),
        buckets::read_all(context, &trails),
        keys::read_all(context, &trails),
        groups::read_all(context, &trails),
    );
    let accounts = assemble(entered, sightings);
    Ok(Seen { accounts, trails: trails::with_selectors(trails, selectors), buckets, keys, log_groups })
}

fn assemble(
    entered: BTreeMap<AccountId, accounts::Entered>,
    sightings: BTreeMap<(AccountId, Region), regions::Sighting>,
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
    for ((account, region), sighting) in sightings {
        if let Some(snapshot) = snapshots.get_mut(&account) {
            snapshot.regions.insert(region, RegionSnapshot { trails: sighting.statuses, ..RegionSnapshot::default() });
        }
    }
    snapshots
}
