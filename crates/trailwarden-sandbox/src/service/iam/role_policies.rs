//! The policies of a role: inline and attached.

use super::document::{check_identity, encoded, size};
use super::roles::{changeable, named};
use super::{checked_name, limit_exceeded, no_such_entity, paged, required};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::xml::Element;

/// The size of all inline policies of a role together, without white space.
const LONGEST_INLINE: usize = 10_240;
/// The most managed policies on one role.
const MOST_ATTACHED: usize = 10;

/// `PutRolePolicy`.
pub fn put(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let name = checked_name(request, "PolicyName", 128)?;
    let document = required(request, "PolicyDocument")?;
    check_identity(document)?;
    let role = changeable(request, world)?;
    let others: usize =
        role.inline.iter().filter(|(other, _)| *other != name).map(|(_, document)| size(document)).sum();
    if others + size(document) > LONGEST_INLINE {
        return Err(limit_exceeded(format!("Maximum policy size of {LONGEST_INLINE} bytes exceeded for the role.")));
    }
    role.inline.insert(name.to_owned(), document.to_owned());
    Ok(Reply::empty())
}

/// `GetRolePolicy`.
pub fn get(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let role = named(request, world)?;
    let name = required(request, "PolicyName")?;
    let document = role.inline.get(name).ok_or_else(|| no_such_entity("role policy with name", name))?;
    let result = Element::new("Result")
        .leaf("RoleName", required(request, "RoleName")?)
        .leaf("PolicyName", name)
        .leaf("PolicyDocument", encoded(document));
    Ok(Reply::xml(result))
}

/// `ListRolePolicies`: names of the inline policies.
pub fn list(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let role = named(request, world)?;
    paged(request, role.inline.keys().map(|name| Element::text("member", name)).collect(), "PolicyNames")
}

/// `DeleteRolePolicy`.
pub fn delete(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let name = required(request, "PolicyName")?;
    let removed = changeable(request, world)?.inline.remove(name);
    removed.map(|_| Reply::empty()).ok_or_else(|| no_such_entity("role policy with name", name))
}

/// `AttachRolePolicy`: of a policy that exists, as far as the sandbox knows AWS's own.
pub fn attach(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let arn = required(request, "PolicyArn")?;
    let held = world.iam.get(&request.caller.account);
    let exists = held.is_some_and(|held| held.managed_text(arn).is_some());
    let role = changeable(request, world)?;
    if !exists {
        return Err(AwsError::missing("NoSuchEntity", format!("Policy {arn} does not exist or is not attachable.")));
    }
    if role.attached.len() >= MOST_ATTACHED && !role.attached.contains(arn) {
        return Err(limit_exceeded(format!("Cannot exceed quota for PoliciesPerRole: {MOST_ATTACHED}")));
    }
    role.attached.insert(arn.to_owned());
    Ok(Reply::empty())
}

/// `DetachRolePolicy`.
pub fn detach(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let arn = required(request, "PolicyArn")?;
    let removed = changeable(request, world)?.attached.remove(arn);
    if removed { Ok(Reply::empty()) } else { Err(no_such_entity("attached policy", arn)) }
}

/// `ListAttachedRolePolicies`.
pub fn list_attached(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let role = named(request, world)?;
    let entry = |arn: &String| {
        let name = arn.rsplit('/').next().unwrap_or_default();
        Element::new("member").leaf("PolicyName", name).leaf("PolicyArn", arn)
    };
    paged(request, role.attached.iter().map(entry).collect(), "AttachedPolicies")
}
