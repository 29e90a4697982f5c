//! Places of findings as lines of the page.

use super::Page;
use crate::paint::count;
use crate::places::Places;

/// Accounts listed before the rest is only counted.
const MAX_ACCOUNTS: usize = 6;

/// One line per account, indented, and the id of one of the findings, to ask for the rest of it.
pub(super) fn render_places(page: &Page<'_>, places: &Places<'_>) -> String {
    let mut text = String::new();
    for (id, there) in places.each().take(MAX_ACCOUNTS) {
        let name = page.report.account_name(id);
        let name = name.map_or_else(|| id.to_string(), |name| format!("{} ({id})", page.paint.bold(name)));
        text.push_str(&page.wrap(&format!("{name}{there}"), "      ", "        "));
    }
    if let Some(more @ 1..) = places.n_accounts().checked_sub(MAX_ACCOUNTS) {
        text.push_str(&page.wrap(&format!("… and {}", count(more, "more account")), "      ", "        "));
    }
    let Some(first) = places.first() else { return text };
    let more = match places.n_findings() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    text + &page.wrap(&page.paint.dim(&format!("id {}{more}", first.id())), "      ", "        ")
}
