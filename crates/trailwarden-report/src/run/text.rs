//! How a run ended, step by step, and what a person can or must do next.

use serde_json::Value;
use trailwarden_model::finding::Outcome;
use trailwarden_model::journal::{self, Direction, Run, Standing};
use trailwarden_model::plan::{self, Bindings, Plan, Rollback, Step};

use crate::ReportError;
use crate::export::command;
use crate::page::{Page, View};
use crate::paint::count;
use crate::plain::{plain, plainly};
use crate::plan::text::value;
use crate::plan::words;

/// Renders where a run of a plan stands, ending in a newline.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_run(plan: &Plan, run: &Run, view: &View<'_>) -> Result<String, ReportError> {
    let text = Text { plan, shown: &plainly(plan)?, run, page: Page::new(view) };
    let mut parts = vec![text.head(view), text.steps()];
    parts.extend(text.stages());
    parts.extend(text.stuck());
    parts.push(text.next());
    if !view.exit.is_empty() {
        parts.push(text.page.line(0, &text.page.paint.dim(view.exit)));
    }
    Ok(parts.join("\n"))
}

struct Text<'a> {
    /// The plan as it is, for commands.
    plan: &'a Plan,
    /// The plan made plain, for people.
    shown: &'a Plan,
    run: &'a Run,
    page: Page,
}

