//! Objects: put, get, head, delete, with versions where versioning is on.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use md5::{Digest, Md5};

use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::s3::{Bucket, ObjectVersion, Ownership, Versioning};
use crate::world::when::When;

/// Serves an object operation.
pub fn serve(request: &Request, bucket: &mut Bucket, key: &str) -> Result<Reply, AwsError> {
    match request.operation.as_str() {
        "PutObject" => put(request, bucket, key),
        "GetObject" => get(request, bucket, key, true),
        "HeadObject" => get(request, bucket, key, false),
        "DeleteObject" => delete(request, bucket, key),
        _ => Err(request.not_implemented("s3")),
    }
}

/// The ETag of an object that was put in one part.
pub fn etag(body: &[u8]) -> String {
    let digest: String = Md5::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digest}\"")
}

/// The bytes of a version.
pub fn bytes(version: &ObjectVersion) -> Vec<u8> {
    STANDARD.decode(&version.body).unwrap_or_default()
}

/// The body without the chunk framing that SDKs put around streams.
fn payload(request: &Request) -> Result<Vec<u8>, AwsError> {
    let is_framed = request.header("x-amz-content-sha256").is_some_and(|kind| kind.starts_with("STREAMING-"));
    if !is_framed {
        return Ok(request.http.body.to_vec());
    }
    let incomplete = || AwsError::bad("IncompleteBody", "The request body terminated unexpectedly");
    let mut rest: &[u8] = &request.http.body;
    let mut bytes = Vec::new();
    loop {
        let line = rest.iter().position(|byte| *byte == b'\n').ok_or_else(incomplete)?;
        let (header, after) = rest.split_at(line + 1);
        let size = std::str::from_utf8(header).ok().and_then(|text| text.trim().split(';').next());
        let size = size.and_then(|hex| usize::from_str_radix(hex, 16).ok()).ok_or_else(incomplete)?;
        if size == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(after.get(..size).ok_or_else(incomplete)?);
        rest = after.get(size..).and_then(|rest| rest.strip_prefix(b"\r\n")).ok_or_else(incomplete)?;
    }
}

/// Headers that ask for something of a new object that is not served; leaving them out of account would be a lie.
const NOT_SERVED: &[&str] = &[
    "if-match",
    "if-none-match",
    "x-amz-object-lock-",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-grant-",
    "x-amz-website-redirect-location",
];

fn check_served(request: &Request) -> Result<(), AwsError> {
    let asks = |name: &&str| request.http.headers.keys().any(|header| header.starts_with(name));
    match NOT_SERVED.iter().find(|name| asks(name)) {
        Some(name) => Err(request.not_implemented(&format!("s3 ({name})"))),
        None => Ok(()),
    }
}

/// Refuses bytes other than those that the client meant to send.
fn check_digest(request: &Request, body: &[u8]) -> Result<(), AwsError> {
    let Some(sent) = request.header("content-md5") else { return Ok(()) };
    if STANDARD.encode(Md5::digest(body)) == sent {
        return Ok(());
    }
    Err(AwsError::bad("BadDigest", "The Content-MD5 you specified did not match what we received."))
}

fn put(request: &Request, bucket: &mut Bucket, key: &str) -> Result<Reply, AwsError> {
    check_served(request)?;
    let acls_off = bucket.ownership.get() == Some(&Ownership::BucketOwnerEnforced);
    let acl = request.header("x-amz-acl").unwrap_or("private");
    if acls_off && !["private", "bucket-owner-full-control"].contains(&acl) {
        return Err(AwsError::bad("AccessControlListNotSupported", "The bucket does not allow ACLs"));
    }
    let body = payload(request)?;
    check_digest(request, &body)?;
    let kept = |name: &String| name.starts_with("x-amz-meta-") || name == "content-type";
    let headers = request.http.headers.iter().filter(|(name, _)| kept(name));
    let versioned = bucket.versioning == Versioning::Enabled;
    let version = ObjectVersion {
        version_id: if versioned { version_id(request) } else { "null".to_owned() },
        modified: When::At(request.now),
        delete_marker: false,
        body: STANDARD.encode(&body),
        headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
    };
    let reply =
        Reply::empty().header("etag", etag(&body)).header("x-amz-server-side-encryption", &bucket.encryption.algorithm);
    let reply = if versioned { reply.header("x-amz-version-id", &version.version_id) } else { reply };
    append(bucket, key, version);
    Ok(reply)
}

