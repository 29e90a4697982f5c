//! `cargo xtask bench usage`: how long asking a generated fleet for its usage takes, beside the least that AWS's rate allows.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::audit::Server;
use crate::run::{Done, cargo, doing, root, run, target_dir, tell};

/// What to measure.
#[derive(clap::Args)]
pub struct Options {
    /// Accounts of the fleet.
    #[arg(long, default_value_t = 1000)]
    accounts: usize,
    /// What the server waits before each answer.
    #[arg(long, default_value = "20ms")]
    latency: String,
    /// The profile to ask for.
    #[arg(long, default_value = "minimal")]
    profile: String,
    /// Measure the development build instead of building a release.
    #[arg(long)]
    development: bool,
    /// Also write the table to this file.
    #[arg(long)]
    write: Option<PathBuf>,
}

/// Builds, asks once, prints the table.
pub fn usage(options: &Options) -> Done {
    let mut build = cargo();
    build.args(["build", "--package", "trailwarden"]);
    let folder = if options.development { "debug" } else { "release" };
    if !options.development {
        build.arg("--release");
        run(&mut build)?;
    }
    let program = target_dir().join(folder).join("trailwarden");
    let mut server = Server::start(&program, options.accounts, &options.latency)?;
    let output = Command::new(&program)
        .args(["scp", "usage", "--profile", &options.profile, "--output", "json"])
        .envs(server.environment())
        .stderr(Stdio::inherit())
        .output()
        .map_err(doing("asking"));
    server.stop()?;
    let table = render(options, &output?.stdout)?;
    tell(&table);
    match &options.write {
        Some(path) => fs::write(root().join(path), table).map_err(doing("writing the table")),
        None => Ok(()),
    }
}

fn render(options: &Options, report: &[u8]) -> Done<String> {
    let report: serde_json::Value = serde_json::from_slice(report).map_err(doing("reading the report"))?;
    let at = |pointer: &str| report.pointer(pointer).cloned().unwrap_or_default();
    if at("/is_partial") != false {
        return Err(format!("not everything was answered: {}", at("/gaps")));
    }
    let number = |name: &str| at(&format!("/pace/{name}")).as_f64().unwrap_or_default();
    Ok(format!(
        "`scp usage --profile {}` of `fleet:{}`, latency {}, server on the same machine\n\n\
         | what | value |\n|---|---|\n| account-regions | {} |\n| requests | {} |\n| wall time | {:.1} s |\n\
         | floor of two a second in each | {:.1} s |\n| floor of {} calls in flight at the speed of the answers | {:.1} s |\n\
         | ratio to the higher floor | {:.2} |\n",
        options.profile,
        options.accounts,
        options.latency,
        at("/n_places"),
        number("n_requests"),
        number("wall_seconds"),
        number("floor_of_rate_seconds"),
        number("in_flight"),
        number("floor_of_width_seconds"),
        number("ratio"),
    ))
}
