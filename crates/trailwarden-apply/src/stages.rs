//! Stages one after the other: none begins before every stage before it is shown to hold, and has soaked.

use std::time::Duration;

use jiff::Timestamp;
use trailwarden_model::journal::{Event, Outcome};
use trailwarden_model::plan::{Plan, Stage};

use crate::cloud::{Clock, Cloud};
use crate::error::ApplyError;
use crate::executor::Executor;
use crate::order::{self, Needs};
use crate::progress::{Progress, Wait};
use crate::recorder::Recorder;
use crate::report::{Fates, is_done};

/// Between two attempts to show a stage.
const PAUSE: Duration = Duration::from_secs(5);

impl<C: Cloud, K: Clock> Executor<'_, C, K> {
    /// Makes every step that is not done, stage by stage; of a plan without stages, all in one go.
    pub(crate) async fn make_all(
        &self,
        plan: &Plan,
        needs: &Needs<'_>,
        recorder: &Recorder<'_, K>,
        fates: &mut Fates,
    ) -> Result<Outcome, ApplyError> {
        let limits = (self.options.n_accounts.max(1), self.stop, self.observer);
        let make = |step| self.make(step, recorder);
        if plan.stages.is_empty() {
            order::take_turns(order::forward(plan.steps.iter(), needs), fates, limits, make).await?;
        }
        for (number, stage) in (1..).zip(&plan.stages) {
            if stage.steps.iter().any(|step| !fates.get(step).is_some_and(is_done))
                && let Some(outcome) = self.hold_back(plan, (number, stage), recorder).await?
            {
                return Ok(outcome);
            }
            // A step of a later stage may stand before them in the plan: nothing here waits for it.
            let steps = plan.steps.iter().filter(|step| stage.steps.contains(&step.id));
            order::take_turns(order::forward(steps, needs), fates, limits, make).await?;
            if !stage.steps.iter().all(|step| fates.get(step).is_some_and(is_done)) {
                return Ok(Outcome::Incomplete);
            }
            if !recorder.run().shown.contains_key(&number) && !self.show(plan, (number, stage), recorder).await? {
                return Ok(Outcome::Incomplete);
            }
        }
        Ok(if fates.values().all(is_done) { Outcome::Applied } else { Outcome::Incomplete })
    }

    /// How the run ends before a stage, when the stage may not begin.
    async fn hold_back(
        &self,
        plan: &Plan,
        (number, stage): (usize, &Stage),
        recorder: &Recorder<'_, K>,
    ) -> Result<Option<Outcome>, ApplyError> {
        let earlier = || (1..number).zip(&plan.stages);
        let shown = recorder.run().shown;
        let until = |(number, stage): (usize, &Stage)| Some(stage.soaked_at(*shown.get(&number)?));
        if !self.has_soaked(earlier().filter_map(until).max()).await {
            return Ok(Some(Outcome::Soaking));
        }
        // What was shown a day ago may not hold any more.
        for stage in earlier() {
            if !self.show(plan, stage, recorder).await? {
                return Ok(Some(Outcome::Incomplete));
            }
        }
        if let Err(reason) = self.stages.reach(plan, stage).await {
            recorder.record(Event::NotShown { stage: number, reason })?;
            return Ok(Some(Outcome::Incomplete));
        }
        Ok(None)
    }

    /// Waits for the end of the soak if that is wanted; false while there is time left.
    async fn has_soaked(&self, until: Option<Timestamp>) -> bool {
        while let Some(left) =
            until.map(|until| until.duration_since(self.clock.now())).filter(|left| left.is_positive())
        {
            if !self.options.waits_for_soak || self.is_stopping() {
                return false;
            }
            self.clock.sleep(left.unsigned_abs().min(PAUSE)).await;
        }
        true
    }

    /// Shows a stage, with patience: what was attached a moment ago may not be reported yet.
    async fn show(
        &self,
        plan: &Plan,
        (number, stage): (usize, &Stage),
        recorder: &Recorder<'_, K>,
    ) -> Result<bool, ApplyError> {
        let give_up = self.clock.now() + self.options.effect;
        let mut is_first = true;
        let reason = loop {
            match self.stages.show(plan, stage).await {
                Ok(()) => {
                    recorder.record(Event::Shown { stage: number })?;
                    return Ok(true);
                }
                Err(reason) if self.clock.now() >= give_up || self.is_stopping() => break reason,
                Err(_) => {
                    if std::mem::take(&mut is_first) {
                        self.observer.hear(&Progress::Waiting { step: &stage.name, wait: Wait::Effect });
                    }
                    self.clock.sleep(PAUSE).await;
                }
            }
        };
        recorder.record(Event::NotShown { stage: number, reason })?;
        Ok(false)
    }
}
