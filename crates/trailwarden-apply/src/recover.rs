//! Going on with a run that was interrupted: steps in doubt are settled by looking, never by guessing.

use std::path::Path;

use trailwarden_model::journal::{Direction, Event, Outcome, Run, Standing};
use trailwarden_model::plan::{Plan, Step, StepId};

use crate::bound::Bound;
use crate::change::Seen;
use crate::cloud::{Clock, Cloud};
use crate::error::{ApplyError, Doubt};
use crate::executor::{Executor, forward};
use crate::lock::Lock;
use crate::order::{self, side_by_side};
use crate::progress::Wait;
use crate::recorder::Recorder;
use crate::report::{Fate, Report};

impl<C: Cloud, K: Clock> Executor<'_, C, K> {
    /// Goes on with a run, wherever it was interrupted.
    ///
    /// # Errors
    /// Before anything is changed: when the run is over or was turned back, when somebody else changed what it did or what it
    /// still rests on, and when a step in doubt is neither as before nor as planned. Else as for [`Executor::apply`].
    pub async fn resume(&self, dir: &Path) -> Result<Report, ApplyError> {
        let _lock = Lock::take(self.lock)?;
        let (plan, journal) = self.open_run(dir)?;
        let needs = order::needs(&plan)?;
        let run = journal.run().clone();
        match run.outcome {
            Some(outcome @ (Outcome::Applied | Outcome::RolledBack)) => {
                return Err(ApplyError::Over { dir: dir.to_owned(), outcome });
            }
            _ if run.direction == Direction::Back => return Err(ApplyError::TurnedBack(dir.to_owned())),
            _ => {}
        }
        let settled = self.settle(&plan, &run).await;
        let doubts: Vec<Doubt> = settled.iter().filter_map(|settled| settled.doubt(&run)).collect();
        if !doubts.is_empty() {
            return Err(ApplyError::InDoubt(doubts));
        }
        self.check_basis(&plan, &run).await?;
        let recorder = self.recorder(journal);
        recorder.record(Event::Resumed { direction: Direction::Forward, by: self.by.to_owned() })?;
        for settled in settled {
            record(settled, &recorder)?;
        }
        self.go_forward(&plan, &needs, &recorder).await
    }

    /// Looks at every step of which it is not known whether it was made.
    pub(crate) async fn settle<'p>(&self, plan: &'p Plan, run: &Run) -> Vec<Settled<'p>> {
        let in_doubt = plan.steps.iter().filter_map(|step| match run.steps.get(&step.id) {
            Some(Standing::InDoubt { .. }) => Some((step, Bound::of(step, &run.bindings).ok()?)),
            _ => None,
        });
        let watched: Vec<_> = in_doubt.map(|(step, bound)| self.settle_one(step, bound)).collect();
        side_by_side(self.options.n_looks, watched).await
    }

    async fn settle_one<'p>(&self, step: &'p Step, bound: Bound) -> Settled<'p> {
        let seen = self.watch(&forward(step, &bound), self.options.settle, Wait::Doubt).await;
        Settled { step, bound, seen }
    }
}

/// A step in doubt, and what looking at it showed.
pub(crate) struct Settled<'p> {
    pub(crate) step: &'p Step,
    pub(crate) bound: Bound,
    pub(crate) seen: Seen,
}

impl Settled<'_> {
    /// The step as one that only a person can settle, when looking did not.
    fn doubt(&self, run: &Run) -> Option<Doubt> {
        match (&self.seen, run.steps.get(&self.step.id)) {
            (Seen::Neither(observed), Some(Standing::InDoubt { found })) => Some(Doubt {
                step: self.step.id.clone(),
                subject: self.bound.subject.clone(),
                found: found.clone(),
                expected: self.bound.after.clone(),
                observed: observed.clone(),
            }),
            _ => None,
        }
    }
}

/// Writes what was found out about a step in doubt; what was not stays in doubt, and its fate is given back.
pub(crate) fn record<K: Clock>(
    settled: Settled<'_>,
    recorder: &Recorder<'_, K>,
) -> Result<Option<(StepId, Fate)>, ApplyError> {
    let (step, direction) = (settled.step.id.clone(), Direction::Forward);
    match settled.seen {
        Seen::After(left) => recorder.record(Event::Done { step, direction, left, already: false })?,
        Seen::Before(_) => {
            let reason = "the call was not made before the run was interrupted, or had no effect".to_owned();
            recorder.record(Event::Failed { step, direction, code: "NotMade".to_owned(), reason })?;
        }
        Seen::Neither(observed) => {
            let reason = "it is neither as before nor as planned; a person has to look".to_owned();
            return Ok(Some((step, Fate::InDoubt { code: "Diverged".to_owned(), reason, observed })));
        }
    }
    Ok(None)
}