impl Text<'_> {
    fn head(&self, view: &View<'_>) -> String {
        let ended = match self.run.outcome {
            Some(journal::Outcome::Applied) => "applied: every step is done",
            Some(journal::Outcome::Soaking) => "soaking: the stages so far are done, and the next one must wait",
            Some(journal::Outcome::Incomplete) => "incomplete: some steps are not done",
            Some(journal::Outcome::RolledBack) => "rolled back: what was made is gone again, or kept by intent",
            Some(journal::Outcome::Stuck) => "stuck: rolling back failed, a person is needed",
            None => "interrupted: the run did not come to its end",
        };
        let title = format!("Run of the plan for organization {} is {ended}", self.shown.organization);
        let notice = view.notice.map(|notice| self.page.line(0, &format!("! {notice}"))).unwrap_or_default();
        let mut tally: Vec<(&str, usize)> = Vec::new();
        for step in &self.shown.steps {
            let word = word(self.run.steps.get(&step.id));
            match tally.iter_mut().find(|(other, _)| *other == word) {
                Some((_, n)) => *n += 1,
                None => tally.push((word, 1)),
            }
        }
        let tally: Vec<String> = tally.iter().map(|(word, n)| format!("{n} {word}")).collect();
        let summary = format!("{}: {}", count(self.shown.steps.len(), "step"), tally.join(", "));
        let digest = format!("digest {}", self.shown.digest);
        let title = self.page.line(0, &self.page.paint.bold(&title));
        format!("{notice}{title}{}{}", self.page.line(2, &digest), self.page.line(2, &summary))
    }

    fn steps(&self) -> String {
        let begun = self.shown.steps.iter().filter_map(|step| Some(self.step(step, self.run.steps.get(&step.id)?)));
        let mut text: String = begun.collect();
        let rest = self.shown.steps.iter().map(|step| &step.id).filter(|id| !self.run.steps.contains_key(*id));
        let rest = words::list(rest);
        if !rest.is_empty() {
            text.push_str(&self.page.line(0, &self.page.paint.dim(&format!("– not begun: {rest}"))));
        }
        text
    }

    /// Where each stage stands, of a plan that has stages.
    fn stages(&self) -> Option<String> {
        let stages = (1..).zip(&self.shown.stages).map(|(number, stage)| {
            let (outcome, said) = match (&self.run.not_shown, self.run.shown.get(&number)) {
                (Some((failed, reason)), _) if *failed == number => {
                    let n_begun = stage.steps.iter().filter(|step| self.run.steps.contains_key(*step)).count();
                    let what = match n_begun {
                        all if all == stage.steps.len() => "not shown to hold",
                        0 => "may not begin",
                        _ => "may not go on",
                    };
                    (Outcome::Fail, format!("✗ {what}: {}", plain(reason)))
                }
                (_, Some(at)) => {
                    (Outcome::Pass, format!("✓ shown to hold at {at}, soaked at {}", stage.soaked_at(*at)))
                }
                (_, None) => (Outcome::NotApplicable, "– not shown yet".to_owned()),
            };
            let said = self.page.paint.outcome(outcome, &said);
            self.page.line(2, &format!("{number} {}: {said}", stage.name))
        });
        let stages: Vec<String> = stages.collect();
        let title = self.page.paint.bold("Stages");
        let is_on = self.run.direction == Direction::Forward && !stages.is_empty();
        is_on.then(|| format!("{}{}", self.page.line(0, &title), stages.join("")))
    }

    fn step(&self, step: &Step, standing: &Standing) -> String {
        let (outcome, symbol) = match standing {
            Standing::Done { .. } | Standing::RolledBack => (Outcome::Pass, "✓"),
            Standing::Failed { .. } | Standing::Stuck { .. } => (Outcome::Fail, "✗"),
            Standing::InDoubt { .. } | Standing::UndoInDoubt { .. } => (Outcome::Unknown, "?"),
            Standing::Kept(_) => (Outcome::NotApplicable, "–"),
        };
        let said = match standing {
            Standing::Done { found: None, .. } => "it was so already, no call was made".to_owned(),
            Standing::Failed { code, reason } | Standing::Stuck { code, reason, .. } => {
                plain(&format!("{code}: {reason}"))
            }
            Standing::InDoubt { .. } => "the call was begun and its outcome is not recorded".to_owned(),
            Standing::UndoInDoubt { .. } => "rolling it back was begun and its outcome is not recorded".to_owned(),
            Standing::Kept(reason) => plain(reason),
            _ => String::new(),
        };
        let place =
            format!("{} {}", words::account(self.shown, &step.subject.place.account), step.subject.place.region);
        let label = self.page.paint.outcome(outcome, &format!("{symbol} {}", word(Some(standing))));
        let colon = if said.is_empty() { "" } else { ": " };
        self.page.line(0, &format!("{label} {} {} ({place}){colon}{said}", step.id, step.title))
    }

    /// For each step that could not be rolled back, what is there and the call that is left to make.
    fn stuck(&self) -> Option<String> {
        let stuck = self.plan.steps.iter().rev().filter_map(|step| match self.run.steps.get(&step.id)? {
            Standing::Stuck { found, left, .. } => Some(self.by_hand(step, found, left)),
            _ => None,
        });
        let stuck: Vec<String> = stuck.collect();
        let title = self.page.paint.bold("To be done by hand, in this order");
        (!stuck.is_empty()).then(|| format!("{}{}", self.page.line(0, &title), stuck.join("")))
    }

    fn by_hand(&self, step: &Step, found: &Value, left: &Value) -> String {
        let place = &step.subject.place;
        let target = plain(&words::aspect(&step.subject.aspect));
        let account = words::account(self.shown, &place.account);
        let mut text = self.page.line(2, &format!("{} {target}, in {account}, {}", step.id, place.region));
        let [found, left] = [found, left].map(|side| plain(&value(&step.id, side)));
        text.push_str(&self.page.line(4, &format!("before the step: {found}")));
        text.push_str(&self.page.line(4, &format!("now: {left}")));
        match &step.rollback {
            Rollback::Undo(call) => {
                let input = plan::bind(&call.input(), &self.bindings()).unwrap_or_else(|_| call.input());
                let (service, operation) = command::words(call);
                let input = command::quoted(&command::ascii_json(&input));
                text.push_str(&self.page.line(4, "remove what the error names, then:"));
                // Never wrapped, so that it can be copied.
                text.push_str(&format!(
                    "      aws {service} {operation} --region {} --cli-input-json {input}\n",
                    place.region
                ));
            }
            _ => text.push_str(&self.page.line(4, &plain(&words::rollback(step)))),
        }
        text
    }

    fn bindings(&self) -> Bindings {
        let left = self.run.steps.iter().filter_map(|(id, standing)| match standing {
            Standing::Done { left, .. } | Standing::Stuck { left, .. } => Some((id.clone(), left.clone())),
            _ => None,
        });
        left.collect()
    }

    fn next(&self) -> String {
        let lines: &[&str] = match self.run.outcome {
            Some(journal::Outcome::Applied) => &["→ `trailwarden verify` looks whether what was promised holds"],
            Some(journal::Outcome::Soaking) => &[
                "→ once the last stage has soaked, `trailwarden apply --resume` goes on with the next one",
                "→ or `trailwarden rollback` takes back what is done",
            ],
            Some(journal::Outcome::Incomplete) => &[
                "→ remove what the failures name, then `trailwarden apply --resume` goes on with what is not done",
                "→ or `trailwarden rollback` takes back what is done",
            ],
            Some(journal::Outcome::RolledBack) => &["→ nothing is left to do"],
            Some(journal::Outcome::Stuck) => {
                &["→ after the calls above, `trailwarden rollback` goes on with what is not taken back"]
            }
            None => &["→ `trailwarden apply --resume` looks at what is in doubt before it goes on"],
        };
        lines.iter().map(|line| self.page.line(0, line)).collect()
    }
}

