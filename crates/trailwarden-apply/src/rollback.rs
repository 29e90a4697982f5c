//! Rolling a run back: what it changed, in reverse, each step after those that needed it. Coverage never falls below what it
//! was before the run: each state on the way back is one that the way forward may go through, or has more in place, because
//! whatever cannot be taken back holds all that it needs.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use trailwarden_model::journal::{Direction, Event, Outcome, Standing};
use trailwarden_model::plan::{Before, Bindings, Plan, Rollback, Step, StepId, Subject, UnknownOutput};

use crate::bound;
use crate::change::{Change, Made, Seen};
use crate::cloud::{Clock, Cloud};
use crate::error::ApplyError;
use crate::executor::Executor;
use crate::lock::Lock;
use crate::order::{self, side_by_side};
use crate::progress::{Progress, Wait};
use crate::recorder::Recorder;
use crate::recover::{Settled, record};
use crate::report::{Fate, Report};

mod instructions;

/// S3's code for a bucket that is not deleted because something is in it.
const HOLDS_FILES: &str = "BucketNotEmpty";

/// A done step that is to be taken back.
struct Undoing<'a> {
    step: &'a Step,
    /// Where to look.
    subject: Subject,
    /// What was found before the step was made.
    found: Value,
    /// What it left behind.
    left: Value,
}

impl<C: Cloud, K: Clock> Executor<'_, C, K> {
    /// Rolls back what a run changed; after an interruption, or once a person has mended what was stuck, goes on with it.
    ///
    /// # Errors
    /// When there is no run, or it is rolled back already; and when the journal cannot be written.
    pub async fn roll_back(&self, dir: &Path) -> Result<Report, ApplyError> {
        let _lock = Lock::take(self.lock)?;
        let (plan, journal) = self.open_run(dir)?;
        let needs = order::needs(&plan)?;
        if let Some(outcome @ Outcome::RolledBack) = journal.run().outcome {
            return Err(ApplyError::Over { dir: dir.to_owned(), outcome });
        }
        let recorder = self.recorder(journal);
        recorder.record(Event::Resumed { direction: Direction::Back, by: self.by.to_owned() })?;
        let in_doubt = self.find_out(&plan, &recorder).await?;
        let mut steps = fates(&plan, &recorder.run().steps);
        steps.extend(in_doubt);
        let limits = (self.options.n_accounts.max(1), self.stop, self.observer);
        let undo = |step| self.undo(step, &recorder);
        order::take_turns(order::back(&plan, &needs), &mut steps, limits, undo).await?;
        let run = recorder.run();
        steps.retain(|id, _| run.steps.contains_key(id));
        let outcome = outcome(&steps);
        let instructions = match outcome {
            Outcome::Stuck => self.instructions(&plan, &run, &steps).await,
            _ => Vec::new(),
        };
        recorder.record(Event::Ended { outcome })?;
        Ok(Report { outcome, steps, instructions })
    }

    /// Settles what is in doubt, both ways, and tells what still is.
    async fn find_out(&self, plan: &Plan, recorder: &Recorder<'_, K>) -> Result<Vec<(StepId, Fate)>, ApplyError> {
        let run = recorder.run();
        let settled: Vec<Settled<'_>> = self.settle(plan, &run).await;
        let mut in_doubt = Vec::new();
        for settled in settled {
            in_doubt.extend(record(settled, recorder)?);
        }
        let undoing = plan.steps.iter().filter_map(|step| match run.steps.get(&step.id) {
            Some(Standing::UndoInDoubt { found, left }) => Undoing::of(step, &run.bindings, found, left).ok(),
            _ => None,
        });
        let watched: Vec<_> = undoing.map(|undoing| self.settle_back(undoing)).collect();
        for (step, seen) in side_by_side(self.options.n_looks, watched).await {
            in_doubt.extend(record_back(step, seen, recorder)?);
        }
        Ok(in_doubt)
    }

    async fn settle_back(&self, undoing: Undoing<'_>) -> (StepId, Seen) {
        let seen = self.watch(&undoing.change(), self.options.settle, Wait::Doubt).await;
        (undoing.step.id.clone(), seen)
    }

    /// Takes back a step whose turn has come.
    async fn undo(&self, step: &Step, recorder: &Recorder<'_, K>) -> Result<(StepId, Fate), ApplyError> {
        self.observer.hear(&Progress::Turn(step));
        let run = recorder.run();
        let fate = match (run.steps.get(&step.id), &step.rollback) {
            (Some(Standing::Done { found: Some(_), .. }), Rollback::Keep(reason)) => {
                recorder.record(Event::Kept { step: step.id.clone(), reason: reason.clone() })?;
                Fate::Kept(reason.clone())
            }
            (Some(Standing::Done { found: Some(_), .. }), Rollback::Irreversible(reason)) => {
                recorder.record(Event::Kept { step: step.id.clone(), reason: reason.clone() })?;
                Fate::Irreversible(reason.clone())
            }
            (
                Some(Standing::Done { found: Some(found), left } | Standing::Stuck { found, left, .. }),
                Rollback::Undo(_),
            ) => match Undoing::of(step, &run.bindings, found, left) {
                Ok(undoing) => self.undo_bound(&undoing, recorder).await?,
                Err(unknown) => failed(step, "UnknownOutput".to_owned(), unknown.to_string(), recorder)?,
            },
            // Every other standing has its fate already; one that has not must not pass for taken back.
            _ => Fate::Failed { code: "Unsettled".to_owned(), reason: "where it stands is not known".to_owned() },
        };
        Ok((step.id.clone(), fate))
    }

    async fn undo_bound(&self, undoing: &Undoing<'_>, recorder: &Recorder<'_, K>) -> Result<Fate, ApplyError> {
        let (step, direction) = (undoing.step, Direction::Back);
        let call = match bound::undo(step, &recorder.run().bindings) {
            Ok(Some(call)) => call,
            Ok(None) => return Ok(Fate::Untouched),
            Err(unknown) => return failed(step, "UnknownOutput".to_owned(), unknown.to_string(), recorder),
        };
        let found = match self.watch(&undoing.as_left(), self.options.settle, Wait::Effect).await {
            Seen::After(found) => found,
            Seen::Before(left) => {
                recorder.record(Event::Done { step: step.id.clone(), direction, left, already: true })?;
                return Ok(Fate::RolledBack);
            }
            Seen::Neither(Ok(observed)) => {
                let reason = format!("the step left {}, and somebody changed that to {observed}", undoing.left);
                return failed(step, "ChangedMeanwhile".to_owned(), reason, recorder);
            }
            Seen::Neither(Err(gap)) => return failed(step, gap.code.clone(), gap.to_string(), recorder),
        };
        recorder.record(Event::Intended { step: step.id.clone(), direction, found })?;
        match self.drive(&undoing.change(), &call).await {
            Made::Done(left) => {
                recorder.record(Event::Done { step: step.id.clone(), direction, left, already: false })?;
                Ok(Fate::RolledBack)
            }
            Made::Refused(refusal) if refusal.code == HOLDS_FILES => {
                let reason = "files have arrived in it: it stays, with its settings".to_owned();
                recorder.record(Event::Kept { step: step.id.clone(), reason: reason.clone() })?;
                Ok(Fate::Kept(reason))
            }
            Made::Refused(refusal) => failed(step, refusal.code, refusal.reason, recorder),
            Made::InDoubt(refusal, observed) => {
                Ok(Fate::InDoubt { code: refusal.code, reason: refusal.reason, observed })
            }
        }
    }
}

