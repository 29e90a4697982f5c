//! S3: log buckets. Every call but the creation names the owner, so that a bucket which changed hands is not touched.

use aws_sdk_s3::types::TransitionDefaultMinimumObjectSize;
use serde_json::Value;

use super::writes;
use crate::shape::Shape;

writes! { aws_sdk_s3 s3;
    create_bucket(bucket: str, configuration: Option<Value>, lock: Option<bool>) at 5 = "s3:CreateBucket",
        |client| client.create_bucket().bucket(bucket).set_object_lock_enabled_for_bucket(*lock)
            .set_create_bucket_configuration(configuration.as_ref().map(Shape::read).transpose()?);
    delete_bucket(bucket: str) at 5 = "s3:DeleteBucket",
        |client, site| client.delete_bucket().bucket(bucket).expected_bucket_owner(site.account.as_str());
    put_policy(bucket: str, policy: str) at 5 = "s3:PutBucketPolicy",
        |client, site| client.put_bucket_policy().bucket(bucket).expected_bucket_owner(site.account.as_str())
            .policy(policy);
    delete_policy(bucket: str) at 5 = "s3:DeleteBucketPolicy",
        |client, site| client.delete_bucket_policy().bucket(bucket).expected_bucket_owner(site.account.as_str());
    put_public_access_block(bucket: str, block: Value) at 5 = "s3:PutPublicAccessBlock",
        |client, site| client.put_public_access_block().bucket(bucket).expected_bucket_owner(site.account.as_str())
            .public_access_block_configuration(Shape::read(block)?);
    delete_public_access_block(bucket: str) at 5 = "s3:DeletePublicAccessBlock",
        |client, site| client.delete_public_access_block().bucket(bucket)
            .expected_bucket_owner(site.account.as_str());
    put_versioning(bucket: str, versioning: Value) at 5 = "s3:PutBucketVersioning",
        |client, site| client.put_bucket_versioning().bucket(bucket).expected_bucket_owner(site.account.as_str())
            .versioning_configuration(Shape::read(versioning)?);
    put_encryption(bucket: str, encryption: Value) at 5 = "s3:PutBucketEncryption",
        |client, site| client.put_bucket_encryption().bucket(bucket).expected_bucket_owner(site.account.as_str())
            .server_side_encryption_configuration(Shape::read(encryption)?);
    put_ownership_controls(bucket: str, controls: Value) at 5 = "s3:PutBucketOwnershipControls",
        |client, site| client.put_bucket_ownership_controls().bucket(bucket)
            .expected_bucket_owner(site.account.as_str()).ownership_controls(Shape::read(controls)?);
    delete_ownership_controls(bucket: str) at 5 = "s3:DeleteBucketOwnershipControls",
        |client, site| client.delete_bucket_ownership_controls().bucket(bucket)
            .expected_bucket_owner(site.account.as_str());
    put_object_lock(bucket: str, lock: Value) at 5 = "s3:PutObjectLockConfiguration",
        |client, site| client.put_object_lock_configuration().bucket(bucket)
            .expected_bucket_owner(site.account.as_str()).object_lock_configuration(Shape::read(lock)?);
    put_lifecycle(bucket: str, lifecycle: Value, minimum_size: Option<String>) at 5 =
        "s3:PutBucketLifecycleConfiguration",
        |client, site| client.put_bucket_lifecycle_configuration().bucket(bucket)
            .expected_bucket_owner(site.account.as_str()).lifecycle_configuration(Shape::read(lifecycle)?)
            .set_transition_default_minimum_object_size(
                minimum_size.as_deref().map(TransitionDefaultMinimumObjectSize::from)
            );
    delete_lifecycle(bucket: str) at 5 = "s3:DeleteBucketLifecycle",
        |client, site| client.delete_bucket_lifecycle().bucket(bucket).expected_bucket_owner(site.account.as_str());
    put_logging(bucket: str, status: Value) at 5 = "s3:PutBucketLogging",
        |client, site| client.put_bucket_logging().bucket(bucket).expected_bucket_owner(site.account.as_str())
            .bucket_logging_status(Shape::read(status)?);
}
