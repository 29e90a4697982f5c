//! `trailwarden diff`: what changed between two assessments.

use trailwarden_audit::difference;
use trailwarden_model::difference::Difference;
use trailwarden_report::diff as view;

use crate::cli::{self, DiffFormat, Output};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{write_file, write_stdout};
use crate::report_file::{check_outputs, read_assessment};
use crate::run_store::file_of;
use crate::settings::Settings;

/// Compares two assessments.
pub(super) fn diff(arguments: &cli::Diff, settings: &Settings) -> Result<Exit, Failure> {
    let file = |run| file_of(&arguments.store.runs, run, settings);
    let (before, after) = (file(&arguments.before)?, file(&arguments.after)?);
    check_outputs(&arguments.output, &[&before, &after])?;
    let (before, after) = (read_assessment(&before)?, read_assessment(&after)?);
    if before.organization.id != after.organization.id {
        return Err(Failure::usage(format!(
            "these are of two organizations, {} and {}",
            before.organization.id, after.organization.id
        ))
        .hint("name two runs of one organization"));
    }
    let found = difference(&before, &after);
    let exit = match arguments.fail_on.iter().any(|alarm| found.sets_off(*alarm)) {
        true => Exit::FindingsFailed,
        false => Exit::Ok,
    };
    arguments.output.iter().try_for_each(|output| write(output, &found, exit, settings))?;
    Ok(exit)
}

fn write(output: &Output<DiffFormat>, found: &Difference, exit: Exit, settings: &Settings) -> Result<(), Failure> {
    let text = match output.format {
        DiffFormat::Table => {
            let words = format!("exit code {}: {}", exit.code(), exit.meaning_of_diff());
            view::render_text(found, &settings.view(output.path.is_some(), None, &words))
        }
        DiffFormat::Markdown => view::render_markdown(found),
        DiffFormat::Json => view::render_json(found),
    };
    let text = text.map_err(Failure::internal)?;
    match &output.path {
        Some(path) => write_file(path, &text),
        None => write_stdout(&text),
    }
}
