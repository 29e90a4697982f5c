//! A plan in the terminal: what it amounts to, what was chosen, every step, and what is not planned.

use serde_json::Value;
use trailwarden_model::finding::Outcome;
use trailwarden_model::plan::{Before, Choice, Plan, Rollback, Step, Unplanned};

use super::alike::{Alike, gathered};
use super::diff::{self, Change};
use super::overview::{self, Overview};
use super::{choices, sent, stages, statement, words};
use crate::ReportError;
use crate::page::{Page, View};
use crate::paint::count;
use crate::plain::plainly;

/// Characters of one value that are shown.
const MAX_VALUE: usize = 240;
/// Changes of one step that are shown.
const MAX_CHANGES: usize = 24;

/// Renders a plan for people, ending in a newline.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_text(plan: &Plan, view: &View<'_>) -> Result<String, ReportError> {
    let plan = &plainly(plan)?;
    let text = Text { plan, page: Page::new(view), overview: Overview::new(plan) };
    let mut parts = vec![text.head(view)];
    parts.extend(text.choices());
    parts.extend(text.stages());
    parts.extend(text.overview.accounts.iter().map(|(account, steps)| {
        let title = format!("{}: {}", words::account(plan, account), count(steps.len(), "step"));
        let steps: Vec<String> = gathered(steps).iter().map(|alike| text.step(alike)).collect();
        format!("{}\n{}", text.bold(0, &title), steps.join("\n"))
    }));
    parts.extend(text.unplanned());
    if !view.exit.is_empty() {
        parts.push(text.page.line(0, &text.page.paint.dim(view.exit)));
    }
    Ok(parts.join("\n"))
}

struct Text<'a> {
    plan: &'a Plan,
    page: Page,
    overview: Overview<'a>,
}

impl Text<'_> {
    fn bold(&self, indent: usize, text: &str) -> String {
        self.page.line(indent, &self.page.paint.bold(text))
    }

    fn head(&self, view: &View<'_>) -> String {
        let Self { plan, page, overview } = self;
        let notice = view.notice.map(|notice| page.line(0, &format!("! {notice}"))).unwrap_or_default();
        if plan.steps.is_empty() {
            return notice + &page.line(0, &overview::nothing_to_do(plan));
        }
        let management = words::account(plan, &plan.management_account);
        let mut lines = vec![
            format!("made by trailwarden {} from the snapshot of {}", plan.tool_version, plan.collected_at),
            format!("snapshot {}", plan.snapshot),
            format!("digest   {}", plan.digest),
            format!("{}: {}", count(plan.steps.len(), "step"), overview::deeds(plan)),
        ];
        lines.extend(
            overview.accounts.iter().map(|(account, steps)| {
                format!("  {} in {}", count(steps.len(), "step"), words::account(plan, account))
            }),
        );
        lines.push(format!("to mend {}", count(plan.promised().len(), "finding")));
        if !plan.unplanned.is_empty() {
            lines.push(format!("{} not planned, listed at the end", count(plan.unplanned.len(), "thing")));
        }
        if !overview.irreversible.is_empty() {
            let steps = words::list(overview.irreversible.iter().map(|step| &step.id));
            let irreversible = format!("! IRREVERSIBLE: {steps}");
            lines.push(page.paint.outcome(Outcome::Fail, &irreversible));
        }
        let costs = overview::costs(plan);
        if !costs.is_empty() {
            lines.push("what AWS charges:".to_owned());
        }
        lines.extend(costs.iter().map(|cost| format!("  {cost}")));
        let title = format!("Plan for organization {}, managed by {management}", plan.organization);
        let lines: String = lines.iter().map(|line| self.indented(2, line)).collect();
        format!("{notice}{}{lines}", self.bold(0, &title))
    }

    /// A line that may bring an indent of its own.
    fn indented(&self, indent: usize, line: &str) -> String {
        let text = line.trim_start();
        self.page.line(indent + line.len() - text.len(), text)
    }

    fn choices(&self) -> Option<String> {
        let words = |choice: &Choice| {
            let otherwise = choice.otherwise.as_ref().map(|flag| format!("; otherwise {flag}")).unwrap_or_default();
            self.page.line(2, &format!("{}: {}, because {}{otherwise}", choice.what, choice.chosen, choice.because))
        };
        let choices = choices::told(self.plan, words, |more| self.page.line(2, more));
        (!choices.is_empty()).then(|| format!("{}{choices}", self.bold(0, "Chosen")))
    }

    fn stages(&self) -> Option<String> {
        let each = stages::stages(self.plan).into_iter().map(|stage| {
            let page = &self.page;
            let mut text = page.line(2, &format!("{} {}: {}", stage.number, stage.name, stage.steps));
            text.push_str(&page.line(4, &format!("reaches {}", stage.accounts)));
            text.extend(stage.affected.iter().map(|used| page.line(4, &format!("lately {used}"))));
            text.extend(
                stage.shown.iter().map(|shown| page.line(4, &format!("then shown from what AWS reports: {shown}"))),
            );
            text.extend(stage.soak.map(|soak| page.line(4, &format!("holds for {soak} before the next stage begins"))));
            text
        });
        let stages: String = each.collect();
        (!stages.is_empty()).then(|| format!("{}{stages}", self.bold(0, "Stages")))
    }

    fn step(&self, alike: &Alike<'_>) -> String {
        let (page, step) = (&self.page, alike.first);
        let place = &step.subject.place;
        let target = words::aspect(&step.subject.aspect);
        let mut text = self.bold(2, &format!("{} {}", step.id, step.title));
        text.push_str(&page.line(4, &format!("{} in {}: {target}", step.call.operation(), place.region)));
        text.push_str(&self.changes(step));
        for guard in &step.guards {
            let (subject, place) = (words::aspect(&guard.subject.aspect), &guard.subject.place);
            let is = words::left_by(self.plan, guard).unwrap_or_else(|| value(&step.id, &guard.is));
            let at = format!("{} {}", words::account(self.plan, &place.account), place.region);
            text.push_str(&page.line(4, &format!("only if {subject} ({at}) is {is}: {}", guard.because)));
        }
        let mut facts = Vec::new();
        if !step.needs.is_empty() {
            facts.push(format!("after {}", words::list(&step.needs)));
        }
        if !step.findings.is_empty() {
            facts.push(format!("why: {}", words::findings(&alike.findings())));
        }
        let rollback = words::rollback(step);
        facts.push(match step.rollback {
            Rollback::Irreversible(_) => page.paint.outcome(Outcome::Fail, &format!("! {rollback}")),
            _ => rollback,
        });
        facts.push(format!("IAM: {}", words::list(&step.actions)));
        facts.extend(step.cost.as_ref().map(|cost| format!("costs: {cost}")));
        facts.extend(alike.elsewhere().map(|elsewhere| format!("the same in {elsewhere}")));
        text.extend(facts.iter().map(|fact| page.line(4, fact)));
        text
    }

    fn changes(&self, step: &Step) -> String {
        let diff = diff::of(step);
        let mut lines = Vec::new();
        if let Before::CreatedBy(id) = &step.before {
            lines.push(format!("from what AWS sets on what {id} creates, to"));
        }
        let shown = diff.changes.iter().take(MAX_CHANGES);
        lines.extend(shown.map(|change| self.page.paint.change(change.sign(), &line(&step.id, change))));
        if let n_more @ 1.. = diff.changes.len().saturating_sub(MAX_CHANGES) {
            lines.push(format!("… {}, in the JSON of {}", count(n_more, "more change"), step.id));
        }
        if diff.n_same_statements > 0 {
            lines.push(format!("  {} as before", count(diff.n_same_statements, "statement")));
        }
        let sent = sent::unsaid(step).into_iter();
        lines.extend(sent.map(|(name, sent)| format!("with {name}: {}", value(&step.id, &sent))));
        lines.iter().map(|line| self.indented(4, line)).collect()
    }

    fn unplanned(&self) -> Option<String> {
        let parts = self.overview.hindrances.iter().map(|(hindrance, unplanned)| {
            let title = format!("{}: {}", words::hindrance(*hindrance), count(unplanned.len(), "thing"));
            let each: String = unplanned.iter().map(|unplanned| self.left(unplanned)).collect();
            format!("{}{each}", self.bold(2, &title))
        });
        let parts: Vec<String> = parts.collect();
        (!parts.is_empty()).then(|| format!("{}{}", self.bold(0, "Not planned"), parts.join("")))
    }

    fn left(&self, unplanned: &Unplanned) -> String {
        let target = overview::target(self.plan, unplanned);
        let n_open = overview::still_open(unplanned);
        let mut text = self.page.line(4, &format!("{target}: {}; {n_open} open", unplanned.reason));
        text.extend(unplanned.gap.iter().map(|gap| self.page.line(6, &format!("? not read: {gap}"))));
        text.extend(unplanned.hint.iter().map(|hint| self.page.line(6, &format!("→ {hint}"))));
        text
    }
}

