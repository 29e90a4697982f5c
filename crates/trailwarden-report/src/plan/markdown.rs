//! A plan as Markdown, for a change ticket: nothing is shortened, and the digest stands where it is approved.

use serde_json::Value;
use trailwarden_model::plan::{Before, Choice, Plan, Step};

use super::alike::{Alike, gathered};
use super::diff::{self, Change};
use super::overview::{self, Overview};
use super::{sent, words};
use crate::ReportError;
use crate::paint::count;
use crate::plain::plainly;

/// Renders a plan as Markdown, ending in a newline.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_markdown(plan: &Plan) -> Result<String, ReportError> {
    let plan = &plainly(plan)?;
    if plan.steps.is_empty() && plan.unplanned.is_empty() {
        return Ok(format!("{}\n", escape(&overview::nothing_to_do(plan))));
    }
    let overview = Overview::new(plan);
    let mut parts = vec![head(plan, &overview)];
    parts.extend(choices(plan));
    parts.extend(stages(plan));
    parts.extend(overview.accounts.iter().map(|(account, steps)| {
        let steps: Vec<String> = gathered(steps).iter().map(|alike| section(plan, alike)).collect();
        format!("## {}\n\n{}", escape(&words::account(plan, account)), steps.join("\n"))
    }));
    parts.extend(unplanned(plan, &overview));
    parts.push(approvals(plan));
    Ok(parts.join("\n"))
}

fn head(plan: &Plan, overview: &Overview<'_>) -> String {
    let management = words::account(plan, &plan.management_account);
    let irreversible = words::list(overview.irreversible.iter().map(|step| &step.id));
    let mut rows = vec![
        ("organization", escape(&format!("{}, managed by {management}", plan.organization))),
        ("digest", code(&plan.digest)),
        ("made by", escape(&format!("trailwarden {}", plan.tool_version))),
        ("snapshot", format!("{} of {}", code(&plan.snapshot), escape(&plan.collected_at.to_string()))),
        ("steps", if plan.steps.is_empty() { "none".to_owned() } else { steps(plan) }),
        ("irreversible", if irreversible.is_empty() { "none".to_owned() } else { format!("**{irreversible}**") }),
        ("findings to mend", plan.promised().len().to_string()),
        ("not planned", plan.unplanned.len().to_string()),
    ];
    let accounts = overview.accounts.iter();
    rows.extend(accounts.map(|(account, steps)| {
        ("account", escape(&format!("{}: {}", words::account(plan, account), count(steps.len(), "step"))))
    }));
    rows.extend(overview::costs(plan).iter().map(|cost| ("cost", escape(cost))));
    let rows: String = rows.iter().map(|(name, value)| format!("| {name} | {value} |\n")).collect();
    format!("# Plan for organization {}\n\n| | |\n|---|---|\n{rows}", escape(&plan.organization))
}

fn steps(plan: &Plan) -> String {
    format!("{}: {}", plan.steps.len(), overview::deeds(plan))
}

fn choices(plan: &Plan) -> Option<String> {
    let words = |choice: &Choice| {
        let otherwise = choice.otherwise.as_ref().map(|flag| format!("; otherwise {}", code(flag))).unwrap_or_default();
        let [what, chosen, because] = [&choice.what, &choice.chosen, &choice.because].map(|text| escape(text));
        format!("- {what}: **{chosen}**, because {because}{otherwise}\n")
    };
    let choices = super::choices::told(plan, words, |more| format!("- {more}\n"));
    (!choices.is_empty()).then(|| format!("## Chosen\n\n{choices}"))
}

fn stages(plan: &Plan) -> Option<String> {
    let rows = super::stages::stages(plan).into_iter().map(|stage| {
        let shown: Vec<String> = stage.shown.iter().map(|shown| escape(shown)).collect();
        let cells = [&stage.name, &stage.accounts, &stage.steps].map(|text| escape(text)).join(" | ");
        let soak = stage.soak.unwrap_or_else(|| "it is the last".to_owned());
        format!("| {} | {cells} | {} | {soak} |\n", stage.number, shown.join("; "))
    });
    let rows: String = rows.collect();
    let head = "| | attached to | reaches | steps | shown from what AWS reports, before the next | holds first for |\n|---|---|---|---|---|---|\n";
    let affected = super::stages::stages(plan).into_iter().flat_map(|stage| {
        let number = stage.number;
        stage.affected.into_iter().map(move |used| format!("- stage {number}: {}\n", escape(&used)))
    });
    let affected: String = affected.collect();
    let affected = if affected.is_empty() { affected } else { format!("\n### Who is affected\n\n{affected}") };
    (!rows.is_empty()).then(|| format!("## Stages\n\n{head}{rows}{affected}"))
}

