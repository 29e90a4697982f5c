//! The search itself: keys are given values one after the other, until a Deny certainly matches, a node certainly does not allow,
//! or nothing is left that could stop the call.

use std::collections::{BTreeMap, BTreeSet};

use super::By;
use super::facts::{Freedom, freedom};
use super::find::Finding;
use super::problem::{Node, Problem, Scope, Speaker, Tri};
use super::worth::Worth;
use crate::chain::ChainVerdict;
use crate::context::Context;
use crate::request::{Principal, Request};

/// Work spent on one call before giving up: truths looked up.
const SEARCH_WORK: usize = 4_000_000;

/// What the evaluation of an element for given values costs, compared with looking its truth up.
const JUDGING_WORK: usize = 50;

/// How far statements that are not wholly listed count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// As they are, over the values listed: what gets through really does.
    Listed,
    /// At their worst, a Deny never matching and an Allow always: what is closed really is.
    Worst,
}

/// What stops a request: a Deny by its position, or a node by its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    Deny(usize),
    Node(usize),
    /// It is not among those asked for.
    Unwanted,
}

/// How a statement stands while some keys have no value yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stance {
    Missed,
    Matched,
    /// No more value decides it.
    Undecided,
    /// This key, and with it so many, may decide.
    Open(Branch),
}

/// A key to give a value next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Branch {
    /// How many keys keep open what it helps to decide.
    n_open: usize,
    axis: usize,
}

/// What the values taken so far lead to.
enum Look {
    Stopped(Stop),
    Through,
    Branch(usize),
}

/// The search is over.
enum End {
    Found(Request),
    GivenUp,
}

/// One search under way.
pub(super) struct Search<'p, 'a> {
    problem: &'p Problem<'a>,
    mode: Mode,
    required: &'p [usize],
    caller: usize,
    /// For each key the options worth taking, for the type of the caller.
    options: Vec<Vec<usize>>,
    /// For each key the option taken.
    taken: Vec<Option<usize>>,
    /// Truths of joint tests, by test, caller and options.
    joint: BTreeMap<(usize, usize, Vec<usize>), Tri>,
    stops: BTreeSet<Stop>,
    undecided: Option<String>,
    work: usize,
}

impl<'p, 'a> Search<'p, 'a> {
    pub(super) fn new(problem: &'p Problem<'a>, mode: Mode, required: &'p [usize]) -> Self {
        Self {
            problem,
            mode,
            required,
            caller: 0,
            options: Vec::new(),
            taken: Vec::new(),
            joint: BTreeMap::new(),
            stops: BTreeSet::new(),
            undecided: None,
            work: SEARCH_WORK,
        }
    }

    pub(super) fn run(mut self) -> Finding {
        let worth = Worth::new(self.problem, self.required, |speaker| self.counts(speaker));
        let mut by_kind: BTreeMap<&str, Vec<Vec<usize>>> = BTreeMap::new();
        for caller in worth.callers() {
            let Some(found) = self.problem.callers.get(caller) else { continue };
            self.caller = caller;
            self.options.clone_from(by_kind.entry(found.kind).or_insert_with(|| worth.options(found.kind)));
            self.taken = self.options.iter().map(|options| only(options)).collect();
            match self.descend() {
                Ok(()) => {}
                Err(End::Found(request)) => return Finding::Request(request),
                Err(End::GivenUp) => {
                    return Finding::Undecided("the conditions take too long to search".to_owned());
                }
            }
        }
        match self.undecided {
            Some(reason) => Finding::Undecided(reason),
            None => Finding::Nothing(self.stops.iter().filter_map(|stop| self.named(*stop)).collect()),
        }
    }

    fn named(&self, stop: Stop) -> Option<By> {
        match stop {
            Stop::Deny(index) => Some(By::Statement(self.problem.denies.get(index)?.place())),
            Stop::Node(index) => Some(By::NoAllow { node: self.problem.nodes.get(index)?.id.to_owned() }),
            Stop::Unwanted => None,
        }
    }

    /// True when a statement is taken as it is.
    fn counts(&self, speaker: &Speaker<'_>) -> bool {
        let is_listed = |test: &usize| self.problem.tests.get(*test).is_some_and(|test| test.is_listed);
        self.mode == Mode::Listed || speaker.tests.iter().all(is_listed)
    }

