//! What a chain says about one request.

use std::cell::LazyCell;

use super::{Chain, ChainNode, ChainVerdict, Place, Unbound, place};
use crate::document::{Effect, Kind, covered_by_resource_control};
use crate::evaluate::{Found, decide};
use crate::request::Request;

impl Chain {
    /// What the policies say about a request: a Deny at any node wins, else every node must have an Allow of its own.
    pub fn evaluate(&self, request: &Request) -> ChainVerdict {
        let binding = match self.binding(request) {
            Ok(binding) => binding,
            Err(unbound) => return ChainVerdict::NotBound(unbound),
        };
        let mut undecided = None;
        for (node, policy) in binding.iter().flat_map(|node| node.policies.iter().map(move |policy| (node, policy))) {
            match decide(policy.statements(), Effect::Deny, request) {
                Found::Statement(statement) => return ChainVerdict::ExplicitDeny(place(node, policy, statement)),
                Found::Undecided(reason) => undecided = undecided.or(Some(reason)),
                Found::Nothing => {}
            }
        }
        let mut allows = Vec::with_capacity(self.nodes.len());
        for node in binding {
            match node_allows(node, request) {
                NodeAllows::By(place) => allows.push(place),
                NodeAllows::Nothing => return ChainVerdict::ImplicitDeny { node: node.id.clone() },
                NodeAllows::Undecided(reason) => undecided = undecided.or(Some(reason)),
            }
            undecided = undecided.or_else(|| node.gaps.first().cloned());
        }
        undecided.map_or(ChainVerdict::Allowed(allows), ChainVerdict::Undecided)
    }

    /// The nodes whose policies apply to this request, or why those of none do.
    fn binding(&self, request: &Request) -> Result<Vec<&ChainNode>, Unbound> {
        if let Some(unbound) = self.unbound {
            return Err(unbound);
        }
        // Nodes of one kind are bound alike.
        let of_callers = LazyCell::new(|| self.binds(Kind::ServiceControl, request));
        let of_resources = LazyCell::new(|| self.binds(Kind::ResourceControl, request));
        let unbound = |node: &ChainNode| match node.kind {
            Kind::ResourceControl => *of_resources,
            _ => *of_callers,
        };
        let nodes = self.nodes.iter().map(AsRef::as_ref);
        let binding: Vec<&ChainNode> = nodes.filter(|node| unbound(node).is_none()).collect();
        match self.nodes.first().and_then(|node| unbound(node)) {
            Some(unbound) if binding.is_empty() => Err(unbound),
            _ => Ok(binding),
        }
    }

    /// Why policies of one kind do not apply to this request, when so.
    pub(crate) fn binds(&self, kind: Kind, request: &Request) -> Option<Unbound> {
        let is_mine = |account: Option<&str>| account == Some(self.account.as_str());
        let is_linked = || request.principal.is_service_linked_role(&request.context);
        match kind {
            Kind::ResourceControl if !covered_by_resource_control(&request.action) => Some(Unbound::NotCovered),
            // An ARN without an account, such as that of a bucket, is taken for one of the chain's account.
            Kind::ResourceControl if !is_mine(request.resource_account().or(Some(&self.account))) => {
                Some(Unbound::OtherAccount)
            }
            Kind::ResourceControl => is_linked().then_some(Unbound::ServiceLinkedRole),
            _ if !is_mine(request.principal.account()) => Some(Unbound::OtherAccount),
            _ => is_linked().then_some(Unbound::ServiceLinkedRole),
        }
    }
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
