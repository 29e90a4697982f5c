//! Answers kept: what a trail takes of some events, and what some trails take together, are each decided once, however many
//! accounts and regions see the same trails in the same state.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::events::{Event, Events};
use super::union::Part;

/// A trail, by its number, and whether its state could not be read.
pub(super) type Seat = (usize, bool);

/// What some trails take together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sum {
    /// Everything.
    Covered,
    /// Perhaps everything.
    Undecided,
    /// All but this, for example, and perhaps more.
    Lost(Event),
    /// The selectors need more combinations than we are willing to look at.
    TooComplex,
}

/// What is known of some events.
#[derive(Debug, Default)]
struct Known {
    parts: BTreeMap<usize, Arc<Part>>,
    sums: BTreeMap<Vec<Seat>, Sum>,
}

/// What was decided so far, by the events asked about.
#[derive(Debug, Default)]
pub(crate) struct Memo(Mutex<BTreeMap<Events, Known>>);

impl Memo {
    /// What a trail takes of some events.
    pub(super) fn part(&self, events: &Events, trail: usize, decide: impl FnOnce() -> Part) -> Arc<Part> {
        self.of(events, |known| Arc::clone(known.parts.entry(trail).or_insert_with(|| Arc::new(decide()))))
    }

    /// What these trails take together.
    pub(super) fn sum(&self, events: &Events, seats: Vec<Seat>, decide: impl FnOnce() -> Sum) -> Sum {
        self.of(events, |known| known.sums.entry(seats).or_insert_with(decide).clone())
    }

    fn of<T>(&self, events: &Events, look: impl FnOnce(&mut Known) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(events) {
            Some(known) => look(known),
            None => look(all.entry(events.clone()).or_default()),
        }
    }
}
