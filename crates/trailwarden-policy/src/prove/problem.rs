//! One call as a search problem: who may call, the values of every free key, and what each element of each statement makes of them.

use std::collections::BTreeSet;

use super::callers::{Caller, Callers};
use super::element::{Element, elements};
use super::facts::{Freedom, Standing, freedom, standing};
use super::survey::Survey;
use super::values::Domain;
use super::view::{Asked, View};
use super::{Call, Question};
use crate::chain::{AttachedPolicy, Chain, ChainNode, Place, place};
use crate::condition::Condition;
use crate::context::{Context, Values};
use crate::document::{Effect, Statement};
use crate::pattern::Pattern;
use crate::reference::{KnownKey, reference};
use crate::truth::Truth;

/// Work spent on splitting the values of all keys into classes.
const CLASS_WORK: usize = 1_000_000;

/// Work spent on one key.
const KEY_WORK: usize = 300_000;

/// A [`Truth`] without its reason, from the worst for a match to the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tri {
    No,
    Undecided,
    Yes,
}

impl From<Truth> for Tri {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::Yes => Self::Yes,
            Truth::No => Self::No,
            Truth::Undecided(_) => Self::Undecided,
        }
    }
}

/// A free key with the values to try.
pub(super) struct Axis {
    /// In lower case.
    pub(super) key: String,
    pub(super) spelt: String,
    /// Absence first.
    pub(super) options: Vec<Option<Values>>,
}

/// What an element depends on, with its truth where that can be listed.
pub(super) enum Scope {
    /// Nothing.
    Fixed(Tri),
    /// Who calls.
    Caller(Vec<Tri>),
    /// The value of one key.
    Axis(usize, Vec<Tri>),
    /// Several keys together, or keys and who calls.
    Joint { axes: Vec<usize>, reads_caller: bool },
}

/// An element in this problem.
pub(super) struct Test<'a> {
    pub(super) element: Element<'a>,
    pub(super) scope: Scope,
    /// True when all values that make a difference to it are among the options.
    pub(super) is_listed: bool,
}

/// A statement that speaks of the call: it matches when all its tests hold.
pub(super) struct Speaker<'a> {
    node: &'a ChainNode,
    policy: &'a AttachedPolicy,
    statement: &'a Statement,
    pub(super) tests: Vec<usize>,
}

impl Speaker<'_> {
    pub(super) fn place(&self) -> Place {
        place(self.node, self.policy, self.statement)
    }
}

/// A node of the chain.
pub(super) struct Node<'a> {
    pub(super) id: &'a str,
    pub(super) allows: Vec<Speaker<'a>>,
    /// Why something else may be attached here that allows.
    pub(super) doubt: Option<String>,
}

/// The search problem of the calls of a view.
pub(crate) struct Problem<'a> {
    pub(super) chain: &'a Chain,
    pub(super) call: &'a Call,
    common: &'a Context,
    pub(super) callers: Vec<Caller>,
    pub(super) axes: Vec<Axis>,
    pub(super) tests: Vec<Test<'a>>,
    pub(super) denies: Vec<Speaker<'a>>,
    pub(super) nodes: Vec<Node<'a>>,
}

