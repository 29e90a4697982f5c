//! `html`: one page for people, with everything that it needs inside. Verdicts and what is open are markup; the findings are
//! packed for the script, which shows, filters and sorts them. Nothing is fetched: the page's own policy forbids it.

mod intern;
mod open;
mod pack;
mod page;
#[cfg(test)]
mod tests;
mod words;

use std::io::{self, Write};

use askama::Template;

use crate::report::Report;
use page::Page;

/// What a page says besides the assessment.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// A line that belongs at the top, for example that this is the sandbox.
    pub notice: Option<&'a str>,
    /// What the exit code of this run means.
    pub exit: &'a str,
}

/// Writes the page.
///
/// # Errors
/// When the writer fails.
pub fn render(report: &Report<'_>, around: &Around<'_>, out: &mut dyn Write) -> io::Result<()> {
    Page::new(*report, around)?.write_into(out)
}
