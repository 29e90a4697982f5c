//! The answer as Markdown, a section for a change ticket.

use super::Usage;
use super::words::{self, Section};
use crate::names::Names;
use crate::paint::count;
use crate::plain::plain;
use crate::plan::markdown::escape;

/// Renders as Markdown, ending in a newline.
pub fn render_markdown(usage: &Usage<'_>) -> String {
    let names = Names { organization: usage.organization };
    let mut text =
        format!("## Who used what the {} profile denies\n\n{}\n", usage.profile, escape(&words::asked(usage)));
    for section in Section::ALL {
        let groups = words::groups(usage, section);
        if groups.is_empty() {
            continue;
        }
        text.push_str(&format!(
            "\n### {}\n\n| action | who | account | when | remarks |\n|---|---|---|---|---|\n",
            section.title()
        ));
        for group in groups {
            let remarks = group.remarks(section).join("; ");
            let cells = [group.action, &group.caller, &group.at(names), &group.when(), &remarks].map(escape);
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
    }
    if usage.uses.is_empty() && !usage.is_partial() {
        text.push_str("\nNobody used it.\n");
    }
    text.push_str(&unknown(usage, names));
    text.push_str(&bound(usage, names));
    text.push_str(&format!("\n### Pace\n\n{}\n", escape(&words::pace(usage))));
    text
}

fn unknown(usage: &Usage<'_>, names: Names<'_>) -> String {
    let gaps = usage.gaps().into_iter().map(|((account, reason), regions)| {
        let regions =
            if regions.is_empty() { "the account as a whole".to_owned() } else { count(regions.len(), "region") };
        format!("{}, {regions}: {}", plain(&names.account(&account)), plain(&reason))
    });
    let not_asked =
        (usage.n_not_asked() > 0).then(|| format!("{} not asked", count(usage.n_not_asked(), "account-region")));
    let unseen = usage.unseen.iter().map(|(action, reason)| format!("{action}: {reason}"));
    let lines: String = gaps.chain(not_asked).chain(unseen).map(|line| format!("- {}\n", escape(&line))).collect();
    if lines.is_empty() { lines } else { format!("\n### Not known\n\n{lines}") }
}

fn bound(usage: &Usage<'_>, names: Names<'_>) -> String {
    let account = |id: &str| escape(&plain(&names.account(id)));
    let management = account(usage.organization.management_account.as_str());
    let mut text = format!("\n### Who is bound\n\n- {management}, the management account: not bound\n");
    for (id, services) in usage.administrators() {
        let services = escape(&plain(&services));
        text.push_str(&format!("- {}, delegated administrator ({services}): bound\n", account(&id)));
    }
    text.extend(usage.exceptions.iter().map(|pattern| format!("- exception {}\n", escape(&plain(pattern)))));
    let denied = words::own(usage);
    if denied.is_empty() {
        text.push_str("- trailwarden's own roles lose nothing that plans or rollbacks need\n");
    }
    text.extend(
        denied.iter().map(|sentence| format!("- **trailwarden's own role would be denied**: {}\n", escape(sentence))),
    );
    text
}
