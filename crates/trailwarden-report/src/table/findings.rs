//! The failures, worst first: one block per control, one entry per reason, accounts and regions collapsed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use trailwarden_model::finding::{Finding, Outcome};

use super::Page;
use super::places::Places;
use crate::paint::count;

/// Reasons listed per control before the rest is only counted.
const MAX_REASONS: usize = 6;

/// The failures of one control.
struct Block<'a> {
    first: &'a Finding,
    all: Places<'a>,
    by_reason: BTreeMap<String, Group<'a>>,
}

/// The findings with the same reason but for the place.
struct Group<'a> {
    first: &'a Finding,
    places: Places<'a>,
}

/// Every control with failures as one text; nothing when nothing fails.
pub(super) fn render_failures(page: &Page<'_>) -> Option<String> {
    let mut blocks: BTreeMap<&str, Block<'_>> = BTreeMap::new();
    let is_shown = |finding: &&Finding| finding.outcome == Outcome::Fail && finding.is_open();
    for finding in page.report.findings().filter(is_shown) {
        let block = blocks.entry(&finding.control).or_insert_with(|| Block::new(finding));
        block.all.add(finding);
        let empty = Group { first: finding, places: Places::default() };
        block.by_reason.entry(general_reason(page, finding)).or_insert(empty).places.add(finding);
    }
    let mut blocks: Vec<Block<'_>> = blocks.into_values().collect();
    blocks.sort_by_key(|block| (Reverse(block.first.severity), Reverse(block.all.n_accounts())));
    let heading = page.heading("What fails, worst first");
    let text: Vec<String> = blocks.iter().map(|block| block.render(page)).collect();
    (!text.is_empty()).then(|| heading + &text.join("\n"))
}

impl<'a> Block<'a> {
    fn new(first: &'a Finding) -> Self {
        Self { first, all: Places::default(), by_reason: BTreeMap::new() }
    }

    fn render(&self, page: &Page<'_>) -> String {
        let heading = format!(
            "{}  {}  {}  {}",
            page.paint.label(Outcome::Fail),
            self.first.severity.as_str(),
            page.paint.bold(&self.first.control),
            page.paint.dim(&self.all.extent()),
        );
        let mut text = page.wrap(&heading, "", "    ");
        let mut reasons: Vec<(&String, &Group<'_>)> = self.by_reason.iter().collect();
        reasons.sort_by_key(|(_, group)| Reverse(group.places.n_findings()));
        for (reason, group) in reasons.iter().take(MAX_REASONS) {
            let reason = if group.places.n_findings() == 1 { &group.first.reason } else { *reason };
            text.push_str(&page.wrap(reason, "    ", "    "));
            text.push_str(&group.places.render(page));
            text.push_str(&group.places.render_id(page));
        }
        if let Some(more @ 1..) = reasons.len().checked_sub(MAX_REASONS) {
            text.push_str(&page.wrap(&format!("… and {}", count(more, "more reason")), "    ", "    "));
        }
        if let Some(remedy) = page.report.remedy(&self.first.control) {
            text.push_str(&page.wrap(remedy, "  → ", "    "));
        }
        text
    }
}

/// The reason with the finding's own region, account and resource taken out, so that equal reasons in many places
/// collapse; they stand in the list of places.
fn general_reason(page: &Page<'_>, finding: &Finding) -> String {
    let mut reason = finding.reason.clone();
    if let Some(name) = page.assessment.organization.accounts.get(&finding.account) {
        reason = reason.replace(&format!("{name} ({})", finding.account), "‹account›");
    }
    if let Some(resource) = &finding.resource {
        reason = reason.replace(resource.as_str(), "‹resource›");
    }
    if let Some(region) = &finding.region {
        reason = reason.replace(region.as_str(), "‹region›");
    }
    reason.replace(finding.account.as_str(), "‹account›")
}
