//! What waivers accept: who accepts what, why and until when. A waived failure is still shown as one.

use std::collections::BTreeMap;

use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::waiver::Acceptance;

use super::Page;
use super::places::Places;

/// Findings that one waiver accepts, by control and outcome.
type Accepted<'a> = BTreeMap<(&'a str, Outcome), Places<'a>>;

/// Every waiver that accepts something as one text; nothing when none does.
pub(super) fn render_waivers(page: &Page<'_>) -> Option<String> {
    let mut waivers: BTreeMap<&Acceptance, Accepted<'_>> = BTreeMap::new();
    for finding in page.report.findings() {
        if let Some(waiver) = &finding.waiver {
            let accepted = waivers.entry(waiver).or_default();
            accepted.entry(key(finding)).or_default().add(finding);
        }
    }
    let text: Vec<String> = waivers.iter().map(|(waiver, accepted)| render(page, waiver, accepted)).collect();
    let heading = "Waived: what somebody accepts for a time; its outcome stays";
    (!text.is_empty()).then(|| page.heading(heading) + &text.join("\n"))
}

fn key(finding: &Finding) -> (&str, Outcome) {
    (&finding.control, finding.outcome)
}

fn render(page: &Page<'_>, waiver: &Acceptance, accepted: &Accepted<'_>) -> String {
    let label = page.paint.waived();
    let owner = page.paint.dim(&format!("by {}, until {}", waiver.owner, waiver.expires));
    let mut text = page.wrap(&format!("{label}  {}  {owner}", page.paint.bold(&waiver.id)), "", "    ");
    text.push_str(&page.wrap(&waiver.reason, "    ", "    "));
    for ((control, outcome), places) in accepted {
        let line = format!("{}  {control}  {}", page.paint.label(*outcome), page.paint.dim(&places.extent()));
        text.push_str(&page.wrap(&line, "    ", "      "));
        text.push_str(&places.render(page));
        text.push_str(&places.render_id(page));
    }
    text
}
