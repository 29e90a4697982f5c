//! `trailwarden init`: a baseline file from what the organization shows.

use trailwarden_audit::proposal::{NEEDS, propose};
use trailwarden_report::baseline;

use super::source::{Facts, collect_snapshot, read_snapshot};
use crate::cli::{self, Select};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{check_writable, write_file, write_stdout};
use crate::settings::Settings;

/// Looks, and writes what a baseline may want to say.
pub(super) fn init(arguments: &cli::Init, settings: &Settings) -> Result<Exit, Failure> {
    if let Some(path) = &arguments.output {
        if path.exists() && !arguments.force {
            return Err(Failure::usage(format!("{} exists", path.display()))
                .hint("name another file, or overwrite this one with --force"));
        }
        check_writable(path)?;
    }
    let snapshot = match &arguments.source.snapshot {
        Some(path) => read_snapshot(path)?,
        None => collect_snapshot(&arguments.source.connect, &Select::default(), Facts::only(&NEEDS), settings)?,
    };
    let text = baseline::render(&propose(&snapshot));
    match &arguments.output {
        Some(path) => write_file(path, &text)?,
        None => write_stdout(&text)?,
    }
    Ok(Exit::Ok)
}
