//! What waivers accept: who accepts what, why and until when. A waived failure is still shown as one.

use trailwarden_model::waiver::Acceptance;

use super::Page;
use super::places::render_places;
use crate::folded::{Accepted, accepted};

/// Every waiver that accepts something as one text; nothing when none does.
pub(super) fn render_waivers(page: &Page<'_>) -> Option<String> {
    let waivers = accepted(page.report);
    let text: Vec<String> = waivers.iter().map(|(waiver, accepted)| render(page, waiver, accepted)).collect();
    let heading = "Waived: what somebody accepts for a time; its outcome stays";
    (!text.is_empty()).then(|| page.heading(heading) + &text.join("\n"))
}

fn render(page: &Page<'_>, waiver: &Acceptance, accepted: &Accepted<'_>) -> String {
    let label = page.paint.waived();
    let owner = page.paint.dim(&format!("by {}, until {}", waiver.owner, waiver.expires));
    let mut text = page.wrap(&format!("{label}  {}  {owner}", page.paint.bold(&waiver.id)), "", "    ");
    text.push_str(&page.wrap(&waiver.reason, "    ", "    "));
    for ((control, outcome), places) in accepted {
        let line = format!("{}  {control}  {}", page.paint.label(*outcome), page.paint.dim(&places.extent()));
        text.push_str(&page.wrap(&line, "    ", "      "));
        text.push_str(&render_places(page, places));
    }
    text
}