fn word(standing: Option<&Standing>) -> &'static str {
    match standing {
        None => "not begun",
        Some(Standing::Done { found: None, .. }) => "already so",
        Some(Standing::Done { .. }) => "done",
        Some(Standing::Failed { .. }) => "failed",
        Some(Standing::Stuck { .. }) => "stuck",
        Some(Standing::InDoubt { .. } | Standing::UndoInDoubt { .. }) => "in doubt",
        Some(Standing::RolledBack) => "rolled back",
        Some(Standing::Kept(_)) => "kept",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::sample;

    fn run(outcome: Option<journal::Outcome>, steps: &[(&str, Standing)]) -> String {
        let steps = steps.iter().map(|(id, standing)| ((*id).to_owned(), standing.clone())).collect();
        let run = Run {
            plan: sample::plan().digest,
            organization: "o-acme123456".to_owned(),
            steps,
            outcome,
            n_lines: 9,
            ..Run::default()
        };
        let view = View { width: 110, colour: false, notice: None, exit: "exit code 30: the run is incomplete" };
        render_run(&sample::plan(), &run, &view).expect("renders")
    }

    fn done() -> Standing {
        Standing::Done { found: Some(json!(null)), left: json!({"Arn": "arn:aws:kms:k", "KeyId": "k-1"}) }
    }

    #[test]
    fn an_incomplete_run_says_what_failed_and_how_to_go_on() {
        let failed =
            Standing::Failed { code: "AccessDenied".to_owned(), reason: "an SCP denies it\u{1b}[2J".to_owned() };
        let already = Standing::Done { found: None, left: json!(true) };
        let doubt = Standing::InDoubt { found: json!(null) };
        let steps = [("s001", already), ("s002", done()), ("s003", done()), ("s004", failed), ("s006", doubt)];
        insta::assert_snapshot!(run(Some(journal::Outcome::Incomplete), &steps));
    }

    #[test]
    fn a_stuck_run_gives_the_exact_calls_last_step_first() {
        let stuck = |code: &str| Standing::Stuck {
            found: json!(null),
            left: json!({"Arn": "arn:aws:kms:k", "KeyId": "k-1"}),
            code: code.to_owned(),
            reason: "AWS refused".to_owned(),
        };
        let kept = Standing::Kept("it does no harm".to_owned());
        let steps = [
            ("s001", Standing::RolledBack),
            ("s002", kept),
            ("s003", stuck("KMSInvalidStateException")),
            ("s006", stuck("BucketNotEmpty")),
        ];
        let text = run(Some(journal::Outcome::Stuck), &steps);
        let (bucket, key) = (text.find("aws s3api delete-bucket"), text.find("aws kms schedule-key-deletion"));
        assert!(bucket < key && bucket.is_some(), "{text}");
        assert!(text.contains(r#"--cli-input-json '{"KeyId":"k-1","PendingWindowInDays":7}'"#), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn every_end_says_what_comes_next() {
        assert!(run(Some(journal::Outcome::Applied), &[]).contains("`trailwarden verify`"));
        assert!(run(Some(journal::Outcome::RolledBack), &[]).contains("nothing is left to do"));
        assert!(run(None, &[]).contains("interrupted"));
    }
}
