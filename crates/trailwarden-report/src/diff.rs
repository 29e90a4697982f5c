//! What changed between two assessments: for people, as Markdown for a pull request, and as `trailwarden.difference/1.1`.

use std::collections::BTreeSet;

use trailwarden_model::difference::{Change, Difference, FORMAT, Kind, Side, Standing};
use trailwarden_model::ids::{AccountId, Region};

use crate::ReportError;
use crate::page::{Page, View};
use crate::paint::count;
use crate::plain::plainly;
use crate::plan::markdown::{code, escape};

/// Entries of one section before the rest is only counted.
const MAX_ENTRIES: usize = 40;

/// One heading with what stands below it.
struct Section {
    title: String,
    entries: Vec<Entry>,
}

/// What changed, where, and the lines that say how.
struct Entry {
    what: String,
    lines: Vec<String>,
}

/// Renders a difference for people, ending in a newline.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_text(difference: &Difference, view: &View<'_>) -> Result<String, ReportError> {
    let difference = &plainly(difference)?;
    let page = Page::new(view);
    let mut text = page.line(0, &page.paint.bold(&heading(difference)));
    text.push_str(&page.line(0, &summary(difference)));
    for section in sections(difference) {
        text.push_str(&format!("\n{}\n", page.paint.bold(&section.title)));
        for entry in section.entries.iter().take(MAX_ENTRIES) {
            text.push_str(&page.line(2, &entry.what));
            text.extend(entry.lines.iter().map(|line| page.line(6, line)));
        }
        text.extend(more(&section).map(|more| page.line(2, &more)));
    }
    if !view.exit.is_empty() {
        text.push_str(&format!("\n{}", page.line(0, view.exit)));
    }
    Ok(text)
}

/// Renders a difference as Markdown, ending in a newline.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_markdown(difference: &Difference) -> Result<String, ReportError> {
    let difference = &plainly(difference)?;
    let mut text = format!("# {}\n\n{}\n", escape(&heading(difference)), escape(&summary(difference)));
    text.push_str("\n| | collected | version | snapshot | baseline |\n|---|---|---|---|---|\n");
    text.push_str(&made_from("before", &difference.before));
    text.push_str(&made_from("after", &difference.after));
    for section in sections(difference) {
        text.push_str(&format!("\n## {}\n\n", escape(&section.title)));
        for entry in section.entries.iter().take(MAX_ENTRIES) {
            text.push_str(&format!("- **{}**\n", escape(&entry.what)));
            text.extend(entry.lines.iter().map(|line| format!("  - {}\n", escape(line))));
        }
        text.extend(more(&section).map(|more| format!("- {more}\n")));
    }
    Ok(text)
}

/// Renders a difference as `trailwarden.difference/1.1`.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_json(difference: &Difference) -> Result<String, ReportError> {
    crate::json::write(FORMAT, difference)
}

fn heading(difference: &Difference) -> String {
    let Difference { organization, before, after, .. } = difference;
    let time = |side: &Side| side.collected_at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    format!("Organization {organization}: from {} to {}", time(before), time(after))
}

fn made_from(name: &str, side: &Side) -> String {
    let digest = |text: Option<&String>| text.map_or_else(|| "not stated".to_owned(), |digest| code(digest));
    let made = side.provenance.as_ref();
    format!(
        "| {name} | {} | {} | {} | {} |\n",
        side.collected_at,
        escape(&side.tool_version),
        digest(made.map(|made| &made.snapshot)),
        digest(made.map(|made| &made.baseline))
    )
}

fn summary(difference: &Difference) -> String {
    if difference.is_empty() {
        return format!("Nothing changed; {} open as before.", count(difference.n(Kind::Still), "finding"));
    }
    let counts = Kind::ALL.iter().map(|kind| (difference.n(*kind), kind.as_str())).filter(|(n, _)| *n > 0);
    let counts: Vec<String> = counts.map(|(n, kind)| format!("{n} {kind}")).collect();
    let baseline = |side: &Side| side.provenance.as_ref().map(|made| made.baseline.clone());
    let is_one = baseline(&difference.before) == baseline(&difference.after);
    let other = if is_one { "" } else { " They were judged by different baselines." };
    let counts = if counts.is_empty() { "none open".to_owned() } else { counts.join(", ") };
    format!("Findings: {counts}.{other}{}", scopes(difference))
}

