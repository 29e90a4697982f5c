//! Splits a set of strings into the classes that some patterns tell apart, with one string of each.

use crate::pattern::{Pattern, TooComplex, witness};

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
    let mut classes = Vec::new();
    push(&mut classes, vec![&universe.pattern], universe.without.clone(), &universe.seeds)?;
    for pattern in patterns {
        let mut split = Vec::with_capacity(classes.len() + 1);
        for class in classes {
            let Class { mut inside, mut outside, representative } = class;
            let matches = pattern.matches(&representative);
            let known = [representative];
            let seeds = |other: bool| if other { universe.seeds.as_slice() } else { known.as_slice() };
            let (within, beyond) = (inside.clone(), outside.clone());
            outside.push(pattern);
            push(&mut split, within, outside, seeds(matches))?;
            inside.push(pattern);
            push(&mut split, inside, beyond, seeds(!matches))?;
        }
        if split.len() > MAX_CLASSES {
            return Err(TooComplex);
        }
        classes = split;
    }
    Ok(classes.into_iter().map(|class| class.representative).collect())
}

/// Adds the class when it is not empty.
fn push<'a>(
    classes: &mut Vec<Class<'a>>,
    inside: Vec<&'a Pattern>,
    outside: Vec<&'a Pattern>,
    seeds: &[String],
) -> Result<(), TooComplex> {
    let fits = |seed: &&String| {
        inside.iter().all(|pattern| pattern.matches(seed)) && !outside.iter().any(|pattern| pattern.matches(seed))
    };
    let found = match seeds.iter().find(fits) {
        Some(seed) => Some(seed.clone()),
        None => witness(&inside, &outside)?,
    };
    classes.extend(found.map(|representative| Class { inside, outside, representative }));
    Ok(())
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
