//! The sets of values worth trying for a key that may hold several.

use std::collections::BTreeSet;

use crate::condition::Condition;
use crate::context::{Context, Values};
use crate::operator::SetForm;
use crate::truth::Truth;

/// More sets than this are too many to combine.
const MAX_SETS: usize = 512;

/// For each condition, how its comparison turns out for the values of a set: whether some value meets it, misses it, or leaves it
/// undecided. Only what the condition's form looks at is kept.
type Outcomes = Vec<u8>;

const MEETS: u8 = 1;
const MISSES: u8 = 2;
const UNDECIDED: u8 = 4;

/// One smallest set for each way in which the conditions can turn out for a non-empty set of these values, single values first; and
/// whether all ways are there.
pub(super) fn sets(key: &str, texts: &[String], conditions: &[&Condition], common: &Context) -> (Vec<Values>, bool) {
    let singles: Vec<(Outcomes, Vec<String>)> =
        texts.iter().map(|text| (outcomes(key, text, conditions, common), vec![text.clone()])).collect();
    let mut seen = BTreeSet::new();
    let mut found: Vec<(Outcomes, Vec<String>)> = Vec::new();
    for (outcomes, set) in &singles {
        if seen.insert(outcomes.clone()) {
            found.push((outcomes.clone(), set.clone()));
        }
    }
    let distinct = found.clone();
    let mut at = 0;
    while let Some((outcomes, set)) = found.get(at).cloned() {
        at += 1;
        for (more, text) in &distinct {
            let union: Outcomes = outcomes.iter().zip(more).map(|(one, other)| one | other).collect();
            if seen.insert(union.clone()) {
                found.push((union, set.iter().chain(text).cloned().collect()));
            }
        }
        if found.len() > MAX_SETS {
            break;
        }
    }
    let is_complete = at == found.len();
    (found.into_iter().map(|(_, set)| Values::Many(set)).collect(), is_complete)
}

fn outcomes(key: &str, text: &str, conditions: &[&Condition], common: &Context) -> Outcomes {
    let context = common.clone().with(key, Values::Many(vec![text.to_owned()]));
    let outcome = |condition: &&Condition| {
        let looks_at = match condition.operator.set_form {
            Some(SetForm::ForAllValues) => MISSES | UNDECIDED,
            Some(SetForm::ForAnyValue) => MEETS | UNDECIDED,
            None => MEETS | MISSES | UNDECIDED,
        };
        looks_at
            & match condition.holds(&context) {
                Truth::Yes => MEETS,
                Truth::No => MISSES,
                Truth::Undecided(_) => UNDECIDED,
            }
    };
    conditions.iter().map(outcome).collect()
}
