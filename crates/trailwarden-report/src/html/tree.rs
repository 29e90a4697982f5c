//! The tree of the organization, with what is attached and denied at each node.

use std::collections::BTreeMap;

use trailwarden_model::map::{Denied, Node, PolicyKind, Tree};

use super::pack::plainly;

/// A node with those below it, in the order in which they are shown.
pub(super) struct Branch {
    /// How far below the root.
    pub(super) depth: usize,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) n_accounts: usize,
    pub(super) policies: Vec<Attached>,
    /// What it denies and to whom, in words.
    pub(super) denies: Vec<(String, String)>,
    pub(super) gaps: Vec<String>,
}

pub(super) struct Attached {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) malformed: Option<String>,
}

/// The nodes from the root down, each before those below it.
pub(super) fn branches(tree: &Tree) -> Vec<Branch> {
    let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
    let mut held: BTreeMap<&str, usize> = BTreeMap::new();
    for node in tree.accounts.values().flatten() {
        *held.entry(node).or_default() += 1;
    }
    let branch = |node| branch(node, &mut depths, &held);
    tree.nodes.iter().map(branch).collect()
}

fn branch<'t>(node: &'t Node, depths: &mut BTreeMap<&'t str, usize>, held: &BTreeMap<&str, usize>) -> Branch {
    let depth = node.parent.as_deref().and_then(|parent| depths.get(parent)).map_or(0, |above| above + 1);
    depths.insert(&node.id, depth);
    let attached = |policy: &trailwarden_model::map::Policy| Attached {
        name: plainly(&policy.name).into_owned(),
        kind: match policy.kind {
            PolicyKind::ServiceControl => "SCP",
            PolicyKind::ResourceControl => "RCP",
        },
        malformed: policy.malformed.as_deref().map(|reason| plainly(reason).into_owned()),
    };
    Branch {
        depth,
        id: plainly(&node.id).into_owned(),
        name: plainly(&node.name).into_owned(),
        n_accounts: held.get(node.id.as_str()).copied().unwrap_or_default(),
        policies: node.policies.iter().map(attached).collect(),
        denies: denies(&node.denies),
        gaps: node.gaps.iter().map(|gap| plainly(gap).into_owned()).collect(),
    }
}

/// Actions that are denied to the same, told together.
fn denies(denies: &BTreeMap<String, Denied>) -> Vec<(String, String)> {
    let mut told: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (action, denied) in denies {
        let whom = match denied {
            Denied::Everyone => "to everyone".to_owned(),
            Denied::AllBut(spared) => {
                let spared: Vec<&str> = spared.iter().map(String::as_str).collect();
                format!("to everyone but {}", spared.join(", "))
            }
            Denied::Partly => "to some, or on some trails, or in some accounts".to_owned(),
            Denied::Undecided(reason) => format!("to whom cannot be told: {reason}"),
        };
        told.entry(plainly(&whom).into_owned()).or_default().push(action);
    }
    told.into_iter().map(|(whom, actions)| (plainly(&actions.join(", ")).into_owned(), whom)).collect()
}
