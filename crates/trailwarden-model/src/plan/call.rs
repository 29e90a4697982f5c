//! The calls that plans make: AWS's operations with their exact input.

use serde::{Deserialize, Serialize};
use serde_json::Value;

mod every;
mod needs;

/// One call that changes something. `input` is what the API takes, named as the API names it, so that
/// `aws SERVICE OPERATION --cli-input-json` takes it as it stands. Policy documents are texts, as the API wants them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "operation", content = "input", rename_all_fields = "PascalCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "members are AWS's own, documented in its API references")]
pub enum Call {
    #[serde(rename = "organizations:EnableAWSServiceAccess")]
    EnableAwsServiceAccess { service_principal: String },
    #[serde(rename = "organizations:DisableAWSServiceAccess")]
    DisableAwsServiceAccess { service_principal: String },
    #[serde(rename = "organizations:EnablePolicyType")]
    EnablePolicyType { root_id: String, policy_type: String },
    #[serde(rename = "organizations:CreatePolicy")]
    CreatePolicy { name: String, description: String, content: String, r#type: String, tags: Vec<Tag> },
    #[serde(rename = "organizations:UpdatePolicy")]
    UpdatePolicy { policy_id: String, description: String, content: String },
    #[serde(rename = "organizations:DeletePolicy")]
    DeletePolicy { policy_id: String },
    #[serde(rename = "organizations:AttachPolicy")]
    AttachPolicy { policy_id: String, target_id: String },
    #[serde(rename = "organizations:DetachPolicy")]
    DetachPolicy { policy_id: String, target_id: String },

    #[serde(rename = "iam:CreateServiceLinkedRole")]
    CreateServiceLinkedRole {
        #[serde(rename = "AWSServiceName")]
        aws_service_name: String,
    },
    #[serde(rename = "iam:CreateRole")]
    CreateRole { role_name: String, assume_role_policy_document: String, description: String, tags: Vec<Tag> },
    #[serde(rename = "iam:DeleteRole")]
    DeleteRole { role_name: String },
    #[serde(rename = "iam:UpdateAssumeRolePolicy")]
    UpdateAssumeRolePolicy { role_name: String, policy_document: String },
    #[serde(rename = "iam:PutRolePolicy")]
    PutRolePolicy { role_name: String, policy_name: String, policy_document: String },
    #[serde(rename = "iam:DeleteRolePolicy")]
    DeleteRolePolicy { role_name: String, policy_name: String },

    #[serde(rename = "kms:CreateKey")]
    CreateKey { description: String, policy: String, tags: Vec<KmsTag> },
    #[serde(rename = "kms:ScheduleKeyDeletion")]
    ScheduleKeyDeletion { key_id: String, pending_window_in_days: i32 },
    #[serde(rename = "kms:CancelKeyDeletion")]
    CancelKeyDeletion { key_id: String },
    #[serde(rename = "kms:CreateAlias")]
    CreateAlias { alias_name: String, target_key_id: String },
    #[serde(rename = "kms:DeleteAlias")]
    DeleteAlias { alias_name: String },
    #[serde(rename = "kms:PutKeyPolicy")]
    PutKeyPolicy { key_id: String, policy_name: String, policy: String },
    #[serde(rename = "kms:EnableKey")]
    EnableKey { key_id: String },
    #[serde(rename = "kms:DisableKey")]
    DisableKey { key_id: String },
    #[serde(rename = "kms:EnableKeyRotation")]
    EnableKeyRotation { key_id: String },
    #[serde(rename = "kms:DisableKeyRotation")]
    DisableKeyRotation { key_id: String },

    #[serde(rename = "s3:CreateBucket")]
    CreateBucket {
        bucket: String,
        /// `{"LocationConstraint"}`; none in us-east-1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        create_bucket_configuration: Option<Value>,
        /// Object Lock from the start, which cannot be taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        object_lock_enabled_for_bucket: Option<bool>,
    },
    #[serde(rename = "s3:DeleteBucket")]
    DeleteBucket { bucket: String },
    #[serde(rename = "s3:PutBucketPolicy")]
    PutBucketPolicy { bucket: String, policy: String },
    #[serde(rename = "s3:DeleteBucketPolicy")]
    DeleteBucketPolicy { bucket: String },
    #[serde(rename = "s3:PutPublicAccessBlock")]
    PutPublicAccessBlock { bucket: String, public_access_block_configuration: Value },
    #[serde(rename = "s3:DeletePublicAccessBlock")]
    DeletePublicAccessBlock { bucket: String },
    #[serde(rename = "s3:PutBucketVersioning")]
    PutBucketVersioning { bucket: String, versioning_configuration: Value },
    #[serde(rename = "s3:PutBucketEncryption")]
    PutBucketEncryption { bucket: String, server_side_encryption_configuration: Value },
    #[serde(rename = "s3:PutBucketOwnershipControls")]
    PutBucketOwnershipControls { bucket: String, ownership_controls: Value },
    #[serde(rename = "s3:DeleteBucketOwnershipControls")]
    DeleteBucketOwnershipControls { bucket: String },
    #[serde(rename = "s3:PutObjectLockConfiguration")]
    PutObjectLockConfiguration { bucket: String, object_lock_configuration: Value },
    #[serde(rename = "s3:PutBucketLifecycleConfiguration")]
    PutBucketLifecycleConfiguration {
        bucket: String,
        lifecycle_configuration: Value,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transition_default_minimum_object_size: Option<String>,
    },
    #[serde(rename = "s3:DeleteBucketLifecycle")]
    DeleteBucketLifecycle { bucket: String },
    /// An empty status switches it off.
    #[serde(rename = "s3:PutBucketLogging")]
    PutBucketLogging { bucket: String, bucket_logging_status: Value },

    #[serde(rename = "logs:CreateLogGroup", rename_all = "camelCase")]
    CreateLogGroup {
        log_group_name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kms_key_id: Option<String>,
        tags: std::collections::BTreeMap<String, String>,
    },
    #[serde(rename = "logs:DeleteLogGroup", rename_all = "camelCase")]
    DeleteLogGroup { log_group_name: String },
    #[serde(rename = "logs:PutRetentionPolicy", rename_all = "camelCase")]
    PutRetentionPolicy { log_group_name: String, retention_in_days: i32 },
    #[serde(rename = "logs:DeleteRetentionPolicy", rename_all = "camelCase")]
    DeleteRetentionPolicy { log_group_name: String },
    #[serde(rename = "logs:AssociateKmsKey", rename_all = "camelCase")]
    AssociateKmsKey { log_group_name: String, kms_key_id: String },
    #[serde(rename = "logs:DisassociateKmsKey", rename_all = "camelCase")]
    DisassociateKmsKey { log_group_name: String },
    #[serde(rename = "logs:PutMetricFilter", rename_all = "camelCase")]
    PutMetricFilter {
        log_group_name: String,
        filter_name: String,
        filter_pattern: String,
        metric_transformations: Value,
    },
    #[serde(rename = "logs:DeleteMetricFilter", rename_all = "camelCase")]
    DeleteMetricFilter { log_group_name: String, filter_name: String },

    /// The input is the observed shape of [`super::Aspect::Alarm`].
    #[serde(rename = "cloudwatch:PutMetricAlarm")]
    PutMetricAlarm(Value),
    #[serde(rename = "cloudwatch:DeleteAlarms")]
    DeleteAlarms { alarm_names: Vec<String> },
    #[serde(rename = "cloudwatch:EnableAlarmActions")]
    EnableAlarmActions { alarm_names: Vec<String> },
    #[serde(rename = "cloudwatch:DisableAlarmActions")]
    DisableAlarmActions { alarm_names: Vec<String> },

    #[serde(rename = "sns:CreateTopic")]
    CreateTopic { name: String, tags: Vec<Tag> },
    #[serde(rename = "sns:DeleteTopic")]
    DeleteTopic { topic_arn: String },
    #[serde(rename = "sns:SetTopicAttributes")]
    SetTopicAttributes { topic_arn: String, attribute_name: String, attribute_value: String },
    #[serde(rename = "sns:Subscribe")]
    Subscribe { topic_arn: String, protocol: String, endpoint: String },

    #[serde(rename = "cloudtrail:CreateTrail")]
    CreateTrail(TrailInput),
    #[serde(rename = "cloudtrail:UpdateTrail")]
    UpdateTrail(TrailInput),
    #[serde(rename = "cloudtrail:DeleteTrail")]
    DeleteTrail { name: String },
    #[serde(rename = "cloudtrail:StartLogging")]
    StartLogging { name: String },
    #[serde(rename = "cloudtrail:StopLogging")]
    StopLogging { name: String },
    /// One of the two lists, as [`super::Aspect::TrailSelectors`] shows it.
    #[serde(rename = "cloudtrail:PutEventSelectors")]
    PutEventSelectors {
        trail_name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event_selectors: Option<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        advanced_event_selectors: Option<Value>,
    },
    #[serde(rename = "cloudtrail:PutInsightSelectors")]
    PutInsightSelectors { trail_name: String, insight_selectors: Value },
    #[serde(rename = "cloudtrail:UpdateEventDataStore")]
    UpdateEventDataStore {
        event_data_store: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retention_period: Option<i32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        termination_protection_enabled: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kms_key_id: Option<String>,
    },

    #[serde(rename = "config:PutConfigurationRecorder")]
    PutConfigurationRecorder { configuration_recorder: Value },
    #[serde(rename = "config:DeleteConfigurationRecorder")]
    DeleteConfigurationRecorder { configuration_recorder_name: String },
    #[serde(rename = "config:PutDeliveryChannel")]
    PutDeliveryChannel { delivery_channel: Value },
    #[serde(rename = "config:DeleteDeliveryChannel")]
    DeleteDeliveryChannel { delivery_channel_name: String },
    #[serde(rename = "config:StartConfigurationRecorder")]
    StartConfigurationRecorder { configuration_recorder_name: String },
    #[serde(rename = "config:StopConfigurationRecorder")]
    StopConfigurationRecorder { configuration_recorder_name: String },
}

/// The input of `CreateTrail` and `UpdateTrail`. What is left out keeps its value, or its default on creation; an empty text
/// clears it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
#[expect(missing_docs, reason = "members are AWS's own, documented in its API reference")]
pub struct TrailInput {
    /// The name on creation, the ARN on update.
    pub name: String,
    #[serde(rename = "S3BucketName", skip_serializing_if = "Option::is_none")]
    pub s3_bucket_name: Option<String>,
    #[serde(rename = "S3KeyPrefix", skip_serializing_if = "Option::is_none")]
    pub s3_key_prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sns_topic_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_global_service_events: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_multi_region_trail: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_log_file_validation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_watch_logs_log_group_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_watch_logs_role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_organization_trail: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recursive_logging: Option<bool>,
    /// On creation only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags_list: Vec<Tag>,
}

/// A tag as most services spell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A tag as KMS spells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KmsTag {
    /// Its key.
    pub tag_key: String,
    /// Its value.
    pub tag_value: String,
}