fn section(plan: &Plan, alike: &Alike<'_>) -> String {
    let step = alike.first;
    let place = &step.subject.place;
    let mut text = format!("### {} {}\n\n", step.id, escape(&step.title));
    let mut item = |name: &str, value: &str| text.push_str(&format!("- {name}: {value}\n"));
    item("call", &format!("{} in {}", code(&step.call.operation()), code(place.region.as_str())));
    item("on", &escape(&words::aspect(&step.subject.aspect)));
    if !step.needs.is_empty() {
        item("after", &words::list(&step.needs));
    }
    for guard in &step.guards {
        let place = &guard.subject.place;
        let at = format!("{} {}", words::account(plan, &place.account), place.region);
        let subject = format!("{} ({at})", words::aspect(&guard.subject.aspect));
        let is = words::left_by(plan, guard).unwrap_or_else(|| code(&guard.is.to_string()));
        item("only if", &format!("{} is {is}: {}", escape(&subject), escape(&guard.because)));
    }
    if !step.findings.is_empty() {
        item("why", &escape(&words::findings(&alike.findings())));
    }
    item("rollback", &format!("**{}**", escape(&words::rollback(step))));
    item("IAM actions", &step.actions.iter().map(|action| code(action)).collect::<Vec<_>>().join(", "));
    step.cost.iter().for_each(|cost| item("cost", &escape(cost)));
    alike.elsewhere().iter().for_each(|elsewhere| item("the same in", elsewhere));
    format!("{text}\n{}", fenced("diff", &changes(step)))
}

/// The change as lines of a diff; what stays is not among them.
fn changes(step: &Step) -> String {
    let diff = diff::of(step);
    let mut text = String::new();
    if let Before::CreatedBy(id) = &step.before {
        text.push_str(&format!("# from what AWS sets on what {id} creates\n"));
    }
    text.extend(diff.changes.iter().map(change));
    if diff.n_same_statements > 0 {
        text.push_str(&format!("# {} as before\n", count(diff.n_same_statements, "statement")));
    }
    for (name, value) in sent::unsaid(step) {
        text.push_str(&format!("# the call also sends\n{}", lines('+', &name, &value)));
    }
    text
}

fn change(change: &Change) -> String {
    let sides = [('-', &change.was), ('+', &change.is)];
    sides.into_iter().filter_map(|(sign, side)| Some(lines(sign, &change.path, side.as_ref()?))).collect()
}

/// `+ path: value`, every line of the value with the sign before it.
fn lines(sign: char, path: &str, value: &Value) -> String {
    let colon = if path.is_empty() { "" } else { ": " };
    let json = serde_json::to_string_pretty(value).unwrap_or_default();
    let json = format!("{path}{colon}{json}");
    json.lines().map(|line| format!("{sign} {line}\n")).collect()
}

fn unplanned(plan: &Plan, overview: &Overview<'_>) -> Option<String> {
    let rows = overview.hindrances.iter().flat_map(|(hindrance, unplanned)| {
        unplanned.iter().map(|unplanned| {
            let target = escape(&overview::target(plan, unplanned));
            let gap = unplanned.gap.as_ref().map(|gap| format!(" ({gap})")).unwrap_or_default();
            let reason = escape(&format!("{}{gap}", unplanned.reason));
            let hint = unplanned.hint.as_deref().map(escape).unwrap_or_default();
            format!(
                "| {} | {target} | {reason} | {hint} | {} |\n",
                words::hindrance(*hindrance),
                unplanned.findings.len()
            )
        })
    });
    let rows: String = rows.collect();
    let head = "| what stands in the way | where | reason | what to do | findings |\n|---|---|---|---|---|\n";
    (!rows.is_empty()).then(|| format!("## Not planned\n\n{head}{rows}"))
}

fn approvals(plan: &Plan) -> String {
    let rows = "| | | |\n".repeat(2);
    format!(
        "## Approvals\n\nWho signs here approves exactly the plan with the digest {}, and no other.\n\n\
         | name | date | signature |\n|---|---|---|\n{rows}",
        code(&plan.digest)
    )
}

/// Text in which nothing is markup.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '$' | '!' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text as code, also inside a table.
pub(crate) fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

fn fenced(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{text}{fence}\n")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}
