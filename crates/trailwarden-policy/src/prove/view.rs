//! What the SCPs of an account make of a call before anything is known about the caller, and which calls they do not tell apart.

use std::cell::LazyCell;
use std::sync::Arc;

use super::element::{self, elements};
use super::facts::{common, is_common};
use super::{Call, Question};
use crate::chain::{Chain, ChainNode, Place, place};
use crate::condition::Condition;
use crate::context::Context;
use crate::document::{Effect, PrincipalKind, Principals, Statement};
use crate::request::{Principal, Request};
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
    /// For every node of the chain whether its policies bind callers of the account who make the call.
    binds: Vec<bool>,
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
    let chain = question.chain;
    let common = LazyCell::new(|| common(chain, question.partition, call));
    let binds = binds(question, call);
    let mut reaches = Vec::new();
    for (node, binds) in chain.nodes.iter().zip(&binds) {
        for (policy, statement) in node.policies.iter().flat_map(|policy| policy.statements().map(move |s| (policy, s)))
        {
            let reach = if *binds { reach(statement, call) } else { Reach::Never };
            let is_met = || statement.conditions.iter().all(|condition| is_met_by_all(condition, &common));
            if reach == Reach::Always && statement.effect == Effect::Deny && is_met() {
                return Err(place(node, policy, statement));
            }
            reaches.push(reach);
        }
    }
    Ok(View { first: Asked { index, call, common: common.clone() }, others: Vec::new(), binds, reaches })
}

/// For every node whether its policies bind callers of the account: this is the same for all whom [`super::callers`] lists.
fn binds(question: &Question<'_>, call: &Call) -> Vec<bool> {
    let Question { chain, partition, .. } = question;
    let request = Request {
        principal: Principal::Aws(format!("arn:{partition}:iam::{}:root", chain.account)),
        action: call.action.clone(),
        resource: call.resource.clone(),
        context: Context::new(),
    };
    let binds = |node: &Arc<ChainNode>| chain.unbound.is_none() && chain.binds(node.kind, &request).is_none();
    chain.nodes.iter().map(binds).collect()
}

fn reach(statement: &Statement, call: &Call) -> Reach {
    let everyone = |principals: &Principals| {
        !principals.is_negated
            && principals.patterns.iter().any(|pattern| pattern.value.kind == PrincipalKind::Everyone)
    };
    let is_for_all = statement.principals.iter().all(everyone);
    let resources = match &statement.resources {
        None => Truth::Yes,
        Some(resources) if resources.have_variables() => Truth::undecided("a variable decides"),
        Some(resources) => resources.contain(&call.resource, &Context::new()),
    };
    match Truth::all([statement.actions.contain(&call.action), resources]) {
        Truth::No => Reach::Never,
        Truth::Yes if is_for_all => Reach::Always,
        _ => Reach::Depends,
    }
}

/// True when a condition holds for every caller, because it asks for nothing in which they differ.
fn is_met_by_all(condition: &Condition, common: &Context) -> bool {
    element::reads(condition).all(|key| is_common(&key.to_ascii_lowercase(), common))
        && condition.holds(common).is_yes()
}

/// The keys that a statement reads.
pub(super) fn reads<'s>(statement: &'s Statement, resource: &str) -> impl Iterator<Item = &'s str> {
    elements(statement).flat_map(move |element| element.keys(resource))
}

impl View<'_> {
    /// True when every statement speaks of both alike, and reads nothing in which they differ.
    fn is_like(&self, other: &Self, chain: &Chain) -> bool {
        let (this, that) = (&self.first, &other.first);
        let reaching = || chain.statements().zip(&self.reaches).filter(|(_, reach)| **reach != Reach::Never);
        (&self.reaches, &self.binds) == (&other.reaches, &other.binds)
            && (this.call.resource == that.call.resource || !self.reaches.contains(&Reach::Depends))
            && reaching()
                .flat_map(|((_, _, statement), _)| reads(statement, &this.call.resource))
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

    /// The Deny statements of the chain that speak of the calls.
    pub(crate) fn denies<'c>(&self, chain: &'c Chain) -> impl Iterator<Item = (Place, &'c Statement)> {
        let speaking = chain.statements().zip(self.speaks()).filter(|(_, speaks)| *speaks).map(|(found, _)| found);
        let denies = speaking.filter(|(_, _, statement)| statement.effect == Effect::Deny);
        denies.map(|(node, policy, statement)| (place(node, policy, statement), statement))
    }

    /// For every node of the chain whether it binds the callers.
    pub(super) fn binds(&self) -> impl Iterator<Item = bool> {
        self.binds.iter().copied()
    }

    /// For every statement of the chain whether it speaks of the calls.
    pub(super) fn speaks(&self) -> impl Iterator<Item = bool> {
        self.reaches.iter().map(|reach| *reach != Reach::Never)
    }
}
