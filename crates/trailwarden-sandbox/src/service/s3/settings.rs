//! The smaller settings of a bucket, each with its own way to say that there is none.

use super::buckets::{malformed, ownership_of};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::s3::{Bucket, Encryption, Logging, ObjectLock, PublicAccessBlock, Setting, Versioning};
use crate::xml::Element;

/// The XML namespace of S3.
pub const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

fn root(name: &str) -> Element {
    Element::new(name).attribute("xmlns", NAMESPACE)
}

fn missing(code: &str, message: &str, bucket: &str) -> AwsError {
    AwsError::missing(code, message).field("BucketName", bucket)
}

/// The four switches as XML.
pub fn public_access_block(block: &PublicAccessBlock) -> Element {
    Element::new("PublicAccessBlockConfiguration")
        .leaf("BlockPublicAcls", block.block_public_acls)
        .leaf("IgnorePublicAcls", block.ignore_public_acls)
        .leaf("BlockPublicPolicy", block.block_public_policy)
        .leaf("RestrictPublicBuckets", block.restrict_public_buckets)
}

/// The four switches from XML; one that is absent is off.
pub fn read_public_access_block(element: &Element) -> PublicAccessBlock {
    let on = |name: &str| element.child_text(name).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    PublicAccessBlock {
        block_public_acls: on("BlockPublicAcls"),
        ignore_public_acls: on("IgnorePublicAcls"),
        block_public_policy: on("BlockPublicPolicy"),
        restrict_public_buckets: on("RestrictPublicBuckets"),
    }
}

/// Reads one setting.
pub fn read(request: &Request, bucket: &Bucket, name: &str) -> Result<Reply, AwsError> {
    let element = match request.operation.as_str() {
        "GetPublicAccessBlock" => {
            let code = "NoSuchPublicAccessBlockConfiguration";
            let set = bucket.block_public_access.get();
            public_access_block(
                set.ok_or_else(|| missing(code, "The public access block configuration was not found", name))?,
            )
        }
        "GetBucketVersioning" => {
            let status = match bucket.versioning {
                Versioning::Never => None,
                Versioning::Enabled => Some("Enabled"),
                Versioning::Suspended => Some("Suspended"),
            };
            let mfa = bucket.mfa_delete.map(|on| if on { "Enabled" } else { "Disabled" });
            root("VersioningConfiguration").maybe("Status", status).maybe("MfaDelete", mfa)
        }
        "GetBucketLogging" => root("BucketLoggingStatus").all(bucket.logging.as_ref().map(|logging| {
            Element::new("LoggingEnabled")
                .leaf("TargetBucket", &logging.target_bucket)
                .leaf("TargetPrefix", &logging.target_prefix)
        })),
        "GetBucketEncryption" => show_encryption(&bucket.encryption),
        "GetBucketOwnershipControls" => {
            let code = "OwnershipControlsNotFoundError";
            let set = bucket.ownership.get();
            let set = set.ok_or_else(|| missing(code, "The bucket ownership controls were not found", name))?;
            root("OwnershipControls").with(Element::new("Rule").leaf("ObjectOwnership", format!("{set:?}")))
        }
        "GetObjectLockConfiguration" => {
            let code = "ObjectLockConfigurationNotFoundError";
            let message = "Object Lock configuration does not exist for this bucket";
            show_lock(bucket.object_lock.as_ref().ok_or_else(|| missing(code, message, name))?)
        }
        "GetBucketReplication" => {
            let code = "ReplicationConfigurationNotFoundError";
            let set = bucket.replication.as_deref();
            let set = set.ok_or_else(|| missing(code, "The replication configuration was not found", name))?;
            return Ok(Reply::bytes(set.as_bytes().to_vec()).header("content-type", "application/xml"));
        }
        "GetBucketTagging" if bucket.tags.is_empty() => {
            return Err(missing("NoSuchTagSet", "The TagSet does not exist", name));
        }
        "GetBucketTagging" => {
            let tag = |(key, value)| Element::new("Tag").leaf("Key", key).leaf("Value", value);
            root("Tagging").with(Element::new("TagSet").all(bucket.tags.iter().map(tag)))
        }
        _ => return Err(request.not_implemented("s3")),
    };
    Ok(Reply::xml(element))
}

