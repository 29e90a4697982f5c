//! Arguments of `report push`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use trailwarden_model::control::Severity;

use super::report::severity;
use super::{Connect, Store};

/// Arguments of `report push`.
#[derive(Debug, Args)]
pub struct Push {
    /// Where to send the findings.
    #[command(subcommand)]
    pub verb: PushVerb,
}

/// Where to send the findings.
#[derive(Debug, Subcommand)]
pub enum PushVerb {
    /// Security Hub, in every account and region that has findings, from there. Also findings that pass are sent, so that
    /// what failed before is seen to pass. Exit code 30 when findings were refused or could not be sent.
    Securityhub(Box<SecurityHub>),
}

/// Arguments of `report push securityhub`.
#[derive(Debug, Args)]
pub struct SecurityHub {
    /// A file that `audit -o json:FILE` wrote, a run by its name in --runs or its folder, or `latest` or `previous`.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// Whose accounts. The role needs what policies/roles/security-hub-member.json says.
    #[command(flatten)]
    pub connect: Connect,
    /// Send only findings of this severity or worse: informational, low, medium, high, critical.
    #[arg(long, value_name = "SEVERITY", default_value = "informational", value_parser = severity)]
    pub min_severity: Severity,
    /// Only tell how many findings would be sent where; asks nobody.
    #[arg(long)]
    pub dry_run: bool,
    /// Where runs are kept.
    #[command(flatten)]
    pub store: Store,
}