/// A version id is opaque; here it is the request's, which is unique.
fn version_id(request: &Request) -> String {
    request.id.replace('-', "")
}

/// Adds a version; one whose id is `null` replaces the former `null` version.
fn append(bucket: &mut Bucket, key: &str, version: ObjectVersion) {
    let versions = bucket.objects.entry(key.to_owned()).or_default();
    if version.version_id == "null" {
        versions.retain(|other| other.version_id != "null");
    }
    versions.push(version);
}

fn no_such_key(key: &str) -> AwsError {
    AwsError::missing("NoSuchKey", "The specified key does not exist.").field("Key", key)
}

/// The version asked for, or the newest.
fn find<'b>(request: &Request, bucket: &'b Bucket, key: &str) -> Result<&'b ObjectVersion, AwsError> {
    let versions = bucket.objects.get(key).map(Vec::as_slice).unwrap_or_default();
    match request.http.query.get("versionId") {
        Some(id) => versions.iter().find(|version| version.version_id == *id).ok_or_else(|| {
            AwsError::missing("NoSuchVersion", "The specified version does not exist.")
                .field("Key", key)
                .field("VersionId", id)
        }),
        None => versions.last().ok_or_else(|| no_such_key(key)),
    }
}

/// A time as HTTP headers carry it.
fn http_time(moment: Timestamp) -> String {
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn get(request: &Request, bucket: &Bucket, key: &str, with_body: bool) -> Result<Reply, AwsError> {
    let version = find(request, bucket, key)?;
    if version.delete_marker {
        let asked_for = request.has_query("versionId");
        let error = if asked_for {
            AwsError::new(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
        } else {
            no_such_key(key)
        };
        return Err(error.header("x-amz-delete-marker", "true").header("x-amz-version-id", &version.version_id));
    }
    let body = bytes(version);
    let reply =
        if request.header("range").is_some() { return Err(request.not_implemented("s3 (ranges)")) } else { body };
    let (length, tag) = (reply.len(), etag(&reply));
    let mut reply =
        if with_body { Reply::bytes(reply) } else { Reply::empty().header("content-length", length.to_string()) };
    if bucket.versioning != Versioning::Never {
        reply = reply.header("x-amz-version-id", &version.version_id);
    }
    reply = reply
        .header("etag", tag)
        .header("last-modified", http_time(version.modified.by(request.now)))
        .header("accept-ranges", "bytes")
        .header("x-amz-server-side-encryption", &bucket.encryption.algorithm);
    Ok(version.headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value)))
}

fn delete(request: &Request, bucket: &mut Bucket, key: &str) -> Result<Reply, AwsError> {
    let reply = Reply::empty().status(204);
    if let Some(id) = request.http.query.get("versionId") {
        if bucket.object_lock.as_ref().is_some_and(|lock| lock.mode.is_some()) {
            let message = "Access Denied because object protected by object lock.";
            return Err(AwsError::new(403, "AccessDenied", message));
        }
        let versions = bucket.objects.entry(key.to_owned()).or_default();
        versions.retain(|version| version.version_id != *id);
        if versions.is_empty() {
            bucket.objects.remove(key);
        }
        return Ok(reply.header("x-amz-version-id", id));
    }
    if bucket.versioning == Versioning::Never {
        bucket.objects.remove(key);
        return Ok(reply);
    }
    let versioned = bucket.versioning == Versioning::Enabled;
    let marker = ObjectVersion {
        version_id: if versioned { version_id(request) } else { "null".to_owned() },
        modified: When::At(request.now),
        delete_marker: true,
        body: String::new(),
        headers: std::collections::BTreeMap::new(),
    };
    let reply = reply.header("x-amz-delete-marker", "true").header("x-amz-version-id", &marker.version_id);
    append(bucket, key, marker);
    Ok(reply)
}