fn show_encryption(encryption: &Encryption) -> Element {
    let default = Element::new("ApplyServerSideEncryptionByDefault")
        .leaf("SSEAlgorithm", &encryption.algorithm)
        .maybe("KMSMasterKeyID", encryption.kms_key.as_ref());
    let rule = Element::new("Rule").with(default).leaf("BucketKeyEnabled", encryption.bucket_key);
    root("ServerSideEncryptionConfiguration").with(rule)
}

fn show_lock(lock: &ObjectLock) -> Element {
    let retention = lock.mode.as_ref().map(|mode| {
        let retention =
            Element::new("DefaultRetention").leaf("Mode", mode).maybe("Days", lock.days).maybe("Years", lock.years);
        Element::new("Rule").with(retention)
    });
    root("ObjectLockConfiguration").leaf("ObjectLockEnabled", "Enabled").all(retention)
}

/// The root element that each operation takes.
fn root_of(operation: &str) -> &'static str {
    match operation {
        "PutPublicAccessBlock" => "PublicAccessBlockConfiguration",
        "PutBucketVersioning" => "VersioningConfiguration",
        "PutBucketLogging" => "BucketLoggingStatus",
        "PutBucketEncryption" => "ServerSideEncryptionConfiguration",
        "PutBucketOwnershipControls" => "OwnershipControls",
        "PutObjectLockConfiguration" => "ObjectLockConfiguration",
        "PutBucketReplication" => "ReplicationConfiguration",
        _ => "Tagging",
    }
}

/// Writes or deletes one setting.
pub fn write(request: &Request, bucket: &mut Bucket, name: &str) -> Result<Reply, AwsError> {
    if request.operation.starts_with("Delete") {
        delete(request, bucket)?;
        return Ok(Reply::empty().status(204));
    }
    let body = std::str::from_utf8(&request.http.body).map_err(|_| malformed())?;
    let sent = Element::parse(body).filter(|sent| root_of(&request.operation) == sent.name).ok_or_else(malformed)?;
    match request.operation.as_str() {
        "PutPublicAccessBlock" => bucket.block_public_access = Setting::Set(read_public_access_block(&sent)),
        "PutBucketVersioning" => put_versioning(bucket, &sent)?,
        "PutBucketLogging" => {
            let target = sent.child("LoggingEnabled");
            bucket.logging = target
                .map(|enabled| match enabled.child_text("TargetBucket") {
                    Some(bucket) => Ok(Logging {
                        target_bucket: bucket.to_owned(),
                        target_prefix: enabled.child_text("TargetPrefix").unwrap_or_default().to_owned(),
                    }),
                    None => Err(malformed()),
                })
                .transpose()?;
        }
        "PutBucketEncryption" => bucket.encryption = read_encryption(&sent)?,
        "PutBucketOwnershipControls" => {
            let rule = sent.child("Rule").and_then(|rule| rule.child_text("ObjectOwnership")).ok_or_else(malformed)?;
            let ownership = ownership_of(rule)?;
            if ownership == crate::world::s3::Ownership::BucketOwnerEnforced && !bucket.grants.is_empty() {
                let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
                return Err(AwsError::bad("InvalidBucketAclWithObjectOwnership", message));
            }
            bucket.ownership = Setting::Set(ownership);
        }
        "PutObjectLockConfiguration" => bucket.object_lock = Some(read_lock(bucket, &sent)?),
        "PutBucketReplication" => {
            if bucket.versioning != Versioning::Enabled {
                let message = "Versioning must be 'Enabled' on the bucket to apply a replication configuration";
                return Err(AwsError::bad("InvalidRequest", message));
            }
            if sent.child("Role").is_none() || sent.child("Rule").is_none() {
                return Err(malformed());
            }
            bucket.replication = Some(body.to_owned());
        }
        "PutBucketTagging" => bucket.tags = read_tags(&sent)?,
        _ => return Err(request.not_implemented("s3").field("BucketName", name)),
    }
    Ok(Reply::empty())
}

