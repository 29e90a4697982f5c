//! How AWS's members are called by the Terraform provider for AWS, versions 5 and 6.

use crate::export::rules::As::{Beside, Map, Nested, Said, Same, Text};
use crate::export::rules::Rule;

pub(super) const TRAIL: &[Rule] = &[
    ("Name", "name", Same),
    ("S3BucketName", "s3_bucket_name", Same),
    ("S3KeyPrefix", "s3_key_prefix", Same),
    ("SnsTopicARN", "sns_topic_name", Same),
    ("IncludeGlobalServiceEvents", "include_global_service_events", Same),
    ("IsMultiRegionTrail", "is_multi_region_trail", Same),
    ("IsOrganizationTrail", "is_organization_trail", Same),
    ("LogFileValidationEnabled", "enable_log_file_validation", Same),
    ("CloudWatchLogsLogGroupArn", "cloud_watch_logs_group_arn", Same),
    ("CloudWatchLogsRoleArn", "cloud_watch_logs_role_arn", Same),
    ("KmsKeyId", "kms_key_id", Same),
    ("TrailARN", "", Said),
    ("HomeRegion", "", Said),
];

pub(super) const SELECTORS: &[Rule] = &[
    (
        "EventSelectors",
        "event_selector",
        Nested(&[
            ("ReadWriteType", "read_write_type", Same),
            ("IncludeManagementEvents", "include_management_events", Same),
            ("ExcludeManagementEventSources", "exclude_management_event_sources", Same),
            ("DataResources", "data_resource", Nested(&[("Type", "type", Same), ("Values", "values", Same)])),
        ]),
    ),
    (
        "AdvancedEventSelectors",
        "advanced_event_selector",
        Nested(&[
            ("Name", "name", Same),
            (
                "FieldSelectors",
                "field_selector",
                Nested(&[
                    ("Field", "field", Same),
                    ("Equals", "equals", Same),
                    ("NotEquals", "not_equals", Same),
                    ("StartsWith", "starts_with", Same),
                    ("NotStartsWith", "not_starts_with", Same),
                    ("EndsWith", "ends_with", Same),
                    ("NotEndsWith", "not_ends_with", Same),
                ]),
            ),
        ]),
    ),
];

pub(super) const KEY_ALIAS: &[Rule] = &[("TargetKeyId", "target_key_id", Same)];

pub(super) const PUBLIC_ACCESS: &[Rule] = &[
    ("BlockPublicAcls", "block_public_acls", Same),
    ("IgnorePublicAcls", "ignore_public_acls", Same),
    ("BlockPublicPolicy", "block_public_policy", Same),
    ("RestrictPublicBuckets", "restrict_public_buckets", Same),
];

pub(super) const VERSIONING: &[Rule] = &[("Status", "status", Same), ("MFADelete", "mfa_delete", Same)];

pub(super) const ENCRYPTION: &[Rule] = &[(
    "Rules",
    "rule",
    Nested(&[
        (
            "ApplyServerSideEncryptionByDefault",
            "apply_server_side_encryption_by_default",
            Nested(&[("SSEAlgorithm", "sse_algorithm", Same), ("KMSMasterKeyID", "kms_master_key_id", Same)]),
        ),
        ("BucketKeyEnabled", "bucket_key_enabled", Same),
    ]),
)];

pub(super) const OWNERSHIP: &[Rule] = &[("Rules", "rule", Nested(&[("ObjectOwnership", "object_ownership", Same)]))];

pub(super) const OBJECT_LOCK: &[Rule] = &[
    ("ObjectLockEnabled", "object_lock_enabled", Same),
    (
        "Rule",
        "rule",
        Nested(&[(
            "DefaultRetention",
            "default_retention",
            Nested(&[("Mode", "mode", Same), ("Days", "days", Same), ("Years", "years", Same)]),
        )]),
    ),
];

const SIZES: (Rule, Rule) = (
    ("ObjectSizeGreaterThan", "object_size_greater_than", Same),
    ("ObjectSizeLessThan", "object_size_less_than", Same),
);

const TRANSITION: &[Rule] = &[("Days", "days", Same), ("Date", "date", Same), ("StorageClass", "storage_class", Same)];

const VERSIONS: &[Rule] = &[
    ("NoncurrentDays", "noncurrent_days", Same),
    ("NewerNoncurrentVersions", "newer_noncurrent_versions", Same),
    ("StorageClass", "storage_class", Same),
];

pub(super) const LIFECYCLE: &[Rule] = &[
    ("TransitionDefaultMinimumObjectSize", "transition_default_minimum_object_size", Same),
    (
        "Rules",
        "rule",
        Nested(&[
            ("ID", "id", Same),
            ("Status", "status", Same),
            ("Prefix", "prefix", Same),
            (
                "Filter",
                "filter",
                Nested(&[
                    ("Prefix", "prefix", Same),
                    SIZES.0,
                    SIZES.1,
                    ("Tag", "tag", Nested(&[("Key", "key", Same), ("Value", "value", Same)])),
                    ("And", "and", Nested(&[("Prefix", "prefix", Same), SIZES.0, SIZES.1, ("Tags", "tags", Map)])),
                ]),
            ),
            (
                "Expiration",
                "expiration",
                Nested(&[
                    ("Days", "days", Same),
                    ("Date", "date", Same),
                    ("ExpiredObjectDeleteMarker", "expired_object_delete_marker", Same),
                ]),
            ),
            ("Transitions", "transition", Nested(TRANSITION)),
            ("NoncurrentVersionTransitions", "noncurrent_version_transition", Nested(VERSIONS)),
            ("NoncurrentVersionExpiration", "noncurrent_version_expiration", Nested(VERSIONS)),
            (
                "AbortIncompleteMultipartUpload",
                "abort_incomplete_multipart_upload",
                Nested(&[("DaysAfterInitiation", "days_after_initiation", Same)]),
            ),
        ]),
    ),
];

