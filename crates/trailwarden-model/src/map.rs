//! What an assessment keeps of the snapshot so that its readers can see where findings are: the tree of the organization with
//! what policies deny there, and what each account and region records. Written as it stands into the assessment's format.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Region};
use crate::organization::NodeId;

/// The tree of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// What holds for the whole tree: policy types that are disabled or were not read.
    pub notes: Vec<String>,
    /// The root, the OUs, and the accounts that have policies of their own; each after the node above it.
    pub nodes: Vec<Node>,
    /// The root or OU that holds each account; none where that could not be read.
    pub accounts: BTreeMap<AccountId, Option<NodeId>>,
}

/// A root, OU or account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// `r-…`, `ou-…` or an account id.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// The node above; none for the root.
    pub parent: Option<NodeId>,
    /// The policies attached directly to it.
    pub policies: Vec<Policy>,
    /// Why what is attached here could not be read completely.
    pub gaps: Vec<String>,
    /// The calls of the core set that its own service control policies deny, by action, to whom.
    pub denies: BTreeMap<String, Denied>,
}

/// A policy attached to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// `p-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: PolicyKind,
    /// Why it is not in force, when AWS would refuse the document.
    pub malformed: Option<String>,
}

/// The type of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
}

/// To whom a node denies a call, of all accounts below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Denied {
    /// To everyone.
    Everyone,
    /// To everyone but these, by ARN pattern.
    AllBut(BTreeSet<String>),
    /// To some, or on some trails, or in some accounts.
    Partly,
    /// It cannot be told, for this reason.
    Undecided(String),
}

/// Regions of one account in which the same is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The account.
    pub account: AccountId,
    /// The regions; none where the account could not be entered or its regions not be listed.
    pub regions: BTreeSet<Region>,
    /// What becomes of each class of events, by its name.
    pub classes: BTreeMap<String, Recorded>,
}

/// What becomes of a class of events.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recorded {
    /// All of it is recorded.
    Recorded,
    /// Events of it are lost, this one for example.
    Lost(String),
    /// It is not known, for this reason.
    Unknown(String),
    /// No event of it happens there.
    NotApplicable,
}
