//! `cargo xtask bench scp`: the policy engine beside iam-simulate, on a whole organization, and on policies made to hurt.

use std::fs;
use std::path::PathBuf;

use crate::node;
use crate::run::{Done, cargo, doing, root, tell};

/// What to do with the numbers.
#[derive(clap::Args)]
pub struct Options {
    /// Also write the table to this file.
    #[arg(long)]
    write: Option<PathBuf>,
}

/// Runs the benchmark of the policy crate and prints its table.
pub fn scp(options: &Options) -> Done {
    let mut bench = cargo();
    bench.args(["bench", "--quiet", "--package", "trailwarden-policy", "--bench", "scp"]);
    bench.env("TRAILWARDEN_TEST_NODE", node::environment()?);
    let output = bench.stderr(std::process::Stdio::inherit()).output().map_err(doing("running the benchmark"))?;
    if !output.status.success() {
        return Err(format!("the benchmark ended with {}", output.status));
    }
    let table = String::from_utf8_lossy(&output.stdout);
    tell(&table);
    match &options.write {
        Some(path) => fs::write(root().join(path), table.as_bytes()).map_err(doing("writing the table")),
        None => Ok(()),
    }
}
