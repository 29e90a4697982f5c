//! What a plan is made from: findings and the snapshot they rest on, the baseline, what the user asked for.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::baseline::Baseline;
use trailwarden_model::finding::Finding;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::snapshot::Snapshot;

/// Everything but the facts that are looked at in full; see [`crate::Facts`].
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// What was observed.
    pub snapshot: &'a Snapshot,
    /// What the audit found, of any outcome.
    pub findings: &'a [Finding],
    /// What is required.
    pub baseline: &'a Baseline,
    /// What the user asked for.
    pub options: &'a Options,
    /// The event families that somebody must hear of, with a filter pattern that matches all events of each.
    pub families: &'a [Family],
    /// For trails that may be redundant: whether everything they record is recorded by others that are logging.
    pub redundancy: &'a BTreeMap<Arn, Redundancy>,
    /// SHA-256 (hex) of the snapshot, for the plan to carry.
    pub snapshot_digest: &'a str,
    /// The version that plans.
    pub tool_version: &'a str,
}

/// An event family that somebody must hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// Its name, as in the parts of findings.
    pub part: String,
    /// In a few words.
    pub title: String,
    /// A filter pattern that matches its events.
    pub pattern: String,
}

/// Whether a trail can go without any event being lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redundancy {
    /// Every event that it records is recorded by these trails as well, which are logging and deliver.
    Shown(BTreeSet<Arn>),
    /// It is not: the words say which event would be lost, or what is not known.
    NotShown(String),
}

/// What the user asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The account for the central log bucket; none to take the baseline's, the present one, or one that is called so.
    pub log_archive: Option<AccountId>,
    /// Home region of what is created for the organization; none for that of what is there, else the leader region.
    pub home_region: Option<Region>,
    /// The address that hears of alarms.
    pub notify: Option<String>,
    /// Object Lock for log buckets, which cannot be taken back.
    pub object_lock: Option<ObjectLock>,
    /// Days after which log files of new buckets expire; none for never.
    pub expire_after: Option<u32>,
    /// Move the organization trail to a bucket in the log archive account.
    pub move_bucket: bool,
    /// Encrypt event data stores, which cannot be taken back.
    pub encrypt_stores: bool,
    /// Redundant trails to remove.
    pub remove_trails: BTreeSet<Arn>,
    /// Resources to change although another tool owns them, by ARN.
    pub take_over: BTreeSet<String>,
    /// The role that will apply the plan in members; none for the one that looked.
    pub apply_role: Option<String>,
    /// Only findings on these accounts; empty for all.
    pub accounts: BTreeSet<AccountId>,
    /// Only findings of these controls; empty for all.
    pub controls: BTreeSet<String>,
    /// Only these groups of targets; empty for all.
    pub only: BTreeSet<Group>,
    /// Not these groups of targets.
    pub exclude: BTreeSet<Group>,
    /// Only findings with these ids; none for all.
    pub findings: Option<BTreeSet<String>>,
}

/// Object Lock by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectLock {
    /// Nobody can shorten it, else only who may bypass governance.
    pub is_compliance: bool,
    /// Days.
    pub days: u32,
}

/// A group of targets, for `--only` and `--exclude`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Trusted access and the organization trail.
    Organization,
    /// Other trails: attributes, selectors, Insights, logging.
    Trails,
    /// Log buckets.
    Buckets,
    /// Keys of trails.
    Keys,
    /// Log groups and delivery roles.
    LogGroups,
    /// Metric filters, alarms, topics.
    Alarms,
    /// Event data stores.
    EventDataStores,
    /// AWS Config.
    Config,
}

impl Group {
    /// Every group with its name on the command line.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Organization, "organization"),
        (Self::Trails, "trails"),
        (Self::Buckets, "buckets"),
        (Self::Keys, "keys"),
        (Self::LogGroups, "log-groups"),
        (Self::Alarms, "alarms"),
        (Self::EventDataStores, "event-data-stores"),
        (Self::Config, "config"),
    ];
}

impl Options {
    /// True when targets of the group are planned.
    pub(crate) fn takes(&self, group: Group) -> bool {
        (self.only.is_empty() || self.only.contains(&group)) && !self.exclude.contains(&group)
    }

    /// True when the finding is asked to be mended.
    pub(crate) fn asks_for(&self, finding: &Finding) -> bool {
        (self.accounts.is_empty() || self.accounts.contains(&finding.account))
            && (self.controls.is_empty() || self.controls.contains(&finding.control))
            && self.findings.as_ref().is_none_or(|findings| findings.contains(&finding.id()))
    }
}
