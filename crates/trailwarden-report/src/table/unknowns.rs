//! What could not be read: one entry per failed call and error, with the controls it leaves open.

use trailwarden_model::finding::Outcome;

use super::Page;
use super::places::render_places;
use crate::folded::{Cause, causes};
use crate::paint::count;

/// Entries listed before the rest is only counted.
const MAX_ENTRIES: usize = 12;
/// Controls listed per entry before the rest is only counted.
const MAX_CONTROLS: usize = 6;

/// Every cause of an unknown outcome as one text; nothing when nothing is unknown.
pub(super) fn render_unknowns(page: &Page<'_>) -> Option<String> {
    let causes = causes(page.report);
    let mut text: Vec<String> =
        causes.iter().take(MAX_ENTRIES).map(|(title, cause)| render(page, title, cause)).collect();
    if let Some(more @ 1..) = causes.len().checked_sub(MAX_ENTRIES) {
        text.push(format!("… and {more} more\n"));
    }
    let heading = "Unknown: what could not be read, and what it leaves open";
    (!text.is_empty()).then(|| page.heading(heading) + &text.join("\n"))
}

fn render(page: &Page<'_>, title: &str, cause: &Cause<'_>) -> String {
    let label = page.paint.label(Outcome::Unknown);
    let heading = format!("{label}  {}  {}", page.paint.bold(title), page.paint.dim(&cause.places.extent()));
    let mut controls: Vec<String> = cause.controls.iter().take(MAX_CONTROLS).map(|(_, id)| (*id).to_owned()).collect();
    if let Some(more @ 1..) = cause.controls.len().checked_sub(MAX_CONTROLS) {
        controls.push(format!("and {}", count(more, "more control")));
    }
    let mut text = page.wrap(&heading, "", "    ");
    text.extend(cause.said(title).map(|said| page.wrap(&said, "    ", "    ")));
    text.push_str(&render_places(page, &cause.places));
    text.push_str(&page.wrap(&format!("leaves open: {}", controls.join(", ")), "    ", "    "));
    text
}
