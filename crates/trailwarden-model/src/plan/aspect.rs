//! What can be looked at: one setting of one resource, in AWS's own words.

use serde::{Deserialize, Serialize};
use serde_json::Value;

mod every;

/// One setting of one resource. What is observed is JSON with members named as the API names them: null where the resource
/// or setting does not exist, else the shape that each variant states. Policy documents stand there parsed and in normal
/// form ([`super::normal_policy`]). Members that are not set, and lists without items, are left out; times are RFC 3339.
///
/// Resources are named without placeholders where their name is chosen by the plan, and by `${s001.Arn}` where AWS chooses it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Aspect {
    /// Trusted access of a service in the organization: a boolean.
    TrustedAccess {
        /// The service principal.
        service: String,
    },
    /// Whether a policy type is enabled in the root: a boolean; one that is being enabled is not yet.
    PolicyType {
        /// `SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`.
        policy_type: String,
    },
    /// An authorization policy: null or `{"Id", "Description"?, "Content": policy, "Tags"?: object}`, the last with the tags
    /// whose keys begin with `trailwarden`.
    AuthorizationPolicy {
        /// Its type; no two policies of one type have one name.
        policy_type: String,
        /// Its name.
        name: String,
    },
    /// Whether a policy is attached to a root, OU or account itself: null where there is no such node, else a boolean.
    PolicyAttachment {
        /// The type of the policy.
        policy_type: String,
        /// `p-…`.
        policy: String,
        /// The root, OU or account.
        target: String,
    },
    /// An IAM role: null or `{"AssumeRolePolicyDocument": policy}`.
    Role {
        /// Its name, without path.
        name: String,
    },
    /// An inline policy of a role: null or the policy.
    RolePolicy {
        /// The role's name.
        role: String,
        /// The policy's name.
        name: String,
    },
    /// The usable key (pending deletion does not count) with the tag `trailwarden:key` of this value: null or
    /// `{"Arn", "KeyId", "KeyState"}`. Finds a key whose id nobody was told.
    TaggedKey {
        /// The value of the tag.
        tag: String,
    },
    /// A key: null or `{"Arn", "KeyState"}`.
    Key {
        /// Its ARN.
        key: String,
    },
    /// Whether a key waits for its deletion: null where it does not exist, else a boolean.
    KeyDeletion {
        /// The key's ARN.
        key: String,
    },
    /// An alias: null or `{"TargetKeyId"}`.
    KeyAlias {
        /// `alias/…`.
        name: String,
    },
    /// The policy `default` of a key: null or the policy.
    KeyPolicy {
        /// The key's ARN.
        key: String,
    },
    /// Automatic rotation: null where the key does not exist or cannot rotate, else a boolean.
    KeyRotation {
        /// The key's ARN.
        key: String,
    },
    /// A bucket: null, `{"Region"}` where the account owns it, or `{"Owner": "another account"}`.
    Bucket {
        /// Its name.
        bucket: String,
    },
    /// The bucket policy: null or the policy.
    BucketPolicy {
        /// The bucket's name.
        bucket: String,
    },
    /// Block Public Access of the bucket: null or the four switches.
    BucketPublicAccess {
        /// The bucket's name.
        bucket: String,
    },
    /// Versioning: null where there is no bucket, else `{"Status"?, "MFADelete"?}`.
    BucketVersioning {
        /// The bucket's name.
        bucket: String,
    },
    /// Default encryption: null or `{"Rules": […]}`.
    BucketEncryption {
        /// The bucket's name.
        bucket: String,
    },
    /// Object ownership: null or `{"Rules": [{"ObjectOwnership"}]}`.
    BucketOwnership {
        /// The bucket's name.
        bucket: String,
    },
    /// Object Lock: null or `{"ObjectLockEnabled", "Rule"?}`.
    BucketObjectLock {
        /// The bucket's name.
        bucket: String,
    },
    /// The whole lifecycle configuration: null or `{"Rules": […], "TransitionDefaultMinimumObjectSize"?}`.
    BucketLifecycle {
        /// The bucket's name.
        bucket: String,
    },
    /// Server access logging: null or `{"TargetBucket", "TargetPrefix", …}`.
    BucketLogging {
        /// The bucket's name.
        bucket: String,
    },
    /// A log group: null or `{"logGroupClass"}`.
    LogGroup {
        /// Its name.
        group: String,
    },
    /// Retention of a log group: null where there is no group, else `{"retentionInDays"?, "isAccountRetention"?}`; without days
    /// it is for ever, and the other is true where a policy of the account decides it and absent elsewhere.
    LogGroupRetention {
        /// The group's name.
        group: String,
    },
    /// The key of a log group: null where there is no group, else `{"kmsKeyId"?}`.
    LogGroupKey {
        /// The group's name.
        group: String,
    },
    /// A metric filter: null or `{"filterPattern", "metricTransformations": […]}`. Where somebody set them, also
    /// `applyOnTransformedLogs`, `fieldSelectionCriteria` and `emitSystemFieldDimensions`, which no plan writes.
    MetricFilter {
        /// The group's name.
        group: String,
        /// The filter's name.
        name: String,
    },
    /// A metric alarm: null or the members that `PutMetricAlarm` takes, without `Tags`, and without an `EvaluationWindow` that
    /// slides as it does by default. AWS always answers `ActionsEnabled`.
    Alarm {
        /// Its name.
        name: String,
    },
    /// A topic: null or `{"TopicArn"}`.
    Topic {
        /// Its ARN.
        topic: String,
    },
    /// The access policy of a topic: null or the policy.
    TopicPolicy {
        /// The topic's ARN.
        topic: String,
    },
    /// A subscription: null or `{"Confirmed": boolean}`.
    Subscription {
        /// The topic's ARN.
        topic: String,
        /// For example `email`.
        protocol: String,
        /// For example an address.
        endpoint: String,
    },
    /// A trail, looked at in its home region: null or the members that `GetTrail` answers, without `HasCustomEventSelectors`,
    /// `HasInsightSelectors` and the retired `SnsTopicName`. What was cleared with an empty text is left out; `RecursiveLogging` is
    /// true where nothing is answered.
    Trail {
        /// Its ARN.
        trail: String,
    },
    /// Whether the trail is logging in its home region: null where there is no trail, else a boolean.
    TrailLogging {
        /// The trail's ARN.
        trail: String,
    },
    /// Event selectors: null where there is no trail, else `{"EventSelectors": […]}` or `{"AdvancedEventSelectors": […]}`.
    TrailSelectors {
        /// The trail's ARN.
        trail: String,
    },
    /// Insights: null where there is no trail, else a list of `{"InsightType", "EventCategories": […]}`, both in
    /// the order of their names; empty when off.
    TrailInsights {
        /// The trail's ARN.
        trail: String,
    },
    /// An event data store: null or `{"Status", "RetentionPeriod", "TerminationProtectionEnabled", "KmsKeyId"?, "BillingMode"?}`.
    EventDataStore {
        /// Its ARN.
        store: String,
    },
    /// The customer managed configuration recorder of a region: null or `{"name", "roleARN", "recordingGroup",
    /// "recordingMode"?}`. Resource types stand in the order of their names; an exclusion of nothing and a mode that is the
    /// default, which records continuously, are left out.
    ConfigRecorder,
    /// The delivery channel of a region: null or `{"name", "s3BucketName", "s3KeyPrefix"?, …}`.
    ConfigChannel,
    /// Whether the customer managed recorder is recording: null where there is none, else a boolean.
    ConfigRecording,
    /// Tags of a resource: null where it does not exist, else an object from key to value.
    Tags {
        /// The ARN of a trail, bucket, key, log group, topic, role or event data store.
        resource: String,
    },
}

impl Aspect {
    /// A value of this shape without the members that others change as time goes by, of which no step promises anything:
    /// whoever is subscribed confirms it, or does not.
    pub fn own_part(&self, value: &Value) -> Value {
        let mut own = value.clone();
        if let (Self::Subscription { .. }, Some(members)) = (self, own.as_object_mut()) {
            members.remove("Confirmed");
        }
        own
    }
}
