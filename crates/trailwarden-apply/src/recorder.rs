//! The one writer of a journal, shared by steps that are made side by side.

use std::sync::{Mutex, MutexGuard, PoisonError};

use trailwarden_model::journal::{Event, Run};

use crate::cloud::Clock;
use crate::error::ApplyError;
use crate::journal_file::Journal;
use crate::progress::{Observer, Progress};

/// Writes events one after the other, and tells who listens of each that is on disk.
pub(crate) struct Recorder<'a, K> {
    journal: Mutex<Journal>,
    clock: &'a K,
    observer: &'a dyn Observer,
}

impl<'a, K: Clock> Recorder<'a, K> {
    pub(crate) fn new(journal: Journal, clock: &'a K, observer: &'a dyn Observer) -> Self {
        Self { journal: Mutex::new(journal), clock, observer }
    }

    /// Returns when the event is on disk. After an error the run must end: nothing may happen that is not written.
    pub(crate) fn record(&self, event: Event) -> Result<(), ApplyError> {
        let line = self.journal().append(self.clock.now(), event)?;
        self.observer.hear(&Progress::Written(&line));
        Ok(())
    }

    /// The state so far.
    pub(crate) fn run(&self) -> Run {
        self.journal().run().clone()
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
