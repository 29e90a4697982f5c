//! Applies a plan with a journal, recovers, rolls back and verifies, through a port.

mod cloud;

pub use cloud::{Certainty, Clock, Cloud, Refusal};
