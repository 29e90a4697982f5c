//! A chain cut down to the statements that can matter for one call.

use std::sync::Arc;

use super::Call;
use crate::chain::{AttachedPolicy, Chain, ChainNode};
use crate::context::Context;
use crate::document::{Document, Effect, Statement};

/// Whether a statement may speak of a call, whoever makes it.
pub(super) fn may_match(statement: &Statement, call: &Call) -> bool {
    let excludes = |resources: &crate::Resources| {
        let is_fixed = resources.patterns.iter().all(|pattern| pattern.value.template().variables().next().is_none());
        is_fixed && resources.contain(&call.resource, &Context::new()).is_no()
    };
    !statement.actions.contain(&call.action).is_no() && !statement.resources.as_ref().is_some_and(excludes)
}

/// True when the statement denies the call to everyone.
pub(super) fn denies_outright(statement: &Statement, call: &Call) -> bool {
    let covers = |resources: &crate::Resources| {
        let is_fixed = resources.patterns.iter().all(|pattern| pattern.value.template().variables().next().is_none());
        is_fixed && resources.contain(&call.resource, &Context::new()).is_yes()
    };
    statement.effect == Effect::Deny
        && statement.conditions.is_empty()
        && statement.actions.contain(&call.action).is_yes()
        && statement.resources.as_ref().is_none_or(covers)
}

/// The same chain with other statements: those for which `keep` gives none are dropped.
pub(super) fn with_statements(chain: &Chain, keep: impl Fn(&Statement) -> Option<Statement>) -> Chain {
    let policy = |policy: &Arc<AttachedPolicy>| {
        let document = policy.document.as_ref().map_err(Clone::clone).map(|document| Document {
            kind: document.kind,
            statements: document.statements.iter().filter_map(&keep).collect(),
        });
        Arc::new(AttachedPolicy { id: policy.id.clone(), name: policy.name.clone(), document })
    };
    let node = |node: &Arc<ChainNode>| {
        let policies = node.policies.iter().map(policy).collect();
        Arc::new(ChainNode { id: node.id.clone(), policies, gaps: node.gaps.clone() })
    };
    Chain { nodes: chain.nodes.iter().map(node).collect(), ..chain.clone() }
}

/// The worst that a statement which is not wholly understood may do: a Deny that never matches, an Allow that always does.
pub(super) fn at_worst(statement: &Statement) -> Option<Statement> {
    match statement.effect {
        Effect::Deny => None,
        Effect::Allow => Some(Statement { resources: None, conditions: Vec::new(), ..statement.clone() }),
    }
}
