//! The first screen: whose accounts, the seven best practices, and what the exit code means; and the last line.

use tabled::Table;
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Modify, Padding, Style};
use trailwarden_model::assessment::{Counts, PracticeSummary, Provenance};
use trailwarden_model::finding::Outcome;

use super::Page;
use crate::paint::{count, worst};
use crate::scope::limits;

/// The one-screen verdict.
pub(super) fn render_verdict(page: &Page<'_>) -> String {
    let mut text = header(page);
    if !page.assessment.summary.practices.is_empty() {
        text.push('\n');
        text.push_str(&page.fitted(&practices(page).to_string(), || practice_lines(page)));
        text.push_str(&organization_notes(page));
    }
    text.push_str(&format!("\n{}", conclusion(page)));
    text
}

fn header(page: &Page<'_>) -> String {
    let assessment = page.assessment;
    let organization = &assessment.organization;
    let management = organization.accounts.get(&organization.management_account).map_or("", String::as_str);
    let title = format!("organization {}", organization.id);
    let line = format!(
        "{}, managed by {management} ({}): {} in scope; collected {}",
        page.paint.bold(&title),
        organization.management_account,
        count(organization.n_accounts_in_scope, "account"),
        assessment.collected_at.strftime("%Y-%m-%d %H:%M UTC"),
    );
    let mut text = page.wrap(&line, "", "  ");
    for note in page.view.notice.map(str::to_owned).into_iter().chain(limits(page.report)) {
        text.push_str(&page.wrap(&note, "! ", "  "));
    }
    text
}

fn practices(page: &Page<'_>) -> Table {
    let mut rows = Builder::default();
    let is_waived = page.assessment.summary.findings.waived > 0;
    let waived = is_waived.then_some("waived");
    rows.push_record(["Best practice", "Verdict", "pass", "fail", "unknown"].into_iter().chain(waived).chain(["n/a"]));
    for practice in &page.assessment.summary.practices {
        rows.push_record(row(page, practice, is_waived));
    }
    let mut table = rows.build();
    let line = HorizontalLine::new('─');
    table
        .with(Style::empty().horizontals([(1, line)]))
        .with(Padding::new(0, 2, 0, 0))
        .with(Modify::new(Columns::new(2..)).with(Alignment::right()));
    table
}

/// The same where the table is too wide: a paragraph for each practice.
fn practice_lines(page: &Page<'_>) -> String {
    let line = |practice: &PracticeSummary| {
        let Counts { pass, fail, unknown, not_applicable, waived } = practice.accounts;
        let counts =
            [(pass, "pass"), (fail, "fail"), (unknown, "unknown"), (waived, "waived"), (not_applicable, "n/a")];
        let counts = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}"));
        let counts = counts.collect::<Vec<_>>().join(", ");
        page.wrap(&format!("{}  {}: {counts}", verdict(page, practice), practice.title), "", "    ")
    };
    page.assessment.summary.practices.iter().map(line).collect()
}

fn row(page: &Page<'_>, practice: &PracticeSummary, is_waived: bool) -> Vec<String> {
    let Counts { pass, fail, unknown, not_applicable, waived } = practice.accounts;
    let cell = |n: usize, outcome| if n == 0 { "·".to_owned() } else { page.paint.outcome(outcome, &n.to_string()) };
    let waived = is_waived.then(|| cell(waived, practice.verdict));
    [
        practice.title.clone(),
        verdict(page, practice),
        cell(pass, Outcome::Pass),
        cell(fail, Outcome::Fail),
        cell(unknown, Outcome::Unknown),
    ]
    .into_iter()
    .chain(waived)
    .chain([cell(not_applicable, Outcome::NotApplicable)])
    .collect()
}

/// `✗ fail`, `✗ fail, 2 waived`, `✗ fail, but waived (2)`: a waived failure stays one.
fn verdict(page: &Page<'_>, practice: &PracticeSummary) -> String {
    let label = page.paint.label(practice.verdict);
    match practice.n_waived {
        0 => label,
        n if practice.is_waived => format!("{label}, but waived ({n})"),
        n => format!("{label}, {n} waived"),
    }
}

/// Where the organization as a whole is worse than its accounts' columns show.
fn organization_notes(page: &Page<'_>) -> String {
    let practices = page.assessment.summary.practices.iter();
    practices
        .filter(|practice| matches!(practice.organization, Outcome::Fail | Outcome::Unknown))
        .map(|practice| {
            let outcome = page.paint.label(practice.organization);
            page.wrap(&format!("{}: {outcome} for the organization as a whole", practice.title), "  ", "  ")
        })
        .collect()
}

fn conclusion(page: &Page<'_>) -> String {
    let findings = page.assessment.summary.findings;
    let counted = |n: usize, outcome: Outcome| {
        let text = format!("{n} {}", outcome.as_str());
        if n == 0 { text } else { page.paint.outcome(outcome, &text) }
    };
    let waived = match findings.waived {
        0 => String::new(),
        n => format!(", {n} waived"),
    };
    let line = format!(
        "{}  {} of {}: {}, {}, {}, {}{waived}",
        match findings {
            // Never a pass: somebody accepts what is not good.
            Counts { fail: 0, unknown: 0, waived: 1.., .. } => page.paint.waived(),
            _ => page.paint.label(worst(findings)),
        },
        count(page.assessment.findings.len(), "finding"),
        count(page.assessment.summary.controls.len(), "control"),
        counted(findings.fail, Outcome::Fail),
        counted(findings.unknown, Outcome::Unknown),
        counted(findings.pass, Outcome::Pass),
        counted(findings.not_applicable, Outcome::NotApplicable),
    );
    page.wrap(&line, "", "  ") + &page.wrap(page.view.exit, "", "  ")
}

/// How to see the rest.
pub(super) fn render_footer(page: &Page<'_>) -> String {
    let Counts { pass, not_applicable, .. } = page.assessment.summary.findings;
    let less = match page.report.n_left_out() {
        0 => String::new(),
        n => format!("; {} below severity {}", count(n, "finding"), page.report.min_severity.as_str()),
    };
    let line = format!(
        "Not shown: {pass} pass, {not_applicable} not-applicable{less}. Every finding with its evidence: -o json. \
         Why one is what it is: trailwarden explain ID. What a control means: trailwarden controls show CONTROL."
    );
    page.wrap(&page.paint.dim(&line), "", "") + &page.wrap(&page.paint.dim(&made_from(page)), "", "")
}

/// What the report was made by and from.
fn made_from(page: &Page<'_>) -> String {
    let tool = format!("Made by trailwarden {}", page.assessment.tool_version);
    match &page.assessment.provenance {
        None => format!("{tool}."),
        Some(Provenance { snapshot, baseline, .. }) => {
            format!("{tool} from snapshot {snapshot} and baseline {baseline}.")
        }
    }
}
