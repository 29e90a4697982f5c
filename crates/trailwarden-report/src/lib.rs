//! Output formats of an assessment, one finding explained, coverage, what service control policies prove, and baseline files:
//! one file per format, each with its own types, versioned apart from the model.
//!
//! This crate knows no terminal, environment or clock: width, colour and notices come in through [`table::View`].

pub mod baseline;
pub mod coverage;
mod error;
pub mod explanation;
pub mod json;
mod names;
mod paint;
#[cfg(test)]
mod sample;
pub mod scp;
pub mod table;

pub use error::ReportError;
