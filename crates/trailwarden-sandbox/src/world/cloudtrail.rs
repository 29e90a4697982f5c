//! What one account holds in CloudTrail: its trails, event data stores, event history and public keys.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trailwarden_model::ids::{AccountId, Region};

use super::when::When;

/// CloudTrail in one account, all regions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CloudTrail {
    /// Trails this account owns; organization trails belong to the management account whoever created them.
    pub trails: Vec<Trail>,
    /// Event data stores this account owns.
    pub event_data_stores: Vec<EventDataStore>,
    /// The public keys that sign digest files, by region.
    pub public_keys: Vec<PublicKey>,
    /// Management calls that changed something, oldest first: what `LookupEvents` finds.
    pub history: Vec<PastEvent>,
}

/// One trail. What is not stated is as in a trail that works: logging, delivering on time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// Its name, unique in its account and home region.
    pub name: String,
    /// Where it was created and must be changed.
    pub home_region: Region,
    /// The log bucket's name; nothing says that it exists.
    pub bucket: String,
    /// The key prefix before `AWSLogs/`.
    #[serde(default)]
    pub prefix: Option<String>,
    /// ARN of the SNS topic.
    #[serde(default)]
    pub sns_topic: Option<String>,
    /// Records IAM, STS and the like.
    #[serde(default = "yes")]
    pub global_service_events: bool,
    /// Records in every region.
    #[serde(default)]
    pub multi_region: bool,
    /// Writes digest files.
    #[serde(default)]
    pub log_file_validation: bool,
    /// Records in every account of the organization.
    #[serde(default)]
    pub organization: bool,
    /// Members that an organization trail should reach and does not, because its replica could not be made there.
    #[serde(default)]
    pub without_replica: BTreeSet<AccountId>,
    /// Records the events of CloudTrail's own deliveries.
    #[serde(default = "yes")]
    pub recursive_logging: bool,
    /// ARN of the log group; AWS ends it in `:*`.
    #[serde(default)]
    pub log_group: Option<String>,
    /// ARN of the role that writes to the log group.
    #[serde(default)]
    pub log_role: Option<String>,
    /// ARN of the key, whatever form the caller wrote.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// Basic event selectors; with no selectors at all, every management event is recorded.
    #[serde(default)]
    pub event_selectors: Vec<EventSelector>,
    /// Advanced event selectors; a trail never has both kinds.
    #[serde(default)]
    pub advanced_event_selectors: Vec<AdvancedEventSelector>,
    /// Insights; empty means off.
    #[serde(default)]
    pub insight_selectors: Vec<InsightSelector>,
    /// Aggregated data events; empty means off.
    #[serde(default)]
    pub aggregations: Vec<AggregationConfiguration>,
    /// Recording now.
    #[serde(default = "yes")]
    pub logging: bool,
    /// When recording last started; none when it never did.
    #[serde(default = "long_ago")]
    pub started: Option<When>,
    /// When recording last stopped.
    #[serde(default)]
    pub stopped: Option<When>,
    /// Departures from the status that its links would give; later ones win.
    #[serde(default)]
    pub status: Vec<StatusOverride>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

fn long_ago() -> Option<When> {
    Some(When::Ago(200 * 86_400))
}

impl Trail {
    /// When recording last stopped; a trail that is off, with nothing said about it, stopped three days ago.
    pub fn stopped_at(&self, now: Timestamp) -> Option<Timestamp> {
        let assumed = (!self.logging && self.started.is_some()).then_some(When::Ago(3 * 86_400));
        self.stopped.or(assumed).map(|when| when.by(now))
    }
}

/// What `GetTrailStatus` shows instead of the status derived from the trail's links, for some viewers and regions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatusOverride {
    /// Only as seen from this account; none means every account.
    pub account: Option<AccountId>,
    /// Only in this region; none means every region.
    pub region: Option<Region>,
    /// Recording here.
    pub logging: Option<bool>,
    /// Log files to the bucket.
    pub log_files: Option<DeliveryState>,
    /// Digest files to the bucket.
    pub digests: Option<DeliveryState>,
    /// Events to the log group.
    pub cloudwatch_logs: Option<DeliveryState>,
    /// Notifications to the topic.
    pub notifications: Option<DeliveryState>,
}

/// One kind of delivery, as stated by a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeliveryState {
    /// The last one that worked; none means never.
    pub last: Option<When>,
    /// The last error, which AWS keeps until the next success.
    pub error: Option<String>,
}

/// A basic event selector, spelled as the API spells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EventSelector {
    /// `All`, `ReadOnly` or `WriteOnly`.
    #[serde(default = "all")]
    pub read_write_type: String,
    /// Management events are recorded.
    #[serde(default = "yes")]
    pub include_management_events: bool,
    /// Data events.
    #[serde(default)]
    pub data_resources: Vec<DataResource>,
    /// `kms.amazonaws.com`, `rdsdata.amazonaws.com`.
    #[serde(default)]
    pub exclude_management_event_sources: Vec<String>,
}

fn all() -> String {
    "All".to_owned()
}

impl Default for EventSelector {
    fn default() -> Self {
        Self {
            read_write_type: all(),
            include_management_events: true,
            data_resources: Vec::new(),
            exclude_management_event_sources: Vec::new(),
        }
    }
}

