//! Values of a field that stand for all others: for every way in which the texts of patterns can part them, one.

use std::collections::BTreeSet;

use super::Domain;
use crate::filter_pattern::{Datum, Glob, Test, Value};

/// More values than this are no longer tried.
const MAX_SAMPLES: usize = 400;

/// Words that a field holds when nothing else is asked of it.
pub(super) const FILLERS: [&str; 2] = ["Something", "Another"];

/// Fields that every record has. Source: CloudTrail User Guide, "CloudTrail record contents".
const ALWAYS_THERE: [&str; 7] =
    ["eventName", "eventSource", "eventTime", "eventType", "awsRegion", "sourceIPAddress", "userIdentity.type"];

/// What patterns ask of one field.
#[derive(Debug, Default)]
pub(super) struct Questions<'a> {
    pub(super) tests: Vec<&'a Test>,
    /// Terms that are looked for in any field.
    pub(super) terms: Vec<&'a str>,
}

/// The values to try; none when they are too many.
pub(super) fn of(field: &str, domain: Option<&Domain>, questions: &Questions<'_>) -> Option<Vec<Datum>> {
    match domain {
        Some(Domain::Is(datum)) => Some(vec![datum.clone()]),
        Some(Domain::OneOf(values)) => Some(values.iter().map(|value| Datum::Text((*value).to_owned())).collect()),
        Some(Domain::Flag) => Some(vec![Datum::Flag(true), Datum::Flag(false)]),
        Some(Domain::Text { within, except }) => {
            let mut globs = globs(questions);
            globs.extend(within.iter().chain(except).cloned());
            globs.extend(questions.terms.iter().map(|term| Glob::inside(term)));
            let is_in = |text: &String| {
                (within.is_empty() || within.iter().any(|glob| glob.matches(text)))
                    && !except.iter().any(|glob| glob.matches(text))
            };
            Some(texts(&globs)?.into_iter().filter(is_in).map(Datum::Text).collect())
        }
        None => open(field, questions),
    }
}

/// A field of which nothing is demanded: it may be absent, hold any text, or whatever else a pattern asks it for.
fn open(field: &str, questions: &Questions<'_>) -> Option<Vec<Datum>> {
    let absent = (!ALWAYS_THERE.contains(&field)).then_some(Datum::Absent);
    let texts = texts(&globs(questions))?.into_iter().map(Datum::Text);
    let mut samples: Vec<Datum> = absent.into_iter().chain(texts).collect();
    for test in &questions.tests {
        match test {
            Test::IsNull => samples.push(Datum::Null),
            Test::IsFlag(_) => samples.extend([Datum::Flag(true), Datum::Flag(false)]),
            Test::Compares(_, number) | Test::Equals(Value::Text(_, Some(number))) => {
                samples.extend([number - 1.0, *number, number + 1.0].map(Datum::Number));
            }
            Test::Equals(_) | Test::Differs(_) | Test::NotExists => {}
        }
    }
    Some(samples)
}

fn globs(questions: &Questions<'_>) -> BTreeSet<Glob> {
    let of = |test: &&Test| match test {
        Test::Equals(Value::Text(glob, _)) | Test::Differs(Value::Text(glob, _)) => Some(glob.clone()),
        _ => None,
    };
    questions.tests.iter().filter_map(of).collect()
}

/// A text for every set of these patterns that some text matches, as far as one beginning, one middle and one end, or all
/// middles together, can make it.
fn texts(globs: &BTreeSet<Glob>) -> Option<Vec<String>> {
    let filler = filler(globs);
    let part = |is_open_before: bool, is_open_after: bool| {
        let wanted = move |glob: &&Glob| (glob.is_open_before, glob.is_open_after) == (is_open_before, is_open_after);
        globs.iter().filter(wanted).map(|glob| glob.text.as_str()).collect::<Vec<_>>()
    };
    let (starts, mut middles, ends) = (part(false, true), part(true, true), part(true, false));
    let all_middles = middles.join(&filler);
    middles.push(&all_middles);
    let mut candidates = vec![filler.clone()];
    candidates.extend(globs.iter().map(|glob| glob.text.clone()));
    for start in std::iter::once("").chain(starts) {
        for middle in std::iter::once("").chain(middles.iter().copied()) {
            for end in std::iter::once("").chain(ends.iter().copied()) {
                candidates.push(format!("{start}{middle}{end}"));
                candidates.push(format!("{start}{filler}{middle}{filler}{end}"));
                if candidates.len() > MAX_SAMPLES {
                    return None;
                }
            }
        }
    }
    let mut seen = BTreeSet::new();
    let signature = |text: &String| globs.iter().map(|glob| glob.matches(text)).collect::<Vec<_>>();
    candidates.retain(|text| seen.insert(signature(text)));
    Some(candidates)
}

/// A word that no pattern asks for.
fn filler(globs: &BTreeSet<Glob>) -> String {
    let is_free = |word: &str| !globs.iter().any(|glob| !glob.text.is_empty() && glob.matches(word));
    let named: String = globs.iter().map(|glob| glob.text.as_str()).collect();
    let fresh = || ('a'..='z').chain('\u{a1}'..).find(|c| !named.contains(*c)).map(String::from);
    ["Something", "Another"]
        .into_iter()
        .find(|word| is_free(word))
        .map(str::to_owned)
        .or_else(fresh)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever a text is to the patterns, a sample is the same to them, unless it needs several middles.
        #[test]
        fn every_kind_of_text_has_a_sample(
            patterns in proptest::collection::btree_set("\\*?[ab]{1,3}", 1..5),
            starts in proptest::collection::btree_set("[ab]{1,3}\\*", 0..4),
            text in "[abc]{0,6}",
        ) {
            let globs: BTreeSet<Glob> = patterns.iter().chain(&starts).map(|text| Glob::new(text)).collect();
            let kind = |text: &str| globs.iter().map(|glob| glob.matches(text)).collect::<Vec<_>>();
            let samples = texts(&globs).expect("few");
            prop_assert!(samples.iter().any(|sample| kind(sample) == kind(&text)), "{:?} {}", samples, text);
        }
    }
}
