//! Everything that was observed, once, at one time: the only input of the audit besides the baseline.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::history::History;
use crate::ids::{AccountId, Arn, Region};
use crate::log_source::{ConfigRecorder, EventDataStore, Vpc, WebAcl};
use crate::monitoring::{EventRule, Topic};
use crate::observed::{Gap, Observed};
use crate::organization::Organization;
use crate::storage::{LogBucket, LogGroup, TrailKey};
use crate::trail::{Trail, TrailStatus};

/// The format this version writes; see [`crate::format`].
pub const FORMAT: &str = "trailwarden.snapshot/1.2";

/// A group of reads that controls ask for. Only what the selected controls need is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// `DescribeTrails` in every account and region.
    Trails,
    /// `GetTrailStatus` of every sighted trail, in every account and region.
    TrailStatus,
    /// `GetEventSelectors` of every trail, at home.
    EventSelectors,
    /// Who owns each log bucket, and where it is.
    BucketOwner,
    /// The bucket policy.
    BucketPolicy,
    /// ACL, policy status, access points, Block Public Access.
    BucketPublicAccess,
    /// Lifecycle and versioning.
    BucketLifecycle,
    /// `DescribeKey` of each trail key.
    Key,
    /// The key policy.
    KeyPolicy,
    /// Rotation of each trail key.
    KeyRotation,
    /// The log group of each trail.
    LogGroup,
    /// The delivery role of each trail.
    DeliveryRole,
    /// SCPs, their content and where they attach.
    ServiceControlPolicies,
    /// RCPs, their content and where they attach.
    ResourceControlPolicies,
    /// Services with trusted access.
    TrustedAccess,
    /// Delegated administrators and their services.
    DelegatedAdministrators,
    /// `GetInsightSelectors` of every trail, at home.
    Insights,
    /// MFA delete and Object Lock of each log bucket, with its versioning.
    BucketLock,
    /// Server access logging of each log bucket.
    BucketAccessLogging,
    /// Replication of each log bucket.
    BucketReplication,
    /// The topic of each trail, and its subscriptions.
    Topics,
    /// Metric filters of each log group, the alarms on their metrics, the topics of these and their subscriptions.
    Alarms,
    /// EventBridge rules of the default bus in every account and region.
    EventRules,
    /// CloudTrail's event history in every account and region.
    EventHistory,
    /// Event data stores in every account and region.
    EventDataStores,
    /// Configuration recorders in every account and region.
    ConfigRecorders,
    /// VPCs and their flow logs in every account and region.
    FlowLogs,
    /// Web ACLs and their logging in every account and region.
    WebAcls,
}

/// Who looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// The account of the credentials.
    pub account: AccountId,
    /// The ARN `GetCallerIdentity` gave.
    pub arn: Arn,
}

/// One collection of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// `trailwarden.snapshot/1.2`; older minors are read as well, and leave unknown what they do not hold.
    pub format: String,
    /// The version that collected it.
    pub tool_version: String,
    /// When collection began.
    pub collected_at: Timestamp,
    /// Who looked.
    pub caller: Caller,
    /// The reads that were made; everything else is [`crate::observed::GapKind::NotCollected`].
    pub needs: BTreeSet<Need>,
    /// The organization.
    pub organization: Organization,
    /// The accounts in scope of this run. Accounts that are not audited because of their state are absent here
    /// and present in `organization.accounts`; accounts left out by a filter are absent here and listed in `excluded`.
    pub accounts: BTreeMap<AccountId, AccountSnapshot>,
    /// Accounts left out by the caller's filters.
    pub excluded: BTreeSet<AccountId>,
    /// Regions the caller asked for; empty means every enabled region.
    pub region_filter: BTreeSet<Region>,
    /// Every trail sighted in an account in scope, once, by ARN.
    pub trails: BTreeMap<Arn, Trail>,
    /// Every log bucket of those trails, by name.
    pub buckets: BTreeMap<String, LogBucket>,
    /// Every trail key, by ARN.
    pub keys: BTreeMap<Arn, TrailKey>,
    /// Every log group, by ARN without `:*`.
    pub log_groups: BTreeMap<Arn, LogGroup>,
    /// Every topic that a trail or an alarm notifies, by ARN.
    #[serde(default)]
    pub topics: BTreeMap<Arn, Topic>,
}

/// What one account showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSnapshot {
    /// How it was entered: the role ARN, or none for the caller's own account; a gap when it could not be entered.
    pub entered_as: Observed<Option<Arn>>,
    /// Whether the list of regions was read or assumed; a gap when the account could not be entered.
    pub region_list: Observed<RegionList>,
    /// What each region showed. Holds every enabled region in scope; empty when the account could not be entered.
    pub regions: BTreeMap<Region, RegionSnapshot>,
}

/// Where the list of an account's regions comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegionList {
    /// `account:ListRegions` answered.
    Read,
    /// It did not: the regions enabled by default in the partition and the ones named by the caller are assumed.
    Assumed(Gap),
}

/// What one account showed in one region.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionSnapshot {
    /// Trails that `DescribeTrails` shows here, shadows included, with their status as seen from here.
    pub trails: Observed<BTreeMap<Arn, Observed<TrailStatus>>>,
    /// Event data stores homed here, those of the organization at its management account only.
    #[serde(default, skip_serializing_if = "Observed::is_not_collected")]
    pub event_data_stores: Observed<Vec<EventDataStore>>,
    /// Configuration recorders.
    #[serde(default, skip_serializing_if = "Observed::is_not_collected")]
    pub config_recorders: Observed<Vec<ConfigRecorder>>,
    /// VPCs with their flow logs.
    #[serde(default, skip_serializing_if = "Observed::is_not_collected")]
    pub vpcs: Observed<Vec<Vpc>>,
    /// Web ACLs: regional ones, and in the leader region those of CloudFront.
    #[serde(default, skip_serializing_if = "Observed::is_not_collected")]
    pub web_acls: Observed<Vec<WebAcl>>,
    /// EventBridge rules of the default bus.
    #[serde(default, skip_serializing_if = "Observed::is_not_collected")]
    pub event_rules: Observed<Vec<EventRule>>,
    /// Tamper events of the last days.
    #[serde(default, skip_serializing_if = "Observed::is_not_collected")]
    pub history: Observed<History>,
}

impl Snapshot {
    /// The name of an account, or its id when Organizations gave none.
    pub fn account_name<'a>(&'a self, id: &'a AccountId) -> &'a str {
        match self.organization.accounts.get(id) {
            Some(account) if !account.name.is_empty() => &account.name,
            _ => id.as_str(),
        }
    }
}
