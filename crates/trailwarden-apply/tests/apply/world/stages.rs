//! Whether stages hold in the small AWS: when all their attachments are shown, unless a test says otherwise. It insists that no
//! step is made before the stages before it are shown to hold and have soaked.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::json;
use trailwarden_apply::StageCheck;
use trailwarden_model::journal::{Direction, Run, Standing};
use trailwarden_model::plan::{Aspect, Plan, Stage, StepId, Subject, bind};

use super::World;

impl World {
    /// What the journal must say before a step is made.
    pub(super) fn check_stages(&self, (step, direction): &(StepId, Direction)) {
        if self.plan.stages.is_empty() || *direction == Direction::Back {
            return;
        }
        let (now, run) = (Timestamp::UNIX_EPOCH + self.time.passed(), self.with(|state| state.journal.1.clone()));
        for (number, stage) in (1..).zip(&self.plan.stages) {
            if stage.steps.contains(step) {
                assert!(run.not_shown.is_none(), "{step} is made, although {:?}", run.not_shown);
                return;
            }
            let shown = run.shown.get(&number);
            let is_over = shown.is_some_and(|shown| stage.soaked_at(*shown) <= now);
            assert!(is_over, "{step} is made at {now}, and {} was shown at {shown:?}", stage.name);
        }
        panic!("{step} is of no stage");
    }

    /// The subject of a step, as it is once the run has created what it names.
    fn bound_subject(&self, run: &Run, step: &str) -> Option<Subject> {
        let subject = serde_json::to_value(&self.plan.step(step)?.subject).ok()?;
        serde_json::from_value(bind(&subject, &run.bindings).ok()?).ok()
    }

    fn is_shown(&self, stage: &Stage, now: Duration) -> Result<(), String> {
        self.with(|state| {
            state.asked.push(format!("show {}", stage.name));
            let run = state.journal.1.clone();
            if let Some((n @ 1.., reason)) = state.unshown.get_mut(&stage.name) {
                *n -= 1;
                return Err(reason.clone());
            }
            for step in &stage.steps {
                assert!(
                    matches!(run.steps.get(step), Some(Standing::Done { .. })),
                    "{} is to be shown before {step} is done",
                    stage.name
                );
                let Some(subject) = self.bound_subject(&run, step) else { return Err(format!("{step} is unbound")) };
                let is_attachment = matches!(subject.aspect, Aspect::PolicyAttachment { .. });
                if is_attachment && state.shown(now, &subject) != json!(true) {
                    return Err(format!("{step} is not reported"));
                }
            }
            Ok(())
        })
    }
}

impl StageCheck for World {
    fn reach<'a>(&'a self, _: &'a Plan, stage: &'a Stage) -> BoxFuture<'a, Result<(), String>> {
        async {
            self.pass().await;
            self.with(|state| {
                state.asked.push(format!("reach {}", stage.name));
                state.moved.get(&stage.name).cloned().map_or(Ok(()), Err)
            })
        }
        .boxed()
    }

    fn show<'a>(&'a self, _: &'a Plan, stage: &'a Stage) -> BoxFuture<'a, Result<(), String>> {
        async {
            self.pass().await;
            self.read_journal();
            self.is_shown(stage, self.time.passed())
        }
        .boxed()
    }
}