/// One change as a line that begins with its sign.
pub(crate) fn line(step: &str, change: &Change) -> String {
    let said = |side: &Option<Value>| match side {
        Some(side) if change.is_statement => short(&statement::sentence(side)),
        Some(side) => value(step, side),
        None => String::new(),
    };
    let colon = if change.path.is_empty() { "" } else { ": " };
    let arrow = if change.was.is_some() && change.is.is_some() { " → " } else { "" };
    format!("{} {}{colon}{}{arrow}{}", change.sign(), change.path, said(&change.was), said(&change.is))
}

/// A value on one line. What this step leaves behind is named by AWS.
pub(crate) fn value(step: &str, value: &Value) -> String {
    let statements = value.get("Statement");
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) if text.starts_with(&format!("${{{step}.")) => "(named by AWS)".to_owned(),
        Value::String(text) => short(text),
        Value::Object(_) if statements.is_some() => match statements {
            Some(Value::Array(all)) => {
                let each = all.iter().enumerate();
                let each = each.map(|(index, one)| {
                    short(&format!("{}: {}", statement::name(one, index + 1), statement::sentence(one)))
                });
                each.collect::<Vec<_>>().join("; ")
            }
            one => short(&one.map(statement::sentence).unwrap_or_default()),
        },
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            short(&if texts.is_empty() { "none".to_owned() } else { texts.join(", ") })
        }
        other => short(&other.to_string()),
    }
}

/// The beginning of a long text, with how much is hidden and where it is.
fn short(text: &str) -> String {
    let n_hidden = text.chars().count().saturating_sub(MAX_VALUE);
    if n_hidden <= MAX_VALUE / 8 {
        return text.to_owned();
    }
    let shown: String = text.chars().take(MAX_VALUE).collect();
    format!("{shown}… ({n_hidden} characters more, in the plan's JSON)")
}
