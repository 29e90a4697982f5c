//! Arguments of `sandbox serve`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

/// How to serve a scenario.
#[derive(Debug, Args)]
pub struct Serve {
    /// The scenario; see `trailwarden sandbox scenarios`.
    #[arg(long, value_name = "NAME", default_value = "acme")]
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
    /// Keep changes in this file: read at the start when it exists, written when serving ends.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
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
