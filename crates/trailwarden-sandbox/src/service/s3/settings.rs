//! The smaller settings of a bucket, each with its own way to say that there is none.

use super::buckets::{malformed, ownership_of};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::s3::{Bucket, Encryption, PublicAccessBlock, Setting};
use crate::xml::Element;

/// The XML namespace of S3.
pub const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A root element in the namespace of S3.
pub(super) fn root(name: &str) -> Element {
    Element::new(name).attribute("xmlns", NAMESPACE)
}

/// The error for a setting that was never made.
pub(super) fn missing(code: &str, message: &str, bucket: &str) -> AwsError {
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
        "GetBucketEncryption" => show_encryption(&bucket.encryption),
        "GetBucketOwnershipControls" => {
            let code = "OwnershipControlsNotFoundError";
            let set = bucket.ownership.get();
            let set = set.ok_or_else(|| missing(code, "The bucket ownership controls were not found", name))?;
            root("OwnershipControls").with(Element::new("Rule").leaf("ObjectOwnership", format!("{set:?}")))
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
    let blocked = (!encryption.blocked.is_empty()).then(|| {
        let kinds = encryption.blocked.iter().map(|kind| Element::text("EncryptionType", kind));
        Element::new("BlockedEncryptionTypes").all(kinds)
    });
    let rule = Element::new("Rule").with(default).leaf("BucketKeyEnabled", encryption.bucket_key).all(blocked);
    root("ServerSideEncryptionConfiguration").with(rule)
}

/// The root element that each operation takes.
fn root_of(operation: &str) -> &'static str {
    match operation {
        "PutPublicAccessBlock" => "PublicAccessBlockConfiguration",
        "PutBucketEncryption" => "ServerSideEncryptionConfiguration",
        "PutBucketOwnershipControls" => "OwnershipControls",
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

fn read_encryption(sent: &Element) -> Result<Encryption, AwsError> {
    let mut rules = sent.children_named("Rule");
    let (Some(rule), None) = (rules.next(), rules.next()) else { return Err(malformed()) };
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
    let kinds = rule.child("BlockedEncryptionTypes").into_iter().flat_map(|kinds| &kinds.children);
    let blocked: Vec<String> = kinds.map(|kind| kind.text.clone()).collect();
    if !blocked.iter().all(|kind| ["NONE", "SSE-C"].contains(&kind.as_str())) {
        return Err(malformed());
    }
    Ok(Encryption { algorithm: algorithm.to_owned(), kms_key: key, bucket_key, blocked })
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