/// Data events of one resource type in a basic selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DataResource {
    /// For example `AWS::S3::Object`.
    #[serde(rename = "Type")]
    pub resource_type: String,
    /// ARNs or ARN prefixes.
    #[serde(default)]
    pub values: Vec<String>,
}

/// An advanced event selector, spelled as the API spells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AdvancedEventSelector {
    /// Its display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Conditions, all of which must hold.
    pub field_selectors: Vec<FieldSelector>,
}

/// One condition of an advanced event selector.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FieldSelector {
    /// For example `eventCategory`.
    pub field: String,
    /// Any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub equals: Vec<String>,
    /// Begins with any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub starts_with: Vec<String>,
    /// Ends with any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ends_with: Vec<String>,
    /// None of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_equals: Vec<String>,
    /// Begins with none of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_starts_with: Vec<String>,
    /// Ends with none of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_ends_with: Vec<String>,
}

/// One Insights type, spelled as the API spells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InsightSelector {
    /// `ApiCallRateInsight` or `ApiErrorRateInsight`.
    pub insight_type: String,
    /// `Management`, `Data`; absent means `Management`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_categories: Vec<String>,
}

/// Aggregation of data events, spelled as the API spells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AggregationConfiguration {
    /// `Data`.
    pub event_category: String,
    /// `API_ACTIVITY`, `RESOURCE_ACCESS`, `USER_ACTIONS`.
    pub templates: Vec<String>,
}

/// One event data store of CloudTrail Lake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDataStore {
    /// The last part of its ARN, a UUID.
    pub id: String,
    /// Its name, unique in its account and region.
    pub name: String,
    /// Its region.
    pub region: Region,
    /// `CREATED`, `ENABLED`, `PENDING_DELETION`, `STOPPED_INGESTION`, …
    #[serde(default = "enabled")]
    pub status: String,
    /// What it records.
    #[serde(default)]
    pub advanced_event_selectors: Vec<AdvancedEventSelector>,
    /// Records in every region.
    #[serde(default = "yes")]
    pub multi_region: bool,
    /// Records in every account of the organization.
    #[serde(default)]
    pub organization: bool,
    /// Days kept: 7 to 3653.
    #[serde(default = "one_year")]
    pub retention_days: i64,
    /// It cannot be deleted.
    #[serde(default = "yes")]
    pub termination_protection: bool,
    /// ARN of the key.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// `EXTENDABLE_RETENTION_PRICING` or `FIXED_RETENTION_PRICING`.
    #[serde(default = "extendable")]
    pub billing_mode: String,
    /// When it was created.
    #[serde(default = "a_year_ago")]
    pub created: When,
    /// When it was last changed.
    #[serde(default = "a_year_ago")]
    pub updated: When,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

fn enabled() -> String {
    "ENABLED".to_owned()
}

fn one_year() -> i64 {
    366
}

fn extendable() -> String {
    "EXTENDABLE_RETENTION_PRICING".to_owned()
}

pub(super) fn a_year_ago() -> When {
    When::Ago(365 * 86_400)
}

/// A public key for digest files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKey {
    /// The region whose digests it verifies.
    pub region: Region,
    /// Base64 of the DER bytes.
    pub value: String,
    /// First moment of validity.
    pub valid_from: When,
    /// Last moment of validity.
    pub valid_until: When,
}

/// One call in the event history. Scenarios state what is to be read of it, and the rest is as in a call by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastEvent {
    /// A UUID; a scenario leaves it out, and one is made.
    #[serde(default)]
    pub id: String,
    /// When.
    pub time: When,
    /// Where.
    pub region: Region,
    /// For example `cloudtrail.amazonaws.com`.
    pub source: String,
    /// For example `StopLogging`.
    pub name: String,
    /// It changed nothing.
    #[serde(default)]
    pub read_only: bool,
    /// The caller's ARN: of a user, of a session, or of the root user; none for an AWS service.
    #[serde(default)]
    pub caller: Option<String>,
    /// The caller's unique id, `AROA…:SESSION` for a session.
    #[serde(default)]
    pub principal_id: String,
    /// The caller's access key id.
    #[serde(default)]
    pub access_key_id: String,
    /// ARN of the role behind a session; none means the role of that name without a path.
    #[serde(default)]
    pub session_issuer: Option<String>,
    /// The AWS service that called, or on whose behalf it was called.
    #[serde(default)]
    pub invoked_by: Option<String>,
    /// The address it came from.
    #[serde(default = "somewhere")]
    pub source_ip: String,
    /// The program it came from.
    #[serde(default = "command_line")]
    pub user_agent: String,
    /// What was asked, as the record spells it.
    #[serde(default)]
    pub request_parameters: Option<Value>,
    /// What a service says about something it did by itself; none for a call.
    #[serde(default)]
    pub service_event_details: Option<Value>,
    /// What it was about.
    #[serde(default)]
    pub resources: Vec<PastResource>,
    /// The error code, when it was refused.
    #[serde(default)]
    pub error_code: Option<String>,
    /// The words of the refusal.
    #[serde(default)]
    pub error_message: Option<String>,
}

/// One resource that a past call was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastResource {
    /// For example `AWS::CloudTrail::Trail`.
    pub kind: String,
    /// Its name or its ARN.
    pub name: String,
}

fn somewhere() -> String {
    "203.0.113.21".to_owned()
}

fn command_line() -> String {
    "aws-cli/2.31.0".to_owned()
}
