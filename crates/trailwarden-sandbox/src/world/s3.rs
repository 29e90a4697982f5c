//! What one account holds in S3: buckets with their configuration and objects, access points, account-wide settings.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trailwarden_model::ids::{AccountId, Region};

use super::World;
use super::cloudtrail::a_year_ago;
use super::when::When;

/// S3 in one account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3 {
    /// Buckets by name; a name is unique in the partition.
    pub buckets: BTreeMap<String, Bucket>,
    /// Block Public Access of the account; none when never set.
    pub block_public_access: Option<PublicAccessBlock>,
    /// Access points, in any region.
    pub access_points: Vec<AccessPoint>,
}

impl World {
    /// The bucket of this name, which is unique in the partition, and its owner.
    pub fn bucket(&self, name: &str) -> Option<(&AccountId, &Bucket)> {
        self.s3.iter().find_map(|(owner, held)| held.buckets.get(name).map(|bucket| (owner, bucket)))
    }

    /// The bucket of this name, to change it.
    pub fn bucket_mut(&mut self, name: &str) -> Option<&mut Bucket> {
        self.s3.values_mut().find_map(|held| held.buckets.get_mut(name))
    }
}

/// A setting that AWS makes for new buckets, and that old buckets, or a deletion, leave without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Setting<T> {
    /// Its value.
    Set(T),
    /// `"never-set"`.
    Unset(NeverSet),
}

/// The word `never-set`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeverSet {
    /// `never-set`.
    NeverSet,
}

impl<T> Setting<T> {
    /// No value.
    pub const NONE: Self = Self::Unset(NeverSet::NeverSet);

    /// Its value, if it has one.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Unset(_) => None,
        }
    }
}

impl<T: Default> Default for Setting<T> {
    fn default() -> Self {
        Self::Set(T::default())
    }
}

/// One bucket. What is not stated is as AWS makes a new bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Its region.
    pub region: Region,
    /// When it was created.
    #[serde(default = "a_year_ago")]
    pub created: When,
    /// The bucket policy, as it was put.
    #[serde(default)]
    pub policy: Option<String>,
    /// Grants besides the owner's own.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// Block Public Access of the bucket.
    #[serde(default)]
    pub block_public_access: Setting<PublicAccessBlock>,
    /// Versioning.
    #[serde(default)]
    pub versioning: Versioning,
    /// MFA delete; none when never set.
    #[serde(default)]
    pub mfa_delete: Option<bool>,
    /// Lifecycle rules; empty when there is no configuration.
    #[serde(default)]
    pub lifecycle: Vec<LifecycleRule>,
    /// `varies_by_storage_class` where small objects move as well; none means that those under 128 KB stay.
    #[serde(default)]
    pub smallest_transition: Option<String>,
    /// Server access logging.
    #[serde(default)]
    pub logging: Option<Logging>,
    /// Default encryption, which every bucket has.
    #[serde(default)]
    pub encryption: Encryption,
    /// Object Ownership; old buckets have none, which means `ObjectWriter`.
    #[serde(default)]
    pub ownership: Setting<Ownership>,
    /// Object Lock; none when it is off.
    #[serde(default)]
    pub object_lock: Option<ObjectLock>,
    /// The replication configuration, the XML as it was put.
    #[serde(default)]
    pub replication: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Versions of each object, newest last.
    #[serde(default)]
    pub objects: BTreeMap<String, Vec<ObjectVersion>>,
}

impl Bucket {
    /// A bucket as AWS makes a new one.
    pub fn new(region: Region, created: Timestamp) -> Self {
        Self {
            region,
            created: When::At(created),
            policy: None,
            grants: Vec::new(),
            block_public_access: Setting::default(),
            versioning: Versioning::default(),
            mfa_delete: None,
            lifecycle: Vec::new(),
            smallest_transition: None,
            logging: None,
            encryption: Encryption::default(),
            ownership: Setting::default(),
            object_lock: None,
            replication: None,
            tags: BTreeMap::new(),
            objects: BTreeMap::new(),
        }
    }
}

/// The four switches; all on unless stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PublicAccessBlock {
    /// New public ACLs are refused.
    pub block_public_acls: bool,
    /// Public ACLs have no effect.
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    pub block_public_policy: bool,
    /// Public policies reach only AWS services and the owner's account.
    pub restrict_public_buckets: bool,
}

impl Default for PublicAccessBlock {
    fn default() -> Self {
        Self {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        }
    }
}

/// One grant of an ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// A canonical user id, or a group URI such as `http://acs.amazonaws.com/groups/global/AllUsers`.
    pub grantee: String,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
    pub permission: String,
}

