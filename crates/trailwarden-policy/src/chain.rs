//! The SCPs that bind an account, root → OUs → account, and what they say together.

mod build;

use std::sync::Arc;

pub use build::Chains;

use crate::document::{Document, Effect, Statement};
use crate::evaluate::{Found, StatementRef, decide};
use crate::request::Request;
use crate::span::Malformed;

/// Why SCPs do not apply to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbound {
    /// The caller belongs to the management account.
    ManagementAccount,
    /// The policy type is not enabled in the organization.
    TypeDisabled,
    /// The caller is no principal of the chain's account.
    OtherAccount,
    /// The caller is a service-linked role.
    ServiceLinkedRole,
}

/// One account's way down from the root, with what is attached at each node.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The account at its end.
    pub account: String,
    /// The organization's id, when known.
    pub organization: Option<String>,
    /// Why no SCP binds this account; none for an ordinary member.
    pub unbound: Option<Unbound>,
    /// From the root down to the account. Accounts below the same OU share its node.
    pub nodes: Vec<Arc<ChainNode>>,
}

/// A root, OU or account with the SCPs attached directly to it.
#[derive(Debug, Clone)]
pub struct ChainNode {
    /// Its id.
    pub id: String,
    /// The SCPs in order of their ids.
    pub policies: Vec<Arc<AttachedPolicy>>,
    /// What is attached here could not be read completely, for these reasons.
    pub gaps: Vec<String>,
}

/// One SCP.
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
    fn statements(&self) -> impl Iterator<Item = &Statement> + Clone {
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

/// What the SCPs of a chain say about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainVerdict {
    /// SCPs do not apply, so they let it through.
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
    /// True when the SCPs let the request through.
    pub fn lets_through(&self) -> bool {
        matches!(self, Self::NotBound(_) | Self::Allowed(_))
    }
}

impl Chain {
    /// What the SCPs say about a request: a Deny at any node wins, else every node must have an Allow of its own.
    pub fn evaluate(&self, request: &Request) -> ChainVerdict {
        if let Some(unbound) = self.unbound_for(request) {
            return ChainVerdict::NotBound(unbound);
        }
        let mut undecided = None;
        for (node, policy) in self.policies() {
            match decide(policy.statements(), Effect::Deny, request) {
                Found::Statement(statement) => return ChainVerdict::ExplicitDeny(place(node, policy, statement)),
                Found::Undecided(reason) => undecided = undecided.or(Some(reason)),
                Found::Nothing => {}
            }
        }
        let mut allows = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            match node_allows(node, request) {
                NodeAllows::By(place) => allows.push(place),
                NodeAllows::Nothing => return ChainVerdict::ImplicitDeny { node: node.id.clone() },
                NodeAllows::Undecided(reason) => undecided = undecided.or(Some(reason)),
            }
            undecided = undecided.or_else(|| node.gaps.first().cloned());
        }
        undecided.map_or(ChainVerdict::Allowed(allows), ChainVerdict::Undecided)
    }

    /// Why no SCP applies to this request, when so.
    pub(crate) fn unbound_for(&self, request: &Request) -> Option<Unbound> {
        let is_other = || request.principal.account() != Some(self.account.as_str());
        self.unbound.or_else(|| is_other().then_some(Unbound::OtherAccount)).or_else(|| {
            request.principal.is_service_linked_role(&request.context).then_some(Unbound::ServiceLinkedRole)
        })
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

enum NodeAllows {
    By(Place),
    Nothing,
    Undecided(String),
}

fn node_allows(node: &ChainNode, request: &Request) -> NodeAllows {
    let mut undecided = node.gaps.first().cloned();
    for policy in &node.policies {
        match decide(policy.statements(), Effect::Allow, request) {
            Found::Statement(statement) => return NodeAllows::By(place(node, policy, statement)),
            Found::Undecided(reason) => undecided = undecided.or(Some(reason)),
            Found::Nothing => {}
        }
    }
    undecided.map_or(NodeAllows::Nothing, NodeAllows::Undecided)
}

#[cfg(test)]
mod tests;
