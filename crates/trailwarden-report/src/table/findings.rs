//! The failures, worst first: one block per control, one entry per reason, accounts and regions collapsed.

use trailwarden_model::finding::Outcome;

use super::Page;
use super::places::render_places;
use crate::folded::{Block, blocks};
use crate::paint::count;

/// Reasons listed per control before the rest is only counted.
const MAX_REASONS: usize = 6;

/// Every control with failures as one text; nothing when nothing fails.
pub(super) fn render_failures(page: &Page<'_>) -> Option<String> {
    let heading = page.heading("What fails, worst first");
    let text: Vec<String> = blocks(page.report, Outcome::Fail).iter().map(|block| render(page, block)).collect();
    (!text.is_empty()).then(|| heading + &text.join("\n"))
}

fn render(page: &Page<'_>, block: &Block<'_>) -> String {
    let heading = format!(
        "{}  {}  {}  {}",
        page.paint.label(Outcome::Fail),
        block.first.severity.as_str(),
        page.paint.bold(&block.first.control),
        page.paint.dim(&block.all.extent()),
    );
    let mut text = page.wrap(&heading, "", "    ");
    for (reason, places) in block.reasons.iter().take(MAX_REASONS) {
        text.push_str(&page.wrap(reason, "    ", "    "));
        text.push_str(&render_places(page, places));
    }
    if let Some(more @ 1..) = block.reasons.len().checked_sub(MAX_REASONS) {
        text.push_str(&page.wrap(&format!("… and {}", count(more, "more reason")), "    ", "    "));
    }
    if let Some(remedy) = page.report.remedy(&block.first.control) {
        text.push_str(&page.wrap(remedy, "  → ", "    "));
    }
    text
}
