//! The audit: a pure function from a snapshot and a baseline to findings. No AWS, no clock, no environment.
//!
//! [`engine::assess`] is the only loop over resources; each file under `controls` judges one thing.

mod alarms;
pub mod approval;
pub mod control;
pub mod controls;
#[cfg(test)]
mod corpus;
pub mod coverage;
mod cx;
mod delivery;
mod demand;
mod difference;
pub mod engine;
mod event_families;
mod event_pattern;
mod filter_pattern;
pub mod frameworks;
mod gone;
mod guardrail;
mod holdings;
pub mod inputs;
mod plain;
mod proof;
pub mod proposal;
mod reach;
mod retention;
mod service;
mod stranger;
mod summary;
#[cfg(test)]
mod testing;
mod verdict;
pub mod waivers;

pub use control::Control;
pub use coverage::CoverageMap;
pub use difference::difference;
pub use engine::assess;
pub use event_families::{MonitoredFamily, monitored_families};
pub use guardrail::{Guardrail, Guardrails};
