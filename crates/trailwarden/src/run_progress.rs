//! What happens while a plan is applied, a line each on standard error.

use trailwarden_apply::{Observer, Progress, Wait};
use trailwarden_model::journal::{Direction, Event};
use trailwarden_model::plan::Plan;

use crate::output::write_stderr;

/// Writes lines about the steps of a plan.
pub(crate) struct Lines<'a> {
    plan: &'a Plan,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Self {
        Self { plan }
    }

    fn step(&self, id: &str) -> String {
        let Some(step) = self.plan.step(id) else { return id.to_owned() };
        let place = &step.subject.place;
        let name = self.plan.accounts.get(&place.account).map_or("", String::as_str);
        format!("{id} {} [{name} {} {}]", step.title, place.account, place.region)
    }
}

impl Observer for Lines<'_> {
    fn hear(&self, progress: &Progress<'_>) {
        if let Some(line) = self.line(progress) {
            write_stderr(&format!("{}\n", printable(&line)));
        }
    }
}

impl Lines<'_> {
    fn line(&self, progress: &Progress<'_>) -> Option<String> {
        Some(match progress {
            Progress::Turn(_) => return None,
            Progress::Written(line) => return self.event(&line.event),
            Progress::Waiting { step, wait } => {
                let what = match wait {
                    Wait::Effect => "the change is not seen yet".to_owned(),
                    Wait::Propagation(code) => {
                        format!("what was written before does not count everywhere yet ({code})")
                    }
                    Wait::Throttled => "AWS is busy".to_owned(),
                    Wait::Doubt => "no answer came; looking what happened".to_owned(),
                };
                format!("… {step} waits: {what}")
            }
            Progress::Held { step, by } => format!("– {step} is not made, because of {by}"),
        })
    }

    fn event(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::Done { step, direction: Direction::Forward, already: true, .. } => {
                format!("✓ {}: so already", self.step(step))
            }
            Event::Done { step, direction: Direction::Forward, .. } => format!("✓ {}", self.step(step)),
            Event::Done { step, direction: Direction::Back, .. } => format!("↶ {} rolled back", self.step(step)),
            Event::Failed { step, code, reason, .. } => format!("✗ {}: {code}: {reason}", self.step(step)),
            Event::Kept { step, reason } => format!("– {} kept: {reason}", self.step(step)),
            Event::Shown { stage } => format!("✓ {} is shown to hold", self.stage(*stage)),
            Event::NotShown { stage, reason } => format!("✗ {}: {reason}", self.stage(*stage)),
            Event::Began { .. } | Event::Resumed { .. } | Event::Intended { .. } | Event::Ended { .. } => return None,
        })
    }

    fn stage(&self, number: usize) -> String {
        let named = number.checked_sub(1).and_then(|place| self.plan.stages.get(place));
        format!("stage {number}, {}", named.map(|stage| stage.name.as_str()).unwrap_or_default())
    }
}

/// Names come from AWS: control characters in them must not reach a terminal.
fn printable(line: &str) -> String {
    line.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}
