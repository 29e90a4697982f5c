//! S3: a bucket and its settings, by its owner in its region.

use serde_json::{Value, json};
use trailwarden_model::plan::normal_document;

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::s3::{self, Existence, HEAD_BUCKET, lifecycle as rules, protection};
use crate::session::{Session, Site, at};
use crate::shape::{Shape, object};

reads! {
    GET_ENCRYPTION = Read::regional("s3:GetBucketEncryption", 20).needs("s3:GetEncryptionConfiguration");
    GET_OWNERSHIP = Read::regional("s3:GetBucketOwnershipControls", 20);
}

/// A refusal of `HeadBucket` may hide our own bucket as well as another account's: the list of our buckets decides.
pub(super) async fn bucket(session: &Session, site: &Site, bucket: &str) -> Result<Value, Failure> {
    let region = match s3::existence(session, site, bucket).await {
        Existence::Missing => return Ok(Value::Null),
        Existence::Unknown(gap) => return Err(Failure { gap, status: None, bucket_region: None }),
        Existence::Exists(region) => region,
    };
    if !s3::owns(session, site, bucket).await? {
        return Ok(json!({ "Owner": "another account" }));
    }
    let reason = "the answer does not say in which region the bucket is";
    let region = region.ok_or_else(|| unexpected(&HEAD_BUCKET, &site.account, &site.region, reason))?;
    Ok(json!({ "Region": region.as_str() }))
}

pub(super) async fn policy(session: &Session, site: &Site, bucket: &str) -> Result<Value, Failure> {
    let policy = s3::policy(session, site, bucket).await?;
    Ok(policy.map_or(Value::Null, |policy| normal_document(&policy)))
}

pub(super) async fn public_access(session: &Session, site: &Site, bucket: &str) -> Result<Value, Failure> {
    let block = s3::public_access_block(session, site, bucket).await?;
    Ok(block.map_or(Value::Null, |block| {
        json!({
            "BlockPublicAcls": block.block_public_acls,
            "IgnorePublicAcls": block.ignore_public_acls,
            "BlockPublicPolicy": block.block_public_policy,
            "RestrictPublicBuckets": block.restrict_public_buckets,
        })
    }))
}

pub(super) async fn versioning(session: &Session, site: &Site, bucket: &str) -> Result<Value, Failure> {
    let answer = s3::get_versioning(session, site, bucket).await?;
    Ok(object([("Status", answer.status.show()), ("MFADelete", answer.mfa_delete.show())]))
}

pub(super) async fn encryption(session: &Session, site: &Site, bucket: &str) -> Result<Value, Failure> {
    let call = session.clients.s3.get_bucket_encryption().bucket(bucket).expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    Ok(session.call(&GET_ENCRYPTION, site, call).await?.server_side_encryption_configuration.show())
}

pub(super) async fn ownership(session: &Session, site: &Site, bucket: &str) -> Result<Value, Failure> {
    let call = session.clients.s3.get_bucket_ownership_controls().bucket(bucket);
    let call = call.expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    Ok(session.call(&GET_OWNERSHIP, site, call).await?.ownership_controls.show())
}

pub(super) async fn object_lock(session: &Session, site: &Site, bucket: &str) -> Result<Value, Failure> {
    Ok(protection::lock_configuration(session, site, bucket).await?.show())
}

pub(super) async fn lifecycle(session: &Session, site: &Site, bucket: &str) -> Result<Value, Failure> {
    let answer = rules::configuration(session, site, bucket).await?;
    // What AWS sets by itself is as good as not set: a configuration that nobody gave a size is written back without one.
    let size = answer.transition_default_minimum_object_size;
    let size = size.filter(|size| size.as_str() != "all_storage_classes_128K").show();
    Ok(object([("Rules", answer.rules.show()), ("TransitionDefaultMinimumObjectSize", size)]))
}

pub(super) async fn logging(session: &Session, site: &Site, bucket: &str) -> Result<Value, Failure> {
    Ok(protection::logging_enabled(session, site, bucket).await?.show())
}
