//! IAM: roles with their trust, inline and attached policies, and customer managed policies.

use jiff::Timestamp;

use super::page::slice;
use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::xml::Element;

mod document;
mod policies;
mod role_policies;
mod roles;
mod tags;

#[cfg(test)]
mod tests;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "iam",
    wire: Wire::Query("https://iam.amazonaws.com/doc/2010-05-08/"),
    denied: "AccessDenied",
    route: no_route,
    access,
    handle,
};

fn access(request: &Request, world: &World) -> Access {
    let (account, partition) = (&request.caller.account, world.partition_id());
    let action = format!("iam:{}", request.operation);
    if let Some(role) = request.text("RoleName") {
        let held = world.iam.get(account).filter(|held| held.roles.contains_key(role));
        let path = request.text("Path").unwrap_or("/");
        let arn = held.map_or_else(
            || format!("arn:{partition}:iam::{account}:role{path}{role}"),
            |held| held.role_arn(partition, account, role),
        );
        let is_tagged = request.operation == "CreateRole" && request.text("Tags.member.1.Key").is_some();
        let access = Access::on(action, arn).also_when(is_tagged, "iam:TagRole");
        return match request.text("PolicyArn") {
            Some(policy) => Access { context: access.context.clone().with("iam:PolicyARN", policy), ..access },
            None => access,
        };
    }
    match (request.text("PolicyArn"), request.text("PolicyName")) {
        (Some(arn), _) => Access::on(action, arn),
        (None, Some(name)) => {
            let path = request.text("Path").unwrap_or("/");
            Access::on(action, format!("arn:{partition}:iam::{account}:policy{path}{name}"))
        }
        (None, None) => Access::on(action, "*"),
    }
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    match request.operation.as_str() {
        "GetRole" => roles::get(request, world),
        "ListRoles" => roles::list(request, world),
        "CreateRole" => roles::create(request, world),
        "DeleteRole" => roles::delete(request, world),
        "UpdateAssumeRolePolicy" => roles::update_trust(request, world),
        "CreateServiceLinkedRole" => roles::create_service_linked(request, world),
        "PutRolePolicy" => role_policies::put(request, world),
        "GetRolePolicy" => role_policies::get(request, world),
        "ListRolePolicies" => role_policies::list(request, world),
        "DeleteRolePolicy" => role_policies::delete(request, world),
        "TagRole" | "UntagRole" => tags::change(request, world),
        "ListRoleTags" => tags::list(request, world),
        "AttachRolePolicy" => role_policies::attach(request, world),
        "DetachRolePolicy" => role_policies::detach(request, world),
        "ListAttachedRolePolicies" => role_policies::list_attached(request, world),
        "CreatePolicy" => policies::create(request, world),
        "GetPolicy" => policies::get(request, world),
        "GetPolicyVersion" => policies::get_version(request, world),
        "ListPolicies" => policies::list(request, world),
        "DeletePolicy" => policies::delete(request, world),
        _ => Err(request.not_implemented("iam")),
    }
}

fn no_such_entity(what: &str, name: &str) -> AwsError {
    AwsError::missing("NoSuchEntity", format!("The {what} {name} cannot be found."))
}

fn already_exists(what: &str, name: &str) -> AwsError {
    AwsError::new(409, "EntityAlreadyExists", format!("{what} with name {name} already exists."))
}

fn limit_exceeded(message: impl Into<String>) -> AwsError {
    AwsError::new(409, "LimitExceeded", message)
}

fn required<'r>(request: &'r Request, member: &str) -> Result<&'r str, AwsError> {
    request.require(member, "ValidationError")
}

/// A name of 1 to `most` letters, digits and `+=,.@_-`.
fn checked_name<'r>(request: &'r Request, member: &str, most: usize) -> Result<&'r str, AwsError> {
    let name = required(request, member)?;
    let fits = name.len() <= most && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b));
    let message = || format!("1 validation error detected: Value '{name}' at '{member}' is not a valid name");
    fits.then_some(name).ok_or_else(|| AwsError::bad("ValidationError", message()))
}

/// The path of a new role or policy.
fn checked_path(request: &Request) -> Result<&str, AwsError> {
    let path = request.text("Path").unwrap_or("/");
    let fits = path.starts_with('/') && path.ends_with('/') && path.len() <= 512;
    fits.then_some(path).ok_or_else(|| AwsError::bad("ValidationError", format!("The path {path} is not valid.")))
}

/// A time as IAM writes it.
fn time(moment: Option<Timestamp>) -> String {
    moment.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A page of a list member, with `IsTruncated` and `Marker`.
fn paged(request: &Request, items: Vec<Element>, member: &str) -> Result<Reply, AwsError> {
    let limit = request.integer("MaxItems").unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(AwsError::bad("ValidationError", "MaxItems takes 1 to 1000."));
    }
    let (items, next) = slice(&request.operation, items, request.text("Marker"), usize::try_from(limit).unwrap_or(1))
        .ok_or_else(|| AwsError::bad("ValidationError", "Invalid Marker."))?;
    let list = Element::new(member).all(items);
    Ok(Reply::xml(Element::new("Result").with(list).leaf("IsTruncated", next.is_some()).maybe("Marker", next)))
}