    /// Looks at everything that the values taken so far leave open.
    fn descend(&mut self) -> Result<(), End> {
        match self.look()? {
            Look::Stopped(stop) => {
                self.stops.insert(stop);
            }
            Look::Through => self.settle()?,
            Look::Branch(axis) => {
                for option in self.options.get(axis).cloned().unwrap_or_default() {
                    self.take(axis, Some(option));
                    self.descend()?;
                }
                self.take(axis, None);
            }
        }
        Ok(())
    }

    fn take(&mut self, axis: usize, option: Option<usize>) {
        if let Some(taken) = self.taken.get_mut(axis) {
            *taken = option;
        }
    }

    fn look(&mut self) -> Result<Look, End> {
        let problem = self.problem;
        let (mut stopped, mut next, mut is_unclear) = (None, None, false);
        for (index, deny) in problem.denies.iter().enumerate() {
            let stance = if self.counts(deny) { self.stance(deny)? } else { Stance::Missed };
            match stance {
                Stance::Missed => {}
                Stance::Undecided => is_unclear = true,
                Stance::Open(branch) => next = closer(next, branch),
                // One that the proof rests on already, when there is one.
                Stance::Matched if self.stops.contains(&Stop::Deny(index)) => {
                    return Ok(Look::Stopped(Stop::Deny(index)));
                }
                Stance::Matched => stopped = stopped.or(Some(Stop::Deny(index))),
            }
        }
        if stopped.is_none() {
            stopped = self.look_at_required(&mut next)?;
        }
        if stopped.is_none() {
            stopped = self.look_at_nodes(&mut next, &mut is_unclear)?;
        }
        // What is unclear here would not open the call, and is not worth more than the first that was.
        if is_unclear && self.undecided.is_some() {
            stopped = stopped.or(Some(Stop::Unwanted));
        }
        Ok(match (stopped, next) {
            (Some(stop), _) => Look::Stopped(stop),
            (None, Some(branch)) => Look::Branch(branch.axis),
            (None, None) => Look::Through,
        })
    }

    fn look_at_required(&mut self, next: &mut Option<Branch>) -> Result<Option<Stop>, End> {
        for &test in self.required {
            let is_listed = self.problem.tests.get(test).is_some_and(|test| test.is_listed);
            if self.mode == Mode::Worst && !is_listed {
                continue;
            }
            match self.truth(test)? {
                Ok(Tri::Yes) => {}
                Ok(Tri::No | Tri::Undecided) => return Ok(Some(Stop::Unwanted)),
                Err(branch) => *next = closer(*next, branch),
            }
        }
        Ok(None)
    }

    fn look_at_nodes(&mut self, next: &mut Option<Branch>, is_unclear: &mut bool) -> Result<Option<Stop>, End> {
        let problem = self.problem;
        for (index, node) in problem.nodes.iter().enumerate() {
            match self.allows(node)? {
                Stance::Missed => return Ok(Some(Stop::Node(index))),
                Stance::Undecided => *is_unclear = true,
                Stance::Open(branch) => *next = closer(*next, branch),
                Stance::Matched => {}
            }
        }
        Ok(None)
    }

    /// Whether a node allows the call.
    fn allows(&mut self, node: &'p Node<'a>) -> Result<Stance, End> {
        let (mut next, mut is_unclear) = (None, node.doubt.is_some());
        for allow in &node.allows {
            let stance = if self.counts(allow) { self.stance(allow)? } else { Stance::Matched };
            match stance {
                Stance::Missed => {}
                Stance::Undecided => is_unclear = true,
                Stance::Open(branch) => next = closer(next, branch),
                Stance::Matched => return Ok(Stance::Matched),
            }
        }
        Ok(match next {
            Some(branch) => Stance::Open(branch),
            None if is_unclear => Stance::Undecided,
            None => Stance::Missed,
        })
    }

    /// Whether a statement matches.
    fn stance(&mut self, speaker: &'p Speaker<'a>) -> Result<Stance, End> {
        let (mut next, mut is_unclear) = (None::<Branch>, false);
        for &test in &speaker.tests {
            match self.truth(test)? {
                Ok(Tri::No) => return Ok(Stance::Missed),
                Ok(Tri::Undecided) => is_unclear = true,
                Ok(Tri::Yes) => {}
                Err(branch) => {
                    let n_open = next.map_or(0, |next| next.n_open) + branch.n_open;
                    next = Some(Branch { n_open, axis: next.map_or(branch.axis, |next| next.axis) });
                }
            }
        }
        Ok(match next {
            Some(branch) => Stance::Open(branch),
            None if is_unclear => Stance::Undecided,
            None => Stance::Matched,
        })
    }

