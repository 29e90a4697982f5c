//! What every request about a bucket passes: existence, region, expected owner, policies, ownership.

use super::SERVICE;
use super::route::action;
use crate::authorize::authorize;
use crate::error::AwsError;
use crate::request::Request;
use crate::service::{Access, ResourcePolicy};
use crate::world::World;
use crate::world::s3::Bucket;

/// Operations that a bucket policy may open to principals of other accounts. Everything else belongs to the owner's account.
const SHARED: &[&str] = &[
    "HeadBucket",
    "ListObjects",
    "ListObjectsV2",
    "ListObjectVersions",
    "GetObject",
    "HeadObject",
    "PutObject",
    "DeleteObject",
];

/// The refusal that says nothing.
pub fn denied() -> AwsError {
    AwsError::new(403, "AccessDenied", "Access Denied")
}

/// The error for a bucket that does not exist.
pub fn no_such_bucket(bucket: &str) -> AwsError {
    AwsError::missing("NoSuchBucket", "The specified bucket does not exist").field("BucketName", bucket)
}

/// Asks the policies for a bucket operation, or for one on no bucket.
pub fn ask(request: &Request, world: &World, access: &Access) -> Result<(), AwsError> {
    authorize(request, world, access, SERVICE.wire, SERVICE.denied)
}

/// The bucket, when the request may do its operation on it.
pub fn enter<'w>(request: &Request, world: &'w mut World, bucket: &str, key: &str) -> Result<&'w mut Bucket, AwsError> {
    check(request, world, bucket, key)?;
    world.bucket_mut(bucket).ok_or_else(|| no_such_bucket(bucket))
}

fn check(request: &Request, world: &World, bucket: &str, key: &str) -> Result<(), AwsError> {
    let seen = world.as_seen();
    let Some((owner, held)) = seen.bucket(bucket) else { return Err(no_such_bucket(bucket)) };
    let region = held.region.as_str();
    let located = |error: AwsError| error.header("x-amz-bucket-region", region);
    if request.operation != "GetBucketLocation" && request.region != held.region {
        return Err(located(elsewhere(request, world, bucket, region)));
    }
    if request.header("x-amz-expected-bucket-owner").is_some_and(|expected| expected != owner.as_str()) {
        return Err(located(denied()));
    }
    let arn = format!("arn:{}:s3:::{bucket}", world.partition_id());
    let has_version = request.has_query("versionId");
    let mut access =
        Access::on(action(&request.operation, has_version), if key.is_empty() { arn } else { format!("{arn}/{key}") });
    let text = |name: &str| request.http.query.get(name);
    if let Some(acl) = request.header("x-amz-acl") {
        access.context.set("s3:x-amz-acl", acl);
    }
    if let Some(prefix) = text("prefix") {
        access.context.set("s3:prefix", prefix);
    }
    access.context.set("s3:ResourceAccount", owner.as_str());
    access.resource_policy =
        Some(ResourcePolicy { owner: owner.clone(), document: held.policy.clone(), required: false });
    ask(request, &seen, &access).map_err(located)?;
    if *owner == request.caller.account || SHARED.contains(&request.operation.as_str()) {
        return Ok(());
    }
    let is_about_policy = request.operation.contains("BucketPolicy");
    Err(located(if is_about_policy {
        AwsError::new(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
            .field("Method", request.http.method.as_str())
            .field("ResourceType", "BUCKETPOLICY")
    } else {
        denied()
    }))
}

/// The answer of a region that does not hold the bucket. What is signed for the leader region is routed to the right one,
/// which refuses the signature; other regions redirect.
fn elsewhere(request: &Request, world: &World, bucket: &str, region: &str) -> AwsError {
    let leader = world.partition().map_or("us-east-1", |partition| partition.leader_region);
    if request.region.as_str() == leader {
        let message =
            format!("The authorization header is malformed; the region '{leader}' is wrong; expecting '{region}'");
        return AwsError::bad("AuthorizationHeaderMalformed", message).field("Region", region);
    }
    let suffix = world.partition().map_or("amazonaws.com", |partition| partition.dns_suffix);
    let message = "The bucket you are attempting to access must be addressed using the specified endpoint. \
                   Please send all future requests to this endpoint.";
    AwsError::new(301, "PermanentRedirect", message)
        .field("Endpoint", format!("{bucket}.s3.{region}.{suffix}"))
        .field("Bucket", bucket)
}
