//! `markdown`: an assessment for a ticket, a wiki or a pull request. Nothing that a name holds is markup.

use trailwarden_model::assessment::{Counts, PracticeSummary};
use trailwarden_model::finding::Outcome;
use trailwarden_model::framework::FrameworkAnswers;
use trailwarden_model::waiver::Acceptance;

use crate::folded::{Block, Cause, accepted, blocks, causes};
use crate::paint::{count, join_and};
use crate::places::Places;
use crate::plan::markdown::{code, escape};
use crate::report::Report;
use crate::scope::{headline, limits};
use crate::words::sentence;

/// Characters that what is open may fill. GitHub takes 65,536 in one text, and what is around it needs some.
const MAX_OPEN: usize = 48_000;
/// Characters of one reason and of one place; the rest is in the JSON.
const MAX_REASON: usize = 600;
const MAX_PLACE: usize = 200;
/// Reasons listed per control, accounts per reason and waived groups before the rest is only counted.
const MAX_REASONS: usize = 6;
const MAX_ACCOUNTS: usize = 6;
const MAX_WAIVED: usize = 40;

/// Renders an assessment as Markdown, ending in a newline. `exit` says what the exit code of the run means.
pub fn render(report: &Report<'_>, exit: &str) -> String {
    report.plainly(|report| {
        let mut room = MAX_OPEN;
        let mut parts = vec![head(report, exit)];
        parts.extend(practices(report));
        parts.extend(report.assessment.framework.as_ref().map(requirements));
        parts.extend(failures(report, &mut room));
        parts.extend(unknowns(report, &mut room));
        parts.extend(waived(report));
        parts.push(footer(report));
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
        ("result of the run".to_owned(), escape(exit)),
    ];
    rows.extend(report.provenance().into_iter().map(|(name, value)| (name.replace('_', " "), code(&value))));
    let rows: String = rows.iter().map(|(name, value)| format!("| {name} | {value} |\n")).collect();
    let title = format!("# CloudTrail of organization {}", escape(&organization.id));
    format!("{title}\n\n{}\n{}\n| | |\n|---|---|\n{rows}", escape(&sentence(&headline(report))), notes(report))
}

/// What the verdict does not speak about, one paragraph each.
fn notes(report: Report<'_>) -> String {
    let scenario = report.assessment.provenance.as_ref().and_then(|made| made.sandbox.as_deref());
    let made_up = scenario.map(|scenario| format!("made-up organization {scenario}; no AWS account was asked"));
    let notes = made_up.into_iter().chain(limits(report));
    notes.map(|note| format!("\n**Note:** {}\n", escape(&sentence(&note)))).collect()
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

/// What fails, by control, worst first.
fn failures(report: Report<'_>, room: &mut usize) -> Option<String> {
    let section = |block: &Block<'_>| {
        let Block { first, all, reasons } = block;
        let (control, severity) = (escape(&first.control), first.severity.as_str());
        let items = reasons.iter().take(MAX_REASONS).map(|(reason, places)| reason_item(report, reason, places));
        let more = more(reasons.len(), MAX_REASONS, "more reason").map(|more| format!("- {more}\n"));
        let remedy = report.remedy(&first.control).map(|remedy| format!("\nTo mend it: {}\n", escape(remedy)));
        let text = items.chain(more).chain(remedy).collect::<String>();
        Section {
            text: format!("### {control} ({severity}): {}\n\n{text}", all.extent()),
            short: format!("{control} ({severity}): {}", all.extent()),
        }
    };
    fitted("What fails", blocks(report, Outcome::Fail).iter().map(section), room)
}

/// What could not be read, by the call that failed.
fn unknowns(report: Report<'_>, room: &mut usize) -> Option<String> {
    let section = |(title, cause): &(String, Cause<'_>)| {
        let extent = cause.places.extent();
        let heading = escape(&shortened(title, MAX_REASON));
        let said = cause.said(title).map(|said| format!("- AWS said {}\n", escape(&shortened(&said, MAX_REASON))));
        let controls: Vec<String> = cause.controls.iter().map(|(_, control)| escape(control)).collect();
        let open = format!("- it leaves open: {}\n", controls.join(", "));
        let places = places_items(report, &cause.places, "");
        Section {
            text: format!("### {heading}: {extent}\n\n{}{places}{open}", said.unwrap_or_default()),
            short: format!("{heading}: {extent}"),
        }
    };
    fitted("What could not be read", causes(report).iter().map(section), room)
}

/// Something to tell, and the same in a few words.
struct Section {
    text: String,
    short: String,
}

/// The sections that there is room for, and the others in a few words.
fn fitted(heading: &str, sections: impl Iterator<Item = Section>, room: &mut usize) -> Option<String> {
    let (mut told, mut rest) = (vec![], vec![]);
    for Section { text, short } in sections {
        let n = text.chars().count();
        if n <= *room {
            *room -= n;
            told.push(text);
        } else {
            rest.push(format!("- only counted here: {short}\n"));
        }
    }
    if !rest.is_empty() {
        told.push(rest.concat());
    }
    (!told.is_empty()).then(|| format!("## {heading}\n\n{}", told.join("\n")))
}

fn reason_item(report: Report<'_>, reason: &str, places: &Places<'_>) -> String {
    // A word of ours comes first: at the start of an item a name could begin a list or a block of its own.
    let head = format!("- {}: {}\n", count(places.n_findings(), "finding"), escape(&shortened(reason, MAX_REASON)));
    head + &places_items(report, places, "  ")
}

fn places_items(report: Report<'_>, places: &Places<'_>, indent: &str) -> String {
    let item = |item: String| format!("{indent}- {item}\n");
    let at = |(id, there): (_, String)| {
        item(format!(
            "in {}{}",
            escape(&shortened(&report.account(id), MAX_PLACE)),
            escape(&shortened(&there, MAX_PLACE))
        ))
    };
    let accounts: String = places.each().take(MAX_ACCOUNTS).map(at).collect();
    let more = more(places.n_accounts(), MAX_ACCOUNTS, "more account").map(item);
    let id = places.first().map(|first| match places.n_findings() {
        1 => item(format!("id {}", code(&first.id()))),
        n => item(format!("id {} and {} more", code(&first.id()), n - 1)),
    });
    accounts + &more.into_iter().chain(id).collect::<String>()
}

/// `and 3 more accounts`, when there are more than so many.
fn more(n: usize, n_max: usize, noun: &str) -> Option<String> {
    n.checked_sub(n_max).filter(|more| *more > 0).map(|more| format!("and {}", count(more, noun)))
}

/// A text that does not push everything else out.
fn shortened(text: &str, n_max: usize) -> String {
    match text.char_indices().nth(n_max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn waived(report: Report<'_>) -> Option<String> {
    let waivers = accepted(report);
    let groups = waivers.iter().flat_map(|(waiver, accepted)| accepted.iter().map(move |group| (waiver, group)));
    let row = |(waiver, ((control, outcome), places)): (&&Acceptance, (&(&str, Outcome), &Places<'_>))| {
        let named: Vec<String> = places
            .each()
            .take(MAX_ACCOUNTS)
            .map(|(id, _)| escape(&shortened(&report.account(id), MAX_PLACE)))
            .collect();
        let whom = if places.n_accounts() > MAX_ACCOUNTS { String::new() } else { format!(": {}", join_and(&named)) };
        format!(
            "| {} | {}{whom} | {} | {} | {} | {} |\n",
            escape(control),
            places.extent(),
            outcome.as_str(),
            escape(&shortened(&waiver.reason, MAX_REASON)),
            escape(&shortened(&waiver.owner, MAX_REASON)),
            waiver.expires
        )
    };
    let rows: Vec<String> = groups.map(row).collect();
    let more = more(rows.len(), MAX_WAIVED, "more group").map(|more| format!("\n{more} of waived findings\n"));
    let rows: String = rows.into_iter().take(MAX_WAIVED).chain(more).collect();
    let head = "| control | where | outcome | accepted because | owner | until |\n|---|---|---|---|---|---|\n";
    (!rows.is_empty()).then(|| format!("## Waived\n\n{head}{rows}"))
}

/// How to see the rest.
fn footer(report: Report<'_>) -> String {
    let Counts { pass, not_applicable, .. } = report.assessment.summary.findings;
    let less = match report.n_left_out() {
        0 => String::new(),
        n => format!("; {} below severity {}", count(n, "finding"), report.min_severity.as_str()),
    };
    format!(
        "Not shown: {pass} pass, {not_applicable} not-applicable{less}. Every finding with its evidence: `-o html` and \
         `-o json`, also of a kept run (`trailwarden report RUN`). Why one is what it is: `trailwarden explain ID`.\n"
    )
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

    #[test]
    fn a_ticket_takes_it_however_much_is_open() {
        let controls = sample::catalogue();
        let folded = render(&sample::report(&sample::fleet(1_000), &controls), "exit");
        assert!(folded.len() < 4_000 && folded.contains("nothing records account ‹account› in ‹region›"), "{folded}");
        assert!(
            folded.contains("1000 accounts, 2000 findings") && folded.contains("and 994 more accounts"),
            "{folded}"
        );
        let mut many = sample::fleet(600);
        for (n, finding) in many.findings.iter_mut().enumerate() {
            finding.control = format!("control-{:02}", n % 50);
            finding.reason = format!("{n} {}", "long ".repeat(400));
        }
        let text = render(&sample::report(&many, &controls), "exit");
        assert!(text.chars().count() < 65_536, "{}", text.chars().count());
        for n in 0..50 {
            assert!(text.contains(&format!("control-{n:02} (critical): 24 accounts")), "{n}: {text}");
        }
        assert!(text.contains("- only counted here: "), "{text}");
    }

    #[test]
    fn what_was_not_looked_at_is_said_at_the_top() {
        let controls = sample::catalogue();
        let mut assessment = sample::assessment();
        assessment.organization.accounts.insert("999999999999".parse().expect("an account"), "sandbox".to_owned());
        assessment.organization.excluded.insert("999999999999".parse().expect("an account"));
        let text = render(&sample::report(&assessment, &controls), "exit");
        let (top, _) = text.split_once("## ").expect("sections");
        assert!(top.contains("were looked at; 1 account was left out by the filters of this run."), "{top}");
    }
}
