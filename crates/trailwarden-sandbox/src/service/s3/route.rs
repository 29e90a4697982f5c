//! The operation of a request, by method, path and query, and the IAM action that each asks for.

use super::target;
use crate::request::Http;

/// Subresources of a bucket: query key, then the operations of GET, PUT and DELETE.
const SUBRESOURCES: &[(&str, [&str; 3])] = &[
    ("acl", ["GetBucketAcl", "PutBucketAcl", ""]),
    ("encryption", ["GetBucketEncryption", "PutBucketEncryption", "DeleteBucketEncryption"]),
    ("lifecycle", ["GetBucketLifecycleConfiguration", "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"]),
    ("location", ["GetBucketLocation", "", ""]),
    ("logging", ["GetBucketLogging", "PutBucketLogging", ""]),
    ("object-lock", ["GetObjectLockConfiguration", "PutObjectLockConfiguration", ""]),
    (
        "ownershipControls",
        ["GetBucketOwnershipControls", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls"],
    ),
    ("policy", ["GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"]),
    ("policyStatus", ["GetBucketPolicyStatus", "", ""]),
    ("publicAccessBlock", ["GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock"]),
    ("replication", ["GetBucketReplication", "PutBucketReplication", "DeleteBucketReplication"]),
    ("tagging", ["GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging"]),
    ("versioning", ["GetBucketVersioning", "PutBucketVersioning", ""]),
    ("versions", ["ListObjectVersions", "", ""]),
];

/// Query keys that ask for operations which are not served; ignoring them would serve another operation.
const NOT_SERVED: &[&str] = &[
    "accelerate",
    "analytics",
    "attributes",
    "cors",
    "delete",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "metadataTable",
    "metrics",
    "notification",
    "partNumber",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "torrent",
    "uploadId",
    "uploads",
    "website",
];

/// The operation; none when it is not served.
pub fn operation(http: &Http) -> Option<String> {
    let (bucket, key) = target(http);
    let has = |name: &str| http.query.contains_key(name);
    if NOT_SERVED.iter().any(|name| has(name)) {
        return None;
    }
    let method = http.method.as_str();
    let subresource = SUBRESOURCES.iter().find(|(name, _)| has(name)).map(|(_, operations)| operations);
    let name = match (bucket.is_empty(), key.is_empty(), subresource) {
        (true, _, _) => {
            if method == "GET" {
                "ListBuckets"
            } else {
                ""
            }
        }
        (false, true, Some([get, put, delete])) => match method {
            "GET" => get,
            "PUT" => put,
            "DELETE" => delete,
            _ => "",
        },
        (false, false, Some(_)) => "",
        (false, true, None) => match method {
            "HEAD" => "HeadBucket",
            "PUT" => "CreateBucket",
            "DELETE" => "DeleteBucket",
            "GET" if http.query.get("list-type").is_some_and(|version| version == "2") => "ListObjectsV2",
            "GET" => "ListObjects",
            _ => "",
        },
        (false, false, None) => match method {
            "HEAD" => "HeadObject",
            "PUT" if http.headers.contains_key("x-amz-copy-source") => "",
            "PUT" => "PutObject",
            "DELETE" => "DeleteObject",
            "GET" => "GetObject",
            _ => "",
        },
    };
    Some(name).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The IAM action, whose name often differs from the operation's.
pub fn action(operation: &str, has_version: bool) -> &str {
    match operation {
        "ListBuckets" => "s3:ListAllMyBuckets",
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => "s3:ListBucket",
        "ListObjectVersions" => "s3:ListBucketVersions",
        "GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock",
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "s3:PutBucketPublicAccessBlock",
        "GetBucketLifecycleConfiguration" => "s3:GetLifecycleConfiguration",
        "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => "s3:PutLifecycleConfiguration",
        "GetBucketEncryption" => "s3:GetEncryptionConfiguration",
        "PutBucketEncryption" | "DeleteBucketEncryption" => "s3:PutEncryptionConfiguration",
        "GetObjectLockConfiguration" => "s3:GetBucketObjectLockConfiguration",
        "PutObjectLockConfiguration" => "s3:PutBucketObjectLockConfiguration",
        "GetBucketReplication" => "s3:GetReplicationConfiguration",
        "PutBucketReplication" | "DeleteBucketReplication" => "s3:PutReplicationConfiguration",
        "DeleteBucketOwnershipControls" | "PutBucketOwnershipControls" => "s3:PutBucketOwnershipControls",
        "DeleteBucketTagging" | "PutBucketTagging" => "s3:PutBucketTagging",
        "GetObject" | "HeadObject" if has_version => "s3:GetObjectVersion",
        "GetObject" | "HeadObject" => "s3:GetObject",
        "DeleteObject" if has_version => "s3:DeleteObjectVersion",
        "DeleteObject" => "s3:DeleteObject",
        "PutObject" => "s3:PutObject",
        "CreateBucket" => "s3:CreateBucket",
        "DeleteBucket" => "s3:DeleteBucket",
        "GetBucketLocation" => "s3:GetBucketLocation",
        "GetBucketPolicy" => "s3:GetBucketPolicy",
        "PutBucketPolicy" => "s3:PutBucketPolicy",
        "DeleteBucketPolicy" => "s3:DeleteBucketPolicy",
        "GetBucketPolicyStatus" => "s3:GetBucketPolicyStatus",
        "GetBucketAcl" => "s3:GetBucketAcl",
        "PutBucketAcl" => "s3:PutBucketAcl",
        "GetBucketVersioning" => "s3:GetBucketVersioning",
        "PutBucketVersioning" => "s3:PutBucketVersioning",
        "GetBucketLogging" => "s3:GetBucketLogging",
        "PutBucketLogging" => "s3:PutBucketLogging",
        "GetBucketOwnershipControls" => "s3:GetBucketOwnershipControls",
        _ => "s3:GetBucketTagging",
    }
}
