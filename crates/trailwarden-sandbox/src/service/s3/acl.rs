//! The bucket ACL: off in new buckets, where only the owner's full control is left.

use super::buckets::{canonical_id, malformed};
use super::gate::{denied, no_such_bucket};
use super::public::{in_force, is_public_grant};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::s3::{Bucket, Grant, Ownership};
use crate::xml::Element;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

fn show(grant: &Grant) -> Element {
    let is_group = grant.grantee.starts_with("http");
    let (kind, member) = if is_group { ("Group", "URI") } else { ("CanonicalUser", "ID") };
    let grantee =
        Element::new("Grantee").attribute("xmlns:xsi", XSI).attribute("xsi:type", kind).leaf(member, &grant.grantee);
    Element::new("Grant").with(grantee).leaf("Permission", &grant.permission)
}

/// `GetBucketAcl`; with ACLs off it still answers, with the owner's full control.
pub fn get(request: &Request, bucket: &Bucket) -> Reply {
    let owner = canonical_id(&request.caller.account);
    let own = Grant { grantee: owner, permission: "FULL_CONTROL".to_owned() };
    let acls_on = bucket.ownership.get() != Some(&Ownership::BucketOwnerEnforced);
    let others = bucket.grants.iter().filter(|_| acls_on);
    let list = Element::new("AccessControlList").with(show(&own)).all(others.map(show));
    let policy = Element::new("AccessControlPolicy").attribute("xmlns", super::settings::NAMESPACE);
    Reply::xml(policy.with(super::buckets::owner(&request.caller.account)).with(list))
}

/// `PutBucketAcl`, by canned ACL or by grants.
pub fn put(request: &Request, world: &mut World, name: &str) -> Result<Reply, AwsError> {
    if request.http.headers.keys().any(|header| header.starts_with("x-amz-grant-")) {
        return Err(request.not_implemented("s3 (grant headers)"));
    }
    let own = canonical_id(&request.caller.account);
    let grants = match request.header("x-amz-acl") {
        Some(canned) => canned_grants(canned)?,
        None => grants(request, &own)?,
    };
    let (owner, bucket) = world.bucket(name).ok_or_else(|| no_such_bucket(name))?;
    if bucket.ownership.get() == Some(&Ownership::BucketOwnerEnforced) && !grants.is_empty() {
        return Err(AwsError::bad("AccessControlListNotSupported", "The bucket does not allow ACLs"));
    }
    if in_force(world, owner, bucket).block_public_acls && grants.iter().any(is_public_grant) {
        return Err(denied());
    }
    if let Some(bucket) = world.bucket_mut(name) {
        bucket.grants = grants;
    }
    Ok(Reply::empty())
}

fn canned_grants(canned: &str) -> Result<Vec<Grant>, AwsError> {
    let grant =
        |grantee: &str, permission: &str| Grant { grantee: grantee.to_owned(), permission: permission.to_owned() };
    match canned {
        "private" => Ok(Vec::new()),
        "public-read" => Ok(vec![grant(ALL_USERS, "READ")]),
        "public-read-write" => Ok(vec![grant(ALL_USERS, "READ"), grant(ALL_USERS, "WRITE")]),
        "authenticated-read" => Ok(vec![grant(AUTHENTICATED, "READ")]),
        _ => Err(AwsError::bad("InvalidArgument", format!("Invalid canned ACL: {canned}"))),
    }
}

/// The grants in the body, without the owner's own.
fn grants(request: &Request, own: &str) -> Result<Vec<Grant>, AwsError> {
    let root = std::str::from_utf8(&request.http.body).ok().and_then(Element::parse).ok_or_else(malformed)?;
    let list = root.child("AccessControlList").ok_or_else(malformed)?;
    let mut grants = Vec::new();
    for grant in list.children_named("Grant") {
        let grantee = grant.child("Grantee").and_then(|g| g.child_text("URI").or_else(|| g.child_text("ID")));
        let (Some(grantee), Some(permission)) = (grantee, grant.child_text("Permission")) else {
            return Err(malformed());
        };
        if grantee != own {
            grants.push(Grant { grantee: grantee.to_owned(), permission: permission.to_owned() });
        }
    }
    Ok(grants)
}
