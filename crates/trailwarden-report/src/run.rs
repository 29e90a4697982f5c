//! What came of a plan, for people: a run with what is left to do, and a verification.

mod text;
mod verification;

pub use text::render_run;
pub use verification::{render_verification, render_verification_json};
