//! Splits a set of strings into the classes that some patterns tell apart, with one string of each.

use crate::pattern::{MAX_WORK, Pattern, TooComplex, witness_within};

/// More classes than this are too many to combine.
const MAX_CLASSES: usize = 256;

/// A set of strings to split.
pub(super) struct Universe<'a> {
    /// The strings in question.
    pub(super) pattern: Pattern,
    /// Strings that do not count.
    pub(super) without: Vec<&'a Pattern>,
    /// Strings preferred as representatives, because people know them.
    pub(super) seeds: Vec<String>,
}

struct Class<'a> {
    inside: Vec<&'a Pattern>,
    outside: Vec<&'a Pattern>,
    representative: String,
}

/// One string of every class: for any string of the universe there is one here that matches exactly the same patterns.
pub(super) fn representatives(universe: &Universe<'_>, patterns: &[Pattern]) -> Result<Vec<String>, TooComplex> {
    let mut splitter = Splitter { seeds: &universe.seeds, budget: MAX_WORK };
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
    Ok(classes.into_iter().map(|class| class.representative).collect())
}

struct Splitter<'a> {
    seeds: &'a [String],
    budget: usize,
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
        if !is_within && witness_within(&within, &[], &mut self.budget)?.is_none() {
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
            None => witness_within(&inside, &outside, &mut self.budget)?,
        };
        Ok(found.map(|representative| Class { inside, outside, representative }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_string_has_a_representative(
            patterns in prop::collection::vec("[ab*?]{0,4}", 0..4),
            text in "[abc]{0,5}",
        ) {
            let patterns: Vec<Pattern> = patterns.iter().map(|p| Pattern::parse(p)).collect();
            let universe = Universe { pattern: Pattern::parse("*"), without: Vec::new(), seeds: vec!["other".to_owned()] };
            let found = representatives(&universe, &patterns).expect("small");
            let signature = |text: &str| patterns.iter().map(|p| p.matches(text)).collect::<Vec<_>>();
            prop_assert!(found.iter().any(|one| signature(one) == signature(&text)), "{text:?} not among {found:?}");
        }
    }
}
