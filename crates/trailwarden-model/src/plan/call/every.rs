//! One call of every kind, for whoever needs to know what a plan can ask for: roles, pages and tests.

use serde_json::Value;

use super::{Call, TrailInput};

impl Call {
    /// One call of every kind, its texts empty, and each option set that asks for an IAM action of its own.
    #[expect(clippy::too_many_lines, reason = "a list")]
    pub fn every() -> Vec<Self> {
        let t = String::new;
        let trail = || TrailInput {
            cloud_watch_logs_role_arn: Some("arn".to_owned()),
            is_organization_trail: Some(true),
            ..TrailInput::default()
        };
        vec![
            Self::EnableAwsServiceAccess { service_principal: t() },
            Self::DisableAwsServiceAccess { service_principal: t() },
            Self::EnablePolicyType { root_id: t(), policy_type: t() },
            Self::CreatePolicy { name: t(), description: t(), content: t(), r#type: t(), tags: Vec::new() },
            Self::UpdatePolicy { policy_id: t(), description: t(), content: t() },
            Self::DeletePolicy { policy_id: t() },
            Self::AttachPolicy { policy_id: t(), target_id: t() },
            Self::DetachPolicy { policy_id: t(), target_id: t() },
            Self::CreateServiceLinkedRole { aws_service_name: t() },
            Self::CreateRole { role_name: t(), assume_role_policy_document: t(), description: t(), tags: Vec::new() },
            Self::DeleteRole { role_name: t() },
            Self::UpdateAssumeRolePolicy { role_name: t(), policy_document: t() },
            Self::PutRolePolicy { role_name: t(), policy_name: t(), policy_document: t() },
            Self::DeleteRolePolicy { role_name: t(), policy_name: t() },
            Self::CreateKey { description: t(), policy: t(), tags: Vec::new() },
            Self::ScheduleKeyDeletion { key_id: t(), pending_window_in_days: 30 },
            Self::CancelKeyDeletion { key_id: t() },
            Self::CreateAlias { alias_name: t(), target_key_id: t() },
            Self::DeleteAlias { alias_name: t() },
            Self::PutKeyPolicy { key_id: t(), policy_name: t(), policy: t() },
            Self::EnableKey { key_id: t() },
            Self::DisableKey { key_id: t() },
            Self::EnableKeyRotation { key_id: t() },
            Self::DisableKeyRotation { key_id: t() },
            Self::CreateBucket {
                bucket: t(),
                create_bucket_configuration: None,
                object_lock_enabled_for_bucket: Some(true),
            },
            Self::DeleteBucket { bucket: t() },
            Self::PutBucketPolicy { bucket: t(), policy: t() },
            Self::DeleteBucketPolicy { bucket: t() },
            Self::PutPublicAccessBlock { bucket: t(), public_access_block_configuration: Value::Null },
            Self::DeletePublicAccessBlock { bucket: t() },
            Self::PutBucketVersioning { bucket: t(), versioning_configuration: Value::Null },
            Self::PutBucketEncryption { bucket: t(), server_side_encryption_configuration: Value::Null },
            Self::PutBucketOwnershipControls { bucket: t(), ownership_controls: Value::Null },
            Self::DeleteBucketOwnershipControls { bucket: t() },
            Self::PutObjectLockConfiguration { bucket: t(), object_lock_configuration: Value::Null },
            Self::PutBucketLifecycleConfiguration {
                bucket: t(),
                lifecycle_configuration: Value::Null,
                transition_default_minimum_object_size: None,
            },
            Self::DeleteBucketLifecycle { bucket: t() },
            Self::PutBucketLogging { bucket: t(), bucket_logging_status: Value::Null },
            Self::CreateLogGroup { log_group_name: t(), kms_key_id: None, tags: std::collections::BTreeMap::new() },
            Self::DeleteLogGroup { log_group_name: t() },
            Self::PutRetentionPolicy { log_group_name: t(), retention_in_days: 365 },
            Self::DeleteRetentionPolicy { log_group_name: t() },
            Self::AssociateKmsKey { log_group_name: t(), kms_key_id: t() },
            Self::DisassociateKmsKey { log_group_name: t() },
            Self::PutMetricFilter {
                log_group_name: t(),
                filter_name: t(),
                filter_pattern: t(),
                metric_transformations: Value::Null,
            },
            Self::DeleteMetricFilter { log_group_name: t(), filter_name: t() },
            Self::PutMetricAlarm(Value::Null),
            Self::DeleteAlarms { alarm_names: Vec::new() },
            Self::EnableAlarmActions { alarm_names: Vec::new() },
            Self::DisableAlarmActions { alarm_names: Vec::new() },
            Self::CreateTopic { name: t(), tags: Vec::new() },
            Self::DeleteTopic { topic_arn: t() },
            Self::SetTopicAttributes { topic_arn: t(), attribute_name: t(), attribute_value: t() },
            Self::Subscribe { topic_arn: t(), protocol: t(), endpoint: t() },
            Self::CreateTrail(trail()),
            Self::UpdateTrail(trail()),
            Self::DeleteTrail { name: t() },
            Self::StartLogging { name: t() },
            Self::StopLogging { name: t() },
            Self::PutEventSelectors { trail_name: t(), event_selectors: None, advanced_event_selectors: None },
            Self::PutInsightSelectors { trail_name: t(), insight_selectors: Value::Null },
            Self::UpdateEventDataStore {
                event_data_store: t(),
                retention_period: None,
                termination_protection_enabled: None,
                kms_key_id: None,
            },
            Self::PutConfigurationRecorder { configuration_recorder: Value::Null },
            Self::DeleteConfigurationRecorder { configuration_recorder_name: t() },
            Self::PutDeliveryChannel { delivery_channel: Value::Null },
            Self::DeleteDeliveryChannel { delivery_channel_name: t() },
            Self::StartConfigurationRecorder { configuration_recorder_name: t() },
            Self::StopConfigurationRecorder { configuration_recorder_name: t() },
        ]
    }

    /// True for a call that removes something or switches it off: only the way back makes it, or a step on explicit request.
    pub fn is_removal(&self) -> bool {
        matches!(
            self,
            Self::DisableAwsServiceAccess { .. }
                | Self::DeleteRole { .. }
                | Self::DeleteRolePolicy { .. }
                | Self::ScheduleKeyDeletion { .. }
                | Self::DeletePolicy { .. }
                | Self::DetachPolicy { .. }
                | Self::DeleteAlias { .. }
                | Self::DisableKey { .. }
                | Self::DisableKeyRotation { .. }
                | Self::DeleteBucket { .. }
                | Self::DeleteBucketPolicy { .. }
                | Self::DeletePublicAccessBlock { .. }
                | Self::DeleteBucketOwnershipControls { .. }
                | Self::DeleteBucketLifecycle { .. }
                | Self::DeleteLogGroup { .. }
                | Self::DeleteRetentionPolicy { .. }
                | Self::DisassociateKmsKey { .. }
                | Self::DeleteMetricFilter { .. }
                | Self::DeleteAlarms { .. }
                | Self::DisableAlarmActions { .. }
                | Self::DeleteTopic { .. }
                | Self::DeleteTrail { .. }
                | Self::StopLogging { .. }
                | Self::DeleteConfigurationRecorder { .. }
                | Self::DeleteDeliveryChannel { .. }
                | Self::StopConfigurationRecorder { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Serde lists the names of all variants when it is given one that does not exist.
    #[test]
    fn no_kind_of_call_is_forgotten() {
        let error = serde_json::from_str::<Call>("{\"operation\": \"x:Y\", \"input\": {}}").expect_err("unknown");
        let named: BTreeSet<String> =
            error.to_string().split('`').filter(|name| name.contains(':')).map(str::to_owned).collect();
        let mut listed: BTreeSet<String> = Call::every().iter().map(Call::operation).collect();
        assert_eq!(listed.len(), Call::every().len());
        listed.insert("x:Y".to_owned());
        assert_eq!(named, listed);
    }

    #[test]
    fn what_deletes_stops_or_disables_is_a_removal() {
        for call in Call::every() {
            let operation = call.operation();
            let verb = operation.split(':').next_back().expect("an operation");
            let removes = ["Delete", "Detach", "Stop", "Disable", "Disassociate", "ScheduleKeyDeletion"];
            assert_eq!(call.is_removal(), removes.iter().any(|word| verb.starts_with(word)), "{verb}");
        }
    }

    #[test]
    fn every_call_is_read_back_as_it_was_written() {
        for call in Call::every() {
            let written = serde_json::to_string(&call).expect("writes");
            assert_eq!(serde_json::from_str::<Call>(&written).expect("reads"), call, "{written}");
        }
    }
}
