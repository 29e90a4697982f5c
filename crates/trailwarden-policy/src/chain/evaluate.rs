//! What a chain says about one request.

use super::{Chain, ChainNode, ChainVerdict, Place, Unbound, place};
use crate::document::{Effect, Kind, covered_by_resource_control};
use crate::evaluate::{Found, decide};
use crate::request::Request;

impl Chain {
    /// What the policies say about a request: a Deny at any node wins, else every node must have an Allow of its own.
    pub fn evaluate(&self, request: &Request) -> ChainVerdict {
        if let Some(unbound) = self.unbound_for(request) {
            return ChainVerdict::NotBound(unbound);
        }
        let binding = || self.nodes.iter().map(AsRef::as_ref).filter(|node| self.binds(node.kind, request).is_none());
        let mut undecided = None;
        for (node, policy) in binding().flat_map(|node| node.policies.iter().map(move |policy| (node, policy))) {
            match decide(policy.statements(), Effect::Deny, request) {
                Found::Statement(statement) => return ChainVerdict::ExplicitDeny(place(node, policy, statement)),
                Found::Undecided(reason) => undecided = undecided.or(Some(reason)),
                Found::Nothing => {}
            }
        }
        let mut allows = Vec::with_capacity(self.nodes.len());
        for node in binding() {
            match node_allows(node, request) {
                NodeAllows::By(place) => allows.push(place),
                NodeAllows::Nothing => return ChainVerdict::ImplicitDeny { node: node.id.clone() },
                NodeAllows::Undecided(reason) => undecided = undecided.or(Some(reason)),
            }
            undecided = undecided.or_else(|| node.gaps.first().cloned());
        }
        undecided.map_or(ChainVerdict::Allowed(allows), ChainVerdict::Undecided)
    }

    /// Why no policy of the chain applies to this request, when so.
    pub(crate) fn unbound_for(&self, request: &Request) -> Option<Unbound> {
        let mut of_nodes = self.nodes.iter().map(|node| self.binds(node.kind, request));
        self.unbound.or_else(|| match of_nodes.next()? {
            Some(unbound) if of_nodes.all(|other| other.is_some()) => Some(unbound),
            _ => None,
        })
    }

    /// Why policies of one kind do not apply to this request, when so.
    pub(crate) fn binds(&self, kind: Kind, request: &Request) -> Option<Unbound> {
        let is_mine = |account: Option<&str>| account == Some(self.account.as_str());
        let is_linked = || request.principal.is_service_linked_role(&request.context);
        match kind {
            Kind::ResourceControl if covered_by_resource_control(&request.action).is_no() => Some(Unbound::NotCovered),
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
