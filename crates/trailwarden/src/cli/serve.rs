//! Arguments of `sandbox serve`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

/// How to serve a scenario.
#[derive(Debug, Args)]
pub struct Serve {
    /// The scenario: a name from `trailwarden sandbox scenarios`, or a file in their format whose name ends in .toml.
    #[arg(long, value_name = "NAME|FILE", default_value = "acme")]
    pub scenario: String,
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// Wait this long before each answer, for example 20ms.
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = duration)]
    pub latency: Duration,
    /// Refuse calls that come faster than AWS allows, with AWS's own codes.
    #[arg(long, value_enum, default_value_t = Switch::On)]
    pub throttle: Switch,
    /// Keep changes in this file: read at the start when it exists, written after each change.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Let policies, roles, trusted access, new keys and new trails count only after this time, as in AWS; for example 2s.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub propagation: Duration,
    /// Let the sandbox's clock run ahead by this time, to look at a kept state later; for example 2h.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub later: Duration,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a time such as 20ms or 1s");
    let signed: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(signed).map_err(|_| wrong())
}