    /// The truth of a test, or the keys it waits for.
    fn truth(&mut self, index: usize) -> Result<Result<Tri, Branch>, End> {
        self.work = self.work.checked_sub(1).ok_or(End::GivenUp)?;
        let at = |truths: &[Tri], index: usize| truths.get(index).copied().unwrap_or(Tri::Undecided);
        let Some(test) = self.problem.tests.get(index) else { return Ok(Ok(Tri::Undecided)) };
        Ok(match &test.scope {
            Scope::Fixed(truth) => Ok(*truth),
            Scope::Caller(truths) => Ok(at(truths, self.caller)),
            Scope::Axis(axis, truths) => match self.taken.get(*axis) {
                Some(Some(option)) => Ok(at(truths, *option)),
                _ => Err(Branch { n_open: 1, axis: *axis }),
            },
            Scope::Joint { axes, .. } => {
                let mut open = axes.iter().filter(|axis| !matches!(self.taken.get(**axis), Some(Some(_))));
                match open.next() {
                    Some(&axis) => Err(Branch { n_open: 1 + open.count(), axis }),
                    None => Ok(self.joint_truth(index, axes)?),
                }
            }
        })
    }

    fn joint_truth(&mut self, index: usize, axes: &[usize]) -> Result<Tri, End> {
        let options = axes.iter().filter_map(|axis| self.taken.get(*axis).copied().flatten()).collect();
        let key = (index, self.caller, options);
        if let Some(&known) = self.joint.get(&key) {
            return Ok(known);
        }
        self.work = self.work.checked_sub(JUDGING_WORK).ok_or(End::GivenUp)?;
        let problem = self.problem;
        let truth = match (problem.tests.get(index), problem.callers.get(self.caller)) {
            (Some(test), Some(caller)) => {
                let context = self.context(&caller.facts, axes.iter().copied());
                problem.judge(test.element, &caller.arn, &context)
            }
            _ => Tri::Undecided,
        };
        self.joint.insert(key, truth);
        Ok(truth)
    }

    /// The facts with the options taken for some keys.
    fn context(&self, facts: &Context, axes: impl Iterator<Item = usize>) -> Context {
        let mut context = facts.clone();
        for index in axes {
            let Some(axis) = self.problem.axes.get(index) else { continue };
            let taken = self.taken.get(index).copied().flatten();
            if let Some(Some(values)) = taken.and_then(|option| axis.options.get(option)) {
                context.set(&axis.spelt, values.clone());
            }
        }
        context
    }

    /// Nothing stops the request that the values taken make.
    fn settle(&mut self) -> Result<(), End> {
        let Some(request) = self.request() else { return Ok(()) };
        if self.mode == Mode::Worst {
            return Err(End::Found(request));
        }
        let nodes = &self.problem.nodes;
        let doubt = |id: &str| nodes.iter().filter(|node| node.id == id).find_map(|node| node.doubt.clone());
        let reason = match self.problem.chain.evaluate(&request) {
            ChainVerdict::NotBound(_) | ChainVerdict::Allowed(_) => return Err(End::Found(request)),
            ChainVerdict::Undecided(reason) => reason,
            ChainVerdict::ImplicitDeny { node } => {
                doubt(&node).unwrap_or_else(|| format!("a way past {node} was not confirmed"))
            }
            ChainVerdict::ExplicitDeny(place) => format!("a way past {place} was not confirmed"),
        };
        self.undecided.get_or_insert(reason);
        Ok(())
    }

    /// The request; keys that nothing depends on are absent, or have any value when they cannot be.
    fn request(&mut self) -> Option<Request> {
        let problem = self.problem;
        let caller = problem.callers.get(self.caller)?;
        for (index, axis) in problem.axes.iter().enumerate() {
            let is_open = self.taken.get(index).copied().flatten().is_none();
            let is_always_there = freedom(&axis.key, caller.kind) == Freedom::AnyValue;
            let any = self.options.get(index).and_then(|options| options.first().copied());
            if is_open && is_always_there {
                self.take(index, any);
            }
        }
        Some(Request {
            principal: Principal::Aws(caller.arn.clone()),
            action: problem.call.action.clone(),
            resource: problem.call.resource.clone(),
            context: self.context(&caller.facts, 0..problem.axes.len()),
        })
    }
}

fn only(options: &[usize]) -> Option<usize> {
    match options {
        [option] => Some(*option),
        _ => None,
    }
}

/// The one of two keys that decides sooner.
fn closer(known: Option<Branch>, other: Branch) -> Option<Branch> {
    Some(known.map_or(other, |known| known.min(other)))
}
