//! Output formats of an assessment, one finding explained, coverage, what service control policies prove, baseline
//! files, plans and their runs, and plans for other tools: one file per format, each with its own types, versioned apart
//! from the model.
//!
//! This crate knows no terminal, environment or clock: width, colour and notices come in through [`View`] and
//! [`table::View`].

pub mod baseline;
pub mod coverage;
mod error;
pub mod explanation;
pub mod export;
pub mod json;
mod names;
mod page;
mod paint;
mod plain;
pub mod plan;
pub mod run;
#[cfg(test)]
mod sample;
pub mod scp;
pub mod table;

pub use error::ReportError;
pub use page::View;