impl Call {
    /// `service:Operation`, for example `cloudtrail:UpdateTrail`.
    pub fn operation(&self) -> String {
        self.tagged().get("operation").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The input, as the API takes it.
    pub fn input(&self) -> Value {
        self.tagged().get("input").cloned().unwrap_or_default()
    }

    /// Operation and input; every call can be written so, having no keys but texts.
    fn tagged(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_written_as_the_api_takes_it_and_read_back() {
        let call = Call::UpdateTrail(TrailInput {
            name: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t".to_owned(),
            s3_bucket_name: Some("logs".to_owned()),
            enable_log_file_validation: Some(true),
            ..TrailInput::default()
        });
        let written = serde_json::to_value(&call).expect("writes");
        let input = json!({
            "Name": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t", "S3BucketName": "logs",
            "EnableLogFileValidation": true,
        });
        assert_eq!(written, json!({"operation": "cloudtrail:UpdateTrail", "input": input}));
        assert_eq!(serde_json::from_value::<Call>(written).expect("reads"), call);
        assert_eq!((call.operation().as_str(), call.input()), ("cloudtrail:UpdateTrail", input));
    }

    #[test]
    fn names_of_members_follow_each_service() {
        let group = Call::PutRetentionPolicy { log_group_name: "g".to_owned(), retention_in_days: 365 };
        assert_eq!(group.input(), json!({"logGroupName": "g", "retentionInDays": 365}));
        let role = Call::CreateServiceLinkedRole { aws_service_name: "cloudtrail.amazonaws.com".to_owned() };
        assert_eq!(role.input(), json!({"AWSServiceName": "cloudtrail.amazonaws.com"}));
    }
}
