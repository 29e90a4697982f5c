//! A verification: what a plan promised, compared with what is observed afterwards.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::finding::Outcome;
use crate::observed::Gap;
use crate::plan::StepId;

/// The format this version writes.
pub const FORMAT: &str = "trailwarden.verification/1.1";

/// `trailwarden.verification/1.1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// `trailwarden.verification/1.1`.
    pub format: String,
    /// The version that verified.
    pub tool_version: String,
    /// The digest of the plan.
    pub plan: String,
    /// When.
    pub at: Timestamp,
    /// Each step's promise.
    pub steps: BTreeMap<StepId, Promise>,
    /// Each stage, the first being 1; none of a plan without stages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stages: BTreeMap<usize, StageStanding>,
    /// Each finding that the plan was to mend.
    pub findings: BTreeMap<String, Change>,
    /// Findings of the touched controls that fail now and did not before, with their reasons.
    pub broken: BTreeMap<String, String>,
}

/// What became of a step's promise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Promise {
    /// The postcondition holds.
    Holds,
    /// Something else is observed.
    Diverged(Value),
    /// It could not be looked at.
    Unknown(Gap),
    /// The run did not make the step.
    NotDone,
    /// The stage of the step is still to come.
    Awaited,
}

/// What became of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageStanding {
    /// It holds, by what AWS reports now.
    Holds,
    /// It does not, or that could not be told: the words say who gets through, or what could not be read.
    Open(String),
    /// It is still to come.
    Awaited,
}

impl Promise {
    /// True when nothing else can be wanted of the step by now.
    fn is_kept(&self) -> bool {
        matches!(self, Self::Holds | Self::Awaited)
    }
}

/// What became of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Its outcome when the plan was made.
    pub before: Outcome,
    /// Its outcome now; none when what it judged is not judged any more, such as an account without a trail.
    pub after: Option<Outcome>,
    /// Why, in the words of the finding now.
    pub reason: String,
    /// AWS cannot tell yet: the first delivery may still come.
    pub is_early: bool,
}

impl Verification {
    /// True when every promise due by now holds, every finding is mended, and nothing broke.
    pub fn holds(&self) -> bool {
        self.is_kept() && self.findings.values().all(Change::is_mended)
    }

    /// True when what is missing to hold may only need time.
    pub fn is_early(&self) -> bool {
        self.is_kept() && self.findings.values().all(|change| change.is_mended() || change.is_early)
    }

    fn is_kept(&self) -> bool {
        let is_open = |stage: &StageStanding| matches!(stage, StageStanding::Open(_));
        self.broken.is_empty() && self.steps.values().all(Promise::is_kept) && !self.stages.values().any(is_open)
    }
}

impl Change {
    /// True when it no longer fails.
    pub fn is_mended(&self) -> bool {
        matches!(self.after, None | Some(Outcome::Pass | Outcome::NotApplicable))
    }
}
