//! Whether there is a place for the policies at every node, and which policies could be merged where there is none.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::observed::Gap;
use trailwarden_model::organization::{Account, AuthorizationPolicy, NodeId, Organization};
use trailwarden_model::plan::Hindrance;
use trailwarden_policy::Kind;

use super::adopt::Adopted;
use super::{Needed, Rollout, node_name, policy_type, present, words};
use crate::facts::Stop;

/// A node that cannot hold all policies.
pub(super) struct Full<'a> {
    node: NodeId,
    kind: Kind,
    attached: Vec<&'a AuthorizationPolicy>,
    n_new: usize,
}

/// Stops at the first node that cannot hold all policies. What could be done instead is offered where planning it would not stop.
pub(super) fn check(
    organization: &Organization,
    rollout: &Rollout<'_>,
    needed: &Needed<'_>,
    passes: &dyn Fn(&Rollout<'_>) -> bool,
) -> Result<(), Stop> {
    let Some(full) = full(organization, rollout, needed)? else { return Ok(()) };
    let reason = format!(
        "{} has {} {} of at most {}, and {} more must be attached",
        node_name(organization, &full.node),
        full.n_present(),
        words(full.kind),
        rollout.limits.policies_of(full.kind),
        full.n_new,
    );
    Err(Stop::new(Hindrance::Impossible, reason).hint(ways(organization, rollout, &full, passes)?))
}

impl Full<'_> {
    /// The policy of AWS is there as soon as the policy type is enabled.
    fn n_present(&self) -> usize {
        self.attached.len().max(1)
    }
}

/// The first node that cannot hold all policies.
pub(super) fn full<'a>(
    organization: &'a Organization,
    rollout: &Rollout<'_>,
    needed: &Needed<'_>,
) -> Result<Option<Full<'a>>, Gap> {
    let mut wanted: BTreeMap<(&NodeId, bool), BTreeSet<&str>> = BTreeMap::new();
    for (node, policy) in needed.iter().flatten().flat_map(|(node, all)| all.iter().map(move |policy| (node, policy))) {
        wanted.entry((node, policy.kind == Kind::ResourceControl)).or_default().insert(&policy.name);
    }
    for ((node, is_rcp), names) in wanted {
        let kind = if is_rcp { Kind::ResourceControl } else { Kind::ServiceControl };
        let most = rollout.limits.policies_of(kind);
        let attached = attached(organization, kind, node)?;
        let n_new = names.iter().filter(|name| attached.iter().all(|policy| policy.name != **name)).count();
        let full = Full { node: node.clone(), kind, attached, n_new };
        if full.n_present() + n_new > most {
            return Ok(Some(full));
        }
    }
    Ok(None)
}

/// What can be done about a node without a place, in one sentence each.
fn ways(
    organization: &Organization,
    rollout: &Rollout<'_>,
    full: &Full<'_>,
    passes: &dyn Fn(&Rollout<'_>) -> bool,
) -> Result<String, Gap> {
    let (kind, most) = (full.kind, rollout.limits.policies_of(full.kind));
    let mut ways = Vec::new();
    // A merge frees one place.
    if full.n_present() + full.n_new <= most + 1 {
        ways.extend(merge(&full.attached, rollout.limits.characters_of(kind)));
    }
    if kind != Kind::ResourceControl {
        ways.extend(adoption(organization, rollout, full, passes));
        let below = below(organization, &full.node)?;
        let has_place = |node: &String| Ok(attached(organization, kind, node)?.len().max(1) + full.n_new <= most);
        let have_places = below.iter().map(has_place).collect::<Result<Vec<bool>, Gap>>()?;
        if !below.is_empty() && have_places.into_iter().all(|has_place| has_place) {
            let instead = below.join(",");
            ways.push(match rollout.stages.last() {
                Some(last) if last.iter().eq([&full.node]) => {
                    format!("--target {instead} reaches the same accounts one level below")
                }
                _ => format!("{instead} in place of {} reaches the same accounts one level below", full.node),
            });
        }
    }
    ways.extend(ways.is_empty().then(|| "have policies detached there".to_owned()));
    Ok(ways.join("; or "))
}

/// The first policy of others that can take the statements.
fn adoption(
    organization: &Organization,
    rollout: &Rollout<'_>,
    full: &Full<'_>,
    passes: &dyn Fn(&Rollout<'_>) -> bool,
) -> Option<String> {
    let adopted = Adopted { composition: rollout.composition.clone(), merged: rollout.merged.clone() };
    let is_possible = |policy: &&&AuthorizationPolicy| {
        let adopted = adopted.clone().with(organization, &policy.id, rollout.limits.characters);
        adopted.is_ok_and(|Adopted { composition, merged }| {
            merged.len() > rollout.merged.len()
                && passes(&Rollout { composition: &composition, merged: &merged, ..*rollout })
        })
    };
    let policy = full.attached.iter().find(is_possible)?;
    Some(format!("--adopt {} adds the statements to {}", policy.id, policy.name))
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
    let mut attached = Vec::new();
    for policy in present::of(organization, kind)?.values() {
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
