//! The command line: parsed arguments, which validate and never act.

mod output;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use self::output::{Format, Output};

/// Is every API call in every account and region of an AWS organization recorded, intact, kept, and out of reach of the
/// people it watches?
#[derive(Debug, Parser)]
#[command(name = "trailwarden", version, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Audit a snapshot of an organization: judge it, report.
    Audit(Box<Audit>),
    /// List the controls, or show one.
    Controls(Controls),
}

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// Audit this snapshot.
    #[arg(long, value_name = "FILE")]
    pub snapshot: PathBuf,
    /// Judge only these controls; see `trailwarden controls`.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub control: Vec<String>,
    /// What the organization requires (TOML); see policies/baseline.toml.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write this format, to standard output or to a file. May be given several times.
    #[arg(short, long, value_name = "FORMAT[:PATH]", default_value = "table")]
    pub output: Vec<Output>,
}

/// Arguments of `controls`.
#[derive(Debug, Args)]
pub struct Controls {
    /// What to show; the list when left out.
    #[command(subcommand)]
    pub verb: Option<ControlsVerb>,
}

/// What to show of the controls.
#[derive(Debug, Subcommand)]
pub enum ControlsVerb {
    /// Show one control: what it judges, why it matters, what to do when it fails.
    Show {
        /// Its id, as `trailwarden controls` lists it.
        id: String,
    },
}
