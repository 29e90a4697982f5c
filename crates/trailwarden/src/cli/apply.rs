//! Arguments of `apply`, `rollback` and `verify`.

use std::path::PathBuf;

use clap::Args;

use super::scp::View;
use super::selection::Connect;

/// Where runs are kept, and how AWS is reached.
#[derive(Debug, Args)]
pub struct Runs {
    /// The folder that keeps the runs: plan, journal and verification of each.
    #[arg(long, value_name = "FOLDER", default_value = "trailwarden-runs")]
    pub runs: PathBuf,
    /// Where to look and to act.
    #[command(flatten)]
    pub connect: Connect,
}

/// What the controls that a plan touches are judged by afterwards.
#[derive(Debug, Args)]
pub struct Judge {
    /// What the organization requires (TOML), as for the plan.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Failures that somebody accepts for a time (TOML), as for the plan.
    #[arg(long, value_name = "FILE")]
    pub waivers: Option<PathBuf>,
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
pub struct Apply {
    /// The plan, as `trailwarden plan -o json:FILE` wrote it.
    #[arg(value_name = "PLAN", required_unless_present = "resume")]
    pub plan: Option<PathBuf>,
    /// Go on with a run that was interrupted or is incomplete, by its folder or its name in --runs.
    #[arg(long, value_name = "RUN", conflicts_with = "plan")]
    pub resume: Option<PathBuf>,
    /// Approve the plan with this digest instead of typing; for automation.
    #[arg(long, value_name = "DIGEST", conflicts_with = "resume")]
    pub approve: Option<String>,
    /// Roll back at once when a step fails.
    #[arg(long)]
    pub roll_back_on_failure: bool,
    /// Stay while a stage soaks, and go on with the next; without it the run ends there, to be resumed.
    #[arg(long)]
    pub wait: bool,
    /// Runs and access.
    #[command(flatten)]
    pub runs: Runs,
    /// Judging afterwards.
    #[command(flatten)]
    pub judge: Judge,
}

/// Arguments of `rollback`.
#[derive(Debug, Args)]
pub struct Rollback {
    /// The run, by its folder or its name in --runs.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Runs and access.
    #[command(flatten)]
    pub runs: Runs,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The run, by its folder or its name in --runs.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// Runs and access.
    #[command(flatten)]
    pub runs: Runs,
    /// Judging afterwards.
    #[command(flatten)]
    pub judge: Judge,
    /// How to write the verification.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: View,
}