/// What the two were told to look at, where that is not the same.
fn scopes(difference: &Difference) -> String {
    let Difference { before, after, n_not_compared, .. } = difference;
    if before.looked_at_the_same(after) {
        return String::new();
    }
    let told = |side: &Side| {
        let n = side.excluded.len();
        let accounts = if n == 0 { String::new() } else { format!(" without {}", count(n, "account")) };
        let regions: Vec<&str> = side.region_filter.iter().map(Region::as_str).collect();
        match (accounts, regions.is_empty()) {
            (accounts, true) if accounts.is_empty() => " at everything".to_owned(),
            (accounts, true) => accounts,
            (accounts, false) => format!("{accounts} in {} alone", regions.join(", ")),
        }
    };
    format!(
        " They did not look at the same: before{}, after{}; open findings that only one of them could have are not compared: \
         {n_not_compared}.",
        told(before),
        told(after)
    )
}

/// Everything that changed; what is still open is only counted.
fn sections(difference: &Difference) -> Vec<Section> {
    let of_findings = [
        (Kind::New, "Fails now"),
        (Kind::Unread, "Could not be read now"),
        (Kind::Reason, "Open for another reason"),
        (Kind::Gone, "Was open, not judged any more"),
        (Kind::Waived, "Was open, waived now"),
        (Kind::Fixed, "Fixed"),
    ];
    let mut sections: Vec<Section> = of_findings
        .into_iter()
        .map(|(kind, title)| Section {
            title: format!("{title} ({})", kind.as_str()),
            entries: difference
                .changes
                .iter()
                .filter(|change| change.kind == kind)
                .map(|change| entry(difference, change))
                .collect(),
        })
        .collect();
    let accounts = |title: &str, ids: &BTreeSet<AccountId>| {
        let entries = ids.iter().map(|id| Entry::short(account(difference, id)));
        Section { title: title.to_owned(), entries: entries.collect() }
    };
    let texts = |title: &str, texts: &BTreeSet<String>| Section {
        title: title.to_owned(),
        entries: texts.iter().cloned().map(Entry::short).collect(),
    };
    let owners = difference.owners.iter().map(|owner| Entry {
        what: owner.resource.clone(),
        lines: vec![format!(
            "owned by {}, before by {}",
            account(difference, &owner.after),
            account(difference, &owner.before)
        )],
    });
    sections.extend([
        accounts("Accounts that joined", &difference.accounts_appeared),
        accounts("Accounts that left", &difference.accounts_vanished),
        texts("Trails that were made", &difference.trails_appeared),
        texts("Trails that are not there any more", &difference.trails_gone),
        texts("Trails that one of the two could not look for", &difference.trails_unread),
        Section { title: "Resources with another owner".to_owned(), entries: owners.collect() },
        texts("Not compared, because only one of the two judged it", &difference.not_compared),
    ]);
    sections.retain(|section| !section.entries.is_empty());
    sections
}

impl Entry {
    fn short(what: String) -> Self {
        Self { what, lines: vec![] }
    }
}

fn entry(difference: &Difference, change: &Change) -> Entry {
    let region = change.region.as_ref().map(|region| format!(" {region}")).unwrap_or_default();
    let resource = change.resource.as_ref().map(|resource| format!(" {resource}")).unwrap_or_default();
    let place = format!("{}{region}{resource}", account(difference, &change.account));
    let mut lines = vec![format!("in {place}")];
    lines.extend(change.after.as_ref().map(|now| format!("now {}", said(now))));
    lines.extend(change.before.as_ref().map(|then| format!("before {}", said(then))));
    lines.push(format!("id {}", change.id));
    Entry { what: format!("{} {}", change.severity.as_str(), change.control), lines }
}

fn said(standing: &Standing) -> String {
    let waiver = standing.waiver.as_ref().map(|waiver| format!(", waived by {waiver}")).unwrap_or_default();
    format!("{}{waiver}: {}", standing.outcome.as_str(), standing.reason)
}

fn account(difference: &Difference, id: &AccountId) -> String {
    match difference.accounts.get(id).filter(|name| !name.is_empty()) {
        Some(name) => format!("{name} ({id})"),
        None => id.to_string(),
    }
}

fn more(section: &Section) -> Option<String> {
    let n = section.entries.len().checked_sub(MAX_ENTRIES).filter(|n| *n > 0)?;
    Some(format!("and {n} more, all of them in the JSON"))
}
