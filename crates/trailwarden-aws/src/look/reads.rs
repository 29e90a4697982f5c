//! Which reads a look makes: the IAM actions of a step and the role that remediates come from here.

use trailwarden_model::plan::Aspect;

use super::{cloudtrail, kms, organizations, s3, sns, tags};
use crate::catalog::Read;
use crate::read::cloudtrail::{GET_EVENT_SELECTORS, GET_TRAIL_STATUS, insights, stores};
use crate::read::cloudwatch::DESCRIBE_ALARMS;
use crate::read::config::{DESCRIBE_CHANNELS, DESCRIBE_RECORDER_STATUS, DESCRIBE_RECORDERS};
use crate::read::iam::{GET_ROLE, GET_ROLE_POLICY};
use crate::read::kms::{DESCRIBE_KEY, GET_KEY_POLICY, GET_KEY_ROTATION_STATUS};
use crate::read::logs::{DESCRIBE_LOG_GROUPS, DESCRIBE_METRIC_FILTERS};
use crate::read::organizations::LIST_ROOTS;
use crate::read::organizations::guards::{self, LIST_SERVICE_ACCESS};
use crate::read::s3 as bucket;
use crate::read::s3::{lifecycle, protection};
use crate::read::sns::LIST_SUBSCRIPTIONS;

/// The reads that only looking makes, so that the roles of an audit do not have them.
const ONLY_LOOKING: &[&[Read]] =
    &[cloudtrail::READS, kms::READS, organizations::READS, s3::READS, sns::READS, tags::READS];

/// The reads that an audit does not make.
pub(crate) fn reads() -> impl Iterator<Item = Read> {
    ONLY_LOOKING.iter().copied().flatten().copied()
}

/// The reads that looking at this may make, besides entering the account.
pub fn look_reads(aspect: &Aspect) -> &'static [Read] {
    match aspect {
        Aspect::TrustedAccess { .. } => &[LIST_SERVICE_ACCESS],
        Aspect::PolicyType { .. } => &[LIST_ROOTS],
        Aspect::AuthorizationPolicy { .. } => {
            &[guards::LIST_POLICIES, guards::DESCRIBE_POLICY, organizations::LIST_TAGS]
        }
        Aspect::PolicyAttachment { .. } => &[organizations::LIST_POLICIES_OF],
        Aspect::Role { .. } => &[GET_ROLE],
        Aspect::RolePolicy { .. } => &[GET_ROLE_POLICY],
        Aspect::TaggedKey { .. } => &[kms::LIST_KEYS, tags::LIST_KEY_TAGS, DESCRIBE_KEY],
        Aspect::Key { .. } | Aspect::KeyDeletion { .. } => &[DESCRIBE_KEY],
        Aspect::KeyAlias { .. } => &[kms::LIST_ALIASES],
        Aspect::KeyPolicy { .. } => &[GET_KEY_POLICY],
        Aspect::KeyRotation { .. } => &[GET_KEY_ROTATION_STATUS],
        Aspect::Bucket { .. } => &[bucket::HEAD_BUCKET, bucket::LIST_BUCKETS],
        Aspect::BucketPolicy { .. } => &[bucket::GET_BUCKET_POLICY],
        Aspect::BucketPublicAccess { .. } => &[bucket::GET_PUBLIC_ACCESS_BLOCK],
        Aspect::BucketVersioning { .. } => &[bucket::GET_BUCKET_VERSIONING],
        Aspect::BucketEncryption { .. } => &[s3::GET_ENCRYPTION],
        Aspect::BucketOwnership { .. } => &[s3::GET_OWNERSHIP],
        Aspect::BucketObjectLock { .. } => &[protection::GET_OBJECT_LOCK],
        Aspect::BucketLifecycle { .. } => &[lifecycle::GET_LIFECYCLE],
        Aspect::BucketLogging { .. } => &[protection::GET_LOGGING],
        Aspect::LogGroup { .. } | Aspect::LogGroupRetention { .. } | Aspect::LogGroupKey { .. } => {
            &[DESCRIBE_LOG_GROUPS]
        }
        Aspect::MetricFilter { .. } => &[DESCRIBE_METRIC_FILTERS],
        Aspect::Alarm { .. } => &[DESCRIBE_ALARMS],
        Aspect::Topic { .. } | Aspect::TopicPolicy { .. } => &[sns::GET_TOPIC],
        Aspect::Subscription { .. } => &[LIST_SUBSCRIPTIONS],
        Aspect::Trail { .. } => &[cloudtrail::GET_TRAIL],
        Aspect::TrailLogging { .. } => &[GET_TRAIL_STATUS],
        Aspect::TrailSelectors { .. } => &[GET_EVENT_SELECTORS],
        Aspect::TrailInsights { .. } => &[insights::GET_INSIGHT_SELECTORS],
        Aspect::EventDataStore { .. } => &[stores::GET_STORE],
        Aspect::ConfigRecorder => &[DESCRIBE_RECORDERS],
        Aspect::ConfigChannel => &[DESCRIBE_CHANNELS],
        Aspect::ConfigRecording => &[DESCRIBE_RECORDER_STATUS],
        Aspect::Tags { resource } => tags::reads(resource),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::look::look_actions;

    #[test]
    fn no_read_is_declared_both_for_audits_and_for_looking() {
        let audit: BTreeSet<&str> = crate::read::reads().map(|read| read.operation).collect();
        let looking: Vec<&str> = reads().map(|read| read.operation).collect();
        assert_eq!(looking.iter().filter(|operation| audit.contains(*operation)).count(), 0, "{looking:?}");
        assert_eq!(looking.iter().collect::<BTreeSet<_>>().len(), looking.len());
    }

    #[test]
    fn looking_names_the_actions_as_iam_does() {
        let encryption = look_actions(&Aspect::BucketEncryption { bucket: "b".to_owned() });
        assert_eq!(encryption, BTreeSet::from(["s3:GetEncryptionConfiguration"]));
        let tagged = look_actions(&Aspect::TaggedKey { tag: "logs".to_owned() });
        assert_eq!(tagged, BTreeSet::from(["kms:DescribeKey", "kms:ListKeys", "kms:ListResourceTags"]));
    }

    #[test]
    fn tags_of_a_resource_that_only_a_step_can_name_may_be_those_of_any_service() {
        let of = |resource: &str| look_actions(&Aspect::Tags { resource: resource.to_owned() });
        assert_eq!(of("arn:aws:sns:eu-west-1:111122223333:alarms"), BTreeSet::from(["sns:ListTagsForResource"]));
        assert_eq!(of("arn:aws:s3:::logs"), BTreeSet::from(["s3:GetBucketTagging"]));
        assert!(of("${s001.Arn}").is_superset(&BTreeSet::from(["kms:ListResourceTags", "cloudtrail:ListTags"])));
    }
}
