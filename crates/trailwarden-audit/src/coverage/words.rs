//! Sets of strings made of equalities, prefixes and suffixes, as the operators of selectors make them, and a string in one.
//!
//! The algebra is small and exact. What some prefixes, suffixes and equalities have in common is one text, or everything
//! between one prefix and one suffix. Prefixes, suffixes and texts taken away from the latter leave something, unless one of
//! them takes everything: a character that none of them names tells a string apart from them all.

use std::fmt;

/// Work spent before giving up; a trail has at most 500 values, which stay far below it unless they multiply.
pub(super) const MAX_WORK: usize = 500_000;

/// The selectors need more combinations than we are willing to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the selectors are too complex to compare")]
pub struct TooComplex;

/// Takes one step of work.
pub(super) fn spend(budget: &mut usize) -> Result<(), TooComplex> {
    *budget = budget.checked_sub(1).ok_or(TooComplex)?;
    Ok(())
}

/// One value of one operator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Affix {
    /// `Equals`.
    Whole(String),
    /// `StartsWith`.
    Start(String),
    /// `EndsWith`.
    End(String),
}

impl Affix {
    /// True when a text has it.
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Whole(whole) => text == whole,
            Self::Start(start) => text.starts_with(start),
            Self::End(end) => text.ends_with(end),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Whole(text) | Self::Start(text) | Self::End(text) => text,
        }
    }
}

/// A set of strings: those with one affix of every clause and none of the excluded. The default is every string.
///
/// A field that an event does not have counts as the empty string, which no value of a selector equals, starts or ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Words {
    clauses: Vec<Vec<Affix>>,
    excluded: Vec<Affix>,
}

impl Words {
    /// The one text.
    pub fn is(text: &str) -> Self {
        Self::one_of([Affix::Whole(text.to_owned())])
    }

    /// The strings with one of these affixes.
    pub fn one_of(affixes: impl IntoIterator<Item = Affix>) -> Self {
        Self { clauses: vec![affixes.into_iter().collect()], excluded: vec![] }
    }

    /// The strings with none of these affixes.
    pub fn none_of(affixes: impl IntoIterator<Item = Affix>) -> Self {
        Self { clauses: vec![], excluded: affixes.into_iter().collect() }
    }

    /// The strings in both.
    pub fn and(mut self, other: &Self) -> Self {
        self.clauses.extend(other.clauses.iter().cloned());
        self.excluded.extend(other.excluded.iter().cloned());
        self
    }

    /// True when the text is in the set.
    pub fn contains(&self, text: &str) -> bool {
        self.clauses.iter().all(|clause| clause.iter().any(|affix| affix.matches(text)))
            && !self.excluded.iter().any(|affix| affix.matches(text))
    }

    /// True when it is plain to see that every string of the set is in the other. False says nothing.
    pub(super) fn is_plainly_within(&self, other: &Self) -> bool {
        let is_listed = |clause: &Vec<Affix>| {
            clause.iter().all(|affix| matches!(affix, Affix::Whole(text) if other.contains(text)))
        };
        let excludes_as_much = || other.excluded.iter().all(|affix| self.excluded.contains(affix));
        self.clauses.iter().any(is_listed) || (other.clauses.is_empty() && excludes_as_much())
    }

    /// Sets that together hold every other string.
    pub(super) fn complement(&self) -> Vec<Self> {
        let mut parts: Vec<Self> = self.clauses.iter().map(|clause| Self::none_of(clause.iter().cloned())).collect();
        if !self.excluded.is_empty() {
            parts.push(Self::one_of(self.excluded.iter().cloned()));
        }
        parts
    }

    /// A string of the set, one of `usual` where possible; none when the set is empty.
    pub(super) fn example(&self, usual: &[&str], budget: &mut usize) -> Result<Option<String>, TooComplex> {
        match usual.iter().find(|text| self.contains(text)) {
            Some(text) => Ok(Some((*text).to_owned())),
            None => self.within(Span::default(), 0, budget),
        }
    }

