//! Looking at one setting of one resource, in the shape that its aspect states. Nothing here judges what it sees.

use std::collections::BTreeSet;

use futures::future::BoxFuture;
use serde_json::Value;
use trailwarden_model::observed::Gap;
use trailwarden_model::plan::Aspect;

use crate::gap::Failure;
use crate::session::{Session, Site};

mod cloudtrail;
mod cloudwatch;
mod config;
mod iam;
mod kms;
mod logs;
mod organizations;
mod reads;
mod s3;
mod sns;
mod tags;

pub use reads::look_reads;
pub(crate) use reads::reads;

/// AWS's words for a resource or setting that does not exist, which is knowledge.
const ABSENT: &[&str] = &[
    "EventDataStoreNotFoundException",
    "NoSuchBucket",
    "NoSuchBucketPolicy",
    "NoSuchEntity",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    // SNS, whose pages and answers differ.
    "NotFound",
    "NotFoundException",
    "OwnershipControlsNotFoundError",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "ServerSideEncryptionConfigurationNotFoundError",
    "TargetNotFoundException",
    "TrailNotFoundException",
];

/// What looking at something comes to, once it is waited for.
type Look<'a> = BoxFuture<'a, Result<Value, Failure>>;

/// The IAM actions that looking at this needs.
pub fn look_actions(aspect: &Aspect) -> BTreeSet<&'static str> {
    look_reads(aspect).iter().filter_map(|read| read.iam).collect()
}

/// True for what is looked at in the leader region of the partition, whatever the place.
pub(crate) fn is_global(aspect: &Aspect) -> bool {
    match aspect {
        Aspect::TrustedAccess { .. }
        | Aspect::PolicyType { .. }
        | Aspect::AuthorizationPolicy { .. }
        | Aspect::PolicyAttachment { .. }
        | Aspect::Role { .. }
        | Aspect::RolePolicy { .. } => true,
        Aspect::Tags { resource } => tags::is_role(resource),
        _ => false,
    }
}

/// Looks. The site is the account and region that own the resource.
pub(crate) async fn look(session: &Session, site: &Site, aspect: &Aspect) -> Result<Value, Gap> {
    match begin(session, site, aspect).await {
        Err(failure) if ABSENT.contains(&failure.code()) => Ok(Value::Null),
        seen => Ok(seen?),
    }
}

/// Boxed, or the largest look would decide the size of all.
fn begin<'a>(session: &'a Session, site: &'a Site, aspect: &'a Aspect) -> Look<'a> {
    match aspect {
        Aspect::TrustedAccess { service } => Box::pin(organizations::trusted_access(session, site, service)),
        Aspect::PolicyType { policy_type } => Box::pin(organizations::policy_type(session, site, policy_type)),
        Aspect::AuthorizationPolicy { policy_type, name } => {
            Box::pin(organizations::policy(session, site, policy_type, name))
        }
        Aspect::PolicyAttachment { policy_type, policy, target } => {
            Box::pin(organizations::attachment(session, site, policy_type, (policy, target)))
        }
        Aspect::Role { name } => Box::pin(iam::role(session, site, name)),
        Aspect::RolePolicy { role, name } => Box::pin(iam::role_policy(session, site, role, name)),
        Aspect::TaggedKey { tag } => Box::pin(kms::tagged_key(session, site, tag)),
        Aspect::Key { key } => Box::pin(kms::key(session, site, key)),
        Aspect::KeyDeletion { key } => Box::pin(kms::deletion(session, site, key)),
        Aspect::KeyAlias { name } => Box::pin(kms::alias(session, site, name)),
        Aspect::KeyPolicy { key } => Box::pin(kms::policy(session, site, key)),
        Aspect::KeyRotation { key } => Box::pin(kms::rotation(session, site, key)),
        Aspect::Bucket { bucket } => Box::pin(s3::bucket(session, site, bucket)),
        Aspect::BucketPolicy { bucket } => Box::pin(s3::policy(session, site, bucket)),
        Aspect::BucketPublicAccess { bucket } => Box::pin(s3::public_access(session, site, bucket)),
        Aspect::BucketVersioning { bucket } => Box::pin(s3::versioning(session, site, bucket)),
        Aspect::BucketEncryption { bucket } => Box::pin(s3::encryption(session, site, bucket)),
        Aspect::BucketOwnership { bucket } => Box::pin(s3::ownership(session, site, bucket)),
        Aspect::BucketObjectLock { bucket } => Box::pin(s3::object_lock(session, site, bucket)),
        Aspect::BucketLifecycle { bucket } => Box::pin(s3::lifecycle(session, site, bucket)),
        Aspect::BucketLogging { bucket } => Box::pin(s3::logging(session, site, bucket)),
        Aspect::LogGroup { group } => Box::pin(logs::group(session, site, group)),
        Aspect::LogGroupRetention { group } => Box::pin(logs::retention(session, site, group)),
        Aspect::LogGroupKey { group } => Box::pin(logs::key(session, site, group)),
        Aspect::MetricFilter { group, name } => Box::pin(logs::metric_filter(session, site, group, name)),
        Aspect::Alarm { name } => Box::pin(cloudwatch::alarm(session, site, name)),
        Aspect::Topic { topic } => Box::pin(sns::topic(session, site, topic)),
        Aspect::TopicPolicy { topic } => Box::pin(sns::policy(session, site, topic)),
        Aspect::Subscription { topic, protocol, endpoint } => {
            Box::pin(sns::subscription(session, site, topic, protocol, endpoint))
        }
        Aspect::Trail { trail } => Box::pin(cloudtrail::trail(session, site, trail)),
        Aspect::TrailLogging { trail } => Box::pin(cloudtrail::logging(session, site, trail)),
        Aspect::TrailSelectors { trail } => Box::pin(cloudtrail::selectors(session, site, trail)),
        Aspect::TrailInsights { trail } => Box::pin(cloudtrail::insights(session, site, trail)),
        Aspect::EventDataStore { store } => Box::pin(cloudtrail::event_data_store(session, site, store)),
        Aspect::ConfigRecorder => Box::pin(config::recorder(session, site)),
        Aspect::ConfigChannel => Box::pin(config::channel(session, site)),
        Aspect::ConfigRecording => Box::pin(config::recording(session, site)),
        Aspect::Tags { resource } => Box::pin(tags::tags(session, site, resource)),
    }
}
