//! `html`: one page for people, with everything that it needs inside. Verdicts and what is open are markup; the findings are
//! packed for the script, which shows, filters and sorts them. Nothing is fetched: the page's own policy forbids it.

mod covered;
mod frameworks;
mod grid;
mod intern;
mod mark;
mod open;
mod pack;
mod page;
mod sight;
#[cfg(test)]
mod tests;
mod tree;
mod trend;

use std::io::{self, Write};

use askama::Template;
use trailwarden_model::framework::FrameworkAnswers;

use crate::report::Report;
use page::Page;
pub use trend::Point;

/// What a page says besides the assessment.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// A line that belongs at the top, for example that this is the sandbox.
    pub notice: Option<&'a str>,
    /// What the exit code of this run means.
    pub exit: &'a str,
    /// What the run says about frameworks whose controls it all judged.
    pub frameworks: &'a [FrameworkAnswers],
    /// Earlier runs that are kept and comparable, the oldest first, and this one at the end.
    pub trend: &'a [Point],
}

/// Writes the page.
///
/// # Errors
/// When the writer fails.
pub fn render(report: &Report<'_>, around: &Around<'_>, out: &mut dyn Write) -> io::Result<()> {
    Page::new(*report, around)?.write_into(out)
}
