//! Answers kept: accounts that were set up alike have the same filters, whose patterns are compared once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Cover, Family, cover};
use crate::filter_pattern::FilterPattern;

/// What patterns see, by the family and by the patterns as stored.
#[derive(Debug, Default)]
pub(crate) struct Covers(Mutex<BTreeMap<&'static str, BTreeMap<Vec<String>, Cover>>>);

impl Covers {
    /// Whether these patterns together see each event of a family.
    pub(crate) fn of(&self, family: &Family, patterns: &[&str]) -> Cover {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let decide = || {
            let patterns: Vec<FilterPattern> = patterns.iter().map(|pattern| FilterPattern::parse(pattern)).collect();
            cover(family, &patterns.iter().collect::<Vec<_>>())
        };
        let key = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        all.entry(family.part).or_default().entry(key).or_insert_with(decide).clone()
    }
}
