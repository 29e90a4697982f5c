//! `cargo xtask bench evaluate`: judging alone, every control on organizations of 1,000 and 10,000 accounts.

use crate::run::{Done, cargo, run};

/// How much to look at.
#[derive(clap::Args)]
pub struct Options {
    /// Also measure each control alone.
    #[arg(long)]
    controls: bool,
    /// Only an organization of so many accounts.
    #[arg(long)]
    accounts: Option<usize>,
}

/// Runs the benchmark of the audit crate, which prints its table.
pub fn evaluate(options: &Options) -> Done {
    let mut bench = cargo();
    bench.args(["bench", "--quiet", "--package", "trailwarden-audit", "--bench", "evaluate"]);
    if options.controls {
        bench.env("TRAILWARDEN_BENCH_CONTROLS", "1");
    }
    if let Some(accounts) = options.accounts {
        bench.env("TRAILWARDEN_BENCH_ACCOUNTS", accounts.to_string());
    }
    run(&mut bench)
}
