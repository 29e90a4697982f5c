//! How AWS's members are called in CloudFormation, where they are called otherwise.

use crate::export::rules::As::{Beside, Listed, Nested, Pairs, Said, Same, Text};
use crate::export::rules::Rule;

pub(super) const TRAIL: &[Rule] = &[
    ("Name", "TrailName", Same),
    ("S3BucketName", "S3BucketName", Same),
    ("S3KeyPrefix", "S3KeyPrefix", Same),
    ("SnsTopicARN", "SnsTopicName", Same),
    ("IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents", Same),
    ("IsMultiRegionTrail", "IsMultiRegionTrail", Same),
    ("IsOrganizationTrail", "IsOrganizationTrail", Same),
    ("LogFileValidationEnabled", "EnableLogFileValidation", Same),
    ("CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn", Same),
    ("CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn", Same),
    ("KmsKeyId", "KMSKeyId", Same),
    ("TrailARN", "", Said),
    ("HomeRegion", "", Said),
];

/// Selectors are called the same.
pub(super) const SELECTORS: &[Rule] =
    &[("EventSelectors", "EventSelectors", Same), ("AdvancedEventSelectors", "AdvancedEventSelectors", Same)];

pub(super) const VERSIONING: &[Rule] = &[("Status", "Status", Same)];

pub(super) const ENCRYPTION: &[Rule] = &[(
    "Rules",
    "ServerSideEncryptionConfiguration",
    Nested(&[
        ("ApplyServerSideEncryptionByDefault", "ServerSideEncryptionByDefault", Same),
        ("BucketKeyEnabled", "BucketKeyEnabled", Same),
    ]),
)];

const TRANSITION: &[Rule] = &[
    ("Days", "TransitionInDays", Same),
    ("Date", "TransitionDate", Same),
    ("NoncurrentDays", "TransitionInDays", Same),
    ("NewerNoncurrentVersions", "NewerNoncurrentVersions", Same),
    ("StorageClass", "StorageClass", Same),
];

const SIZES: (Rule, Rule) =
    (("ObjectSizeGreaterThan", "ObjectSizeGreaterThan", Text), ("ObjectSizeLessThan", "ObjectSizeLessThan", Text));

pub(super) const LIFECYCLE: &[Rule] = &[
    ("TransitionDefaultMinimumObjectSize", "TransitionDefaultMinimumObjectSize", Same),
    (
        "Rules",
        "Rules",
        Nested(&[
            ("ID", "Id", Same),
            ("Status", "Status", Same),
            ("Prefix", "Prefix", Same),
            (
                "Filter",
                "",
                Beside(&[
                    ("Prefix", "Prefix", Same),
                    SIZES.0,
                    SIZES.1,
                    ("Tag", "TagFilters", Listed),
                    ("And", "", Beside(&[("Prefix", "Prefix", Same), SIZES.0, SIZES.1, ("Tags", "TagFilters", Same)])),
                ]),
            ),
            (
                "Expiration",
                "",
                Beside(&[
                    ("Days", "ExpirationInDays", Same),
                    ("Date", "ExpirationDate", Same),
                    ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker", Same),
                ]),
            ),
            ("Transitions", "Transitions", Nested(TRANSITION)),
            ("NoncurrentVersionTransitions", "NoncurrentVersionTransitions", Nested(TRANSITION)),
            ("NoncurrentVersionExpiration", "NoncurrentVersionExpiration", Same),
            ("AbortIncompleteMultipartUpload", "AbortIncompleteMultipartUpload", Same),
        ]),
    ),
];

pub(super) const LOGGING: &[Rule] = &[
    ("TargetBucket", "DestinationBucketName", Same),
    ("TargetPrefix", "LogFilePrefix", Same),
    ("TargetObjectKeyFormat", "TargetObjectKeyFormat", Same),
];

pub(super) const LOG_GROUP: &[Rule] = &[
    ("logGroupClass", "LogGroupClass", Same),
    ("retentionInDays", "RetentionInDays", Same),
    ("kmsKeyId", "KmsKeyId", Same),
    ("isAccountRetention", "", Said),
];

pub(super) const METRIC_FILTER: &[Rule] = &[
    ("filterPattern", "FilterPattern", Same),
    ("applyOnTransformedLogs", "ApplyOnTransformedLogs", Same),
    (
        "metricTransformations",
        "MetricTransformations",
        Nested(&[
            ("metricName", "MetricName", Same),
            ("metricNamespace", "MetricNamespace", Same),
            ("metricValue", "MetricValue", Same),
            ("defaultValue", "DefaultValue", Same),
            ("unit", "Unit", Same),
            ("dimensions", "Dimensions", Pairs),
        ]),
    ),
];

const TYPES: Rule = ("resourceTypes", "ResourceTypes", Same);

pub(super) const RECORDER: &[Rule] = &[
    ("name", "Name", Same),
    ("roleARN", "RoleARN", Same),
    (
        "recordingGroup",
        "RecordingGroup",
        Nested(&[
            ("allSupported", "AllSupported", Same),
            ("includeGlobalResourceTypes", "IncludeGlobalResourceTypes", Same),
            TYPES,
            ("exclusionByResourceTypes", "ExclusionByResourceTypes", Nested(&[TYPES])),
            ("recordingStrategy", "RecordingStrategy", Nested(&[("useOnly", "UseOnly", Same)])),
        ]),
    ),
    (
        "recordingMode",
        "RecordingMode",
        Nested(&[
            ("recordingFrequency", "RecordingFrequency", Same),
            (
                "recordingModeOverrides",
                "RecordingModeOverrides",
                Nested(&[
                    ("description", "Description", Same),
                    TYPES,
                    ("recordingFrequency", "RecordingFrequency", Same),
                ]),
            ),
        ]),
    ),
];

pub(super) const CHANNEL: &[Rule] = &[
    ("name", "Name", Same),
    ("s3BucketName", "S3BucketName", Same),
    ("s3KeyPrefix", "S3KeyPrefix", Same),
    ("s3KmsKeyArn", "S3KmsKeyArn", Same),
    ("snsTopicARN", "SnsTopicARN", Same),
    (
        "configSnapshotDeliveryProperties",
        "ConfigSnapshotDeliveryProperties",
        Nested(&[("deliveryFrequency", "DeliveryFrequency", Same)]),
    ),
];
