//! Splits a set of strings into the classes that some patterns tell apart, with some strings of each.

use crate::pattern::{Pattern, TooComplex, witness_within};

/// More classes than this are too many to combine.
const MAX_CLASSES: usize = 256;

/// A set of strings to split.
pub(super) struct Universe<'a> {
    /// The strings in question.
    pub(super) pattern: Pattern,
    /// Strings that do not count.
    pub(super) without: Vec<&'a Pattern>,
    /// Strings preferred as members, because people know them.
    pub(super) seeds: Vec<String>,
    /// How many members of each class are wanted, as far as it has them.
    pub(super) n_members: usize,
    /// True when members must differ in more than the case of letters.
    pub(super) ignores_case: bool,
}

struct Class<'a> {
    inside: Vec<&'a Pattern>,
    outside: Vec<&'a Pattern>,
    representative: String,
}

/// Members of every class: for any string of the universe there is one here that matches exactly the same patterns. `budget` is
/// the work that may be spent.
pub(super) fn members(
    universe: &Universe<'_>,
    patterns: &[Pattern],
    budget: &mut usize,
) -> Result<Vec<String>, TooComplex> {
    let mut splitter = Splitter { seeds: &universe.seeds, budget };
    let mut classes = Vec::new();
    classes.extend(splitter.class(vec![&universe.pattern], universe.without.clone(), None)?);
    for pattern in patterns {
        let mut split = Vec::with_capacity(classes.len() + 1);
        for class in classes {
            splitter.split(class, pattern, &mut split)?;
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
            let next = splitter.class(class.inside.clone(), outside, None)?.map(|class| class.representative);
            let Some(next) = next else { break };
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

struct Splitter<'a> {
    seeds: &'a [String],
    budget: &'a mut usize,
}

impl Splitter<'_> {
    /// Adds the parts of a class within and beyond a pattern, as far as they are not empty.
    fn split<'a>(
        &mut self,
        class: Class<'a>,
        pattern: &'a Pattern,
        split: &mut Vec<Class<'a>>,
    ) -> Result<(), TooComplex> {
        // A class of one member, such as the root user, cannot be split.
        if class.inside.iter().any(|pattern| pattern.is_single()) {
            split.push(class);
            return Ok(());
        }
        let within: Vec<&Pattern> = class.inside.iter().copied().chain([pattern]).collect();
        // Far from most classes: found without looking at what else they leave out.
        let is_within = pattern.matches(&class.representative);
        if !is_within && witness_within(&within, &[], self.budget)?.is_none() {
            split.push(class);
            return Ok(());
        }
        let beyond: Vec<&Pattern> = class.outside.iter().copied().chain([pattern]).collect();
        let (inner, outer) = match is_within {
            true => (Some(class.representative), None),
            false => (None, Some(class.representative)),
        };
        split.extend(self.class(class.inside, beyond, outer)?);
        split.extend(self.class(within, class.outside, inner)?);
        Ok(())
    }

    /// The class with these bounds, unless it is empty.
    fn class<'a>(
        &mut self,
        inside: Vec<&'a Pattern>,
        outside: Vec<&'a Pattern>,
        known: Option<String>,
    ) -> Result<Option<Class<'a>>, TooComplex> {
        let fits = |seed: &&String| {
            inside.iter().all(|pattern| pattern.matches(seed)) && !outside.iter().any(|pattern| pattern.matches(seed))
        };
        let found = match known.or_else(|| self.seeds.iter().find(fits).cloned()) {
            Some(representative) => Some(representative),
            None => witness_within(&inside, &outside, self.budget)?,
        };
        Ok(found.map(|representative| Class { inside, outside, representative }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(patterns: &[Pattern], n_members: usize) -> Vec<String> {
        let seeds = vec!["other".to_owned()];
        let pattern = Pattern::parse("*");
        let universe = Universe { pattern, without: Vec::new(), seeds, n_members, ignores_case: false };
        members(&universe, patterns, &mut 1_000_000).expect("small")
    }

    proptest! {
        #[test]
        fn every_string_has_a_member_like_it(
            patterns in prop::collection::vec("[ab*?]{0,4}", 0..4),
            texts in prop::collection::btree_set("[abc]{0,5}", 2),
        ) {
            let patterns: Vec<Pattern> = patterns.iter().map(|p| Pattern::parse(p)).collect();
            let signature = |text: &str| patterns.iter().map(|p| p.matches(text)).collect::<Vec<_>>();
            let like = |text: &str, n| found(&patterns, n).into_iter().filter(|one| signature(one) == signature(text)).count();
            let texts: Vec<String> = texts.into_iter().collect();
            prop_assert_eq!(like(&texts[0], 1), 1);
            if signature(&texts[0]) == signature(&texts[1]) {
                prop_assert_eq!(like(&texts[0], 2), 2, "two strings of a class have two members");
            }
        }
    }
}
