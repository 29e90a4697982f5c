//! What a run tells while it goes: lines of its journal, and why it waits. Who hears it shows it; nobody answers.

use trailwarden_model::journal::Line;
use trailwarden_model::plan::{Step, StepId};

/// Hears what happens.
pub trait Observer: Sync {
    /// One thing happened. Called in the middle of the work: it must not block.
    fn hear(&self, progress: &Progress<'_>);
}

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress<'a> {
    /// A step's turn has come: it is being looked at.
    Turn(&'a Step),
    /// A line is in the journal and on disk.
    Written(&'a Line),
    /// A step waits.
    Waiting {
        /// The step.
        step: &'a str,
        /// What for.
        wait: Wait,
    },
    /// A step is not begun, or on the way back stays as it is, because another one failed.
    Held {
        /// The step.
        step: &'a str,
        /// The other one.
        by: StepId,
    },
}

/// What a step waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// For the change, which AWS accepted, to be seen.
    Effect,
    /// For something written before to count everywhere; AWS refuses with this code until then.
    Propagation(String),
    /// AWS is too busy.
    Throttled,
    /// No answer came: what happened is being found out.
    Doubt,
}
