//! The requirements of a framework with the verdict on each, and what is not answered or only in part.

use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Modify, Padding, Style};
use trailwarden_model::assessment::Counts;
use trailwarden_model::finding::Outcome;
use trailwarden_model::framework::{Answer, FrameworkAnswers};

use super::Page;

/// Columns that the table takes besides the titles.
const BESIDES_TITLES: usize = 52;
/// The narrowest that a title is wrapped to.
const NARROWEST_TITLE: usize = 24;

/// Every requirement; nothing unless the run reports by a framework.
pub(super) fn render_requirements(page: &Page<'_>) -> Option<String> {
    let framework = page.assessment.framework.as_ref()?;
    let heading = format!("{} {}: {}", page.paint.bold(&framework.title), framework.version, framework.covers);
    let mut text = page.wrap(&heading, "", "  ") + "\n";
    for line in table(page, framework).lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let unanswered = framework.answers.iter().filter(|answer| answer.controls.is_empty());
    let unanswered: Vec<&str> = unanswered.map(|answer| answer.requirement.id.as_str()).collect();
    if !unanswered.is_empty() {
        let note = format!("No control answers {}: look into it by other means.", unanswered.join(", "));
        text.push_str(&page.wrap(&note, "\n! ", "  "));
    }
    let limited = framework.answers.iter().filter(|answer| !answer.controls.is_empty());
    for answer in limited {
        if let Some(limit) = &answer.requirement.limit {
            text.push_str(&page.wrap(&format!("{}: {limit}", answer.requirement.id), "* ", "  "));
        }
    }
    Some(text)
}

fn table(page: &Page<'_>, framework: &FrameworkAnswers) -> String {
    let mut rows = Builder::default();
    rows.push_record(["Requirement", "Verdict", "fail", "unknown", "pass", "Title"]);
    for answer in &framework.answers {
        rows.push_record(row(page, answer));
    }
    let mut table = rows.build();
    table
        .with(Style::empty().horizontals([(1, HorizontalLine::new('─'))]))
        .with(Padding::new(0, 2, 0, 0))
        .with(Modify::new(Columns::new(2..5)).with(Alignment::right()));
    table.to_string()
}

fn row(page: &Page<'_>, answer: &Answer) -> [String; 6] {
    let Counts { pass, fail, unknown, waived, .. } = answer.findings;
    let cell = |n: usize, outcome| if n == 0 { "·".to_owned() } else { page.paint.outcome(outcome, &n.to_string()) };
    let verdict = match answer.verdict {
        _ if answer.controls.is_empty() => page.paint.dim("not answered"),
        verdict => {
            let label = page.paint.label(verdict.unwrap_or(Outcome::NotApplicable));
            if waived == 0 { label } else { format!("{label}, {waived} waived") }
        }
    };
    let star = if answer.requirement.limit.is_some() && !answer.controls.is_empty() { " *" } else { "" };
    let title = format!("{}{star}", answer.requirement.title);
    let width = page.width.saturating_sub(BESIDES_TITLES).max(NARROWEST_TITLE);
    [
        answer.requirement.id.clone(),
        verdict,
        cell(fail, Outcome::Fail),
        cell(unknown, Outcome::Unknown),
        cell(pass, Outcome::Pass),
        textwrap::fill(&title, width),
    ]
}
