//! `trailwarden report`: an assessment that was kept, rendered again.

use std::path::Path;
use std::slice;

use super::{push, sign};
use crate::cli::{self, Format, Output, ReportVerb};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report_file::{Written, check_outputs, read_assessment};
use crate::run_store::file_of;
use crate::settings::Settings;
use crate::signature::beside;

/// What is written when nothing is asked for.
pub(super) const TABLE: Output = Output { format: Format::Table, path: None };

/// Renders a run, or does something else with it.
pub(super) fn report(arguments: &cli::Report, settings: &Settings) -> Result<Exit, Failure> {
    match (&arguments.verb, &arguments.run) {
        (Some(ReportVerb::Sign(arguments)), _) => sign::sign(arguments, settings),
        (Some(ReportVerb::Check(arguments)), _) => sign::check(arguments, settings),
        (Some(ReportVerb::Push(arguments)), _) => push::push(&arguments.verb, settings),
        (None, Some(run)) => render(arguments, run, settings),
        (None, None) => Err(Failure::usage("no run given").hint("see `trailwarden report --help`")),
    }
}

fn render(arguments: &cli::Report, run: &Path, settings: &Settings) -> Result<Exit, Failure> {
    let (runs, thresholds) = (&arguments.store.runs, &arguments.thresholds);
    let file = file_of(runs, run, settings)?;
    check_outputs(&arguments.output, &[&file, &beside(&file)])?;
    let assessment = read_assessment(&file)?;
    let exit = Exit::of_assessment(&assessment, thresholds.fail_on);
    let words = exit.words_of_assessment(&assessment, thresholds.fail_on);
    let min_severity = thresholds.min_severity;
    let written = Written { assessment: &assessment, min_severity, runs, exit: &words, settings };
    written.write(outputs(&arguments.output, settings))?;
    Ok(exit)
}

/// What was asked for; the table when nothing was, and nobody asked for quiet.
pub(super) fn outputs<'a>(asked: &'a [Output], settings: &Settings) -> &'a [Output] {
    match asked {
        [] if !settings.quiet => slice::from_ref(&TABLE),
        asked => asked,
    }
}
