//! `cargo xtask docs`: the integration test that compares the generated pages also writes them.

use crate::run::{Done, cargo, run};

/// Writes the pages, or only tells whether they are fresh.
pub fn docs(check: bool) -> Done {
    let mut command = cargo();
    command.args(["test", "--quiet", "--package", "trailwarden", "--test", "it", "--", "docs_fresh::generated"]);
    if !check {
        command.env("TRAILWARDEN_WRITE_DOCS", "1");
    }
    run(&mut command)
}
