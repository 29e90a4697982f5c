//! What a trail points at: log bucket, key, log group and delivery role, each read once in the account that owns it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Arn, Region};
use crate::monitoring::{Alarm, MetricFilter};
use crate::observed::Observed;

/// Where a bucket is, as far as the accounts that could be asked tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BucketOwner {
    /// An account of the organization lists it as its own.
    Account(AccountId),
    /// The name exists, and every account of the organization was asked and does not own it.
    OutsideOrganization,
    /// No bucket has this name.
    Missing,
}

/// A log bucket. The settings are gaps unless the owner is a known account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogBucket {
    /// Its name.
    pub name: String,
    /// Who owns it.
    pub owner: Observed<BucketOwner>,
    /// Its region.
    pub region: Observed<Region>,
    /// The bucket policy document; none when there is no policy.
    pub policy: Observed<Option<String>>,
    /// AWS's own verdict on the policy; none when there is no policy.
    pub policy_is_public: Observed<Option<bool>>,
    /// Grantee URIs and canonical ids with the permission each has.
    pub acl: Observed<Vec<AclGrant>>,
    /// Block Public Access of the bucket; none when never set.
    pub block_public_access: Observed<Option<BlockPublicAccess>>,
    /// Block Public Access of the owning account; none when never set.
    pub account_block_public_access: Observed<Option<BlockPublicAccess>>,
    /// Access points of the owning account on this bucket.
    pub access_points: Observed<Vec<AccessPoint>>,
    /// Versioning state.
    pub versioning: Observed<Versioning>,
    /// Lifecycle rules; empty when there is no configuration.
    pub lifecycle: Observed<Vec<LifecycleRule>>,
    /// Deleting versions and changing versioning needs MFA. Read with the versioning state.
    #[serde(default)]
    pub mfa_delete: Observed<bool>,
    /// Object Lock; none when it is not enabled.
    #[serde(default)]
    pub object_lock: Observed<Option<ObjectLock>>,
    /// Server access logging; none when it is off.
    #[serde(default)]
    pub access_logging: Observed<Option<AccessLogging>>,
    /// Replication rules; empty when there is no configuration.
    #[serde(default)]
    pub replication: Observed<Vec<ReplicationRule>>,
}

/// Object Lock of a bucket with its default retention.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectLock {
    /// The default retention; none when objects are locked only one by one.
    pub default_retention: Option<DefaultRetention>,
}

/// What every new object version is locked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultRetention {
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub mode: String,
    /// Days; a year counts 365.
    pub days: u32,
}

/// Where a bucket's access logs go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessLogging {
    /// The target bucket.
    pub bucket: String,
    /// The prefix of the log objects.
    pub prefix: String,
}

/// One replication rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplicationRule {
    /// Its id; empty when AWS gave none.
    pub id: String,
    /// `Enabled`.
    pub enabled: bool,
    /// Keys it applies to; empty means every key.
    pub prefix: String,
    /// It also demands tags, which CloudTrail's objects do not carry.
    pub has_tag_filter: bool,
    /// The ARN of the destination bucket.
    pub destination: String,
    /// The account of the destination, where the rule names it.
    pub account: Option<AccountId>,
}

/// The four switches of Block Public Access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockPublicAccess {
    /// New public ACLs are refused.
    pub block_public_acls: bool,
    /// Public ACLs have no effect.
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    pub block_public_policy: bool,
    /// Public policies reach only AWS services and the owner's account.
    pub restrict_public_buckets: bool,
}

/// One grant of a bucket ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AclGrant {
    /// A group URI, a canonical user id or an e-mail address.
    pub grantee: String,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
    pub permission: String,
}

/// An access point of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessPoint {
    /// Its name.
    pub name: String,
    /// `Internet` or `VPC`.
    pub network_origin: String,
    /// AWS's own verdict on its policy, Block Public Access of the access point already counted; none when it has no policy.
    pub policy_is_public: Observed<Option<bool>>,
}

