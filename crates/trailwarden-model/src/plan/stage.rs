//! Stages: where applying a plan pauses until AWS itself reports that what was done so far denies what it should.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::StepId;
use crate::ids::{AccountId, Arn, Region};
use crate::organization::NodeId;

/// A part of a plan. No step of a stage is made before every stage before it has been shown to hold, and has soaked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What it reaches, for example `OU Workloads (ou-ab12-cd34ef56)`.
    pub name: String,
    /// The root, OUs and accounts that its policies are attached to.
    pub targets: BTreeSet<NodeId>,
    /// The member accounts below them when the plan was made. A stage that would reach another account of the plan is refused.
    pub accounts: BTreeSet<AccountId>,
    /// Its steps; every step of a plan with stages is of one.
    pub steps: BTreeSet<StepId>,
    /// What must be shown before the next stage.
    pub denials: Vec<Denial>,
    /// What must be shown to be out of reach from outside the organization before the next stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enclosure: Option<Enclosure>,
    /// Who did lately what the stage denies, those whom it denies that first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<Affected>,
    /// Calls made for real before the next stage, each of which AWS must refuse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Probe>,
    /// Seconds that must go by between showing it and the next stage.
    pub soak_seconds: u64,
}

/// Calls that nobody but the exceptions may make in these accounts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denial {
    /// Member accounts.
    pub accounts: BTreeSet<AccountId>,
    /// The calls.
    pub calls: BTreeSet<DeniedCall>,
    /// Principals that may make them: patterns over ARNs with `*` and `?`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub exceptions: BTreeSet<String>,
}

/// Log buckets and trail keys that nobody outside the organization may reach, and no AWS service that acts for an account outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enclosure {
    /// The ARNs of the buckets, each with the member account that owns it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub buckets: BTreeMap<Arn, AccountId>,
    /// The ARNs of the keys, likewise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<Arn, AccountId>,
    /// The trails of the organization: services act for their owners.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub trails: BTreeSet<Arn>,
    /// The declared exceptions: patterns over ARNs with `*` and `?`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub exceptions: BTreeSet<String>,
}

/// A call that should be denied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeniedCall {
    /// `service:Action`.
    pub action: String,
    /// The ARN as the service authorizes it, or `*`. `${account}` stands for the account of the caller.
    pub resource: String,
}

/// `StopLogging` on a trail that does not exist: refused for want of permission where the policies deny it, and for want of a
/// trail where they do not. Either way nothing is stopped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The member account.
    pub account: AccountId,
    /// The region called.
    pub region: Region,
    /// The role that calls; it must be allowed to stop trails but for the policies.
    pub role: String,
}

/// What one caller did lately in one account, and what becomes of it with a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Affected {
    /// The account.
    pub account: AccountId,
    /// The ARN of the role or user.
    pub principal: String,
    /// Whose role it is, where its name tells, for example `AWS Control Tower`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_as: Option<String>,
    /// `service:Action`.
    pub action: String,
    /// How often, failed attempts included.
    pub n_times: usize,
    /// The first time that is known.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
    /// What becomes of it.
    pub becomes: Becomes,
}

/// What becomes of calls that somebody made lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Becomes {
    /// They are denied.
    Denied,
    /// It cannot be told, for this reason.
    Undecided(String),
    /// This declared exception spares them.
    Spared(String),
}

impl Stage {
    /// When it has soaked, once it was shown to hold at this time.
    pub fn soaked_at(&self, shown: Timestamp) -> Timestamp {
        let seconds = i64::try_from(self.soak_seconds).unwrap_or(i64::MAX);
        shown.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
    }
}

impl DeniedCall {
    /// The resource as a caller of this account would name it.
    pub fn resource_in(&self, account: &AccountId) -> String {
        self.resource.replace("${account}", account.as_str())
    }
}
