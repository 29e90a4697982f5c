//! Whether there is a place for the policies at every node, and which policies could be merged where there is none.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::observed::Gap;
use trailwarden_model::organization::{Account, AuthorizationPolicy, NodeId, Organization};
use trailwarden_model::plan::Hindrance;
use trailwarden_policy::Kind;

use super::{Needed, Rollout, node_name, policy_type, words};
use crate::facts::Stop;

/// Stops at the first node that cannot hold all policies.
pub(super) fn check(organization: &Organization, rollout: &Rollout<'_>, needed: &Needed<'_>) -> Result<(), Stop> {
    let mut wanted: BTreeMap<(&NodeId, bool), BTreeSet<&str>> = BTreeMap::new();
    for (node, policy) in needed.iter().flatten().flat_map(|(node, all)| all.iter().map(move |policy| (node, policy))) {
        wanted.entry((node, policy.kind == Kind::ResourceControl)).or_default().insert(&policy.name);
    }
    for ((node, is_rcp), names) in wanted {
        let kind = if is_rcp { Kind::ResourceControl } else { Kind::ServiceControl };
        let most = rollout.limits.policies_of(kind);
        let attached = attached(organization, kind, node)?;
        let n_new = names.iter().filter(|name| attached.iter().all(|policy| policy.name != **name)).count();
        // The policy of AWS is there as soon as the policy type is enabled.
        let n_present = attached.len().max(1);
        if n_present + n_new > most {
            let reason = format!(
                "{} has {n_present} {} of at most {most}, and {n_new} more must be attached",
                node_name(organization, node),
                words(kind),
            );
            return Err(Stop::new(Hindrance::Impossible, reason).hint(ways(
                organization,
                rollout,
                kind,
                (node, &attached),
            )?));
        }
    }
    Ok(())
}

/// What can be done about a node without a place, in one sentence each.
fn ways(
    organization: &Organization,
    rollout: &Rollout<'_>,
    kind: Kind,
    (node, attached): (&str, &[&AuthorizationPolicy]),
) -> Result<String, Gap> {
    let mut ways: Vec<String> = merge(attached, rollout.limits.characters_of(kind)).into_iter().collect();
    if kind == Kind::ResourceControl {
        ways.push("detach one of them".to_owned());
        return Ok(ways.join("; or "));
    }
    let own = attached.iter().find(|policy| !policy.aws_managed);
    ways.extend(own.map(|policy| format!("--adopt {} adds the statements to {}", policy.id, policy.name)));
    let below = below(organization, node)?;
    let has_place =
        |node: &String| Ok(self::attached(organization, kind, node)?.len() < rollout.limits.policies_of(kind));
    let have_places = below.iter().map(has_place).collect::<Result<Vec<bool>, Gap>>()?;
    if !below.is_empty() && have_places.into_iter().all(|has_place| has_place) {
        ways.push(format!("--target {} reaches the same accounts one level below", below.join(",")));
    }
    Ok(ways.join("; or "))
}

/// The OUs and member accounts right below a node.
fn below(organization: &Organization, node: &str) -> Result<Vec<NodeId>, Gap> {
    let units = organization.units.get()?.values().filter(|unit| unit.parent == node).map(|unit| unit.id.clone());
    let members = organization.accounts.values().filter(|account| account.id != organization.management_account);
    let is_below = |account: &&Account| account.parent.known().is_some_and(|parent| parent == node);
    Ok(units.chain(members.filter(is_below).map(|account| account.id.to_string())).collect())
}

/// What is attached to a node itself; nothing while the policy type is disabled.
fn attached<'a>(organization: &'a Organization, kind: Kind, node: &str) -> Result<Vec<&'a AuthorizationPolicy>, Gap> {
    if !organization.root.get()?.enabled_policy_types.contains(policy_type(kind)) {
        return Ok(Vec::new());
    }
    let policies = match kind {
        Kind::ResourceControl => &organization.resource_control_policies,
        _ => &organization.service_control_policies,
    };
    let mut attached = Vec::new();
    for policy in policies.get()?.values() {
        if policy.targets.get()?.contains(node) {
            attached.push(policy);
        }
    }
    Ok(attached)
}

/// Two policies that are attached to the same nodes and fit into one document: their statements together mean the same.
fn merge(attached: &[&AuthorizationPolicy], characters: usize) -> Option<String> {
    let own: Vec<_> = attached.iter().filter(|policy| !policy.aws_managed).collect();
    let pairs = own.iter().enumerate().flat_map(|(index, one)| own.iter().skip(index + 1).map(move |two| (one, two)));
    let length = |policy: &AuthorizationPolicy| policy.content.known().map(|text| text.chars().count());
    let smallest = pairs
        .filter(|(one, two)| one.targets.known() == two.targets.known())
        .filter_map(|(one, two)| Some((length(one)? + length(two)?, one, two)))
        .min_by_key(|(n_characters, one, _)| (*n_characters, one.id.clone()))?;
    let (n_characters, one, two) = smallest;
    (n_characters <= characters).then(|| {
        format!(
            "{} ({}) and {} ({}) are attached to the same places and have {n_characters} characters together: one policy \
             with the statements of both frees a place",
            one.name, one.id, two.name, two.id
        )
    })
}
