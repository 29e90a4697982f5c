//! The algebra of patterns: a string inside all of some patterns and outside all of others, or the certainty that none exists.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::token::{Pattern, Token};

/// States looked at before giving up. Inclusion of wildcard patterns is exponential at worst (`*a??????…`).
const MAX_STATES: usize = 50_000;

/// The patterns need more states than we are willing to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the patterns are too complex to compare")]
pub struct TooComplex;

impl Pattern {
    /// True when every string of this pattern is also in `other`.
    pub fn is_subset_of(&self, other: &Self) -> Result<bool, TooComplex> {
        Ok(witness(&[self], &[other])?.is_none())
    }

    /// True when some string is in both.
    pub fn intersects(&self, other: &Self) -> Result<bool, TooComplex> {
        Ok(witness(&[self, other], &[])?.is_some())
    }
}

/// One position per pattern that must match, one set of positions per pattern that must not.
type State = (Vec<usize>, Vec<Vec<usize>>);

/// A shortest string that every pattern of `inside` matches and no pattern of `outside` does; `None` when there is none.
///
/// Exact: the automata are walked over one representative of every class of characters that the patterns tell apart.
pub fn witness(inside: &[&Pattern], outside: &[&Pattern]) -> Result<Option<String>, TooComplex> {
    let alphabet = alphabet(inside.iter().chain(outside).copied());
    let start: State = (vec![0; inside.len()], vec![vec![0]; outside.len()]);
    let mut came_from: BTreeMap<State, Option<(State, char)>> = BTreeMap::from([(start.clone(), None)]);
    let mut queue = VecDeque::from([start]);
    while let Some(state) = queue.pop_front() {
        if accepts(inside, outside, &state) {
            return Ok(Some(spell(&came_from, state)));
        }
        for &c in &alphabet {
            for next in successors(inside, outside, &state, c) {
                if !came_from.contains_key(&next) {
                    came_from.insert(next.clone(), Some((state.clone(), c)));
                    queue.push_back(next);
                }
            }
        }
        if came_from.len() > MAX_STATES {
            return Err(TooComplex);
        }
    }
    Ok(None)
}

fn accepts(inside: &[&Pattern], outside: &[&Pattern], (at, around): &State) -> bool {
    inside.iter().zip(at).all(|(pattern, &position)| pattern.accepts(position))
        && outside.iter().zip(around).all(|(pattern, set)| !set.iter().any(|&position| pattern.accepts(position)))
}

fn successors(inside: &[&Pattern], outside: &[&Pattern], (at, around): &State, c: char) -> Vec<State> {
    let mut combinations = vec![Vec::with_capacity(at.len())];
    for (pattern, &position) in inside.iter().zip(at) {
        let next = pattern.step(&[position], c);
        combinations = combinations
            .into_iter()
            .flat_map(|prefix: Vec<usize>| {
                next.iter().map(move |&position| {
                    let mut longer = prefix.clone();
                    longer.push(position);
                    longer
                })
            })
            .collect();
    }
    let around: Vec<Vec<usize>> = outside.iter().zip(around).map(|(pattern, set)| pattern.step(set, c)).collect();
    combinations.into_iter().map(|at| (at, around.clone())).collect()
}

fn spell(came_from: &BTreeMap<State, Option<(State, char)>>, end: State) -> String {
    let mut reversed = String::new();
    let mut state = &end;
    while let Some(Some((previous, c))) = came_from.get(state) {
        reversed.push(*c);
        state = previous;
    }
    reversed.chars().rev().collect()
}

/// One character per class: every literal (in both cases where case is ignored), the colon, and one that no pattern names.
fn alphabet<'a>(patterns: impl Iterator<Item = &'a Pattern>) -> Vec<char> {
    let mut named = BTreeSet::from([':']);
    for pattern in patterns {
        for token in &pattern.tokens {
            if let Token::Char(c) = token {
                named.extend([*c, c.to_ascii_lowercase(), c.to_ascii_uppercase()]);
            }
        }
    }
    // A letter first, so that the strings shown to people look like names.
    let fresh = ('a'..='z').rev().chain('0'..='9').chain('\u{a1}'..).find(|c| !named.contains(c));
    fresh.into_iter().chain(named).collect()
}