/// Versioning of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Versioning {
    /// Never enabled.
    Never,
    /// On.
    Enabled,
    /// Was on; new objects get no versions.
    Suspended,
}

/// One lifecycle rule, reduced to what decides how long log objects live.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LifecycleRule {
    /// Its id; empty when AWS gave none.
    pub id: String,
    /// `Enabled`.
    pub enabled: bool,
    /// Keys it applies to; empty means every key.
    pub prefix: String,
    /// It also demands tags, which CloudTrail's objects do not carry.
    pub has_tag_filter: bool,
    /// It applies only to objects larger than this many bytes.
    pub size_greater_than: Option<i64>,
    /// It applies only to objects smaller than this many bytes.
    pub size_less_than: Option<i64>,
    /// Current versions expire this many days after creation.
    pub expiration_days: Option<i32>,
    /// Current versions expire at this date.
    pub expiration_date: Option<Timestamp>,
    /// Noncurrent versions are removed this many days after they became noncurrent.
    pub noncurrent_days: Option<i32>,
    /// It keeps this many newer noncurrent versions.
    pub newer_noncurrent_versions: Option<i32>,
    /// Storage classes it moves objects to, with the days after creation.
    pub transitions: Vec<Transition>,
}

/// One transition of a lifecycle rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// Days after creation; none when a date is set.
    pub days: Option<i32>,
    /// For example `GLACIER`.
    pub storage_class: String,
}

/// A KMS key that a trail encrypts with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailKey {
    /// The key ARN as the trail names it.
    pub arn: Arn,
    /// `DescribeKey`; none when the key does not exist.
    pub detail: Observed<Option<KeyDetail>>,
    /// The policy named `default`; none when the key does not exist.
    pub policy: Observed<Option<String>>,
    /// Automatic rotation.
    pub rotation: Observed<Rotation>,
}

/// `DescribeKey`, reduced to what decides usability. Values as AWS spells them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyDetail {
    /// `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: String,
    /// `CUSTOMER` or `AWS`.
    pub manager: String,
    /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`.
    pub origin: String,
    /// `SYMMETRIC_DEFAULT` for keys CloudTrail can use.
    pub spec: String,
    /// `ENCRYPT_DECRYPT` for keys CloudTrail can use.
    pub usage: String,
    /// When the key is deleted, if that is scheduled.
    pub deletion_date: Option<Timestamp>,
    /// True for a multi-region key.
    pub multi_region: bool,
}

/// Automatic rotation of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rotation {
    /// On.
    Enabled,
    /// Off.
    Disabled,
    /// KMS cannot rotate this key.
    Unsupported,
}

/// A log group that a trail delivers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogGroup {
    /// The ARN without `:*`.
    pub arn: Arn,
    /// Its settings; none when the group does not exist.
    pub detail: Observed<Option<LogGroupDetail>>,
    /// The delivery roles that trails use for it, by role ARN.
    pub roles: BTreeMap<Arn, Observed<Option<DeliveryRole>>>,
    /// Its metric filters.
    #[serde(default)]
    pub metric_filters: Observed<Vec<MetricFilter>>,
    /// The alarms of its account and region that watch a metric of these filters, and composite alarms.
    #[serde(default)]
    pub alarms: Observed<Vec<Alarm>>,
}

/// `DescribeLogGroups`, reduced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogGroupDetail {
    /// Days events are kept; none means for ever.
    pub retention_days: Option<i32>,
    /// The key of the group.
    pub kms_key: Option<String>,
    /// `STANDARD`, `INFREQUENT_ACCESS`, …
    pub class: String,
    /// An account-level retention policy overrides the group's own retention.
    #[serde(default)]
    pub is_account_retention: bool,
}

/// The role CloudTrail assumes to write to a log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryRole {
    /// The trust policy document.
    pub trust_policy: String,
    /// Inline and attached identity policy documents.
    pub policies: BTreeSet<String>,
}
