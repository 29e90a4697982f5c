//! The tree of an organization with the policies attached to each node, and what each node denies by itself.

mod json;
mod text;

use std::collections::BTreeMap;

use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::Organization;
use trailwarden_policy::Extent;

pub use json::{FORMAT, render_json};
pub use text::render;

/// An organization from its root down.
#[derive(Debug)]
pub struct Tree<'a> {
    /// Whose tree.
    pub organization: &'a Organization,
    /// What holds for the whole tree: policy types that are disabled or were not read.
    pub notes: Vec<String>,
    /// The root.
    pub root: Node,
    /// Accounts whose place could not be read, with the reason.
    pub unplaced: BTreeMap<AccountId, String>,
    /// Accounts that the caller did not ask for.
    pub n_left_out: usize,
    /// True to show every account by itself.
    pub is_unfolded: bool,
}

/// A root, OU or account.
#[derive(Debug)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// The policies attached directly to it.
    pub policies: Vec<Attached>,
    /// What is attached here could not be read completely, for these reasons.
    pub gaps: Vec<String>,
    /// The calls of the core set that its own policies deny, by action, to whom.
    pub denies: BTreeMap<String, Extent>,
    /// OUs and accounts below.
    pub children: Vec<Node>,
    /// Accounts below that are deeper than asked for.
    pub n_deeper: usize,
}

/// A policy attached to a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attached {
    /// `p-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// True for a resource control policy.
    pub is_resource_control: bool,
    /// How many statements it has; or why it is not in force.
    pub statements: Result<usize, String>,
}

impl Tree<'_> {
    /// True when something could not be read or told.
    pub fn is_incomplete(&self) -> bool {
        !self.unplaced.is_empty() || self.root.is_incomplete()
    }
}

impl Node {
    fn is_incomplete(&self) -> bool {
        let is_undecided = |extent: &Extent| matches!(extent, Extent::Undecided(_));
        !self.gaps.is_empty() || self.denies.values().any(is_undecided) || self.children.iter().any(Node::is_incomplete)
    }

    /// True for an account.
    fn is_account(&self) -> bool {
        self.id.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// How many accounts are at or below it.
    fn n_accounts(&self) -> usize {
        let below: usize = self.children.iter().map(Node::n_accounts).sum();
        below + self.n_deeper + usize::from(self.is_account())
    }
}
