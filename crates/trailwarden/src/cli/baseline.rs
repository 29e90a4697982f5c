//! Arguments of `baseline`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::Store;

/// Arguments of `baseline`.
#[derive(Debug, Args)]
pub struct Baseline {
    /// What to do with a baseline.
    #[command(subcommand)]
    pub verb: BaselineVerb,
}

/// What to do with a baseline.
#[derive(Debug, Subcommand)]
pub enum BaselineVerb {
    /// Approve the trails that a run saw: from then on, the control trails-match-baseline fails when one differs.
    Approve(Approve),
}

/// Arguments of `baseline approve`.
#[derive(Debug, Args)]
pub struct Approve {
    /// A run that `audit --keep` kept, by its name in --runs or its folder, `latest` or `previous`; or a file that
    /// `collect` wrote.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The baseline to write the approval to (TOML); made when it is not there. Its comments and other settings stay.
    #[arg(long, value_name = "FILE")]
    pub baseline: PathBuf,
    /// Who approves; stands in the baseline with run, digests and time.
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub by: String,
    /// Only tell what would change.
    #[arg(long)]
    pub dry_run: bool,
    /// Where runs are kept.
    #[command(flatten)]
    pub store: Store,
}
