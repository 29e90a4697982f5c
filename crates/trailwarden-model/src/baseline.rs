//! The required settings. Defaults are those of the control catalogue; a file may override each, and parts of the
//! organization may require something else.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Arn};
use crate::organization::NodeId;
use crate::trail::{Insight, Trail};

/// What the organization requires of its trails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Baseline {
    /// What is required wherever nothing else is said.
    pub required: Required,
    /// What parts of the organization require instead, by the id of the OU or account. An account's own comes before
    /// that of its OU, and that of an OU before that of the OU above it.
    pub overrides: BTreeMap<NodeId, Override>,
    /// Hours after which a last delivery is too old. At least 1.
    pub freshness_hours: u32,
    /// Accounts that may own the central log bucket. Empty: the account owning the organization trail's bucket,
    /// when it is neither the management account nor the workload itself.
    pub log_archive_accounts: BTreeSet<AccountId>,
    /// Principals that the tamper-denying SCPs may exempt: ARN patterns with `*` and `?`.
    pub tamper_exceptions: BTreeSet<String>,
    /// The accounts that administer CloudTrail for the organization.
    pub delegated_administrators: BTreeSet<AccountId>,
    /// Days of event history searched for tamper events. 1 to 90.
    pub tamper_history_days: u32,
    /// How metric filter patterns are compared with the monitored events.
    pub alarm_patterns: AlarmPatterns,
    /// The trails as they were approved, by ARN; none where no snapshot was approved.
    pub approved_trails: Option<BTreeMap<Arn, Trail>>,
    /// Service control policies that may be attached directly to one root, OU or account. At least 1. Source: "Quotas and
    /// service limits for AWS Organizations", which raised it from 5 to 10 in May 2026.
    pub scp_policies_per_node: u32,
    /// Characters that one service control policy may have. At least 1. Source: as above, from 5120 to 10240.
    pub scp_policy_characters: u32,
    /// Resource control policies that may be attached directly to one node. At least 1. Source: "Quotas and service limits for AWS
    /// Organizations", November 2026.
    pub rcp_policies_per_node: u32,
    /// Characters that one resource control policy may have. At least 1. Source: as above.
    pub rcp_policy_characters: u32,
}

/// What an account, or the organization where nothing else is said, requires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Required {
    /// Days log and digest objects, and log group events, must be kept. At least 1.
    pub retention_days: u32,
    /// Data events that must be recorded.
    pub data_events: BTreeSet<DataEvents>,
    /// Event sources whose network activity events must be recorded, for example `s3.amazonaws.com`.
    pub network_activity_sources: BTreeSet<String>,
    /// Insights that must be on.
    pub insights: BTreeSet<Insight>,
    /// Log buckets must be replicated to another region or account.
    pub log_bucket_replication: bool,
    /// EventBridge must route tamper events to a target.
    pub tamper_event_routing: bool,
}

/// What an OU or account requires instead; what is left out stays as it is above.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Override {
    /// As in [`Required`].
    pub retention_days: Option<u32>,
    /// As in [`Required`].
    pub data_events: Option<BTreeSet<DataEvents>>,
    /// As in [`Required`].
    pub network_activity_sources: Option<BTreeSet<String>>,
    /// As in [`Required`].
    pub insights: Option<BTreeSet<Insight>>,
    /// As in [`Required`].
    pub log_bucket_replication: Option<bool>,
    /// As in [`Required`].
    pub tamper_event_routing: Option<bool>,
}

/// Data events that must be recorded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataEvents {
    /// For example `AWS::S3::Object`.
    pub resource_type: String,
    /// Only of resources whose ARN starts so, for example `arn:aws:s3:::payments-`; none for every resource of the type.
    #[serde(default)]
    pub arn_prefix: Option<String>,
    /// Which half.
    #[serde(default)]
    pub operations: Operations,
}

/// Reads, writes or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operations {
    /// Both.
    #[default]
    All,
    /// Reads.
    Read,
    /// Writes.
    Write,
}

/// How metric filter patterns are compared with the monitored events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmPatterns {
    /// Whatever matches all the events of the family will do.
    #[default]
    Meaning,
    /// Only the text of the CIS benchmark, spaces aside.
    Exact,
}

impl Default for Required {
    fn default() -> Self {
        Self {
            retention_days: 365,
            data_events: BTreeSet::new(),
            network_activity_sources: BTreeSet::new(),
            insights: BTreeSet::new(),
            log_bucket_replication: false,
            tamper_event_routing: false,
        }
    }
}

impl Default for Baseline {
    fn default() -> Self {
        Self {
            required: Required::default(),
            overrides: BTreeMap::new(),
            freshness_hours: 24,
            log_archive_accounts: BTreeSet::new(),
            tamper_exceptions: BTreeSet::new(),
            delegated_administrators: BTreeSet::new(),
            tamper_history_days: 14,
            alarm_patterns: AlarmPatterns::Meaning,
            approved_trails: None,
            scp_policies_per_node: 10,
            scp_policy_characters: 10_240,
            rcp_policies_per_node: 5,
            rcp_policy_characters: 5_120,
        }
    }
}

impl Baseline {
    /// What an account requires, given the nodes from the root down to the account itself.
    pub fn required_at(&self, path: &[NodeId]) -> Required {
        path.iter().filter_map(|node| self.overrides.get(node)).fold(self.required.clone(), Required::with)
    }

    /// True when it is required anywhere.
    pub fn requires_anywhere(&self, is_required: impl Fn(&Required) -> bool) -> bool {
        let overridden = |change: &Override| is_required(&self.required.clone().with(change));
        is_required(&self.required) || self.overrides.values().any(overridden)
    }
}

impl Required {
    /// The same but for what a part of the organization, or a file, says instead.
    pub fn with(self, change: &Override) -> Self {
        Self {
            retention_days: change.retention_days.unwrap_or(self.retention_days),
            data_events: change.data_events.clone().unwrap_or(self.data_events),
            network_activity_sources: change.network_activity_sources.clone().unwrap_or(self.network_activity_sources),
            insights: change.insights.clone().unwrap_or(self.insights),
            log_bucket_replication: change.log_bucket_replication.unwrap_or(self.log_bucket_replication),
            tamper_event_routing: change.tamper_event_routing.unwrap_or(self.tamper_event_routing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(retention_days: u32) -> Override {
        Override { retention_days: Some(retention_days), ..Override::default() }
    }

    #[test]
    fn the_nearest_override_wins_and_leaves_the_rest() {
        let routed = Override { tamper_event_routing: Some(true), ..Override::default() };
        let baseline = Baseline {
            overrides: BTreeMap::from([
                ("ou-pci".to_owned(), days(2555)),
                ("ou-pci-test".to_owned(), routed),
                ("111111111111".to_owned(), days(90)),
            ]),
            ..Baseline::default()
        };
        let at = |path: &[&str]| baseline.required_at(&path.iter().map(|&node| node.to_owned()).collect::<Vec<_>>());
        assert_eq!(at(&["r-1"]).retention_days, 365);
        assert_eq!(at(&["r-1", "ou-pci"]).retention_days, 2555);
        let nested = at(&["r-1", "ou-pci", "ou-pci-test", "222222222222"]);
        assert_eq!((nested.retention_days, nested.tamper_event_routing), (2555, true));
        assert_eq!(at(&["r-1", "ou-pci", "111111111111"]).retention_days, 90);
        assert!(baseline.requires_anywhere(|required| required.tamper_event_routing));
        assert!(!baseline.requires_anywhere(|required| required.log_bucket_replication));
    }
}
