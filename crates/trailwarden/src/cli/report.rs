//! Arguments of `report`, `diff` and `runs`, and what they share with `audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use trailwarden_model::control::Severity;
use trailwarden_model::difference::Alarm;

use super::output::{Choice, Output};
use super::push::Push;
use super::scp::View;
use super::signature::{CheckSignature, Sign};
use crate::nearest::nearest;

/// Where runs of audits are kept.
#[derive(Debug, Args)]
pub struct Store {
    /// The folder that keeps the runs.
    #[arg(long, value_name = "FOLDER", default_value = "trailwarden-runs")]
    pub runs: PathBuf,
}

/// Which findings are shown, and which decide the exit code.
#[derive(Debug, Args)]
pub struct Thresholds {
    /// Show only findings of this severity or worse: informational, low, medium, high, critical. The others are counted.
    /// The JSON always has all of them.
    #[arg(long, value_name = "SEVERITY", default_value = "informational", value_parser = severity)]
    pub min_severity: Severity,
    /// Let only findings of this severity or worse decide the exit code.
    #[arg(long, value_name = "SEVERITY", default_value = "informational", value_parser = severity)]
    pub fail_on: Severity,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { min_severity: Severity::Informational, fail_on: Severity::Informational }
    }
}

pub(super) fn severity(text: &str) -> Result<Severity, String> {
    let all = [Severity::Informational, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    choose("severity", text, &all, Severity::as_str)
}

fn alarm(text: &str) -> Result<Alarm, String> {
    choose("change", text, &Alarm::all(), Alarm::as_str)
}

/// The one of these values that has this name.
fn choose<T: Copy>(what: &str, text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| {
        let names: Vec<&str> = all.iter().copied().map(name).collect();
        let meant =
            nearest(text, names.iter().copied()).map(|meant| format!("did you mean {meant}? ")).unwrap_or_default();
        format!("unknown {what} {text:?}; {meant}choose from {}", names.join(", "))
    })
}

/// Arguments of `report`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Report {
    /// What to do with the run instead of rendering it.
    #[command(subcommand)]
    pub verb: Option<ReportVerb>,
    /// A file that `audit -o json:FILE` wrote, a run by its name in --runs or its folder, or `latest` or `previous`.
    #[arg(value_name = "RUN", required = true)]
    pub run: Option<PathBuf>,
    /// Where runs are kept.
    #[command(flatten)]
    pub store: Store,
    /// What is shown.
    #[command(flatten)]
    pub thresholds: Thresholds,
    /// Write this format, to standard output or to a file. May be given several times. The table when left out.
    #[arg(short, long, value_name = "FORMAT[:PATH]")]
    pub output: Vec<Output>,
}

/// What to do with a run instead of rendering it.
#[derive(Debug, Subcommand)]
pub enum ReportVerb {
    /// Sign the assessment of a run: a signature in a file beside it, FILE.sig.
    Sign(Box<Sign>),
    /// Check the signature of an assessment, and show what it was made from. Exit code 41 when it does not hold.
    Check(Box<CheckSignature>),
    /// Send the findings of a run to where people work on them.
    Push(Push),
}

/// A format that a difference can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffFormat {
    /// For people.
    Table,
    /// For a pull request.
    Markdown,
    /// `trailwarden.difference/1.0`.
    Json,
}

impl DiffFormat {
    /// Every format, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Table, Self::Markdown, Self::Json];
}

impl Choice for DiffFormat {
    fn all() -> &'static [Self] {
        &Self::ALL
    }

    fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Markdown => "markdown",
            Self::Json => "json",
        }
    }
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The earlier assessment: a file that `audit -o json:FILE` wrote, a run by its name or folder, or `previous`: the
    /// newest before the latest that looked at the same accounts, regions and controls.
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// The later one, likewise; or `latest`.
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
    /// Where runs are kept.
    #[command(flatten)]
    pub store: Store,
    /// End with exit code 10 when findings changed so: new, unread, reason, gone, waived, fixed, still; or when there are
    /// trails-gone, trails-unread, accounts-vanished, or owners that are others. A gate against regressions:
    /// new,unread,trails-gone,trails-unread,owners.
    #[arg(long, value_name = "CHANGE", num_args = 1.., value_delimiter = ',', value_parser = alarm)]
    pub fail_on: Vec<Alarm>,
    /// Write this format (table, markdown or json), to standard output or to a file. May be given several times.
    #[arg(short, long, value_name = "FORMAT[:PATH]", default_value = "table")]
    pub output: Vec<Output<DiffFormat>>,
}

/// Arguments of `runs`.
#[derive(Debug, Args)]
pub struct KeptRuns {
    /// What to do with the runs.
    #[command(subcommand)]
    pub verb: RunsVerb,
}

/// What to do with the runs of audits that are kept.
#[derive(Debug, Subcommand)]
pub enum RunsVerb {
    /// List the runs, the oldest first.
    List {
        /// Where runs are kept.
        #[command(flatten)]
        store: Store,
        /// How to write the list.
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: View,
    },
    /// Show one run: what it was made from, and its verdicts.
    Show {
        /// Its name in --runs or its folder, or `latest` or `previous`.
        #[arg(value_name = "RUN")]
        run: PathBuf,
        /// Where runs are kept.
        #[command(flatten)]
        store: Store,
        /// How to write it.
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: View,
    },
    /// Remove old runs of audits. Runs of plans stay: they hold the way back.
    Prune {
        /// Keep so many of the newest runs of each organization.
        #[arg(long, value_name = "N", required_unless_present = "older_than")]
        keep: Option<usize>,
        /// Remove only what was collected more than so many days ago.
        #[arg(long, value_name = "DAYS")]
        older_than: Option<u32>,
        /// Only tell what would be removed.
        #[arg(long)]
        dry_run: bool,
        /// Where runs are kept.
        #[command(flatten)]
        store: Store,
    },
}
