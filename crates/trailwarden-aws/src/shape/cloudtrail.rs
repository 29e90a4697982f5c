//! Trails and what they record.

use aws_sdk_cloudtrail::types;

use super::{shapes, words};

words!(
    types::BillingMode,
    types::EventDataStoreStatus,
    types::InsightType,
    types::ReadWriteType,
    types::SourceEventCategory,
);

shapes! {
    types::Trail {
        "Name" name set_name,
        "S3BucketName" s3_bucket_name set_s3_bucket_name,
        "S3KeyPrefix" s3_key_prefix set_s3_key_prefix,
        "SnsTopicARN" sns_topic_arn set_sns_topic_arn,
        "IncludeGlobalServiceEvents" include_global_service_events set_include_global_service_events,
        "IsMultiRegionTrail" is_multi_region_trail set_is_multi_region_trail,
        "HomeRegion" home_region set_home_region,
        "TrailARN" trail_arn set_trail_arn,
        "LogFileValidationEnabled" log_file_validation_enabled set_log_file_validation_enabled,
        "CloudWatchLogsLogGroupArn" cloud_watch_logs_log_group_arn set_cloud_watch_logs_log_group_arn,
        "CloudWatchLogsRoleArn" cloud_watch_logs_role_arn set_cloud_watch_logs_role_arn,
        "KmsKeyId" kms_key_id set_kms_key_id,
        "IsOrganizationTrail" is_organization_trail set_is_organization_trail,
        "RecursiveLogging" recursive_logging set_recursive_logging,
    }
    types::EventSelector {
        "ReadWriteType" read_write_type set_read_write_type,
        "IncludeManagementEvents" include_management_events set_include_management_events,
        "DataResources" data_resources set_data_resources,
        "ExcludeManagementEventSources" exclude_management_event_sources set_exclude_management_event_sources,
    }
    types::DataResource {
        "Type" r#type set_type,
        "Values" values set_values,
    }
    types::AdvancedEventSelector {
        "Name" name set_name,
        "FieldSelectors" field_selectors set_field_selectors,
    }
    types::AdvancedFieldSelector {
        "Field" field set_field,
        "Equals" equals set_equals,
        "StartsWith" starts_with set_starts_with,
        "EndsWith" ends_with set_ends_with,
        "NotEquals" not_equals set_not_equals,
        "NotStartsWith" not_starts_with set_not_starts_with,
        "NotEndsWith" not_ends_with set_not_ends_with,
    }
    types::InsightSelector {
        "InsightType" insight_type set_insight_type,
        "EventCategories" event_categories set_event_categories,
    }
}
