//! One trail: attributes, selectors, status. Shadows never appear here; they are sightings in [`crate::snapshot`].

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Arn, Region};
use crate::observed::Observed;

/// One CloudTrail trail, read in its home region at its owner (or from a shadow when the owner could not be read).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// `arn:…:trail/NAME`; names the owning account, the management account for organization trails.
    pub arn: Arn,
    /// The trail's name.
    pub name: String,
    /// The account in the ARN.
    pub owner: AccountId,
    /// The region where the trail must be changed.
    pub home_region: Region,
    /// Where the attributes were read: `true` when at the owner in the home region.
    pub read_at_home: bool,
    /// Records in every region.
    pub is_multi_region: bool,
    /// Records in every account of the organization.
    pub is_organization: bool,
    /// Records IAM, STS, CloudFront and the like.
    pub includes_global_service_events: bool,
    /// Digest files are written.
    pub log_file_validation: bool,
    /// The SSE-KMS key of log and digest files.
    pub kms_key: Option<Arn>,
    /// The log bucket.
    pub bucket: String,
    /// The key prefix before `AWSLogs/`, without slashes at its ends.
    pub prefix: Option<String>,
    /// The SNS topic notified of deliveries.
    pub sns_topic: Option<Arn>,
    /// The log group, without the `:*` that AWS puts at its end.
    pub log_group: Option<Arn>,
    /// The role CloudTrail assumes to write to the log group.
    pub log_role: Option<Arn>,
    /// False drops the events of CloudTrail's own deliveries; absent in old endpoints means true.
    pub recursive_logging: Option<bool>,
    /// What the trail records.
    pub selectors: Observed<Selectors>,
    /// Insights that are on; empty when none is.
    #[serde(default)]
    pub insights: Observed<BTreeSet<Insight>>,
}

impl Trail {
    /// The prefix of every object the trail writes for one account, ending in a slash.
    ///
    /// Source: CloudTrail User Guide, "Finding your CloudTrail log files".
    pub fn log_prefix(&self, organization: Option<&str>, account: &AccountId) -> String {
        let prefix = self.prefix.as_deref().map(|p| format!("{p}/")).unwrap_or_default();
        match organization.filter(|_| self.is_organization) {
            Some(organization) => format!("{prefix}AWSLogs/{organization}/{account}/"),
            None => format!("{prefix}AWSLogs/{account}/"),
        }
    }
}

/// A trail has either basic or advanced event selectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Selectors {
    /// Basic event selectors; an empty list is the default: all management events.
    Basic(Vec<BasicSelector>),
    /// Advanced event selectors.
    Advanced(Vec<AdvancedSelector>),
}

/// One kind of CloudTrail Insights on one category of events.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insight {
    /// `ApiCallRateInsight` or `ApiErrorRateInsight`.
    pub kind: String,
    /// `Management` or `Data`.
    pub category: String,
}

/// `ReadWriteType` of a basic selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadWriteType {
    /// Read and write events.
    All,
    /// Read events only.
    ReadOnly,
    /// Write events only.
    WriteOnly,
    /// A value this version does not know.
    Other(String),
}

/// One basic event selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasicSelector {
    /// Which half it records.
    pub read_write: ReadWriteType,
    /// Management events are recorded.
    pub include_management_events: bool,
    /// `kms.amazonaws.com` and `rdsdata.amazonaws.com` may be excluded.
    pub exclude_management_event_sources: BTreeSet<String>,
    /// Data events.
    pub data_resources: Vec<DataResource>,
}

/// Data events of one resource type in a basic selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataResource {
    /// For example `AWS::S3::Object`.
    pub resource_type: String,
    /// ARNs or ARN prefixes.
    pub values: Vec<String>,
}

/// One advanced event selector: fields are ANDed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvancedSelector {
    /// Its display name, which never decides anything.
    pub name: Option<String>,
    /// The conditions, all of which must hold.
    pub fields: Vec<FieldSelector>,
}

/// One field of an advanced selector: its value has one of what `Equals`, `StartsWith` and `EndsWith` list together, where
/// any is given, and none of what the negated operators list. Source: CloudTrail User Guide, "How CloudTrail evaluates
/// multiple conditions for a field".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FieldSelector {
    /// For example `eventCategory`, `readOnly`, `resources.ARN`.
    pub field: String,
    /// Exact match of any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub equals: Vec<String>,
    /// Prefix match of any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub starts_with: Vec<String>,
    /// Suffix match of any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ends_with: Vec<String>,
    /// Equal to none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_equals: Vec<String>,
    /// Prefixed by none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_starts_with: Vec<String>,
    /// Suffixed by none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_ends_with: Vec<String>,
}

/// One kind of delivery: when it last worked and what went wrong last.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Time of the last successful delivery.
    pub last_time: Option<Timestamp>,
    /// The last error, opaque; AWS keeps it until the next success.
    pub last_error: Option<String>,
}

/// `GetTrailStatus` of one trail, seen from one account in one region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailStatus {
    /// Recording right now, in this region.
    pub is_logging: bool,
    /// When logging last started.
    pub started_at: Option<Timestamp>,
    /// When logging last stopped.
    pub stopped_at: Option<Timestamp>,
    /// Log files to the bucket.
    pub log_files: Delivery,
    /// Digest files to the bucket.
    pub digests: Delivery,
    /// Events to the log group.
    pub cloudwatch_logs: Delivery,
    /// Notifications to the topic.
    #[serde(default)]
    pub notifications: Delivery,
}
