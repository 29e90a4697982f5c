//! S3 in path style: buckets with their configuration, which only the owner reads, and objects.

use super::{Access, Definition, Wire};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::{Http, Request};
use crate::world::World;

mod acl;
mod buckets;
mod gate;
mod lifecycle;
mod listing;
mod objects;
mod policy;
mod protection;
mod public;
mod route;
mod settings;

#[cfg(test)]
mod tests;

pub use buckets::is_bucket_name;
pub use public::is_public;
pub use settings::{public_access_block, read_public_access_block};

/// The service. It asks the policies itself, after it has found the bucket and its region.
pub const SERVICE: Definition = Definition {
    name: "s3",
    wire: Wire::RestXml { wrapped: false },
    denied: "AccessDenied",
    route: route::operation,
    access: |_, _| Access::on("", "*"),
    handle,
};

/// Bucket and key in the path.
fn target(http: &Http) -> (&str, &str) {
    let path = http.path.strip_prefix('/').unwrap_or(&http.path);
    path.split_once('/').unwrap_or((path, ""))
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let (bucket, key) = target(&request.http);
    match request.operation.as_str() {
        "ListBuckets" => return buckets::list(request, world),
        "CreateBucket" => return buckets::create(request, world, bucket),
        _ => {}
    }
    let held = gate::enter(request, world, bucket, key)?;
    let operation = request.operation.as_str();
    if !key.is_empty() {
        return objects::serve(request, held, key);
    }
    match operation {
        "HeadBucket" => Ok(buckets::head(held, bucket)),
        "GetBucketLocation" => Ok(buckets::location(held)),
        "DeleteBucket" => buckets::delete(world, bucket),
        "ListObjects" | "ListObjectsV2" | "ListObjectVersions" => listing::serve(request, held, bucket),
        "GetBucketPolicy" | "GetBucketPolicyStatus" => policy::read(request, held, bucket),
        "PutBucketPolicy" => policy::put(request, world, bucket),
        "DeleteBucketPolicy" => policy::delete(request, world, bucket),
        "GetBucketAcl" => Ok(acl::get(request, held)),
        "PutBucketAcl" => acl::put(request, world, bucket),
        "GetBucketLifecycleConfiguration" => lifecycle::get(held, bucket),
        "PutBucketLifecycleConfiguration" => lifecycle::put(request, held),
        "DeleteBucketLifecycle" => Ok(lifecycle::delete(held)),
        "GetBucketVersioning" | "GetObjectLockConfiguration" | "GetBucketLogging" | "GetBucketReplication" => {
            protection::read(request, held, bucket)
        }
        "PutBucketVersioning" | "PutObjectLockConfiguration" => protection::write(request, held),
        "PutBucketLogging" => protection::put_logging(request, world, bucket),
        "PutBucketReplication" => protection::put_replication(request, world, bucket),
        _ if operation.starts_with("Get") => settings::read(request, held, bucket),
        _ => settings::write(request, held, bucket),
    }
}