fn delete(request: &Request, bucket: &mut Bucket) -> Result<(), AwsError> {
    match request.operation.as_str() {
        "DeletePublicAccessBlock" => bucket.block_public_access = Setting::NONE,
        "DeleteBucketEncryption" => bucket.encryption = Encryption::default(),
        "DeleteBucketOwnershipControls" => bucket.ownership = Setting::NONE,
        "DeleteBucketReplication" => bucket.replication = None,
        "DeleteBucketTagging" => bucket.tags.clear(),
        _ => return Err(request.not_implemented("s3")),
    }
    Ok(())
}

/// Versioning never goes back to never, is not suspended under Object Lock, and MFA delete needs the root user's device.
fn put_versioning(bucket: &mut Bucket, sent: &Element) -> Result<(), AwsError> {
    if sent.child_text("MfaDelete").is_some_and(|wanted| (wanted == "Enabled") != (bucket.mfa_delete == Some(true))) {
        return Err(AwsError::new(403, "AccessDenied", "Mfa Authentication must be used for this request"));
    }
    bucket.versioning = match sent.child_text("Status") {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") if bucket.object_lock.is_some() => {
            let message =
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.";
            return Err(AwsError::new(409, "InvalidBucketState", message));
        }
        Some("Suspended") => Versioning::Suspended,
        _ => {
            return Err(AwsError::bad(
                "IllegalVersioningConfigurationException",
                "The Versioning element must be specified",
            ));
        }
    };
    Ok(())
}

fn read_encryption(sent: &Element) -> Result<Encryption, AwsError> {
    let rule = sent.child("Rule").ok_or_else(malformed)?;
    let default = rule.child("ApplyServerSideEncryptionByDefault").ok_or_else(malformed)?;
    let algorithm = default.child_text("SSEAlgorithm").unwrap_or_default();
    let key = default.child_text("KMSMasterKeyID").map(str::to_owned);
    if !["AES256", "aws:kms", "aws:kms:dsse"].contains(&algorithm) {
        return Err(malformed());
    }
    if algorithm == "AES256" && key.is_some() {
        let message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse";
        return Err(AwsError::bad("InvalidArgument", message));
    }
    let bucket_key = rule.child_text("BucketKeyEnabled") == Some("true");
    Ok(Encryption { algorithm: algorithm.to_owned(), kms_key: key, bucket_key })
}

fn read_lock(bucket: &Bucket, sent: &Element) -> Result<ObjectLock, AwsError> {
    if bucket.versioning != Versioning::Enabled {
        let message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
        return Err(AwsError::new(409, "InvalidBucketState", message));
    }
    let Some(retention) = sent.child("Rule").and_then(|rule| rule.child("DefaultRetention")) else {
        return Ok(ObjectLock::default());
    };
    let number = |name: &str| {
        retention
            .child_text(name)
            .map(|text| text.parse::<i64>().ok().filter(|n| *n > 0).ok_or_else(malformed))
            .transpose()
    };
    let mode = retention.child_text("Mode").filter(|mode| ["GOVERNANCE", "COMPLIANCE"].contains(mode));
    let lock = ObjectLock { mode: mode.map(str::to_owned), days: number("Days")?, years: number("Years")? };
    if lock.mode.is_none() || lock.days.is_some() == lock.years.is_some() {
        return Err(malformed());
    }
    Ok(lock)
}

fn read_tags(sent: &Element) -> Result<std::collections::BTreeMap<String, String>, AwsError> {
    let set = sent.child("TagSet").ok_or_else(malformed)?;
    let entry =
        |tag: &Element| tag.child_text("Key").map(str::to_owned).zip(tag.child_text("Value").map(str::to_owned));
    let tags: Option<std::collections::BTreeMap<_, _>> = set.children_named("Tag").map(entry).collect();
    let tags = tags.ok_or_else(malformed)?;
    if tags.len() > 50 {
        return Err(AwsError::bad("BadRequest", "Object tags cannot be greater than 50"));
    }
    Ok(tags)
}
