//! The words and artifact types of trailwarden: what was observed, what was judged, what is required.
//!
//! This crate knows no I/O, no clock, no environment and none of its siblings. Every other crate speaks through it.

pub mod approval;
pub mod assessment;
pub mod baseline;
pub mod control;
pub mod difference;
pub mod finding;
pub mod format;
pub mod framework;
pub mod history;
pub mod ids;
pub mod journal;
pub mod log_source;
pub mod map;
pub mod monitoring;
pub mod observed;
pub mod organization;
pub mod partition;
pub mod plan;
pub mod proposal;
pub mod snapshot;
pub mod storage;
pub mod trail;
pub mod usage;
pub mod verification;
pub mod waiver;
