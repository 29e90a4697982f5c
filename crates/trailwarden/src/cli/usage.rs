//! Arguments of `scp usage`.

use std::path::PathBuf;

use clap::Args;
use trailwarden_model::usage::LogLocation;
use trailwarden_policy::Profile;

use super::output::{Choice, Output};
use super::selection::{Connect, Select};

/// A format that the answer can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageFormat {
    /// For people.
    Table,
    /// For scripts.
    Json,
    /// For a change ticket.
    Markdown,
}

impl UsageFormat {
    /// Every format, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Table, Self::Json, Self::Markdown];
}

impl Choice for UsageFormat {
    fn all() -> &'static [Self] {
        &Self::ALL
    }

    fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Markdown => "markdown",
        }
    }
}

/// Arguments of `scp usage`.
#[derive(Debug, Args)]
pub struct Usage {
    /// Where to look.
    #[command(flatten)]
    pub connect: Connect,
    /// Which accounts and regions to ask. The policies are composed for the whole organization all the same.
    #[command(flatten)]
    pub select: Select,
    /// The profile that would be applied: minimal, standard or strict; see `scp generate`.
    #[arg(id = "policy_profile", long = "profile", value_name = "minimal|standard|strict")]
    pub profile: Profile,
    /// Who may still do these things (TOML, tamper_exceptions), and quotas; see policies/baseline.toml.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// How far to look back; CloudTrail keeps its event history for 90 days.
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=90))]
    pub days: u32,
    /// Read the log files in this bucket instead: s3://BUCKET[/PREFIX], with the prefix of the trail. The role in the account that
    /// owns it needs policies/roles/log-reader.json besides; no other account is entered.
    #[arg(long, value_name = "S3-URL")]
    pub logs: Option<LogLocation>,
    /// Keep the answers in this file as they come, and go on where it stopped when it is there already.
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,
    /// The role that applies plans in members, when it is not the one that looks.
    #[arg(long, value_name = "NAME")]
    pub apply_role: Option<String>,
    /// What the roles of Landing Zone Accelerator begin with, when it was installed with another prefix.
    #[arg(long, value_name = "PREFIX", default_value = "AWSAccelerator")]
    pub accelerator_prefix: String,
    /// Write this format (table, json, markdown), to standard output or to a file. May be given several times.
    #[arg(short, long, value_name = "FORMAT[:PATH]", default_value = "table")]
    pub output: Vec<Output<UsageFormat>>,
}
