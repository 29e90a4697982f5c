//! Which events to look up where: those of the actions that the new policies deny to the callers of each account.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::AuthorizationPolicy;
use trailwarden_model::usage::Lookups;

use super::recorded::recorded;
use crate::compose::Proposal;
use crate::document::{Document, Effect, Kind, Statement};

/// Why global services show nothing where the leader region is not asked.
const LEADER_LEFT_OUT: &str = "it is recorded in the leader region of the partition, which was left out";

/// Actions that the event history never shows, each with the reason.
pub type Unseen = BTreeMap<String, &'static str>;

/// The events to look up: in every account those of policies that bind the whole organization, and in the accounts below a node
/// those of the policies attached there.
///
/// # Errors
/// The gap of a tree that could not be read.
pub fn lookups(proposal: &Proposal) -> Result<Lookups, Gap> {
    let organization = &proposal.organization;
    let root = &organization.root.get()?.id;
    let partition = organization.arn.partition();
    let mut lookups = Lookups::default();
    let mut by_node: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for policy in proposal.policies() {
        let actions = denied(policy);
        for node in policy.targets.known().into_iter().flatten() {
            by_node.entry(node).or_default().extend(actions.iter().cloned());
        }
    }
    let events = |actions: &BTreeSet<String>| {
        let events = actions.iter().filter_map(|action| recorded(action, partition).ok());
        events.flatten().collect::<BTreeSet<_>>()
    };
    lookups.everywhere = by_node.remove(root.as_str()).map(|actions| events(&actions)).unwrap_or_default();
    if by_node.is_empty() {
        return Ok(lookups);
    }
    for account in organization.accounts.keys() {
        let path = organization.path_to(account)?;
        let own = path.iter().filter_map(|node| by_node.get(node.as_str())).flat_map(&events);
        let own: BTreeSet<_> = own.filter(|event| !lookups.everywhere.contains(event)).collect();
        if !own.is_empty() {
            lookups.accounts.insert(AccountId::clone(account), own);
        }
    }
    Ok(lookups)
}

/// The denied actions that no event history shows, or none that is asked, with the reason.
pub fn unseen(proposal: &Proposal, asks_leader: bool) -> Unseen {
    let partition = proposal.organization.arn.partition();
    let reason = |action: &String| match recorded(action, partition) {
        Err(reason) => Some(reason),
        Ok(events) if !asks_leader && events.iter().any(|event| event.is_global) => Some(LEADER_LEFT_OUT),
        Ok(_) => None,
    };
    let actions = proposal.policies().flat_map(denied);
    actions.filter_map(|action| reason(&action).map(|reason| (action, reason))).collect()
}

/// The actions that each event shows, by source and name.
pub(super) fn actions_of_events(proposal: &Proposal) -> BTreeMap<(String, String), String> {
    let partition = proposal.organization.arn.partition();
    let mut actions = BTreeMap::new();
    for action in proposal.policies().flat_map(denied) {
        for event in recorded(&action, partition).into_iter().flatten() {
            actions.insert((event.source, event.name), action.clone());
        }
    }
    actions
}

/// The actions that a composed policy denies: composed policies spell them out.
fn denied(policy: &AuthorizationPolicy) -> BTreeSet<String> {
    let document = policy.content.known().and_then(|text| Document::parse(Kind::ServiceControl, text).ok());
    let statements = document.into_iter().flat_map(|document| document.statements);
    statements.filter(|statement| statement.effect == Effect::Deny).flat_map(|statement| spelt(&statement)).collect()
}

pub(super) fn spelt(statement: &Statement) -> BTreeSet<String> {
    statement.actions.patterns.iter().map(|pattern| pattern.value.text().to_owned()).collect()
}
