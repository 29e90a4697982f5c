//! The recorder of AWS Config and its delivery channel.

use aws_sdk_config::types;

use super::{shapes, words};

words!(types::MaximumExecutionFrequency, types::RecordingFrequency, types::RecordingStrategyType, types::ResourceType,);

shapes! {
    types::ConfigurationRecorder {
        "name" name set_name,
        "roleARN" role_arn set_role_arn,
        "recordingGroup" recording_group set_recording_group,
        "recordingMode" recording_mode set_recording_mode,
    }
    types::RecordingGroup {
        "allSupported" all_supported set_all_supported,
        "includeGlobalResourceTypes" include_global_resource_types set_include_global_resource_types,
        "resourceTypes" resource_types set_resource_types,
        "exclusionByResourceTypes" exclusion_by_resource_types set_exclusion_by_resource_types,
        "recordingStrategy" recording_strategy set_recording_strategy,
    }
    types::ExclusionByResourceTypes {
        "resourceTypes" resource_types set_resource_types,
    }
    types::RecordingStrategy {
        "useOnly" use_only set_use_only,
    }
    types::RecordingMode {
        "recordingFrequency" recording_frequency set_recording_frequency,
        "recordingModeOverrides" recording_mode_overrides set_recording_mode_overrides,
    }
    types::RecordingModeOverride {
        "description" description set_description,
        "resourceTypes" resource_types set_resource_types,
        "recordingFrequency" recording_frequency set_recording_frequency,
    }
    types::DeliveryChannel {
        "name" name set_name,
        "s3BucketName" s3_bucket_name set_s3_bucket_name,
        "s3KeyPrefix" s3_key_prefix set_s3_key_prefix,
        "s3KmsKeyArn" s3_kms_key_arn set_s3_kms_key_arn,
        "snsTopicARN" sns_topic_arn set_sns_topic_arn,
        "configSnapshotDeliveryProperties"
            config_snapshot_delivery_properties set_config_snapshot_delivery_properties,
    }
    types::ConfigSnapshotDeliveryProperties {
        "deliveryFrequency" delivery_frequency set_delivery_frequency,
    }
}
