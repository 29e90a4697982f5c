//! The matrix for people: one line of marks for all accounts and regions that are alike, and what each line means.

use std::collections::BTreeSet;

use tabled::builder::Builder;
use tabled::settings::{Padding, Style};
use trailwarden_model::finding::Outcome;

use super::groups::{Alike, Group, groups};
use super::{Cell, Matrix};
use crate::names::Names;
use crate::paint::{count, join_and};
use crate::scp::{Page, View};

/// Accounts and regions named in a line; the rest is counted.
const MAX_NAMED: usize = 3;
/// Lines of places below one group; the rest is counted.
const MAX_PLACES: usize = 6;

/// Renders a matrix for people, ending in a newline.
pub fn render(matrix: &Matrix<'_>, view: &View<'_>) -> String {
    let page = Page::new(view);
    let names = Names { organization: matrix.organization };
    let accounts: BTreeSet<&str> = matrix.rows.iter().map(|row| row.account.as_str()).collect();
    let title = format!(
        "{}, managed by {}: {} in scope; collected {}",
        page.paint.bold(&format!("organization {}", matrix.organization.id)),
        names.account(matrix.organization.management_account.as_str()),
        count(accounts.len(), "account"),
        matrix.collected_at.strftime("%Y-%m-%d %H:%M UTC"),
    );
    let mut text = page.line(0, &title);
    text.extend(view.notice.map(|notice| page.line(0, &format!("! {notice}"))));
    let groups = groups(matrix);
    text.push_str(&format!("\n{}", marks(page, matrix, &groups)));
    for (index, group) in groups.iter().enumerate() {
        text.push_str(&format!("\n{}", meaning(page, names, matrix, group, index + 1)));
    }
    text.push_str(&format!("\n{}{}", page.line(0, &conclusion(page, matrix)), page.line(0, view.exit)));
    text
}

/// One line for each group, one column for each class.
fn marks(page: Page, matrix: &Matrix<'_>, groups: &[Group<'_>]) -> String {
    let mut rows = Builder::default();
    let titles = matrix.columns.iter().map(|column| short(&column.id));
    rows.push_record(["".to_owned(), "regions".to_owned()].into_iter().chain(titles));
    for (index, group) in groups.iter().enumerate() {
        let marks = group.cells.iter().map(|cell| page.paint.outcome(outcome(cell), word(cell)));
        let n_regions = if group.n_regions() == 0 { "?".to_owned() } else { group.n_regions().to_string() };
        rows.push_record([(index + 1).to_string(), n_regions].into_iter().chain(marks));
    }
    let mut table = rows.build();
    table.with(Style::empty()).with(Padding::new(0, 2, 0, 0));
    let mut text: String = table.to_string().lines().map(|line| format!("{}\n", line.trim_end())).collect();
    if groups.iter().any(|group| group.cells.contains(&Alike::NotApplicable)) {
        text.push_str(&page.line(0, &page.paint.dim("– does not happen there: global services record in one region")));
    }
    text
}

/// An event that the caller wrote may be long; its ARN is left to the lines below.
fn short(id: &str) -> String {
    id.split_whitespace().next().unwrap_or(id).to_owned()
}

fn outcome(cell: &Alike) -> Outcome {
    match cell {
        Alike::Lost => Outcome::Fail,
        Alike::Unknown(_) => Outcome::Unknown,
        Alike::Covered => Outcome::Pass,
        Alike::NotApplicable => Outcome::NotApplicable,
    }
}

fn word(cell: &Alike) -> &'static str {
    match cell {
        Alike::Lost => "✗ lost",
        Alike::Unknown(_) => "? unknown",
        Alike::Covered => "✓",
        Alike::NotApplicable => "–",
    }
}

