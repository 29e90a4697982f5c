//! The answer as text: what would be denied first, then what is not known, and what it was found with.

use trailwarden_model::finding::Outcome;

use super::super::{Page, View};
use super::Usage;
use super::words::{self, Group, Section};
use crate::names::Names;
use crate::paint::count;
use crate::plain::plain;

/// Renders for people, ending in a newline.
pub fn render(usage: &Usage<'_>, view: &View<'_>) -> String {
    let page = Page::new(view);
    let mut text = view.notice.map(|notice| page.line(0, &format!("! {notice}"))).unwrap_or_default();
    let heading = format!("What the {} profile denies, and who used it", usage.profile);
    text.push_str(&page.line(0, &page.paint.bold(&heading)));
    text.push_str(&page.line(2, &words::asked(usage)));
    for section in Section::ALL {
        text.push_str(&of_section(&page, usage, section));
    }
    if usage.uses.is_empty() {
        let known =
            if usage.is_partial() { "nobody was found, but not everything was answered" } else { "nobody used it" };
        text.push_str(&page.line(2, known));
    }
    text.push_str(&unknown(&page, usage));
    text.push_str(&bound(&page, usage));
    text.push_str(&own(&page, usage));
    text.push_str(&head(&page, "Pace"));
    text.push_str(&page.line(2, &words::pace(usage)));
    if !view.exit.is_empty() {
        text.push_str(&format!("\n{}", page.line(0, view.exit)));
    }
    text
}

fn head(page: &Page, title: &str) -> String {
    format!("\n{}", page.line(0, &page.paint.bold(title)))
}

fn of_section(page: &Page, usage: &Usage<'_>, section: Section) -> String {
    let groups = words::groups(usage, section);
    if groups.is_empty() {
        return String::new();
    }
    let names = Names { organization: usage.organization };
    let each: String = groups.iter().map(|group| of_group(page, names, section, group)).collect();
    format!("{}{each}", head(page, section.title()))
}

fn of_group(page: &Page, names: Names<'_>, section: Section, group: &Group<'_>) -> String {
    let (outcome, sign) = match section {
        Section::Denied => (Outcome::Fail, "✗"),
        Section::Undecided => (Outcome::Unknown, "?"),
        Section::Spared => (Outcome::Pass, "✓"),
        Section::DeniedToday | Section::Elsewhere | Section::NotBound => (Outcome::NotApplicable, "–"),
    };
    let sign = page.paint.outcome(outcome, sign);
    let mut text = page.line(2, &format!("{sign} {}  {}", group.action, group.at(names)));
    text.push_str(&page.line(6, &group.caller));
    text.push_str(&page.line(6, &group.when()));
    text.extend(group.remarks(section).iter().map(|remark| page.line(6, remark)));
    text
}

/// What nobody could answer: it is never taken for "nobody".
fn unknown(page: &Page, usage: &Usage<'_>) -> String {
    let names = Names { organization: usage.organization };
    let sign = page.paint.outcome(Outcome::Unknown, "?");
    let gaps = usage.gaps().into_iter().map(|((account, reason), regions)| {
        let regions = match regions.len() {
            0 => "the account as a whole".to_owned(),
            1..=3 => regions.into_iter().collect::<Vec<_>>().join(", "),
            n => count(n, "region"),
        };
        page.line(2, &format!("{sign} {}, {regions}: {}", plain(&names.account(&account)), plain(&reason)))
    });
    let not_asked = (usage.n_not_asked() > 0).then(|| {
        let n = count(usage.n_not_asked(), "account-region");
        page.line(2, &format!("{sign} {n} not asked: the run was interrupted; with --keep FILE it goes on"))
    });
    let unseen = usage.unseen.iter().map(|(action, reason)| page.line(2, &format!("{sign} {action}: {reason}")));
    let lines: Vec<String> = gaps.chain(not_asked).chain(unseen).collect();
    match lines.is_empty() {
        true => String::new(),
        false => format!("{}{}", head(page, "Not known"), lines.concat()),
    }
}

fn bound(page: &Page, usage: &Usage<'_>) -> String {
    let names = Names { organization: usage.organization };
    let management = names.account(usage.organization.management_account.as_str());
    let mut text = head(page, "Who is bound");
    let line = format!("{}, the management account: no service control policy binds it", plain(&management));
    text.push_str(&page.line(2, &line));
    for (account, services) in usage.administrators() {
        let account = plain(&names.account(&account));
        let line = format!("{account}, delegated administrator ({}): a member, and bound", plain(&services));
        text.push_str(&page.line(2, &line));
    }
    if let Some(gap) = usage.organization.delegated_administrators.gap() {
        text.push_str(&page.line(2, &format!("delegated administrators were not read: {}", plain(&gap.to_string()))));
    }
    let exceptions: Vec<String> = usage.exceptions.iter().map(|pattern| plain(pattern)).collect();
    let exceptions = if exceptions.is_empty() { "none".to_owned() } else { exceptions.join(", ") };
    text.push_str(&page.line(2, &format!("declared exceptions: {exceptions}")));
    text
}

fn own(page: &Page, usage: &Usage<'_>) -> String {
    let denied = words::own(usage);
    let mut text = head(page, "The roles of trailwarden itself");
    if denied.is_empty() {
        let sign = page.paint.outcome(Outcome::Pass, "✓");
        text.push_str(&page.line(2, &format!("{sign} nothing that plans or rollbacks do would be denied to them")));
        return text;
    }
    let sign = page.paint.outcome(Outcome::Fail, "✗");
    text.extend(denied.iter().map(|sentence| page.line(2, &format!("{sign} {sentence}"))));
    text.push_str(&page.line(4, &format!("→ {}", words::own_hint(usage))));
    text
}
