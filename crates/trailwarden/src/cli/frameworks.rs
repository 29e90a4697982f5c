//! `frameworks`.

use clap::{Args, Subcommand};

/// Arguments of `frameworks`.
#[derive(Debug, Args)]
pub struct Frameworks {
    /// What to show; the list when left out.
    #[command(subcommand)]
    pub verb: Option<FrameworksVerb>,
}

/// What to show of the frameworks.
#[derive(Debug, Subcommand)]
pub enum FrameworksVerb {
    /// Show one framework: its requirements, and the controls that answer each.
    Show {
        /// Its id, as `trailwarden frameworks` lists it.
        id: String,
    },
}
