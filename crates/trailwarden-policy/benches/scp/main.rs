//! `cargo xtask bench scp`: evaluations per second beside iam-simulate, the proof of a whole organization, and the worst time on
//! policies made to hurt. Prints lines of a Markdown table.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark may stop where a test may")]
#![expect(dead_code, reason = "it shares modules with tests that need more of them")]

// The same cases as in the tests that compare the engine with other evaluators.
#[path = "../../tests/independent/dice.rs"]
mod dice;
#[path = "../../tests/independent/hostile.rs"]
mod hostile;
#[path = "../../tests/independent/organization.rs"]
mod organization;
#[path = "../../tests/independent/iam_simulate/process.rs"]
mod process;
#[path = "../../tests/independent/random.rs"]
mod random;

mod evaluations;
mod fleet;
mod worst;

use std::io::{Write, stdout};

fn main() -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "| what | value |\n|---|---|")?;
    evaluations::measure(&mut out)?;
    fleet::measure(&mut out)?;
    worst::measure(&mut out)?;
    out.flush()
}
