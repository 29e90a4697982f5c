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
        // Most of an ARN pattern is spelt out, so that one character is worth trying instead of the whole alphabet.
        let only = inside.iter().zip(&state.0).find_map(|(pattern, &position)| pattern.only_next(position));
        for &c in only.as_ref().map_or(alphabet.as_slice(), std::slice::from_ref) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All strings of up to four characters; patterns of up to three tokens tell longer ones apart no further.
    fn strings() -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..4 {
            last = last.iter().flat_map(|text| ["a", "B", ":", "x"].map(|c| format!("{text}{c}"))).collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    fn pattern() -> impl Strategy<Value = Pattern> {
        ("[aAbB:*?]{0,3}", any::<bool>(), any::<bool>()).prop_map(|(text, ignores_case, is_within_parts)| {
            let pattern = Pattern::parse(&text);
            let pattern = if is_within_parts { pattern.within_parts() } else { pattern };
            if ignores_case { pattern.ignoring_case() } else { pattern }
        })
    }

    #[test]
    fn inclusion_sees_through_spelling() {
        let subset = |a: &str, b: &str| Pattern::parse(a).is_subset_of(&Pattern::parse(b)).expect("small");
        assert!(subset("*?", "?*"));
        assert!(subset("a**b", "a*"));
        assert!(!subset("a*", "a*b"));
        assert!(subset("arn:aws:iam::123:role/x", "arn:aws:iam::*:role/*"));
        let lower = Pattern::parse("stop*");
        assert!(!Pattern::parse("Stop*").is_subset_of(&lower).expect("small"));
        assert!(Pattern::parse("Stop*").is_subset_of(&lower.ignoring_case()).expect("small"));
    }

    #[test]
    fn a_union_may_cover_what_no_part_covers() {
        let (one, two) = (Pattern::parse("a*"), Pattern::parse("?"));
        let empty = Pattern::parse("");
        assert_eq!(witness(&[&Pattern::parse("*")], &[&one, &two, &empty]), Ok(Some("zz".to_owned())));
        assert_eq!(witness(&[&Pattern::parse("a*")], &[&Pattern::parse("a"), &Pattern::parse("a?*")]), Ok(None));
    }

    #[test]
    fn what_would_take_for_ever_is_given_up() {
        let hard = |c: char| Pattern::parse(&format!("*{c}{}", "?".repeat(40)));
        assert_eq!(hard('a').is_subset_of(&hard('b')), Err(TooComplex));
    }

    proptest! {
        #[test]
        fn membership_agrees_with_a_naive_matcher(text in "[aB:x]{0,5}", pattern in "[aAB:*?]{0,5}") {
            fn naive(pattern: &[char], text: &[char]) -> bool {
                match (pattern, text) {
                    ([], text) => text.is_empty(),
                    (['*', rest @ ..], _) => (0..=text.len()).any(|n| naive(rest, &text[n..])),
                    ([_, ..], []) => false,
                    ([p, pattern @ ..], [t, text @ ..]) => (*p == '?' || p == t) && naive(pattern, text),
                }
            }
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(Pattern::parse(&pattern).matches(&text), naive(&chars(&pattern), &chars(&text)));
        }

        #[test]
        fn the_algebra_agrees_with_listing_all_strings(a in pattern(), b in pattern(), c in pattern()) {
            let found = witness(&[&a, &b], &[&c]).expect("small");
            if let Some(text) = &found {
                prop_assert!(a.matches(text) && b.matches(text) && !c.matches(text), "{text:?}");
            }
            let is_there = strings().iter().any(|text| a.matches(text) && b.matches(text) && !c.matches(text));
            prop_assert!(found.is_some() || !is_there);
        }
    }
}