/// Where a group is, and what is lost, unknown and recorded there.
fn meaning(page: Page, names: Names<'_>, matrix: &Matrix<'_>, group: &Group<'_>, number: usize) -> String {
    let accounts = count(group.n_accounts(), "account");
    let title = match group.n_regions() {
        0 => format!("{number}  {accounts} whose regions are not known"),
        n_regions => format!("{number}  {} of {accounts}", count(n_regions, "region")),
    };
    let mut text = page.line(0, &page.paint.bold(&title));
    let places = group.places();
    for (regions, accounts) in places.iter().take(MAX_PLACES) {
        let accounts: Vec<String> = accounts.iter().map(|id| names.account(id)).collect();
        let regions: Vec<String> = regions.iter().map(|&region| region.to_owned()).collect();
        let place = match regions.is_empty() {
            true => capped(&accounts, "account"),
            false => format!("{} in {}", capped(&accounts, "account"), capped(&regions, "region")),
        };
        text.push_str(&page.line(3, &place));
    }
    let shown: usize = places.values().take(MAX_PLACES).map(Vec::len).sum();
    if let Some(more @ 1..) = group.n_accounts().checked_sub(shown) {
        text.push_str(&page.line(3, &format!("and {} with other regions", count(more, "more account"))));
    }
    let lines = [lost(matrix, group), unknown(matrix, group), covered(matrix, group)];
    for (outcome, line) in lines.into_iter().flatten() {
        text.push_str(&page.line(3, &page.paint.outcome(outcome, &line)));
    }
    text
}

fn lost(matrix: &Matrix<'_>, group: &Group<'_>) -> Option<(Outcome, String)> {
    let with_example = |(index, example): (&usize, &&str)| {
        let column = matrix.columns.get(*index)?;
        Some(format!("{}, for example {example}", column.events))
    };
    let lost: Vec<String> = group.examples.iter().filter_map(with_example).collect();
    (!lost.is_empty()).then(|| (Outcome::Fail, format!("✗ lost: {}", lost.join("; "))))
}

fn unknown(matrix: &Matrix<'_>, group: &Group<'_>) -> Option<(Outcome, String)> {
    let causes: BTreeSet<&str> = group
        .cells
        .iter()
        .filter_map(|cell| match cell {
            Alike::Unknown(cause) => Some(cause.as_str()),
            _ => None,
        })
        .collect();
    let events = events(matrix, group, |cell| matches!(cell, Alike::Unknown(_)))?;
    let causes: Vec<&str> = causes.into_iter().collect();
    Some((Outcome::Unknown, format!("? not known: {events}; not read: {}", causes.join(", "))))
}

fn covered(matrix: &Matrix<'_>, group: &Group<'_>) -> Option<(Outcome, String)> {
    let events = events(matrix, group, |cell| *cell == Alike::Covered)?;
    let trails: Vec<String> = group.trails.iter().map(|&name| name.to_owned()).collect();
    let noun = if trails.len() == 1 { "trail" } else { "trails" };
    Some((Outcome::Pass, format!("✓ recorded: {events}; by {noun} {}", capped(&trails, "trail"))))
}

/// The classes of a group with such cells; none when there are none. Classes that do not happen there are not counted.
fn events(matrix: &Matrix<'_>, group: &Group<'_>, test: fn(&Alike) -> bool) -> Option<String> {
    let pairs = group.cells.iter().zip(&matrix.columns);
    let chosen: Vec<String> = pairs.filter(|(cell, _)| test(cell)).map(|(_, column)| column.events.clone()).collect();
    let is_all = group.cells.iter().all(|cell| test(cell) || *cell == Alike::NotApplicable);
    match chosen.as_slice() {
        [] => None,
        [_, _, ..] if is_all => Some("everything asked about".to_owned()),
        _ => Some(join_and(&chosen)),
    }
}

/// The first few, and how many more there are.
fn capped(items: &[String], noun: &str) -> String {
    match items.len().checked_sub(MAX_NAMED) {
        Some(more @ 1..) => {
            let named: Vec<String> = items.iter().take(MAX_NAMED).cloned().collect();
            format!("{} and {}", named.join(", "), count(more, &format!("more {noun}")))
        }
        _ => join_and(items),
    }
}

fn conclusion(page: Page, matrix: &Matrix<'_>) -> String {
    let n_with = |test: fn(&Cell) -> bool| matrix.rows.iter().filter(|row| row.cells.iter().any(test)).count();
    let n_lost = n_with(|cell| matches!(cell, Cell::Lost { .. }));
    let n_unknown = n_with(|cell| matches!(cell, Cell::Unknown(_)));
    let outcome = match (n_lost, n_unknown) {
        (0, 0) => Outcome::Pass,
        (0, _) => Outcome::Unknown,
        _ => Outcome::Fail,
    };
    let n_rows = matrix.rows.len();
    format!(
        "{}  regions that lose events: {n_lost} of {n_rows}; not wholly known: {n_unknown}",
        page.paint.label(outcome),
    )
}
