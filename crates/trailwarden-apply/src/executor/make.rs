//! Making one step: look, intend, call, look.

use serde_json::Value;
use trailwarden_model::journal::{Direction, Event};
use trailwarden_model::plan::{Before, Guard, Step, StepId, matches};

use crate::bound::Bound;
use crate::change::{Change, Made, Seen};
use crate::cloud::{Clock, Cloud};
use crate::error::ApplyError;
use crate::executor::Executor;
use crate::progress::{Progress, Wait};
use crate::recorder::Recorder;
use crate::report::Fate;

/// Why a step cannot be made: a code, and one sentence.
type Hindrance = (String, String);

impl<C: Cloud, K: Clock> Executor<'_, C, K> {
    /// Makes a step whose turn has come.
    pub(crate) async fn make(&self, step: &Step, recorder: &Recorder<'_, K>) -> Result<(StepId, Fate), ApplyError> {
        self.observer.hear(&Progress::Turn(step));
        let fate = match self.prepare(step, recorder).await {
            Ok((bound, found)) => self.make_bound(step, &bound, found, recorder).await?,
            Err((code, reason)) => failed(step, code, reason, recorder)?,
        };
        Ok((step.id.clone(), fate))
    }

    /// The step with its placeholders filled in and what is found of its subject, when its preconditions hold.
    async fn prepare(&self, step: &Step, recorder: &Recorder<'_, K>) -> Result<(Bound, Value), Hindrance> {
        let bound = Bound::of(step, &recorder.run().bindings)
            .map_err(|unknown| ("UnknownOutput".to_owned(), unknown.to_string()))?;
        for guard in &bound.guards {
            self.hold(step, guard).await?;
        }
        let found = self.cloud.look(&bound.subject).await.map_err(|gap| (gap.code.clone(), gap.to_string()))?;
        match &step.before {
            Before::Is(before) if *before == found => {}
            Before::Is(_) if bound.is_met(&found) => {
                let reason = "somebody else brought it about meanwhile; the plan no longer fits";
                return Err(("ChangedMeanwhile".to_owned(), reason.to_owned()));
            }
            Before::Is(before) => {
                return Err((
                    "Moved".to_owned(),
                    format!("{before} is expected before the call, and {found} is observed"),
                ));
            }
            Before::CreatedBy(_) => {}
        }
        Ok((bound, found))
    }

    /// Waits a while for a guard to hold: it may be about something that this run changed just before.
    async fn hold(&self, step: &Step, guard: &Guard) -> Result<(), Hindrance> {
        let change = Change {
            step: &step.id,
            subject: guard.subject.clone(),
            is_before: Box::new(|_| true),
            is_after: Box::new(|observed| matches(&guard.is, observed)),
        };
        match self.watch(&change, self.options.settle, Wait::Effect).await {
            Seen::After(_) => Ok(()),
            Seen::Before(observed) | Seen::Neither(Ok(observed)) => {
                let reason = format!("{} is needed where {observed} is observed: {}", guard.is, guard.because);
                Err(("GuardUnmet".to_owned(), reason))
            }
            Seen::Neither(Err(gap)) => Err((gap.code.clone(), gap.to_string())),
        }
    }

    async fn make_bound(
        &self,
        step: &Step,
        bound: &Bound,
        found: Value,
        recorder: &Recorder<'_, K>,
    ) -> Result<Fate, ApplyError> {
        let (id, direction) = (step.id.clone(), Direction::Forward);
        // A plan that expects a state would not hold a step that does not change it; what AWS sets may be what is wanted.
        if matches!(step.before, Before::CreatedBy(_)) && bound.is_met(&found) {
            recorder.record(Event::Done { step: id, direction, left: found, already: true })?;
            return Ok(Fate::Done { already: true });
        }
        recorder.record(Event::Intended { step: id.clone(), direction, found })?;
        match self.drive(&forward(step, bound), &bound.call).await {
            Made::Done(left) => {
                recorder.record(Event::Done { step: id, direction, left, already: false })?;
                Ok(Fate::Done { already: false })
            }
            Made::Refused(refusal) => failed(step, refusal.code, refusal.reason, recorder),
            Made::InDoubt(refusal, observed) => {
                Ok(Fate::InDoubt { code: refusal.code, reason: refusal.reason, observed })
            }
        }
    }
}

/// The change that a step makes.
pub(crate) fn forward<'a>(step: &'a Step, bound: &'a Bound) -> Change<'a> {
    Change {
        step: &step.id,
        subject: bound.subject.clone(),
        is_before: Box::new(|observed| match &step.before {
            Before::Is(before) => before == observed,
            // Whatever AWS sets: what it shows of a new resource may still change.
            Before::CreatedBy(_) => !bound.is_met(observed),
        }),
        is_after: Box::new(|observed| bound.is_met(observed)),
    }
}

fn failed<K: Clock>(step: &Step, code: String, reason: String, recorder: &Recorder<'_, K>) -> Result<Fate, ApplyError> {
    let (id, direction) = (step.id.clone(), Direction::Forward);
    recorder.record(Event::Failed { step: id, direction, code: code.clone(), reason: reason.clone() })?;
    Ok(Fate::Failed { code, reason })
}
