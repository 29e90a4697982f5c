//! The journal of a run: what was intended, then what came of it, one JSON line each. State is a fold of its events.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::{Bindings, StepId};

mod fold;

pub use fold::{FoldError, fold};

/// The format this version writes.
pub const FORMAT: &str = "trailwarden.journal/1.1";

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// 1, 2, 3, …: a missing or repeated number shows a damaged journal.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// Forward, or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Making a step.
    #[default]
    Forward,
    /// Rolling it back.
    Back,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// The first line of every journal.
    Began {
        /// `trailwarden.journal/1.1`.
        format: String,
        /// The digest of the plan.
        plan: String,
        /// `o-…`.
        organization: String,
        /// Who applies: the ARN of the caller.
        by: String,
        /// The version that applies.
        tool_version: String,
    },
    /// Somebody went on with an interrupted run, or began to roll it back.
    Resumed {
        /// Which way.
        direction: Direction,
        /// The ARN of the caller.
        by: String,
    },
    /// The call is about to be made. Until an outcome follows, the step is in doubt.
    Intended {
        /// The step.
        step: StepId,
        /// Which way.
        direction: Direction,
        /// What was observed of the subject just before: what rolling back must restore where the plan could not know it.
        found: Value,
    },
    /// The postcondition holds (forward), or the former state is back (back).
    Done {
        /// The step.
        step: StepId,
        /// Which way.
        direction: Direction,
        /// What is observed of the subject now.
        left: Value,
        /// It was so already: no call was made.
        already: bool,
    },
    /// The step was not made, or not rolled back; the call had no effect. Where that is not certain no outcome is written,
    /// and the step stays in doubt.
    Failed {
        /// The step.
        step: StepId,
        /// Which way.
        direction: Direction,
        /// AWS's error code, or our own word.
        code: String,
        /// One sentence.
        reason: String,
    },
    /// A step that is kept when rolling back.
    Kept {
        /// The step.
        step: StepId,
        /// Why.
        reason: String,
    },
    /// A stage holds, by what AWS reports.
    Shown {
        /// The stage, the first being 1.
        stage: usize,
    },
    /// It could not be shown that a stage holds: no step of the next one is made.
    NotShown {
        /// The stage, the first being 1.
        stage: usize,
        /// Who gets through, or what could not be read.
        reason: String,
    },
    /// The run came to its end.
    Ended {
        /// How.
        outcome: Outcome,
    },
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every step is done.
    Applied,
    /// Some steps are done, others are not; it can be resumed or rolled back.
    Incomplete,
    /// The steps of the stages so far are done, and the next stage must wait; it can be resumed or rolled back.
    Soaking,
    /// Every done step was rolled back, or is kept by intent.
    RolledBack,
    /// Rolling back failed: a person is needed.
    Stuck,
}

/// Where one step stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Intended and without outcome: it may or may not have happened.
    InDoubt {
        /// What was found just before.
        found: Value,
    },
    /// Rolling back was intended and is without outcome: it may or may not be rolled back.
    UndoInDoubt {
        /// What was found before the step was made.
        found: Value,
        /// What the step left behind.
        left: Value,
    },
    /// Done.
    Done {
        /// What was found just before; none when it was so already and the run changed nothing.
        found: Option<Value>,
        /// What it left behind.
        left: Value,
    },
    /// Failed; nothing was changed.
    Failed {
        /// The code.
        code: String,
        /// The reason.
        reason: String,
    },
    /// Rolling it back failed: it is still done.
    Stuck {
        /// What was found before the step was made.
        found: Value,
        /// What the step left behind.
        left: Value,
        /// The code.
        code: String,
        /// The reason.
        reason: String,
    },
    /// Rolled back.
    RolledBack,
    /// Done, and kept when the run was rolled back.
    Kept(String),
}

/// The state of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// The digest of its plan.
    pub plan: String,
    /// `o-…`.
    pub organization: String,
    /// Which way it goes: once back, never forward again.
    pub direction: Direction,
    /// What each step left behind that was ever done, for the placeholders of others.
    pub bindings: Bindings,
    /// Where each step that was begun stands.
    pub steps: BTreeMap<StepId, Standing>,
    /// The stages shown to hold, each with the time since when it always was, the first stage being 1.
    pub shown: BTreeMap<usize, Timestamp>,
    /// The stage that could not be shown to hold, and why, when that was the last thing heard of it.
    pub not_shown: Option<(usize, String)>,
    /// How it ended last; none while it runs or after it was killed.
    pub outcome: Option<Outcome>,
    /// The last line's number.
    pub n_lines: u64,
}