pub(super) const LOGGING: &[Rule] = &[
    ("TargetBucket", "target_bucket", Same),
    ("TargetPrefix", "target_prefix", Same),
    (
        "TargetObjectKeyFormat",
        "target_object_key_format",
        Nested(&[
            ("SimplePrefix", "simple_prefix", Nested(&[])),
            (
                "PartitionedPrefix",
                "partitioned_prefix",
                Nested(&[("PartitionDateSource", "partition_date_source", Same)]),
            ),
        ]),
    ),
];

pub(super) const LOG_GROUP: &[Rule] = &[
    ("logGroupClass", "log_group_class", Same),
    ("retentionInDays", "retention_in_days", Same),
    ("kmsKeyId", "kms_key_id", Same),
    ("isAccountRetention", "", Said),
];

pub(super) const METRIC_FILTER: &[Rule] = &[
    ("filterPattern", "pattern", Same),
    (
        "metricTransformations",
        "metric_transformation",
        Nested(&[
            ("metricName", "name", Same),
            ("metricNamespace", "namespace", Same),
            ("metricValue", "value", Same),
            ("defaultValue", "default_value", Text),
            ("unit", "unit", Same),
            ("dimensions", "dimensions", Same),
        ]),
    ),
];

pub(super) const ALARM: &[Rule] = &[
    ("AlarmName", "alarm_name", Same),
    ("AlarmDescription", "alarm_description", Same),
    ("ActionsEnabled", "actions_enabled", Same),
    ("OKActions", "ok_actions", Same),
    ("AlarmActions", "alarm_actions", Same),
    ("InsufficientDataActions", "insufficient_data_actions", Same),
    ("MetricName", "metric_name", Same),
    ("Namespace", "namespace", Same),
    ("Statistic", "statistic", Same),
    ("ExtendedStatistic", "extended_statistic", Same),
    ("Dimensions", "dimensions", Map),
    ("Period", "period", Same),
    ("Unit", "unit", Same),
    ("EvaluationPeriods", "evaluation_periods", Same),
    ("DatapointsToAlarm", "datapoints_to_alarm", Same),
    ("Threshold", "threshold", Same),
    ("ThresholdMetricId", "threshold_metric_id", Same),
    ("ComparisonOperator", "comparison_operator", Same),
    ("TreatMissingData", "treat_missing_data", Same),
    ("EvaluateLowSampleCountPercentile", "evaluate_low_sample_count_percentiles", Same),
    (
        "Metrics",
        "metric_query",
        Nested(&[
            ("Id", "id", Same),
            ("Expression", "expression", Same),
            ("Label", "label", Same),
            ("ReturnData", "return_data", Same),
            ("Period", "period", Same),
            ("AccountId", "account_id", Same),
            (
                "MetricStat",
                "metric",
                Nested(&[
                    (
                        "Metric",
                        "",
                        Beside(&[
                            ("MetricName", "metric_name", Same),
                            ("Namespace", "namespace", Same),
                            ("Dimensions", "dimensions", Map),
                        ]),
                    ),
                    ("Period", "period", Same),
                    ("Stat", "stat", Same),
                    ("Unit", "unit", Same),
                ]),
            ),
        ]),
    ),
];

pub(super) const RECORDER: &[Rule] = &[
    ("name", "name", Same),
    ("roleARN", "role_arn", Same),
    (
        "recordingGroup",
        "recording_group",
        Nested(&[
            ("allSupported", "all_supported", Same),
            ("includeGlobalResourceTypes", "include_global_resource_types", Same),
            ("resourceTypes", "resource_types", Same),
            (
                "exclusionByResourceTypes",
                "exclusion_by_resource_types",
                Nested(&[("resourceTypes", "resource_types", Same)]),
            ),
            ("recordingStrategy", "recording_strategy", Nested(&[("useOnly", "use_only", Same)])),
        ]),
    ),
    (
        "recordingMode",
        "recording_mode",
        Nested(&[
            ("recordingFrequency", "recording_frequency", Same),
            (
                "recordingModeOverrides",
                "recording_mode_override",
                Nested(&[
                    ("description", "description", Same),
                    ("resourceTypes", "resource_types", Same),
                    ("recordingFrequency", "recording_frequency", Same),
                ]),
            ),
        ]),
    ),
];

pub(super) const CHANNEL: &[Rule] = &[
    ("name", "name", Same),
    ("s3BucketName", "s3_bucket_name", Same),
    ("s3KeyPrefix", "s3_key_prefix", Same),
    ("s3KmsKeyArn", "s3_kms_key_arn", Same),
    ("snsTopicARN", "sns_topic_arn", Same),
    (
        "configSnapshotDeliveryProperties",
        "snapshot_delivery_properties",
        Nested(&[("deliveryFrequency", "delivery_frequency", Same)]),
    ),
];
