//! The lifecycle configuration of a bucket.

use aws_sdk_s3::types;

use super::{shapes, words};

words!(types::ExpirationStatus, types::TransitionStorageClass, types::TransitionDefaultMinimumObjectSize);

shapes! {
    types::BucketLifecycleConfiguration {
        "Rules" rules set_rules,
    }
    #[expect(deprecated, reason = "buckets configured long ago still have the prefix outside of the filter")]
    types::LifecycleRule {
        "ID" id set_id,
        "Status" status set_status,
        "Prefix" prefix set_prefix,
        "Filter" filter set_filter,
        "Expiration" expiration set_expiration,
        "Transitions" transitions set_transitions,
        "NoncurrentVersionTransitions" noncurrent_version_transitions set_noncurrent_version_transitions,
        "NoncurrentVersionExpiration" noncurrent_version_expiration set_noncurrent_version_expiration,
        "AbortIncompleteMultipartUpload" abort_incomplete_multipart_upload set_abort_incomplete_multipart_upload,
    }
    types::LifecycleRuleFilter {
        "Prefix" prefix set_prefix,
        "Tag" tag set_tag,
        "ObjectSizeGreaterThan" object_size_greater_than set_object_size_greater_than,
        "ObjectSizeLessThan" object_size_less_than set_object_size_less_than,
        "And" and set_and,
    }
    types::LifecycleRuleAndOperator {
        "Prefix" prefix set_prefix,
        "Tags" tags set_tags,
        "ObjectSizeGreaterThan" object_size_greater_than set_object_size_greater_than,
        "ObjectSizeLessThan" object_size_less_than set_object_size_less_than,
    }
    types::LifecycleExpiration {
        "Date" date set_date,
        "Days" days set_days,
        "ExpiredObjectDeleteMarker" expired_object_delete_marker set_expired_object_delete_marker,
    }
    types::Transition {
        "Date" date set_date,
        "Days" days set_days,
        "StorageClass" storage_class set_storage_class,
    }
    types::NoncurrentVersionTransition {
        "NoncurrentDays" noncurrent_days set_noncurrent_days,
        "StorageClass" storage_class set_storage_class,
        "NewerNoncurrentVersions" newer_noncurrent_versions set_newer_noncurrent_versions,
    }
    types::NoncurrentVersionExpiration {
        "NoncurrentDays" noncurrent_days set_noncurrent_days,
        "NewerNoncurrentVersions" newer_noncurrent_versions set_newer_noncurrent_versions,
    }
    types::AbortIncompleteMultipartUpload {
        "DaysAfterInitiation" days_after_initiation set_days_after_initiation,
    }
}