impl<'a> Problem<'a> {
    /// The problem of a view, for callers whom no exception matches. `asides` are conditions of no statement that a request may be
    /// required to meet. The error says why the callers cannot be listed.
    pub(crate) fn new(
        question: &Question<'a>,
        view: &'a View<'a>,
        exceptions: &[Pattern],
        asides: &[&'a Condition],
    ) -> Result<Self, String> {
        let Asked { call, common, .. } = &view.first;
        let mut found = Vec::new();
        let (denies, nodes) = speakers(question.chain, view, &mut found);
        found.extend(asides.iter().map(|aside| Element::Condition(aside)));
        let mut survey = Survey::new(&found, &call.resource, common);
        let mut budget = CLASS_WORK;
        let callers = callers(question, exceptions, &mut survey, &found, &mut budget)
            .ok_or_else(|| format!("the exceptions to {} are too complex to compare", call.action))?;
        survey.add_callers(&callers);
        let (axes, incomplete) = axes(&survey, common, &mut budget);
        let chain = question.chain;
        let mut problem = Self { chain, call, common, callers, axes, tests: Vec::new(), denies, nodes };
        for (index, &element) in found.iter().enumerate() {
            let keys = element.keys(&call.resource);
            let is_incomplete = keys.iter().any(|key| incomplete.contains(&key.to_ascii_lowercase()));
            let is_listed = !is_incomplete && !survey.unlisted.contains(&index);
            let test = problem.test(element, is_listed);
            problem.tests.push(test);
        }
        Ok(problem)
    }

    /// The tests that hold for a request which a Deny would catch but for one condition, and which meets an aside.
    pub(crate) fn required(&self, deny: &Statement, but: &Condition, aside: &Condition) -> Vec<usize> {
        let speaker = self.denies.iter().find(|speaker| std::ptr::eq(speaker.statement, deny));
        let is = |test: usize, wanted: &Condition| {
            let element = self.tests.get(test).map(|test| test.element);
            matches!(element, Some(Element::Condition(found)) if std::ptr::eq(found, wanted))
        };
        let others = speaker.into_iter().flat_map(|speaker| &speaker.tests).copied().filter(|test| !is(*test, but));
        let asides = (0..self.tests.len()).filter(|test| is(*test, aside));
        others.chain(asides).collect()
    }

    fn test(&self, element: Element<'a>, is_listed: bool) -> Test<'a> {
        let keys = element.keys(&self.call.resource);
        let keys: BTreeSet<String> = keys.into_iter().map(str::to_ascii_lowercase).collect();
        let reads_caller = keys.iter().any(|key| standing(key, self.common) == Standing::Caller);
        let of_key = |key: &String| self.axes.iter().position(|axis| axis.key == *key);
        let axes: Vec<usize> = keys.iter().filter_map(of_key).collect();
        let scope = match (axes.as_slice(), reads_caller) {
            ([], false) => Scope::Fixed(self.judge(element, "", self.common)),
            ([], true) => {
                let truths = self.callers.iter().map(|caller| self.judge(element, &caller.arn, &caller.facts));
                Scope::Caller(truths.collect())
            }
            (&[axis], false) => Scope::Axis(axis, self.truths(element, axis)),
            _ => Scope::Joint { axes, reads_caller },
        };
        Test { element, scope, is_listed }
    }

    fn truths(&self, element: Element<'a>, axis: usize) -> Vec<Tri> {
        let Some(axis) = self.axes.get(axis) else { return Vec::new() };
        let mut context = self.common.clone();
        let truth = |option: &Option<Values>| {
            match option {
                Some(values) => context.set(&axis.key, values.clone()),
                None => context.remove(&axis.key),
            }
            self.judge(element, "", &context)
        };
        axis.options.iter().map(truth).collect()
    }

    pub(super) fn judge(&self, element: Element<'a>, caller: &str, context: &Context) -> Tri {
        element.holds(caller, self.call, context).into()
    }

    /// The options that a type of caller (`aws:PrincipalType`) has for a key.
    pub(super) fn options(&self, axis: &Axis, caller: &str) -> Vec<usize> {
        let is_possible = |option: &Option<Values>| match freedom(&axis.key, caller) {
            Freedom::Never => option.is_none(),
            Freedom::AnyValue => option.is_some(),
            Freedom::AnyValueOrNone => true,
        };
        let options = axis.options.iter().enumerate();
        options.filter(|(_, option)| is_possible(option)).map(|(index, _)| index).collect()
    }
}

/// The statements that speak of the calls, with their elements added to `found`.
fn speakers<'a>(chain: &'a Chain, view: &View<'_>, found: &mut Vec<Element<'a>>) -> (Vec<Speaker<'a>>, Vec<Node<'a>>) {
    let (mut denies, mut nodes) = (Vec::new(), Vec::new());
    let mut is_spoken_of = view.speaks();
    for (node, binds) in chain.nodes.iter().zip(view.binds()) {
        let mut allows = Vec::new();
        let mut doubt = node.gaps.first().cloned();
        for policy in &node.policies {
            if let Err(malformed) = &policy.document {
                doubt = doubt.or_else(|| Some(format!("{} at {}: {malformed}", policy.id, node.id)));
            }
            for statement in policy.statements() {
                if is_spoken_of.next() != Some(true) {
                    continue;
                }
                let first = found.len();
                found.extend(elements(statement));
                let tests = (first..found.len()).collect();
                let speaker = Speaker { node, policy, statement, tests };
                match statement.effect {
                    Effect::Deny => denies.push(speaker),
                    Effect::Allow => allows.push(speaker),
                }
            }
        }
        if binds {
            nodes.push(Node { id: &node.id, allows, doubt });
        }
    }
    (denies, nodes)
}

/// The callers to tell apart. When they are too many, a few of each type, and every element that reads who calls is unlisted.
fn callers(
    question: &Question<'_>,
    exceptions: &[Pattern],
    survey: &mut Survey<'_>,
    found: &[Element<'_>],
    budget: &mut usize,
) -> Option<Vec<Caller>> {
    let callers = Callers { partition: question.partition, account: &question.chain.account, exceptions };
    let common = survey.common;
    let mut work = KEY_WORK.min(*budget);
    let all = callers.list(&survey.arns, &survey.names, common, &mut work);
    *budget -= KEY_WORK.min(*budget) - work;
    if let Ok(all) = all {
        return Some(all);
    }
    let reads_caller = |element: &Element<'_>| {
        element.keys(survey.resource).iter().any(|key| survey.standing(key) == Standing::Caller)
    };
    let unlisted: Vec<usize> =
        found.iter().enumerate().filter(|(_, element)| reads_caller(element)).map(|(index, _)| index).collect();
    survey.unlisted.extend(unlisted);
    callers.list(&BTreeSet::new(), &BTreeSet::new(), common, &mut KEY_WORK.clone()).ok()
}

/// Whether AWS may put a key into a call. It adds keys from time to time, so that one that is not known is never said to be absent
/// for certain; but nobody is shown to get through by it.
pub(super) fn may_exist(key: &str) -> bool {
    reference().key(key) != KnownKey::No
}

/// The free keys with their values, and those of them for which some may be missing.
fn axes(survey: &Survey<'_>, common: &Context, budget: &mut usize) -> (Vec<Axis>, BTreeSet<String>) {
    let mut axes = Vec::new();
    let mut incomplete = BTreeSet::new();
    for (key, known) in &survey.keys {
        let mut work = KEY_WORK.min(*budget);
        let granted = work;
        let domain = if may_exist(key) { known.domain(key, common, &mut work) } else { Domain::default() };
        *budget -= granted - work;
        if !domain.is_complete {
            incomplete.insert(key.clone());
        }
        let options = std::iter::once(None).chain(domain.values.into_iter().map(Some)).collect();
        axes.push(Axis { key: key.clone(), spelt: known.spelt.clone(), options });
    }
    (axes, incomplete)
}
