//! Splits a set of strings into the classes that some unions of patterns tell apart, with some strings of each.

use std::collections::BTreeSet;

use crate::pattern::{Pattern, TooComplex, witness_within};

/// More classes than this are too many to combine.
const MAX_CLASSES: usize = 256;

/// A set of strings to split.
pub(crate) struct Universe<'a> {
    /// The strings in question.
    pub(crate) pattern: Pattern,
    /// Strings that do not count.
    pub(crate) without: Vec<&'a Pattern>,
    /// Strings preferred as members, because people know them.
    pub(crate) seeds: Vec<String>,
    /// How many members of each class are wanted, as far as it has them.
    pub(crate) n_members: usize,
    /// True when members must differ in more than the case of letters.
    pub(crate) ignores_case: bool,
}

/// Patterns of which one is enough: what one condition compares a value with.
pub(crate) type Union = BTreeSet<Pattern>;

/// The strings inside each of some unions and outside all of some patterns.
struct Class<'a> {
    inside: Vec<&'a Union>,
    outside: Vec<&'a Pattern>,
    representative: String,
}

/// Members of every class: for any string of the universe there is one here that is in exactly the same unions. `budget` is the
/// work that may be spent.
pub(crate) fn members(
    universe: &Universe<'_>,
    unions: &[&Union],
    budget: &mut usize,
) -> Result<Vec<String>, TooComplex> {
    let mut splitter = Splitter { universe, budget };
    let mut classes = Vec::new();
    classes.extend(splitter.class(Vec::new(), universe.without.clone(), None)?);
    for union in unions {
        let mut split = Vec::with_capacity(classes.len() + 1);
        for class in classes {
            splitter.split(class, union, &mut split)?;
        }
        if split.len() > MAX_CLASSES {
            return Err(TooComplex);
        }
        classes = split;
    }
    let mut found = Vec::with_capacity(classes.len());
    for class in classes {
        let mut taken = vec![exactly(&class.representative, universe.ignores_case)];
        found.push(class.representative);
        while taken.len() < universe.n_members {
            let outside: Vec<&Pattern> = class.outside.iter().copied().chain(&taken).collect();
            let Some(next) = splitter.member(&class.inside, &outside)? else { break };
            taken.push(exactly(&next, universe.ignores_case));
            found.push(next);
        }
    }
    Ok(found)
}

fn exactly(text: &str, ignores_case: bool) -> Pattern {
    let pattern = Pattern::literal(text);
    if ignores_case { pattern.ignoring_case() } else { pattern }
}

struct Splitter<'a, 'b> {
    universe: &'a Universe<'a>,
    budget: &'b mut usize,
}

impl Splitter<'_, '_> {
    /// Adds the parts of a class within and beyond a union, as far as they are not empty.
    fn split<'c>(&mut self, class: Class<'c>, union: &'c Union, split: &mut Vec<Class<'c>>) -> Result<(), TooComplex> {
        // A class of one member, such as the root user, cannot be split.
        if self.universe.pattern.is_single() {
            split.push(class);
            return Ok(());
        }
        let (inner, outer) = match union.iter().any(|pattern| pattern.matches(&class.representative)) {
            true => (Some(class.representative), None),
            false => (None, Some(class.representative)),
        };
        let beyond: Vec<&Pattern> = class.outside.iter().copied().chain(union).collect();
        split.extend(self.class(class.inside.clone(), beyond, outer)?);
        let within: Vec<&Union> = class.inside.into_iter().chain([union]).collect();
        split.extend(self.class(within, class.outside, inner)?);
        Ok(())
    }

    /// The class with these bounds, unless it is empty.
    fn class<'c>(
        &mut self,
        inside: Vec<&'c Union>,
        outside: Vec<&'c Pattern>,
        known: Option<String>,
    ) -> Result<Option<Class<'c>>, TooComplex> {
        let found = match known {
            Some(representative) => Some(representative),
            None => self.member(&inside, &outside)?,
        };
        Ok(found.map(|representative| Class { inside, outside, representative }))
    }

    fn member(&mut self, inside: &[&Union], outside: &[&Pattern]) -> Result<Option<String>, TooComplex> {
        let fits = |seed: &&String| {
            inside.iter().all(|union| union.iter().any(|pattern| pattern.matches(seed)))
                && !outside.iter().any(|pattern| pattern.matches(seed))
        };
        match self.universe.seeds.iter().find(fits) {
            Some(seed) => Ok(Some(seed.clone())),
            None => self.choose(&mut vec![&self.universe.pattern], inside, outside),
        }
    }

    /// A string inside all the patterns chosen and one of each union that is left.
    fn choose<'c>(
        &mut self,
        chosen: &mut Vec<&'c Pattern>,
        left: &[&'c Union],
        outside: &[&Pattern],
    ) -> Result<Option<String>, TooComplex> {
        let Some((union, rest)) = left.split_first() else { return witness_within(chosen, outside, self.budget) };
        // What is kept out altogether need not be tried.
        for pattern in union.iter().filter(|pattern| !outside.contains(pattern)) {
            chosen.push(pattern);
            // Most patterns have nothing in common; this is found without looking at what else is left out.
            let is_possible = witness_within(chosen, &[], self.budget)?.is_some();
            let found = if is_possible { self.choose(chosen, rest, outside)? } else { None };
            chosen.pop();
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(unions: &[Union], n_members: usize) -> Vec<String> {
        let seeds = vec!["other".to_owned()];
        let pattern = Pattern::parse("*");
        let universe = Universe { pattern, without: Vec::new(), seeds, n_members, ignores_case: false };
        members(&universe, &unions.iter().collect::<Vec<_>>(), &mut 1_000_000).expect("small")
    }

    proptest! {
        #[test]
        fn every_string_has_a_member_like_it(
            unions in prop::collection::vec(prop::collection::btree_set("[ab*?]{0,4}", 1..3), 0..4),
            texts in prop::collection::btree_set("[abc]{0,5}", 2),
        ) {
            let union = |texts: &BTreeSet<String>| texts.iter().map(|text| Pattern::parse(text)).collect();
            let unions: Vec<Union> = unions.iter().map(union).collect();
            let is_in = |union: &Union, text: &str| union.iter().any(|pattern| pattern.matches(text));
            let signature = |text: &str| unions.iter().map(|union| is_in(union, text)).collect::<Vec<_>>();
            let like = |text: &str, n| found(&unions, n).into_iter().filter(|one| signature(one) == signature(text)).count();
            let texts: Vec<String> = texts.into_iter().collect();
            prop_assert_eq!(like(&texts[0], 1), 1);
            if signature(&texts[0]) == signature(&texts[1]) {
                prop_assert_eq!(like(&texts[0], 2), 2, "two strings of a class have two members");
            }
        }
    }
}
