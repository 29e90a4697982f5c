//! The result of one control on one resource, whatever the outcome.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::control::Severity;
use crate::ids::{AccountId, Region};
use crate::observed::Gap;

/// What a control found, worst last when ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The control does not apply here; the reason says why.
    NotApplicable,
    /// The good state holds.
    Pass,
    /// Evidence could not be read; the gap says which.
    Unknown,
    /// The good state does not hold.
    Fail,
}

impl Outcome {
    /// The word used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Pass => "pass",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
    }
}

/// One fact that supports an outcome.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// The fact in words, for example `IsLogging is false`.
    pub fact: String,
    /// The API operation that showed it, `service:Operation`.
    pub call: Option<String>,
    /// The account it was read in.
    pub account: Option<AccountId>,
    /// The region it was read in.
    pub region: Option<Region>,
}

/// One finding. The names of these fields are part of `trailwarden.assessment/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Id of the control.
    pub control: String,
    /// What was found.
    pub outcome: Outcome,
    /// How bad a failure of this control is.
    pub severity: Severity,
    /// The account judged, or owning the resource judged; the management account for the organization.
    pub account: AccountId,
    /// The region judged, or the home region of the resource.
    pub region: Option<Region>,
    /// The ARN of the resource judged; none where an account or region itself is judged.
    pub resource: Option<String>,
    /// The control's title.
    pub title: String,
    /// Why this outcome, in one or two sentences.
    pub reason: String,
    /// The facts that support the outcome.
    pub evidence: Vec<Evidence>,
    /// The outcome of each part, where a control judges several things that frameworks ask for one by one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, Outcome>,
    /// The read that failed, when the outcome is unknown.
    pub gap: Option<Gap>,
    /// The waiver that accepts this finding; waivers never change the outcome.
    pub waiver: Option<serde_json::Value>,
}
