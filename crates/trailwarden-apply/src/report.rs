//! What became of a run: each step's fate, the outcome, and the calls that remain when a person has to go on.

use std::collections::BTreeMap;

use serde_json::Value;
use trailwarden_model::journal::Outcome;
use trailwarden_model::observed::Gap;
use trailwarden_model::plan::{Place, StepId};

/// What became of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// How it ended, as the journal has it.
    pub outcome: Outcome,
    /// Every step of the plan, when going forward; every step that was begun, when rolling back.
    pub steps: Fates,
    /// What is left to a person, in the order to do it in; only when [`Outcome::Stuck`].
    pub instructions: Vec<Instruction>,
}

/// What became of each step.
pub type Fates = BTreeMap<StepId, Fate>;

/// What became of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// Its postcondition holds.
    Done {
        /// It did so before: no call was made.
        already: bool,
    },
    /// Not made, or not rolled back; its call had no effect.
    Failed {
        /// AWS's error code, or our own word.
        code: String,
        /// One sentence.
        reason: String,
    },
    /// It is not known whether its call had an effect.
    InDoubt {
        /// AWS's error code, or our own word.
        code: String,
        /// One sentence.
        reason: String,
        /// What is observed, or why it cannot be.
        observed: Result<Value, Gap>,
    },
    /// Not begun, or on the way back left as it is, because of this other step.
    Held(StepId),
    /// Not begun, because the run was asked to stop.
    Stopped,
    /// Rolled back.
    RolledBack,
    /// Done, and kept by intent; the reason says why.
    Kept(String),
    /// Done, and there is no way back; the reason says why.
    Irreversible(String),
    /// Nothing to roll back: the run did not change anything here.
    Untouched,
}

/// What a person has to do about one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    /// The step.
    pub step: StepId,
    /// What the step had done, in one line.
    pub title: String,
    /// Where the call is to be made.
    pub place: Place,
    /// `service:Operation`; none where nothing takes the step back.
    pub operation: Option<String>,
    /// Its input, for `--cli-input-json`. May hold `${s001.Arn}` where nobody knows what a step in doubt left behind.
    pub input: Value,
    /// What is observed, or why it cannot be; none where the step was not looked at.
    pub observed: Option<Result<Value, Gap>>,
    /// What was there before the step, and should be again.
    pub restore: Value,
    /// Why this was not done.
    pub reason: String,
}

/// True when the step's postcondition holds.
pub(crate) fn is_done(fate: &Fate) -> bool {
    matches!(fate, Fate::Done { .. })
}
