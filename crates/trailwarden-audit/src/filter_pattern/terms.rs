//! Patterns of terms: `a b` wants both, `?a ?b` either, `-a` none, wherever they stand in the text of the event.

use super::FilterPattern;
use super::evaluate::{Event, Truth};
use super::token::quoted;

/// What the text of an event must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Terms {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

/// Reads a pattern of terms.
pub(super) fn parse(text: &str) -> FilterPattern {
    let mut terms = Terms::default();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (list, after) = match rest.chars().next() {
            Some('?') => (&mut terms.any, rest.get(1..)),
            Some('-') => (&mut terms.none, rest.get(1..)),
            _ => (&mut terms.all, Some(rest)),
        };
        let after = after.unwrap_or_default().trim_start();
        if after.starts_with('%') {
            return FilterPattern::Undecided("a regular expression");
        }
        let (term, next) = match after.strip_prefix('"') {
            Some(inside) => match quoted(inside) {
                Some(found) => found,
                None => return FilterPattern::Malformed("a quotation mark does not close"),
            },
            None => {
                let end = after.find(char::is_whitespace).unwrap_or(after.len());
                let (term, next) = after.split_at(end);
                (term.to_owned(), next)
            }
        };
        list.push(term);
        rest = next.trim_start();
    }
    let is_mixed = !terms.all.is_empty() || !terms.none.is_empty();
    if !terms.any.is_empty() && is_mixed {
        return FilterPattern::Undecided("optional terms beside others");
    }
    FilterPattern::Terms(terms)
}

impl Terms {
    /// Every term it names.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.all.iter().chain(&self.any).chain(&self.none).map(String::as_str)
    }

    /// Terms are certain to stand in the text where they stand in a known field; whatever is excluded may stand in a field
    /// that is not known.
    pub(super) fn matches(&self, event: &Event) -> Truth<'_> {
        if self.none.iter().any(|term| !term.is_empty()) {
            return Truth::No;
        }
        let is_there = |term: &String| event.text().any(|text| text.contains(term.as_str()));
        let is_any = self.any.is_empty() || self.any.iter().any(is_there);
        match is_any && self.all.iter().all(is_there) {
            true => Truth::Yes,
            false => Truth::No,
        }
    }
}
