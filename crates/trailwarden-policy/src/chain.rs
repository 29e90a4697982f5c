//! The policies of the organization that bind an account, root → OUs → account, and what they say together.
//!
//! SCPs bind the principals of the account wherever the resource is; RCPs bind whoever calls on the resources of the account.

mod build;
mod evaluate;

use std::sync::Arc;

pub use build::Chains;
pub(crate) use build::RCP_FULL_AWS_ACCESS_TEXT;

use crate::document::{Document, Effect, Kind, Statement};
use crate::evaluate::StatementRef;
use crate::prove::Call;
use crate::span::Malformed;

/// Why the policies of an organization do not apply to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unbound {
    /// The caller, or for RCPs the resource, belongs to the management account.
    ManagementAccount,
    /// The policy type is not enabled in the organization.
    TypeDisabled,
    /// The caller is no principal of the chain's account, or for RCPs the resource is another account's.
    OtherAccount,
    /// The caller is a service-linked role.
    ServiceLinkedRole,
    /// RCPs do not cover the service, or the action.
    NotCovered,
}

/// One account's way down from the root, with what is attached at each node.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The account at its end.
    pub account: String,
    /// The organization's id, when known.
    pub organization: Option<String>,
    /// Why no policy binds this account; none for an ordinary member.
    pub unbound: Option<Unbound>,
    /// From the root down to the account. Accounts below the same OU share its node.
    pub nodes: Vec<Arc<ChainNode>>,
}

/// A root, OU or account with the policies of one type attached directly to it.
#[derive(Debug, Clone)]
pub struct ChainNode {
    /// Its id.
    pub id: String,
    /// [`Kind::ServiceControl`] or [`Kind::ResourceControl`].
    pub kind: Kind,
    /// The policies in order of their ids.
    pub policies: Vec<Arc<AttachedPolicy>>,
    /// What is attached here could not be read completely, for these reasons.
    pub gaps: Vec<String>,
}

impl ChainNode {
    /// Every statement in force.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.policies.iter().flat_map(|policy| policy.statements())
    }

    /// Whether some Deny names the action of a call, whatever else it asks for.
    pub fn may_deny(&self, call: &Call) -> bool {
        let names = |statement: &Statement| !statement.actions.contain(&call.action).is_no();
        self.statements().any(|statement| statement.effect == Effect::Deny && names(statement))
    }
}

/// One SCP or RCP.
#[derive(Debug, Clone)]
pub struct AttachedPolicy {
    /// `p-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The document; a malformed one is not in force.
    pub document: Result<Document, Malformed>,
}

impl AttachedPolicy {
    pub(crate) fn statements(&self) -> impl Iterator<Item = &Statement> + Clone {
        self.document.iter().flat_map(|document| &document.statements)
    }
}

/// Which statement of which policy at which node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The root, OU or account.
    pub node: String,
    /// The policy's id.
    pub policy: String,
    /// The statement.
    pub statement: StatementRef,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} at {}", self.statement, self.policy, self.node)
    }
}

/// What the policies of a chain say about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainVerdict {
    /// They do not apply, so they let it through.
    NotBound(Unbound),
    /// No Deny matches and every node allows, by these statements from the root down.
    Allowed(Vec<Place>),
    /// This statement denies.
    ExplicitDeny(Place),
    /// No statement allows at this node.
    ImplicitDeny {
        /// The first such node.
        node: String,
    },
    /// It depends on something that cannot be understood or was not read, for this reason.
    Undecided(String),
}

impl ChainVerdict {
    /// True when the policies let the request through.
    pub fn lets_through(&self) -> bool {
        matches!(self, Self::NotBound(_) | Self::Allowed(_))
    }
}

impl Chain {
    /// The same chain with the RCPs of an account besides its SCPs: for calls on resources of that account. Nodes of both must
    /// allow, and a Deny of either denies.
    #[must_use]
    pub fn joined_with(mut self, resource_controls: Self) -> Self {
        self.unbound = self.unbound.filter(|_| resource_controls.unbound.is_some());
        self.nodes.extend(resource_controls.nodes);
        self
    }

    /// The ids of the nodes from the root down to the account, each once.
    pub(crate) fn path(&self) -> impl Iterator<Item = &str> {
        let kind = self.nodes.first().map(|node| node.kind);
        self.nodes.iter().take_while(move |node| Some(node.kind) == kind).map(|node| node.id.as_str())
    }

    /// Every policy with its node, from the root down.
    pub(crate) fn policies(&self) -> impl Iterator<Item = (&ChainNode, &AttachedPolicy)> {
        self.nodes.iter().flat_map(|node| node.policies.iter().map(move |policy| (node.as_ref(), policy.as_ref())))
    }

    /// Every statement in force with its place, from the root down.
    pub(crate) fn statements(&self) -> impl Iterator<Item = (&ChainNode, &AttachedPolicy, &Statement)> {
        self.policies().flat_map(|(node, policy)| policy.statements().map(move |statement| (node, policy, statement)))
    }
}

pub(crate) fn place(node: &ChainNode, policy: &AttachedPolicy, statement: &Statement) -> Place {
    Place { node: node.id.clone(), policy: policy.id.clone(), statement: StatementRef::new(statement) }
}

#[cfg(test)]
mod tests;
