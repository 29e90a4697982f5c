//! Which callers and values are worth trying: one whose elements hold in no more Denies and no fewer Allows than another's makes
//! the other superfluous.

use std::collections::BTreeSet;

use super::problem::{Problem, Scope, Speaker, Tri};

/// For each possibility the truth of one test, and which truth is wanted.
struct Column<'p> {
    truths: &'p [Tri],
    /// True for a test of a Deny, which had better not hold.
    is_deny: bool,
}

/// What every test that counts says about callers and values.
pub(super) struct Worth<'p, 'a> {
    problem: &'p Problem<'a>,
    of_callers: Vec<Column<'p>>,
    of_axes: Vec<Vec<Column<'p>>>,
    /// True when who calls matters together with the values of keys.
    is_caller_joint: bool,
    /// The keys that matter together with others.
    joint: BTreeSet<usize>,
}

impl<'p, 'a> Worth<'p, 'a> {
    /// Takes the statements that count, and tests that must hold besides.
    pub(super) fn new(problem: &'p Problem<'a>, required: &[usize], counts: impl Fn(&Speaker<'_>) -> bool) -> Self {
        let of_axes = problem.axes.iter().map(|_| Vec::new()).collect();
        let mut worth =
            Self { problem, of_callers: Vec::new(), of_axes, is_caller_joint: false, joint: BTreeSet::new() };
        for deny in problem.denies.iter().filter(|deny| counts(deny)) {
            worth.add(&deny.tests, true);
        }
        for allow in problem.nodes.iter().flat_map(|node| &node.allows).filter(|allow| counts(allow)) {
            worth.add(&allow.tests, false);
        }
        worth.add(required, false);
        worth
    }

    fn add(&mut self, tests: &[usize], is_deny: bool) {
        for test in tests.iter().filter_map(|test| self.problem.tests.get(*test)) {
            match &test.scope {
                Scope::Fixed(_) => {}
                Scope::Caller(truths) => self.of_callers.push(Column { truths, is_deny }),
                Scope::Axis(axis, truths) => {
                    if let Some(columns) = self.of_axes.get_mut(*axis) {
                        columns.push(Column { truths, is_deny });
                    }
                }
                Scope::Joint { axes, reads_caller } => {
                    self.joint.extend(axes);
                    self.is_caller_joint |= reads_caller;
                }
            }
        }
    }

    /// The callers worth trying, by their positions.
    pub(super) fn callers(&self) -> Vec<usize> {
        let callers = self.problem.callers.iter().enumerate();
        let all: Vec<(&str, usize)> = callers.map(|(index, caller)| (caller.kind, index)).collect();
        if self.is_caller_joint {
            return all.into_iter().map(|(_, index)| index).collect();
        }
        // Callers of different types differ in the keys that they may have.
        let kinds: Vec<&str> = {
            let mut seen = BTreeSet::new();
            all.iter().map(|(kind, _)| *kind).filter(|kind| seen.insert(*kind)).collect()
        };
        let of_kind = |kind: &str| all.iter().filter(|(of, _)| *of == kind).map(|(_, index)| *index).collect();
        kinds.into_iter().flat_map(|kind| undominated(of_kind(kind), &self.of_callers)).collect()
    }

    /// For each key the options worth trying for a type of caller.
    pub(super) fn options(&self, kind: &str) -> Vec<Vec<usize>> {
        let axes = self.problem.axes.iter().zip(&self.of_axes).enumerate();
        axes.map(|(index, (axis, columns))| {
            let options = self.problem.options(axis, kind);
            if self.joint.contains(&index) { options } else { undominated(options, columns) }
        })
        .collect()
    }
}

/// Those of the possibilities that no other makes superfluous; of equals the first.
fn undominated(possible: Vec<usize>, columns: &[Column<'_>]) -> Vec<usize> {
    // The less it says, the worse for the call that is to be stopped: 0 is best for the caller.
    let signature = |index: usize| -> Vec<u8> {
        let rank = |column: &Column<'_>| {
            let truth = column.truths.get(index).copied().unwrap_or(Tri::Undecided);
            if column.is_deny { truth as u8 } else { Tri::Yes as u8 - truth as u8 }
        };
        columns.iter().map(rank).collect()
    };
    let mut seen = BTreeSet::new();
    let distinct: Vec<(usize, Vec<u8>)> = possible
        .into_iter()
        .map(|index| (index, signature(index)))
        .filter(|(_, ranks)| seen.insert(ranks.clone()))
        .collect();
    let beats = |one: &[u8], other: &[u8]| one != other && one.iter().zip(other).all(|(one, other)| one <= other);
    let is_beaten = |ranks: &[u8]| distinct.iter().any(|(_, other)| beats(other, ranks));
    distinct.iter().filter(|(_, ranks)| !is_beaten(ranks)).map(|(index, _)| *index).collect()
}