    /// A string of the span that satisfies the clauses from the given one on.
    fn within(&self, span: Span<'_>, clause: usize, budget: &mut usize) -> Result<Option<String>, TooComplex> {
        spend(budget)?;
        let Some(affixes) = self.clauses.get(clause) else { return Ok(self.member(span)) };
        for narrower in affixes.iter().filter_map(|affix| span.narrowed(affix)) {
            if let Some(found) = self.within(narrower, clause + 1, budget)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// A string of the span that nothing excludes.
    fn member(&self, span: Span<'_>) -> Option<String> {
        let candidate = match span {
            Span::One(text) => text.to_owned(),
            Span::Between(start, end) => {
                let named: String = self.excluded.iter().map(Affix::text).collect();
                let readable =
                    ["example", "another", "something"].into_iter().map(|word| format!("{start}{word}{end}"));
                let fresh =
                    ('a'..='z').chain('\u{a1}'..).find(|c| !named.contains(*c)).map(|c| format!("{start}{c}{end}"));
                readable.chain(fresh).find(|text| self.contains(text))?
            }
        };
        self.contains(&candidate).then_some(candidate)
    }
}

/// What some affixes have in common.
#[derive(Debug, Clone, Copy)]
enum Span<'a> {
    /// One text.
    One(&'a str),
    /// Everything that starts and ends so; the two may overlap.
    Between(&'a str, &'a str),
}

impl Default for Span<'_> {
    fn default() -> Self {
        Self::Between("", "")
    }
}

impl<'a> Span<'a> {
    /// The part of the span that has one more affix; none when there is none.
    fn narrowed(self, affix: &'a Affix) -> Option<Self> {
        match (self, affix) {
            (Self::One(text), affix) => affix.matches(text).then_some(self),
            (Self::Between(start, end), Affix::Whole(text)) => {
                (text.starts_with(start) && text.ends_with(end)).then_some(Self::One(text))
            }
            (Self::Between(start, end), Affix::Start(more)) => {
                let longer = if more.len() > start.len() { more } else { start };
                (longer.starts_with(start) && longer.starts_with(more.as_str())).then_some(Self::Between(longer, end))
            }
            (Self::Between(start, end), Affix::End(more)) => {
                let longer = if more.len() > end.len() { more } else { end };
                (longer.ends_with(end) && longer.ends_with(more.as_str())).then_some(Self::Between(start, longer))
            }
        }
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clauses = self.clauses.iter().map(|clause| listed(clause, ["is", "starts with", "ends with"], " or "));
        let excluded = (!self.excluded.is_empty())
            .then(|| listed(&self.excluded, ["is not", "does not start with", "does not end with"], " and "));
        f.write_str(&clauses.chain(excluded).collect::<Vec<_>>().join(" and "))
    }
}

/// `is a or starts with b`, cut after a few.
fn listed(affixes: &[Affix], [is, starts, ends]: [&str; 3], between: &str) -> String {
    const MAX_LISTED: usize = 3;
    let word = |affix: &Affix| match affix {
        Affix::Whole(text) => format!("{is} {text}"),
        Affix::Start(text) => format!("{starts} {text}"),
        Affix::End(text) => format!("{ends} {text}"),
    };
    let mut words: Vec<String> = affixes.iter().take(MAX_LISTED).map(word).collect();
    if let Some(more @ 1..) = affixes.len().checked_sub(MAX_LISTED) {
        words.push(format!("{more} more"));
    }
    words.join(between)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn example(words: &Words) -> Option<String> {
        words.example(&[], &mut MAX_WORK.clone()).expect("small")
    }

    fn start(text: &str) -> Affix {
        Affix::Start(text.to_owned())
    }

    fn end(text: &str) -> Affix {
        Affix::End(text.to_owned())
    }

    fn whole(text: &str) -> Affix {
        Affix::Whole(text.to_owned())
    }

    #[test]
    fn a_longer_prefix_lies_inside_a_shorter_one_and_not_the_other_way_round() {
        let minus = |inside: Affix, outside: Affix| example(&Words::one_of([inside]).and(&Words::none_of([outside])));
        assert_eq!(minus(start("ab"), start("a")), None);
        assert!(minus(start("a"), start("ab")).is_some());
        assert_eq!(minus(end("xyz"), end("yz")), None);
        assert_eq!(minus(whole("abc"), start("ab")), None);
        assert!(minus(start("ab"), whole("ab")).is_some());
        assert!(minus(start("a"), end("a")).is_some());
    }

    #[test]
    fn prefix_and_suffix_may_overlap_in_a_whole_text() {
        let both = Words::one_of([start("ab")]).and(&Words::one_of([end("bc")])).and(&Words::is("abc"));
        assert_eq!(example(&both).as_deref(), Some("abc"));
    }

    #[test]
    fn values_that_multiply_are_given_up() {
        let many = |n: usize| (0..n).map(|n| start(&"x".repeat(n + 1))).collect::<Vec<_>>();
        let words = (0..6).fold(Words::none_of([start("x")]), |words, _| words.and(&Words::one_of(many(50))));
        assert_eq!(words.example(&[], &mut MAX_WORK.clone()), Err(TooComplex));
    }

    fn affix() -> impl Strategy<Value = Affix> {
        ("[ab]{1,3}", 0..3).prop_map(|(text, kind)| match kind {
            0 => Affix::Whole(text),
            1 => Affix::Start(text),
            _ => Affix::End(text),
        })
    }

    fn words() -> impl Strategy<Value = Words> {
        let clause = prop::collection::vec(affix(), 1..4);
        (prop::collection::vec(clause, 0..4), prop::collection::vec(affix(), 0..4))
            .prop_map(|(clauses, excluded)| Words { clauses, excluded })
    }

    /// All strings of up to five characters; `c` stands for those that no value names.
    fn strings() -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..5 {
            last = last.iter().flat_map(|text| ["a", "b", "c"].map(|c| format!("{text}{c}"))).collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    proptest! {
        #[test]
        fn an_example_is_found_exactly_when_there_is_a_string(words in words()) {
            let found = example(&words);
            if let Some(text) = &found {
                prop_assert!(words.contains(text), "{text:?}");
            }
            prop_assert!(found.is_some() || !strings().iter().any(|text| words.contains(text)));
        }

        #[test]
        fn every_string_is_in_a_set_or_in_its_complement(words in words(), text in "[abc]{0,5}") {
            let outside = words.complement().iter().any(|part| part.contains(&text));
            prop_assert_ne!(words.contains(&text), outside);
        }

        #[test]
        fn what_is_plainly_within_leaves_nothing_outside(inner in words(), outer in words()) {
            if inner.is_plainly_within(&outer) {
                prop_assert!(strings().iter().all(|text| !inner.contains(text) || outer.contains(text)));
            }
        }
    }
}
