//! What could not be read: one entry per failed call and error, with the controls it leaves open.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::control::Severity;
use trailwarden_model::finding::{Finding, Outcome};

use super::Page;
use super::places::Places;
use crate::paint::count;

/// Entries listed before the rest is only counted.
const MAX_ENTRIES: usize = 12;
/// Controls listed per entry before the rest is only counted.
const MAX_CONTROLS: usize = 6;

/// Unknown findings with the same cause.
#[derive(Default)]
struct Cause<'a> {
    reasons: BTreeSet<&'a str>,
    places: Places<'a>,
    controls: BTreeSet<(Reverse<Severity>, &'a str)>,
}

/// Every cause of an unknown outcome as one text; nothing when nothing is unknown.
pub(super) fn render_unknowns(page: &Page<'_>) -> Option<String> {
    let mut causes: BTreeMap<String, Cause<'_>> = BTreeMap::new();
    let is_shown = |finding: &&Finding| finding.outcome == Outcome::Unknown && finding.is_open();
    for finding in page.report.findings().filter(is_shown) {
        let cause = causes.entry(title(finding)).or_default();
        cause.reasons.insert(reason(finding));
        cause.places.add(finding);
        cause.controls.insert((Reverse(finding.severity), &finding.control));
    }
    let mut causes: Vec<(String, Cause<'_>)> = causes.into_iter().collect();
    causes.sort_by_key(|(_, cause)| Reverse(cause.places.n_findings()));
    let mut text: Vec<String> =
        causes.iter().take(MAX_ENTRIES).map(|(title, cause)| cause.render(page, title)).collect();
    if let Some(more @ 1..) = causes.len().checked_sub(MAX_ENTRIES) {
        text.push(format!("… and {more} more\n"));
    }
    let heading = "Unknown: what could not be read, and what it leaves open";
    (!text.is_empty()).then(|| page.heading(heading) + &text.join("\n"))
}

/// The failed call and its error code, which together tell one cause from another.
fn title(finding: &Finding) -> String {
    match &finding.gap {
        Some(gap) => format!("{}: {}", gap.call, gap.code),
        None => finding.reason.clone(),
    }
}

/// What AWS said, or why nothing can be said.
fn reason(finding: &Finding) -> &str {
    finding.gap.as_ref().map_or(finding.reason.as_str(), |gap| &gap.reason)
}

impl Cause<'_> {
    fn render(&self, page: &Page<'_>, title: &str) -> String {
        let label = page.paint.label(Outcome::Unknown);
        let heading = format!("{label}  {}  {}", page.paint.bold(title), page.paint.dim(&self.places.extent()));
        let mut controls: Vec<String> =
            self.controls.iter().take(MAX_CONTROLS).map(|(_, id)| (*id).to_owned()).collect();
        if let Some(more @ 1..) = self.controls.len().checked_sub(MAX_CONTROLS) {
            controls.push(format!("and {}", count(more, "more control")));
        }
        let mut text = page.wrap(&heading, "", "    ");
        if let Some(reason) = self.reasons.first().filter(|reason| **reason != title) {
            let example = if self.reasons.len() > 1 { "for example: " } else { "" };
            text.push_str(&page.wrap(&format!("{example}{reason}"), "    ", "    "));
        }
        text.push_str(&self.places.render(page));
        text.push_str(&self.places.render_id(page));
        text.push_str(&page.wrap(&format!("leaves open: {}", controls.join(", ")), "    ", "    "));
        text
    }
}
