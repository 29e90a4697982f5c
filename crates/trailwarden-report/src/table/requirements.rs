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
    text.push_str(&page.fitted(&table(page, framework), || lines(page, framework)));
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

/// The same where the table is too wide: a paragraph for each requirement.
fn lines(page: &Page<'_>, framework: &FrameworkAnswers) -> String {
    let line = |answer: &Answer| {
        let Counts { pass, fail, unknown, .. } = answer.findings;
        let counts = [(fail, "fail"), (unknown, "unknown"), (pass, "pass")];
        let counts = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("; {n} {word}"));
        let text = format!("{}  {} {}", verdict(page, answer), answer.requirement.id, title(answer));
        page.wrap(&(text + &counts.collect::<String>()), "", "    ")
    };
    framework.answers.iter().map(line).collect()
}

fn verdict(page: &Page<'_>, answer: &Answer) -> String {
    match answer.verdict {
        _ if answer.controls.is_empty() => page.paint.dim("not answered"),
        verdict => {
            let label = page.paint.label(verdict.unwrap_or(Outcome::NotApplicable));
            let waived = answer.findings.waived;
            if waived == 0 { label } else { format!("{label}, {waived} waived") }
        }
    }
}

/// The title, starred where a note limits what the answer says.
fn title(answer: &Answer) -> String {
    let star = if answer.requirement.limit.is_some() && !answer.controls.is_empty() { " *" } else { "" };
    format!("{}{star}", answer.requirement.title)
}

fn row(page: &Page<'_>, answer: &Answer) -> [String; 6] {
    let Counts { pass, fail, unknown, .. } = answer.findings;
    let cell = |n: usize, outcome| if n == 0 { "·".to_owned() } else { page.paint.outcome(outcome, &n.to_string()) };
    let width = page.width.saturating_sub(BESIDES_TITLES).max(NARROWEST_TITLE);
    [
        answer.requirement.id.clone(),
        verdict(page, answer),
        cell(fail, Outcome::Fail),
        cell(unknown, Outcome::Unknown),
        cell(pass, Outcome::Pass),
        textwrap::fill(&title(answer), width),
    ]
}
