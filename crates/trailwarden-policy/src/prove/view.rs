//! What the SCPs of an account make of a call before anything is known about the caller, and which calls they do not tell apart.

use std::cell::LazyCell;
use std::sync::Arc;

use super::facts::{common, is_common};
use super::{Call, Question};
use crate::chain::{AttachedPolicy, Chain, ChainNode, Place, place};
use crate::condition::Condition;
use crate::context::Context;
use crate::document::{Document, Effect, Statement};
use crate::request::Request;
use crate::truth::Truth;

/// Whether a statement speaks of a call, its conditions apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Never,
    Always,
    /// A variable decides, or it cannot be told.
    Depends,
}

/// Calls that no statement tells apart, so that a caller gets all of them past the SCPs or none.
pub(crate) struct View<'a> {
    /// The one that stands for all.
    pub(super) first: Asked<'a>,
    pub(super) others: Vec<Asked<'a>>,
    /// For every statement of the chain.
    reaches: Vec<Reach>,
}

/// A call and what is true of every caller who makes it.
pub(super) struct Asked<'a> {
    /// Its position among the calls of the question.
    pub(super) index: usize,
    pub(super) call: &'a Call,
    pub(super) common: Context,
}

/// The calls of a question, seen by its statements.
pub(crate) struct Views<'a> {
    /// Those that are not denied outright, together those that no statement tells apart.
    pub(crate) open: Vec<View<'a>>,
    /// Those that a Deny catches whoever makes them, by their position among the calls.
    pub(super) closed: Vec<(usize, Place)>,
}

/// Sorts the calls of a question.
pub(crate) fn views<'a>(question: &Question<'a>) -> Views<'a> {
    let mut views = Views { open: Vec::new(), closed: Vec::new() };
    for (index, call) in question.calls.iter().enumerate() {
        match view(question, index, call) {
            Err(place) => views.closed.push((index, place)),
            Ok(view) => match views.open.iter_mut().find(|known| known.is_like(&view, question.chain)) {
                Some(known) => known.others.push(view.first),
                None => views.open.push(view),
            },
        }
    }
    views
}

/// The error is the Deny that catches the call whoever makes it.
fn view<'a>(question: &Question<'a>, index: usize, call: &'a Call) -> Result<View<'a>, Place> {
    let is_bound = question.chain.unbound.is_none();
    let common = LazyCell::new(|| common(question.chain, question.partition, call));
    let mut reaches = Vec::new();
    for (node, policy, statement) in question.chain.statements() {
        let reach = reach(statement, call);
        let is_met = || statement.conditions.iter().all(|condition| is_met_by_all(condition, &common));
        if is_bound && reach == Reach::Always && statement.effect == Effect::Deny && is_met() {
            return Err(place(node, policy, statement));
        }
        reaches.push(reach);
    }
    Ok(View { first: Asked { index, call, common: common.clone() }, others: Vec::new(), reaches })
}

fn reach(statement: &Statement, call: &Call) -> Reach {
    if statement.actions.contain(&call.action).is_no() {
        return Reach::Never;
    }
    match &statement.resources {
        None => Reach::Always,
        Some(resources) if resources.have_variables() => Reach::Depends,
        Some(resources) => match resources.contain(&call.resource, &Context::new()) {
            Truth::Yes => Reach::Always,
            Truth::No => Reach::Never,
            Truth::Undecided(_) => Reach::Depends,
        },
    }
}

/// True when a condition holds for every caller, because it asks for nothing in which they differ.
fn is_met_by_all(condition: &Condition, common: &Context) -> bool {
    reads_of(condition).all(|key| is_common(&key.to_ascii_lowercase(), common)) && condition.holds(common).is_yes()
}

/// The keys that a condition reads.
fn reads_of(condition: &Condition) -> impl Iterator<Item = &str> {
    let variables = condition.values.iter().flat_map(|value| value.value.variables());
    std::iter::once(condition.key.as_str()).chain(variables)
}

/// The keys that a statement reads.
pub(super) fn reads(statement: &Statement) -> impl Iterator<Item = &str> {
    let resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
    let variables = resources.flat_map(|pattern| pattern.value.template().variables());
    statement.conditions.iter().flat_map(reads_of).chain(variables)
}

impl View<'_> {
    /// True when every statement speaks of both alike, and reads nothing in which they differ.
    fn is_like(&self, other: &Self, chain: &Chain) -> bool {
        let (this, that) = (&self.first, &other.first);
        let reaching = || chain.statements().zip(&self.reaches).filter(|(_, reach)| **reach != Reach::Never);
        self.reaches == other.reaches
            && (this.call.resource == that.call.resource || !self.reaches.contains(&Reach::Depends))
            && reaching()
                .flat_map(|((_, _, statement), _)| reads(statement))
                .all(|key| this.common.get(key) == that.common.get(key))
    }

    /// The positions of the calls.
    pub(super) fn indices(&self) -> impl Iterator<Item = usize> {
        std::iter::once(&self.first).chain(&self.others).map(|asked| asked.index)
    }

    /// From a request for the first call, the same caller's requests for all.
    pub(super) fn requests(&self, request: &Request) -> impl Iterator<Item = (usize, Request)> {
        std::iter::once(&self.first).chain(&self.others).map(move |asked| {
            let mut context = request.context.clone();
            self.first.common.iter().for_each(|(key, _)| context.remove(key));
            asked.common.iter().for_each(|(key, values)| context.set(key, values.clone()));
            let Call { action, resource } = asked.call.clone();
            (asked.index, Request { principal: request.principal.clone(), action, resource, context })
        })
    }

    /// The chain without the statements that do not speak of the calls.
    pub(super) fn reduce(&self, chain: &Chain) -> Chain {
        let mut reaches = self.reaches.iter();
        with_statements(chain, |statement| (reaches.next() != Some(&Reach::Never)).then(|| statement.clone()))
    }
}

/// The same chain with other statements: those for which `keep` gives none are dropped.
pub(super) fn with_statements(chain: &Chain, mut keep: impl FnMut(&Statement) -> Option<Statement>) -> Chain {
    let mut policy = |policy: &Arc<AttachedPolicy>| {
        let document = policy.document.as_ref().map_err(Clone::clone).map(|document| Document {
            kind: document.kind,
            statements: document.statements.iter().filter_map(&mut keep).collect(),
        });
        Arc::new(AttachedPolicy { id: policy.id.clone(), name: policy.name.clone(), document })
    };
    let node = |node: &Arc<ChainNode>| {
        let policies = node.policies.iter().map(&mut policy).collect();
        Arc::new(ChainNode { id: node.id.clone(), kind: node.kind, policies, gaps: node.gaps.clone() })
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
