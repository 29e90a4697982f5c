//! Policies that are there already: they change at once wherever they are attached, so nowhere but where the stages reach.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::{AuthorizationPolicy, NodeId, Organization};
use trailwarden_model::plan::{Hindrance, normal_document};
use trailwarden_policy::{ComposedPolicy, Kind};

use super::notes::{count, list};
use super::reach::Reach;
use super::{Needed, Rollout, node_name};
use crate::facts::Stop;

/// Stops where a policy would change for accounts that nobody looked at, or bring what others wrote to a new place.
pub(super) fn check(
    organization: &Organization,
    rollout: &Rollout<'_>,
    reach: &Reach,
    needed: &Needed<'_>,
) -> Result<(), Stop> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (number, nodes) in needed.iter().enumerate() {
        for (node, policy) in nodes.iter().flat_map(|(node, all)| all.iter().map(move |policy| (node, *policy))) {
            let Some(present) = of(organization, policy.kind)?.values().find(|present| present.name == policy.name)
            else {
                continue;
            };
            let is_other = normal_document(present.content.get()?) != normal_document(&policy.text);
            if seen.insert(&policy.name) && is_other {
                within(organization, reach, number, present)?;
            }
            if rollout.merged.contains(&policy.name) && !present.targets.get()?.contains(node) {
                return Err(brings(organization, present, policy, node));
            }
        }
    }
    Ok(())
}

/// Stops unless every account that a policy binds now is reached by the stage that changes it, or by one before.
pub(super) fn within(
    organization: &Organization,
    reach: &Reach,
    number: usize,
    policy: &AuthorizationPolicy,
) -> Result<(), Stop> {
    let targets = policy.targets.get()?;
    let beyond = |reached: &BTreeSet<&AccountId>| -> (BTreeSet<&NodeId>, usize) {
        let unreached = |node: &&NodeId| reach.below(node).any(|account| !reached.contains(account));
        let nodes: BTreeSet<&NodeId> = targets.iter().filter(unreached).collect();
        let bound: BTreeSet<&AccountId> = nodes.iter().flat_map(|node| reach.below(node)).collect();
        (nodes, bound.difference(reached).count())
    };
    let names = |nodes: &BTreeSet<&NodeId>| list(nodes.iter().map(|node| node_name(organization, node)));
    let AuthorizationPolicy { id, name, .. } = policy;
    let (nodes, n_accounts) = beyond(&reach.all().collect());
    if !nodes.is_empty() {
        let reason = format!(
            "{name} ({id}) is attached to {} too, and a policy says the same wherever it is attached: it would change in {} \
             that no stage reaches",
            names(&nodes),
            count(n_accounts),
        );
        let hint =
            format!("name {} in --target as well, or have {name} detached there", list(nodes.into_iter().cloned()),);
        return Err(Stop::new(Hindrance::Impossible, reason).hint(hint));
    }
    let (nodes, _) = beyond(&(0..=number).flat_map(|number| reach.newly(number)).collect());
    if !nodes.is_empty() {
        let reason = format!(
            "{name} ({id}) is attached already at {}, and a policy says the same wherever it is attached: it cannot change in \
             stages",
            names(&nodes),
        );
        return Err(Stop::new(Hindrance::Impossible, reason).hint("plan without --stages"));
    }
    Ok(())
}

/// Why a policy that keeps what others wrote is attached nowhere new.
fn brings(organization: &Organization, present: &AuthorizationPolicy, policy: &ComposedPolicy, node: &str) -> Stop {
    let reason = format!(
        "{} ({}) is not attached to {}, and all that it says would hold there too",
        policy.name,
        present.id,
        node_name(organization, node),
    );
    Stop::new(Hindrance::Impossible, reason)
        .hint("--adopt a policy that is attached there already, or name in --target where this one is")
}

/// The policies of a kind that are there.
pub(super) fn of(organization: &Organization, kind: Kind) -> Result<&BTreeMap<String, AuthorizationPolicy>, Gap> {
    match kind {
        Kind::ResourceControl => organization.resource_control_policies.get(),
        _ => organization.service_control_policies.get(),
    }
}
