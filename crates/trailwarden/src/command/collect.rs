//! `trailwarden collect`: the organization as it is now, as one file.

use trailwarden_model::baseline::Baseline;

use super::select::select_controls;
use super::source::{Facts, collect_snapshot};
use crate::cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{check_writable, write_file, write_stdout};
use crate::settings::Settings;

/// Collects and writes a snapshot.
pub(super) fn collect(arguments: &cli::Collect, settings: &Settings) -> Result<Exit, Failure> {
    let controls = select_controls(&arguments.control)?;
    let mut facts = Facts::of_controls(&controls, &Baseline::default());
    facts.add_approval(&controls);
    arguments.output.as_deref().map_or(Ok(()), check_writable)?;
    let snapshot = collect_snapshot(&arguments.connect, &arguments.select, facts, settings)?;
    let mut text = serde_json::to_string_pretty(&snapshot)
        .map_err(|error| Failure::internal(format!("writing the snapshot: {error}")))?;
    text.push('\n');
    match &arguments.output {
        Some(path) => write_file(path, &text)?,
        None => write_stdout(&text)?,
    }
    Ok(Exit::Ok)
}