impl<'a> Undoing<'a> {
    fn of(step: &'a Step, bindings: &Bindings, found: &Value, left: &Value) -> Result<Self, UnknownOutput> {
        let subject = bound::subject(step, bindings)?;
        Ok(Self { step, subject, found: found.clone(), left: left.clone() })
    }

    fn own_part(&self, value: &Value) -> Value {
        self.subject.aspect.own_part(value)
    }

    fn is_left(&self, observed: &Value) -> bool {
        self.own_part(observed) == self.own_part(&self.left)
    }

    /// Before the call: the step's work must still stand there. That it is gone must show for a while to be believed, for a
    /// read that lags behind shows the same.
    fn as_left(&self) -> Change<'_> {
        Change {
            step: &self.step.id,
            subject: self.subject.clone(),
            is_before: Box::new(|observed| *observed == self.found),
            is_after: Box::new(|observed| self.is_left(observed)),
        }
    }

    /// The call's change: from what the step left to what was found. A setting of a resource that the run created itself is
    /// back when it is whatever AWS sets.
    fn change(&self) -> Change<'_> {
        let is_created = matches!(self.step.before, Before::CreatedBy(_));
        Change {
            step: &self.step.id,
            subject: self.subject.clone(),
            is_before: Box::new(|observed| self.is_left(observed)),
            is_after: Box::new(move |observed| *observed == self.found || (is_created && !self.is_left(observed))),
        }
    }
}

/// What is already clear of each step's way back.
fn fates(plan: &Plan, steps: &BTreeMap<StepId, Standing>) -> BTreeMap<StepId, Fate> {
    let fates = plan.steps.iter().filter_map(|step| {
        let fate = match (steps.get(&step.id), &step.rollback) {
            (Some(Standing::RolledBack), _) => Fate::RolledBack,
            (Some(Standing::Kept(reason)), Rollback::Irreversible(_)) => Fate::Irreversible(reason.clone()),
            (Some(Standing::Kept(reason)), _) => Fate::Kept(reason.clone()),
            (None | Some(Standing::Failed { .. } | Standing::Done { found: None, .. }), _) => Fate::Untouched,
            _ => return None,
        };
        Some((step.id.clone(), fate))
    });
    fates.collect()
}

fn outcome(steps: &BTreeMap<StepId, Fate>) -> Outcome {
    let is_back = |fate: &Fate| matches!(fate, Fate::RolledBack | Fate::Kept(_) | Fate::Untouched);
    match () {
        () if steps.values().any(|fate| *fate == Fate::Stopped) => Outcome::Incomplete,
        () if steps.values().all(is_back) => Outcome::RolledBack,
        () => Outcome::Stuck,
    }
}

/// Writes what was found out about a step whose rolling back was in doubt.
fn record_back<K: Clock>(
    step: StepId,
    seen: Seen,
    recorder: &Recorder<'_, K>,
) -> Result<Option<(StepId, Fate)>, ApplyError> {
    let direction = Direction::Back;
    match seen {
        Seen::After(left) => recorder.record(Event::Done { step, direction, left, already: false })?,
        Seen::Before(_) => {
            let reason = "the call was not made before the run was interrupted, or had no effect".to_owned();
            recorder.record(Event::Failed { step, direction, code: "NotMade".to_owned(), reason })?;
        }
        Seen::Neither(observed) => {
            let reason = "it is neither as the step left it nor as before; a person has to look".to_owned();
            return Ok(Some((step, Fate::InDoubt { code: "Diverged".to_owned(), reason, observed })));
        }
    }
    Ok(None)
}

fn failed<K: Clock>(step: &Step, code: String, reason: String, recorder: &Recorder<'_, K>) -> Result<Fate, ApplyError> {
    let (id, direction) = (step.id.clone(), Direction::Back);
    recorder.record(Event::Failed { step: id, direction, code: code.clone(), reason: reason.clone() })?;
    Ok(Fate::Failed { code, reason })
}
