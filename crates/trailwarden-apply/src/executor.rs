//! Applying a plan: refusing what is not to be applied, then making its steps. How one step is made is in `make`.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use trailwarden_model::journal::{self, Event, Run, Standing};
use trailwarden_model::plan::{self, Plan};

use crate::cloud::{Clock, Cloud, StageCheck};
use crate::error::ApplyError;
use crate::journal_file::Journal;
use crate::lock::Lock;
use crate::order::{self, Needs};
use crate::progress::Observer;
use crate::recorder::Recorder;
use crate::report::{Fate, Fates, Report};

mod make;

pub(crate) use make::forward;

/// Applies plans, goes on with interrupted runs, and rolls them back; for one caller in one organization.
#[derive(Clone, Copy)]
pub struct Executor<'a, C, K> {
    /// AWS.
    pub cloud: &'a C,
    /// The time.
    pub clock: &'a K,
    /// Who shows that stages hold.
    pub stages: &'a dyn StageCheck,
    /// Who hears what happens.
    pub observer: &'a dyn Observer,
    /// Set it, and the steps under way are finished and no other is begun.
    pub stop: &'a AtomicBool,
    /// The lock file: one for each organization.
    pub lock: &'a Path,
    /// `o-…`: the organization of the credentials.
    pub organization: &'a str,
    /// The ARN of the caller, for the journal.
    pub by: &'a str,
    /// The version that applies, for the journal.
    pub tool_version: &'a str,
    /// How long to wait for what.
    pub options: Options,
}

/// How long to wait, and how much to do at once.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Accounts that are worked on at once.
    pub n_accounts: usize,
    /// Subjects that are looked at once.
    pub n_looks: usize,
    /// For the effect of an accepted call to be seen.
    pub effect: Duration,
    /// For what was written before to count everywhere.
    pub propagation: Duration,
    /// For a change of which nothing is known to show, or not.
    pub settle: Duration,
    /// For AWS to be less busy.
    pub throttled: Duration,
    /// Whether to wait while a stage soaks; if not, the run ends there and is resumed later.
    pub waits_for_soak: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            n_accounts: 8,
            n_looks: 16,
            effect: Duration::from_secs(120),
            propagation: Duration::from_secs(120),
            settle: Duration::from_secs(30),
            throttled: Duration::from_secs(300),
            waits_for_soak: false,
        }
    }
}

impl<C: Cloud, K: Clock> Executor<'_, C, K> {
    /// Applies a sealed plan, given as the text that was approved. The run directory must not have seen a run.
    ///
    /// # Errors
    /// When the plan is refused, which changes nothing; and when the journal cannot be written, which leaves steps in doubt.
    pub async fn apply(&self, plan_text: &str, dir: &Path) -> Result<Report, ApplyError> {
        let plan = plan::open(plan_text)?;
        self.own(&plan)?;
        let needs = order::needs(&plan)?;
        let _lock = Lock::take(self.lock)?;
        Journal::refuse_begun(dir)?;
        self.check_basis(&plan, &Run::default()).await?;
        let recorder = self.recorder(Journal::create(dir, &plan, plan_text)?);
        recorder.record(Event::Began {
            format: journal::FORMAT.to_owned(),
            plan: plan.digest.clone(),
            organization: plan.organization.clone(),
            by: self.by.to_owned(),
            tool_version: self.tool_version.to_owned(),
        })?;
        self.go_forward(&plan, &needs, &recorder).await
    }

    /// Makes every step that is not done.
    pub(crate) async fn go_forward(
        &self,
        plan: &Plan,
        needs: &Needs<'_>,
        recorder: &Recorder<'_, K>,
    ) -> Result<Report, ApplyError> {
        let mut steps = done(&recorder.run());
        let outcome = self.make_all(plan, needs, recorder, &mut steps).await?;
        recorder.record(Event::Ended { outcome })?;
        Ok(Report { outcome, steps, instructions: Vec::new() })
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(crate) fn recorder(&self, journal: Journal) -> Recorder<'_, K> {
        Recorder::new(journal, self.clock, self.observer)
    }

    /// Opens a run of this organization to go on with it.
    pub(crate) fn open_run(&self, dir: &Path) -> Result<(Plan, Journal), ApplyError> {
        let (plan, journal) = Journal::open(dir)?;
        self.own(&plan)?;
        Ok((plan, journal))
    }

    fn own(&self, plan: &Plan) -> Result<(), ApplyError> {
        match plan.organization == self.organization {
            true => Ok(()),
            false => Err(ApplyError::OtherOrganization {
                plan: plan.organization.clone(),
                caller: self.organization.to_owned(),
            }),
        }
    }
}

/// The fates of steps that a run has made.
fn done(run: &Run) -> Fates {
    let done = run.steps.iter().filter_map(|(id, standing)| match standing {
        Standing::Done { found, .. } => Some((id.clone(), Fate::Done { already: found.is_none() })),
        _ => None,
    });
    done.collect()
}
