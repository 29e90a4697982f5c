//! The algebra of patterns: a string inside all of some patterns and outside all of others, or the certainty that none exists.

use std::collections::{BTreeSet, HashSet, VecDeque};

use super::token::{Pattern, Token};

/// Work spent before giving up: characters tried times positions held. Inclusion of wildcard patterns is exponential at worst (`*a??????…`).
pub(crate) const MAX_WORK: usize = 4_000_000;

/// The patterns need more states than we are willing to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the patterns are too complex to compare")]
pub struct TooComplex;

impl Pattern {
    /// True when every string of this pattern is also in `other`.
    pub(crate) fn is_subset_of(&self, other: &Self) -> Result<bool, TooComplex> {
        Ok(witness(&[self], &[other])?.is_none())
    }

    /// True when some string is in both.
    pub(crate) fn intersects(&self, other: &Self) -> Result<bool, TooComplex> {
        Ok(witness(&[self, other], &[])?.is_some())
    }
}

/// Where the automata are: one position per pattern that must match, one set of positions per pattern that must not.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    at: Vec<usize>,
    around: Vec<Vec<usize>>,
}

/// A shortest string that every pattern of `inside` matches and no pattern of `outside` does; `None` when there is none.
///
/// Exact: the automata are walked over one representative of every class of characters that the patterns tell apart.
pub(crate) fn witness(inside: &[&Pattern], outside: &[&Pattern]) -> Result<Option<String>, TooComplex> {
    witness_within(inside, outside, &mut MAX_WORK.clone())
}

/// [`witness`] with a budget of work shared by several calls.
pub(crate) fn witness_within(
    inside: &[&Pattern],
    outside: &[&Pattern],
    budget: &mut usize,
) -> Result<Option<String>, TooComplex> {
    let mut start = State { at: vec![0; inside.len()], around: vec![vec![0]; outside.len()] };
    let Some(prefix) = follow(inside, outside, &mut start, budget)? else { return Ok(None) };
    // What cannot match any more keeps nothing out.
    let outside: Vec<&Pattern> =
        outside.iter().zip(&start.around).filter(|(_, set)| !set.is_empty()).map(|(pattern, _)| *pattern).collect();
    let outside = outside.as_slice();
    start.around.retain(|set| !set.is_empty());
    let alphabet = alphabet(inside.iter().chain(outside).copied());
    let mut seen = HashSet::from([start.clone()]);
    // Which state each was reached from, and by which character; the start comes from nowhere.
    let mut steps: Vec<Option<(usize, char)>> = vec![None];
    let mut queue = VecDeque::from([(0, start)]);
    while let Some((index, state)) = queue.pop_front() {
        if accepts(inside, outside, &state) {
            return Ok(Some(prefix + &spell(&steps, index)));
        }
        let only = only_next(inside, &state);
        let choices = only.as_ref().map_or(alphabet.as_slice(), std::slice::from_ref);
        spend(budget, choices.len(), &state)?;
        for &c in choices {
            for next in successors(inside, outside, &state, c) {
                if seen.insert(next.clone()) {
                    queue.push_back((steps.len(), next));
                    steps.push(Some((index, c)));
                }
            }
        }
    }
    Ok(None)
}

/// Most of an ARN pattern is spelt out, so that one character is worth trying instead of the whole alphabet.
fn only_next(inside: &[&Pattern], state: &State) -> Option<char> {
    inside.iter().zip(&state.at).find_map(|(pattern, &position)| pattern.only_next(position))
}

fn spend(budget: &mut usize, n_choices: usize, state: &State) -> Result<(), TooComplex> {
    let n_positions = state.at.len() + state.around.iter().map(|set| set.len() + 1).sum::<usize>();
    *budget = budget.checked_sub(n_choices * n_positions).ok_or(TooComplex)?;
    Ok(())
}

/// Takes the start along the characters with which all strings begin, as long as each can be read in one way, and returns them;
/// none when no string is left.
fn follow(
    inside: &[&Pattern],
    outside: &[&Pattern],
    state: &mut State,
    budget: &mut usize,
) -> Result<Option<String>, TooComplex> {
    let mut prefix = String::new();
    let (mut at, mut next) = (Vec::with_capacity(inside.len()), Vec::new());
    while let Some(c) = only_next(inside, state) {
        spend(budget, 1, state)?;
        at.clear();
        for (pattern, &position) in inside.iter().zip(&state.at) {
            pattern.step(&[position], c, &mut next);
            match next.as_slice() {
                [] => return Ok(None),
                [position] => at.push(*position),
                _ => return Ok(Some(prefix)),
            }
        }
        std::mem::swap(&mut state.at, &mut at);
        for (pattern, set) in outside.iter().zip(&mut state.around) {
            pattern.step(set, c, &mut next);
            std::mem::swap(set, &mut next);
        }
        prefix.push(c);
    }
    Ok(Some(prefix))
}

fn accepts(inside: &[&Pattern], outside: &[&Pattern], state: &State) -> bool {
    inside.iter().zip(&state.at).all(|(pattern, &position)| pattern.accepts(position))
        && outside
            .iter()
            .zip(&state.around)
            .all(|(pattern, set)| !set.iter().any(|&position| pattern.accepts(position)))
}

fn successors(inside: &[&Pattern], outside: &[&Pattern], state: &State, c: char) -> Vec<State> {
    let mut next = Vec::new();
    let mut combinations = vec![Vec::with_capacity(state.at.len())];
    for (pattern, &position) in inside.iter().zip(&state.at) {
        pattern.step(&[position], c, &mut next);
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
    if combinations.is_empty() {
        return Vec::new();
    }
    let stepped = |(pattern, set): (&&Pattern, &Vec<usize>)| {
        let mut next = Vec::new();
        pattern.step(set, c, &mut next);
        next
    };
    let around: Vec<Vec<usize>> = outside.iter().zip(&state.around).map(stepped).collect();
    combinations.into_iter().map(|at| State { at, around: around.clone() }).collect()
}

fn spell(steps: &[Option<(usize, char)>], end: usize) -> String {
    let mut reversed = String::new();
    let mut at = end;
    while let Some(Some((previous, c))) = steps.get(at) {
        reversed.push(*c);
        at = *previous;
    }
    reversed.chars().rev().collect()
}

/// One character per class: every literal (in both cases where case is ignored), the colon, the slash where it matters, and one that no pattern names.
fn alphabet<'a>(patterns: impl Iterator<Item = &'a Pattern>) -> Vec<char> {
    let mut named = BTreeSet::from([':']);
    for pattern in patterns {
        for token in &pattern.tokens {
            match token {
                Token::Char(c) => named.extend([*c, c.to_ascii_lowercase(), c.to_ascii_uppercase()]),
                Token::OneOfName | Token::ManyOfName => named.extend(['/']),
                Token::One { .. } | Token::Many { .. } => {}
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
            last = last.iter().flat_map(|text| ["a", "B", ":", "/", "x"].map(|c| format!("{text}{c}"))).collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    fn pattern() -> impl Strategy<Value = Pattern> {
        ("[aAbB:*?]{0,3}", any::<bool>(), 0..3).prop_map(|(text, ignores_case, bounds)| {
            let pattern = Pattern::parse(&text);
            let pattern = match bounds {
                0 => pattern,
                1 => pattern.within_parts(),
                _ => pattern.as_name_after(&Pattern::parse("")),
            };
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
