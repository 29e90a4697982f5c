//! One run from arguments to exit code: parse, dispatch, tell what went wrong.

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;

use crate::cli::Cli;
use crate::command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{write_stderr, write_stdout};
use crate::settings::Settings;

/// Runs the command that the arguments ask for.
pub fn run(arguments: impl IntoIterator<Item = OsString>, settings: &Settings) -> Exit {
    let done = match Cli::try_parse_from(arguments) {
        Ok(cli) => command::run(&cli.verb, &settings.quietly(cli.quiet)),
        Err(error) => answer(&error),
    };
    done.unwrap_or_else(|failure| {
        write_stderr(&failure.render());
        failure.exit()
    })
}

/// Help and version are results; everything else the parser says is a usage error.
fn answer(error: &clap::Error) -> Result<Exit, Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            write_stdout(&error.render().to_string())?;
            Ok(Exit::Ok)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Err(Failure::usage("no command given").hint("see `trailwarden --help`"))
        }
        _ => Err(usage_error(&error.render().to_string())),
    }
}

/// The parser's message as one line, and its tip as the hint.
fn usage_error(rendered: &str) -> Failure {
    let mut paragraphs = rendered.split("\n\n");
    let message = paragraphs.next().unwrap_or_default().trim_start_matches("error: ");
    let tip = paragraphs.clone().find_map(|paragraph| paragraph.trim().strip_prefix("tip: "));
    let usage = paragraphs.find_map(|paragraph| paragraph.trim().strip_prefix("Usage: "));
    let failure = Failure::usage(message);
    match (tip, usage) {
        (Some(tip), _) => failure.hint(tip),
        (None, Some(usage)) => failure.hint(format!("usage: {usage}")),
        (None, None) => failure.hint("see `trailwarden --help`"),
    }
}
