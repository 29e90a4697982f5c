//! `markdown`: an assessment for a ticket, a wiki or a pull request. Nothing that a name holds is markup.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use trailwarden_model::assessment::{Counts, PracticeSummary};
use trailwarden_model::control::Severity;
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::framework::FrameworkAnswers;

use crate::paint::count;
use crate::plan::markdown::{code, escape};
use crate::report::Report;

/// Places listed for one reason before the rest is only counted.
const MAX_PLACES: usize = 20;

/// Findings of one control with one reason.
type Reasons<'a> = BTreeMap<&'a str, Vec<&'a Finding>>;

/// Renders an assessment as Markdown, ending in a newline. `exit` says what the exit code of the run means.
pub fn render(report: &Report<'_>, exit: &str) -> String {
    report.plainly(|report| {
        let mut parts = vec![head(report, exit)];
        parts.extend(practices(report));
        parts.extend(report.assessment.framework.as_ref().map(requirements));
        parts.extend(open(report, Outcome::Fail, "What fails"));
        parts.extend(open(report, Outcome::Unknown, "What could not be read"));
        parts.extend(waived(report));
        parts.join("\n")
    })
}

fn head(report: Report<'_>, exit: &str) -> String {
    let assessment = report.assessment;
    let organization = &assessment.organization;
    let Counts { pass, fail, unknown, not_applicable, waived } = assessment.summary.findings;
    let mut rows = vec![
        ("managed by".to_owned(), escape(&report.account(&organization.management_account))),
        ("accounts in scope".to_owned(), organization.n_accounts_in_scope.to_string()),
        ("accounts left out by filters".to_owned(), organization.excluded.len().to_string()),
        (
            "findings".to_owned(),
            format!("{fail} fail, {unknown} unknown, {pass} pass, {not_applicable} not-applicable, {waived} waived"),
        ),
    ];
    rows.extend(report.provenance().into_iter().map(|(name, value)| (name.replace('_', " "), code(&value))));
    let rows: String = rows.iter().map(|(name, value)| format!("| {name} | {value} |\n")).collect();
    format!("# CloudTrail of organization {}\n\n{}\n\n| | |\n|---|---|\n{rows}", escape(&organization.id), escape(exit))
}

fn practices(report: Report<'_>) -> Option<String> {
    let row = |practice: &PracticeSummary| {
        let Counts { pass, fail, unknown, not_applicable, waived } = practice.accounts;
        let accepted = if practice.is_waived { ", but waived" } else { "" };
        format!(
            "| {} | **{}**{accepted} | {pass} | {fail} | {unknown} | {waived} | {not_applicable} |\n",
            escape(&practice.title),
            practice.verdict.as_str()
        )
    };
    let rows: String = report.assessment.summary.practices.iter().map(row).collect();
    let head = "| best practice | verdict | pass | fail | unknown | waived | n/a |\n|---|---|--:|--:|--:|--:|--:|\n";
    (!rows.is_empty()).then(|| format!("## Best practices, by account\n\n{head}{rows}"))
}

fn requirements(answers: &FrameworkAnswers) -> String {
    let each = answers.answers.iter().map(|answer| {
        let verdict = match (answer.verdict, answer.controls.is_empty()) {
            (Some(verdict), _) => format!("**{}**", verdict.as_str()),
            (None, true) => "not answered".to_owned(),
            (None, false) => "nothing to judge".to_owned(),
        };
        let controls: Vec<String> = answer.controls.iter().map(|id| escape(id)).collect();
        let limit = answer.requirement.limit.as_deref().map(escape).unwrap_or_default();
        let (id, title) = (escape(&answer.requirement.id), escape(&answer.requirement.title));
        format!("| {id} | {title} | {verdict} | {} | {limit} |\n", controls.join(", "))
    });
    let rows: String = each.collect();
    let head = "| requirement | title | verdict | controls | not judged |\n|---|---|---|---|---|\n";
    format!("## {} {}\n\n{head}{rows}", escape(&answers.title), escape(&answers.version))
}

/// What nobody accepts, by control, worst first.
fn open(report: Report<'_>, outcome: Outcome, heading: &str) -> Option<String> {
    let findings = report.findings().filter(|finding| finding.outcome == outcome && finding.is_open());
    let mut controls: BTreeMap<(Reverse<Severity>, &str), Reasons<'_>> = BTreeMap::new();
    for finding in findings {
        let reasons = controls.entry((Reverse(finding.severity), &finding.control)).or_default();
        reasons.entry(&finding.reason).or_default().push(finding);
    }
    let each = controls.iter().map(|((Reverse(severity), control), reasons)| {
        let mut text = format!("### {} ({})\n\n", escape(control), severity.as_str());
        text.extend(reasons.iter().map(|(reason, findings)| reasons_item(report, reason, findings)));
        text.extend(report.remedy(control).map(|remedy| format!("\nTo mend it: {}\n", escape(remedy))));
        text
    });
    let sections: Vec<String> = each.collect();
    (!sections.is_empty()).then(|| format!("## {heading}\n\n{}", sections.join("\n")))
}

fn reasons_item(report: Report<'_>, reason: &str, findings: &[&Finding]) -> String {
    // A word of ours comes first: at the start of an item a name could begin a list or a block of its own.
    let mut text = format!("- {}: {}\n", count(findings.len(), "finding"), escape(reason));
    for finding in findings.iter().take(MAX_PLACES) {
        text.push_str(&format!("  - in {}, id {}\n", escape(&report.place(finding)), code(&finding.id())));
    }
    if let Some(more @ 1..) = findings.len().checked_sub(MAX_PLACES) {
        text.push_str(&format!("  - and {more} more, all of them in the JSON\n"));
    }
    text
}

fn waived(report: Report<'_>) -> Option<String> {
    let row = |finding: &Finding| {
        let waiver = finding.waiver.as_ref()?;
        Some(format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            escape(&finding.control),
            escape(&report.place(finding)),
            finding.outcome.as_str(),
            escape(&waiver.reason),
            escape(&waiver.owner),
            waiver.expires
        ))
    };
    let rows: String = report.findings().filter_map(row).collect();
    let head = "| control | where | outcome | accepted because | owner | until |\n|---|---|---|---|---|---|\n";
    (!rows.is_empty()).then(|| format!("## Waived\n\n{head}{rows}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn for_a_ticket() {
        let controls = sample::catalogue();
        let exit = "exit code 10: at least one finding fails";
        insta::assert_snapshot!("open", render(&sample::report(&sample::assessment(), &controls), exit));
        insta::assert_snapshot!("waived", render(&sample::report(&sample::waived(), &controls), exit));
    }
}
