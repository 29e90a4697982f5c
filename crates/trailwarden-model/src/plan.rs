//! A plan: ordered steps that a person can read and approve, and that leave no choice to whoever applies them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{AccountId, Region};
use crate::observed::Gap;

mod aspect;
mod call;
mod normal;
mod placeholder;
mod seal;
mod stage;

pub use aspect::Aspect;
pub use call::{Call, KmsTag, Tag, TrailInput};
pub use normal::{normal_document, normal_policy};
pub use placeholder::{Bindings, UnknownOutput, bind, bind_others, matches, mentions};
pub use seal::{SealError, open, seal};
pub use stage::{Affected, Becomes, Denial, DeniedCall, Enclosure, Probe, Stage};

/// The format this version writes.
pub const FORMAT: &str = "trailwarden.plan/1.1";

/// How the names of the delivery roles begin that plans create: roles that apply plans may write no others.
pub const DELIVERY_ROLE_PREFIX: &str = "cloudtrail-to-logs-";

/// The id of a step, unique in its plan: `s001`, `s002`, … in the order of the plan.
pub type StepId = String;

/// `trailwarden.plan/1.1`. Equal inputs give byte-equal plans.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// `trailwarden.plan/1.1`.
    pub format: String,
    /// SHA-256 (hex) of the whole file with these 64 digits replaced by zeros; see [`seal`]. All zeros until sealed.
    pub digest: String,
    /// The version that planned.
    pub tool_version: String,
    /// `o-…`: the plan is refused anywhere else.
    pub organization: String,
    /// The management account of the organization.
    pub management_account: AccountId,
    /// The partition, for example `aws`.
    pub partition: String,
    /// SHA-256 (hex) of the snapshot it was made from.
    pub snapshot: String,
    /// When that snapshot was collected.
    pub collected_at: Timestamp,
    /// Names of the accounts that the plan speaks about.
    pub accounts: BTreeMap<AccountId, String>,
    /// What the planner decided that a reader may want otherwise, and how to say so.
    pub choices: Vec<Choice>,
    /// The steps in order. Those of one account are made in this order; those of several accounts side by side, but never
    /// before what they need.
    pub steps: Vec<Step>,
    /// The stages in which the steps are made; none where they are made in one go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// The member accounts that were known when the plan was made and that no stage reaches. A stage that would reach one is refused.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unreached: BTreeSet<AccountId>,
    /// What fails and is not planned, each with the reason.
    pub unplanned: Vec<Unplanned>,
}

/// Something that the planner decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What was decided, for example `log archive account`.
    pub what: String,
    /// What for, for example `215577239801 (shared)`.
    pub chosen: String,
    /// Why this.
    pub because: String,
    /// How to have it otherwise, for example `--log-archive ACCOUNT`.
    pub otherwise: Option<String>,
}

/// Where a call is made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The account of the credentials.
    pub account: AccountId,
    /// The region called; for global services the partition's leader region.
    pub region: Region,
}

/// One setting of one resource, where it is looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The account and region to look in: those that own the resource.
    pub place: Place,
    /// What to look at.
    pub aspect: Aspect,
}

/// What must be observed of a step's subject before its call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Before {
    /// Exactly this, as it was when the plan was made; null when there was nothing.
    Is(Value),
    /// Whatever AWS sets on a resource that this earlier step creates or brings back.
    CreatedBy(StepId),
}

/// A fact about another subject that must hold before a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// What to look at.
    pub subject: Subject,
    /// What must be observed.
    pub is: Value,
    /// Why the call would do harm otherwise.
    pub because: String,
}

/// The way back from a done step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rollback {
    /// This call restores what was before.
    Undo(Call),
    /// There is a way back, but what the step made is left in place; the reason says why that does no harm.
    Keep(String),
    /// There is no way back; the reason says why. Planned on explicit request only.
    Irreversible(String),
}

/// One change: one call on one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its id.
    pub id: StepId,
    /// What it does, in one line for people.
    pub title: String,
    /// What it changes, and where. No two steps of a plan have the same subject.
    pub subject: Subject,
    /// The exact call. A text may hold `${s001.Arn}`: a member of what step s001 left behind.
    pub call: Call,
    /// The precondition.
    pub before: Before,
    /// The postcondition: what the subject must look like afterwards. May hold placeholders like the call; one that names
    /// this step itself takes whatever stands there.
    pub after: Value,
    /// Further preconditions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guards: Vec<Guard>,
    /// Steps that must be done first, whatever account they are in.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<StepId>,
    /// Ids of the findings that ask for it.
    pub findings: BTreeSet<String>,
    /// The way back.
    pub rollback: Rollback,
    /// IAM actions of the call and of looking at its subject.
    pub actions: BTreeSet<String>,
    /// What it costs or saves, in words; none where nothing changes that AWS charges for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
}

/// Why something that fails is not planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hindrance {
    /// A fact that the change depends on could not be read.
    Unknown,
    /// The resource belongs to another tool, which would change it back.
    OwnedElsewhere,
    /// An SCP or RCP would deny the call.
    Denied,
    /// AWS would refuse it: a quota, or something that cannot be changed after creation.
    Impossible,
    /// It is planned only when asked for, because it cannot be undone, costs much, or removes something.
    OnRequest,
    /// It needs a decision or a deed of a person.
    Manual,
    /// Another command plans it.
    OtherCommand,
    /// Something that it depends on is not planned.
    Dependent,
}

/// Something that fails and is not planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unplanned {
    /// What stands in the way.
    pub hindrance: Hindrance,
    /// The account concerned.
    pub account: AccountId,
    /// The resource concerned, by ARN or name; none for the account or organization itself.
    pub target: Option<String>,
    /// What stays undone, and why, in one or two sentences.
    pub reason: String,
    /// What a person can do.
    pub hint: Option<String>,
    /// The read that failed, when that is the reason.
    pub gap: Option<Gap>,
    /// Ids of the findings that stay open.
    pub findings: BTreeSet<String>,
}

impl Plan {
    /// The step with this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// Ids of the findings that its steps are to mend. A step may help with a finding that stays open for another reason:
    /// those are not promised.
    pub fn promised(&self) -> BTreeSet<&str> {
        let open: BTreeSet<&str> =
            self.unplanned.iter().flat_map(|left| left.findings.iter().map(String::as_str)).collect();
        let asked = self.steps.iter().flat_map(|step| step.findings.iter().map(String::as_str));
        asked.filter(|finding| !open.contains(finding)).collect()
    }
}
