//! The other settings of a bucket.

use aws_sdk_s3::types;

use super::{shapes, words};

words!(
    types::BucketLocationConstraint,
    types::BucketLogsPermission,
    types::BucketVersioningStatus,
    types::EncryptionType,
    types::MfaDelete,
    types::MfaDeleteStatus,
    types::ObjectLockEnabled,
    types::ObjectLockRetentionMode,
    types::ObjectOwnership,
    types::PartitionDateSource,
    types::ServerSideEncryption,
    types::Type,
);

shapes! {
    types::CreateBucketConfiguration {
        "LocationConstraint" location_constraint set_location_constraint,
    }
    types::PublicAccessBlockConfiguration {
        "BlockPublicAcls" block_public_acls set_block_public_acls,
        "IgnorePublicAcls" ignore_public_acls set_ignore_public_acls,
        "BlockPublicPolicy" block_public_policy set_block_public_policy,
        "RestrictPublicBuckets" restrict_public_buckets set_restrict_public_buckets,
    }
    types::VersioningConfiguration {
        "Status" status set_status,
        "MFADelete" mfa_delete set_mfa_delete,
    }
    types::ServerSideEncryptionConfiguration {
        "Rules" rules set_rules,
    }
    types::ServerSideEncryptionRule {
        "ApplyServerSideEncryptionByDefault"
            apply_server_side_encryption_by_default set_apply_server_side_encryption_by_default,
        "BucketKeyEnabled" bucket_key_enabled set_bucket_key_enabled,
        "BlockedEncryptionTypes" blocked_encryption_types set_blocked_encryption_types,
    }
    types::ServerSideEncryptionByDefault {
        "SSEAlgorithm" sse_algorithm set_sse_algorithm,
        "KMSMasterKeyID" kms_master_key_id set_kms_master_key_id,
    }
    types::BlockedEncryptionTypes {
        "EncryptionType" encryption_type set_encryption_type,
    }
    types::OwnershipControls {
        "Rules" rules set_rules,
    }
    types::OwnershipControlsRule {
        "ObjectOwnership" object_ownership set_object_ownership,
    }
    types::ObjectLockConfiguration {
        "ObjectLockEnabled" object_lock_enabled set_object_lock_enabled,
        "Rule" rule set_rule,
    }
    types::ObjectLockRule {
        "DefaultRetention" default_retention set_default_retention,
    }
    types::DefaultRetention {
        "Mode" mode set_mode,
        "Days" days set_days,
        "Years" years set_years,
        "DefaultEventHold" default_event_hold set_default_event_hold,
    }
    types::EventHoldDuration {
        "Days" days set_days,
        "Years" years set_years,
    }
    types::BucketLoggingStatus {
        "LoggingEnabled" logging_enabled set_logging_enabled,
    }
    types::LoggingEnabled {
        "TargetBucket" target_bucket set_target_bucket,
        "TargetGrants" target_grants set_target_grants,
        "TargetPrefix" target_prefix set_target_prefix,
        "TargetObjectKeyFormat" target_object_key_format set_target_object_key_format,
    }
    types::TargetGrant {
        "Grantee" grantee set_grantee,
        "Permission" permission set_permission,
    }
    types::Grantee {
        "DisplayName" display_name set_display_name,
        "EmailAddress" email_address set_email_address,
        "ID" id set_id,
        "URI" uri set_uri,
        "Type" r#type set_type,
    }
    types::TargetObjectKeyFormat {
        "SimplePrefix" simple_prefix set_simple_prefix,
        "PartitionedPrefix" partitioned_prefix set_partitioned_prefix,
    }
    types::SimplePrefix {}
    types::PartitionedPrefix {
        "PartitionDateSource" partition_date_source set_partition_date_source,
    }
}