/// Versioning of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Versioning {
    /// Never enabled.
    #[default]
    Never,
    /// On.
    Enabled,
    /// Was on.
    Suspended,
}

/// One lifecycle rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LifecycleRule {
    /// Its id.
    pub id: String,
    /// `Status` is `Disabled`.
    pub disabled: bool,
    /// Keys it applies to; empty means every key.
    pub prefix: String,
    /// The prefix was written in the old place, outside `Filter`.
    pub legacy_prefix: bool,
    /// Tags an object must carry.
    pub tags: BTreeMap<String, String>,
    /// Only objects larger than this many bytes.
    pub size_greater_than: Option<i64>,
    /// Only objects smaller than this many bytes.
    pub size_less_than: Option<i64>,
    /// Current versions expire after so many days.
    pub expiration_days: Option<i64>,
    /// Current versions expire at this moment.
    pub expiration_date: Option<Timestamp>,
    /// Delete markers without older versions are removed.
    pub expired_object_delete_marker: bool,
    /// Transitions of current versions.
    pub transitions: Vec<Transition>,
    /// Noncurrent versions are removed after so many days.
    pub noncurrent_days: Option<i64>,
    /// It keeps so many newer noncurrent versions.
    pub newer_noncurrent_versions: Option<i64>,
    /// Transitions of noncurrent versions.
    pub noncurrent_transitions: Vec<Transition>,
    /// Unfinished uploads are removed after so many days.
    pub abort_multipart_days: Option<i64>,
}

/// One transition of a lifecycle rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transition {
    /// Days after creation, or after becoming noncurrent.
    pub days: Option<i64>,
    /// A fixed moment instead.
    pub date: Option<Timestamp>,
    /// For example `GLACIER`.
    pub storage_class: String,
    /// It leaves so many newer noncurrent versions where they are.
    pub newer_noncurrent_versions: Option<i64>,
}

/// Server access logging.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logging {
    /// Where the access logs go.
    pub target_bucket: String,
    /// Before their keys.
    #[serde(default)]
    pub target_prefix: String,
    /// `SimplePrefix`, or what partitioned keys are made from: `EventTime` or `DeliveryTime`; none when never stated.
    #[serde(default)]
    pub key_format: Option<String>,
}

/// Default encryption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Encryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: String,
    /// The key, for the KMS algorithms.
    pub kms_key: Option<String>,
    /// S3 Bucket Key.
    pub bucket_key: bool,
    /// What may not be used, `SSE-C`, or `NONE`; empty when nothing was said.
    pub blocked: Vec<String>,
}

impl Default for Encryption {
    fn default() -> Self {
        Self { algorithm: "AES256".to_owned(), kms_key: None, bucket_key: false, blocked: Vec::new() }
    }
}

/// Object Ownership, spelled as the API spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Ownership {
    /// ACLs are off.
    #[default]
    BucketOwnerEnforced,
    /// ACLs on; objects with the canned ACL belong to the bucket's owner.
    BucketOwnerPreferred,
    /// ACLs on; objects belong to their writer.
    ObjectWriter,
}

/// Object Lock with its default retention.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ObjectLock {
    /// `GOVERNANCE` or `COMPLIANCE`; none without default retention.
    pub mode: Option<String>,
    /// Days, or …
    pub days: Option<i64>,
    /// … years.
    pub years: Option<i64>,
}

/// One version of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectVersion {
    /// `null` where versioning was not on.
    #[serde(default = "null_version")]
    pub version_id: String,
    /// When it was written.
    #[serde(default = "a_year_ago")]
    pub modified: When,
    /// It is a delete marker.
    #[serde(default)]
    pub delete_marker: bool,
    /// The bytes, in base64.
    #[serde(default)]
    pub body: String,
    /// Headers kept with the object: `content-type`, `x-amz-meta-…`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

fn null_version() -> String {
    "null".to_owned()
}

/// An access point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessPoint {
    /// Its name, unique in its account and region.
    pub name: String,
    /// Its region, which is the bucket's.
    pub region: Region,
    /// The bucket behind it.
    pub bucket: String,
    /// The VPC it is limited to; none means the internet.
    #[serde(default)]
    pub vpc: Option<String>,
    /// Its own Block Public Access, fixed at creation.
    #[serde(default)]
    pub block_public_access: PublicAccessBlock,
    /// Its policy.
    #[serde(default)]
    pub policy: Option<String>,
    /// When it was created.
    #[serde(default = "a_year_ago")]
    pub created: When,
}
