//! The command line of trailwarden: terminal, environment, clock and the wiring of the other crates.
//!
//! It is a library so that the reference pages are made from, and checked against, the parser and the exit codes
//! themselves.

mod baseline_file;
pub mod cli;
mod command;
mod digest;
pub mod exit;
mod failure;
pub mod framework_file;
mod nearest;
mod output;
mod plan_file;
mod report_file;
pub mod run;
mod run_progress;
pub mod run_store;
pub mod settings;
pub mod signature;
mod snapshot_file;
mod terminal;
mod toml_file;
mod usage_file;
mod waiver_file;
