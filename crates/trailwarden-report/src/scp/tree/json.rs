//! `trailwarden.scp-tree/1`: every node with what is attached to it and what it denies.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use trailwarden_model::ids::AccountId;

use super::{Attached, Extent, Node, Tree};
use crate::ReportError;
use crate::names::Names;

/// The format written by [`render_json`].
pub const FORMAT: &str = "trailwarden.scp-tree/1";

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    organization: &'a str,
    management_account: &'a AccountId,
    notes: &'a [String],
    root: NodeJson<'a>,
    unplaced: &'a BTreeMap<AccountId, String>,
}

#[derive(Serialize)]
struct NodeJson<'a> {
    id: &'a str,
    name: Option<&'a str>,
    policies: Vec<PolicyJson<'a>>,
    gaps: &'a [String],
    denies: BTreeMap<&'a str, ExtentJson<'a>>,
    children: Vec<NodeJson<'a>>,
}

#[derive(Serialize)]
struct PolicyJson<'a> {
    id: &'a str,
    name: &'a str,
    kind: &'static str,
    statements: Option<usize>,
    /// Why it is not in force.
    malformed: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "extent", rename_all = "kebab-case")]
enum ExtentJson<'a> {
    Everyone,
    AllBut { exempt: &'a BTreeSet<String> },
    Partly,
    Undecided { reason: &'a str },
}

/// Renders a tree as pretty-printed JSON with a newline at the end. Nothing is folded.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_json(tree: &Tree<'_>) -> Result<String, ReportError> {
    let names = Names { organization: tree.organization };
    let document = Document {
        format: FORMAT,
        organization: &tree.organization.id,
        management_account: &tree.organization.management_account,
        notes: &tree.notes,
        root: node_json(names, &tree.root),
        unplaced: &tree.unplaced,
    };
    crate::json::write(FORMAT, &document)
}

fn node_json<'a>(names: Names<'a>, node: &'a Node) -> NodeJson<'a> {
    NodeJson {
        id: &node.id,
        name: names.node_name(&node.id),
        policies: node.policies.iter().map(policy_json).collect(),
        gaps: &node.gaps,
        denies: node.denies.iter().map(|(action, extent)| (action.as_str(), extent_json(extent))).collect(),
        children: node.children.iter().map(|child| node_json(names, child)).collect(),
    }
}

fn policy_json(policy: &Attached) -> PolicyJson<'_> {
    PolicyJson {
        id: &policy.id,
        name: &policy.name,
        kind: if policy.is_resource_control { "resource-control-policy" } else { "service-control-policy" },
        statements: policy.statements.as_ref().ok().copied(),
        malformed: policy.statements.as_ref().err().map(String::as_str),
    }
}

fn extent_json(extent: &Extent) -> ExtentJson<'_> {
    match extent {
        Extent::Everyone => ExtentJson::Everyone,
        Extent::AllBut(exempt) => ExtentJson::AllBut { exempt },
        Extent::Partly => ExtentJson::Partly,
        Extent::Undecided(reason) => ExtentJson::Undecided { reason },
    }
}
