//! What the environment says: clock, colour, width. The only reader of environment variables and of the clock.

use std::ffi::OsStr;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use trailwarden_report::View;

/// Columns when the output goes to no terminal and `COLUMNS` does not say.
const DEFAULT_WIDTH: usize = 100;
/// Lines longer than this are hard to read, however wide the terminal.
const MAX_WIDTH: usize = 140;

/// The environment of one run, read once at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The time at the start.
    pub now: Timestamp,
    started: Instant,
    /// Columns of standard output.
    pub width: usize,
    /// Whether standard output may carry colours.
    pub colour: bool,
    /// Whether standard error is a terminal, so that progress may be drawn there.
    pub progress: bool,
    /// Whether nothing but errors goes to standard error.
    pub quiet: bool,
}

/// Columns of text that is written to a file.
const FILE_WIDTH: usize = 120;

impl Settings {
    /// The view of text for a file, or for the terminal.
    pub(crate) fn view<'a>(&self, is_file: bool, notice: Option<&'a str>, exit: &'a str) -> View<'a> {
        let (width, colour) = if is_file { (FILE_WIDTH, false) } else { (self.width, self.colour) };
        View { width, colour, notice, exit }
    }

    /// Reads clock, environment and terminal.
    pub fn from_environment() -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let no_colour = is_set(std::env::var_os("NO_COLOR").as_deref());
        Self {
            now: Timestamp::now(),
            started: Instant::now(),
            width: width(),
            colour: std::io::stdout().is_terminal() && !is_dumb && !no_colour,
            progress: std::io::stderr().is_terminal() && !is_dumb,
            quiet: false,
        }
    }

    /// The same, without progress and remarks when `quiet`.
    pub fn quietly(&self, quiet: bool) -> Self {
        Self { quiet, progress: self.progress && !quiet, ..self.clone() }
    }

    /// How long this run has taken so far.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The clock, for what keeps running: the sandbox.
    pub fn clock() -> Timestamp {
        Timestamp::now()
    }
}

/// `NO_COLOR` counts when it is present and not empty.
fn is_set(value: Option<&OsStr>) -> bool {
    value.is_some_and(|value| !value.is_empty())
}

fn width() -> usize {
    let named = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = terminal_size::terminal_size_of(std::io::stdout()).map(|(columns, _)| usize::from(columns.0));
    terminal.or(named).unwrap_or(DEFAULT_WIDTH).min(MAX_WIDTH)
}
