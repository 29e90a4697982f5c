//! The bucket policy.

use super::gate::{denied, no_such_bucket};
use super::public::{in_force, is_public};
use crate::error::AwsError;
use crate::policy::grammar::{Attached, statements};
use crate::policy::principals;
use crate::policy::texts;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::s3::Bucket;
use crate::world::settling::Before;
use crate::xml::Element;

/// The longest bucket policy, in bytes.
const LONGEST: usize = 20_480;

/// `GetBucketPolicy`, as it was put, and `GetBucketPolicyStatus`.
pub fn read(request: &Request, bucket: &Bucket, name: &str) -> Result<Reply, AwsError> {
    let missing =
        || AwsError::missing("NoSuchBucketPolicy", "The bucket policy does not exist").field("BucketName", name);
    let policy = bucket.policy.as_deref().ok_or_else(missing)?;
    if request.operation == "GetBucketPolicy" {
        return Ok(Reply::bytes(policy.as_bytes().to_vec()).header("content-type", "application/json"));
    }
    let status = Element::new("PolicyStatus").attribute("xmlns", super::settings::NAMESPACE);
    Ok(Reply::xml(status.leaf("IsPublic", is_public(policy))))
}

/// `PutBucketPolicy`.
pub fn put(request: &Request, world: &mut World, name: &str) -> Result<Reply, AwsError> {
    let policy = std::str::from_utf8(&request.http.body).map_err(|_| malformed("Policies must be valid JSON"))?;
    check(&world.as_seen(), policy, &format!("arn:{}:s3:::{name}", world.partition_id()))?;
    let (owner, bucket) = world.bucket(name).ok_or_else(|| no_such_bucket(name))?;
    if in_force(world, owner, bucket).block_public_policy && is_public(policy) {
        return Err(denied());
    }
    Ok(replace(request, world, name, Some(policy.to_owned())))
}

fn replace(request: &Request, world: &mut World, name: &str, policy: Option<String>) -> Reply {
    let before = world.bucket_mut(name).and_then(|bucket| std::mem::replace(&mut bucket.policy, policy));
    world.changes(Before::BucketPolicy { bucket: name.to_owned(), policy: before }, request.now);
    Reply::empty().status(204)
}

fn malformed(message: &str) -> AwsError {
    AwsError::bad("MalformedPolicy", message)
}

/// Refuses what is no bucket policy, and one for other resources or other services' actions.
fn check(world: &World, policy: &str, arn: &str) -> Result<(), AwsError> {
    let statements = statements(policy, Attached::ToResource).map_err(|reason| malformed(&reason))?;
    if policy.len() > LONGEST {
        return Err(AwsError::bad("PolicyTooLarge", format!("Normalized policy document exceeds {LONGEST} bytes.")));
    }
    if principals::unknown(world, &statements).is_some() {
        return Err(malformed("Invalid principal in policy"));
    }
    let is_action = |text: &str| text == "*" || text.to_ascii_lowercase().starts_with("s3:");
    let is_resource = |text: &str| {
        text == "*" || text.strip_prefix(arn).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '*']))
    };
    for statement in &statements {
        let values = |name: &str, not: &str| texts(statement.get(name).or(statement.get(not)));
        if !values("Action", "NotAction").all(is_action) {
            return Err(malformed("Policy has invalid action"));
        }
        if !values("Resource", "NotResource").all(is_resource) {
            return Err(malformed("Policy has invalid resource"));
        }
    }
    Ok(())
}

/// `DeleteBucketPolicy`; deleting none is no error.
pub fn delete(request: &Request, world: &mut World, name: &str) -> Result<Reply, AwsError> {
    Ok(replace(request, world, name, None))
}
