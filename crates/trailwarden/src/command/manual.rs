//! `trailwarden completions` and `man`: what shells and manual readers know of the command line, made from the parser.

use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stdout;

/// Writes the completions of a shell to standard output.
pub(super) fn completions(shell: Shell) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "trailwarden", &mut text);
    write_stdout(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Ok)
}

/// Writes a manual page for every command.
pub(super) fn pages(folder: &Path) -> Result<Exit, Failure> {
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .map_err(|error| Failure::usage(format!("writing manual pages to {}: {error}", folder.display())))?;
    Ok(Exit::Ok)
}
