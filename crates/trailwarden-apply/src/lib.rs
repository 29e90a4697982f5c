//! Applies a plan with a journal, recovers, rolls back and verifies, through a port.
//!
//! This crate touches AWS and time through [`Cloud`] and [`Clock`] alone, and of the disk only the run directory and a lock.
//! It decides nothing: what is done, and how it is taken back, stands in the plan.

mod bound;
mod change;
mod cloud;
mod error;
mod executor;
mod journal_file;
mod lock;
mod order;
mod preflight;
mod progress;
mod recorder;
mod recover;
mod report;
mod rollback;
mod stages;
mod verify;

pub use cloud::{Certainty, Clock, Cloud, Refusal, StageCheck};
pub use error::{ApplyError, Doubt, Stale, Staleness};
pub use executor::{Executor, Options};
pub use journal_file::{RunFiles, read};
pub use lock::Lock;
pub use progress::{Observer, Progress, Wait};
pub use report::{Fate, Fates, Instruction, Report};
pub use verify::verify_steps;
