//! Output formats of an assessment, one finding explained, coverage, what service control policies prove, baseline
//! files, plans and their runs, and plans for other tools: one file per format, each with its own types, versioned apart
//! from the model.
//!
//! This crate knows no terminal, environment or clock: width, colour and notices come in through [`View`], and what is long
//! goes out through a writer of the caller's.

pub mod asff;
pub mod baseline;
pub mod coverage;
pub mod csv;
pub mod diff;
mod error;
pub mod explanation;
pub mod export;
mod folded;
#[cfg(test)]
mod hostile;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
mod names;
pub mod ndjson;
pub mod ocsf;
mod page;
mod paint;
mod places;
mod plain;
pub mod plan;
mod report;
pub mod run;
#[cfg(test)]
mod sample;
pub mod sarif;
mod scope;
pub mod scp;
pub mod table;
mod words;

pub use error::ReportError;
pub use page::View;
pub use plain::plain;
pub use report::{Catalogue, ControlText, Report};
