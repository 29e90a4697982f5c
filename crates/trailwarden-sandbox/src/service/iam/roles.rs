//! Roles themselves.

use std::collections::BTreeMap;

use super::document::{check_trust, encoded, size};
use super::tags::{checked_tags, tags};
use super::{already_exists, checked_name, checked_path, limit_exceeded, no_such_entity, paged, required, time};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::iam::Role;
use crate::world::settling::Before;
use crate::xml::Element;

/// The longest trust policy, in characters.
const LONGEST_TRUST: usize = 2_048;

/// The role that the request names.
pub fn named<'w>(request: &Request, world: &'w World) -> Result<&'w Role, AwsError> {
    let name = required(request, "RoleName")?;
    let held = world.iam.get(&request.caller.account);
    held.and_then(|held| held.roles.get(name)).ok_or_else(|| no_such_entity("role with name", name))
}

/// The role that the request names, to change it; service-linked roles belong to their service.
pub fn changeable<'w>(request: &Request, world: &'w mut World) -> Result<&'w mut Role, AwsError> {
    let name = required(request, "RoleName")?;
    note(request, world, name);
    let held = world.iam.get_mut(&request.caller.account);
    let role = held.and_then(|held| held.roles.get_mut(name)).ok_or_else(|| no_such_entity("role with name", name))?;
    if role.is_service_linked() {
        let message = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        );
        return Err(AwsError::bad("UnmodifiableEntity", message));
    }
    Ok(role)
}

/// Notes what the role is, which goes on counting for a while when it changes now.
fn note(request: &Request, world: &mut World, name: &str) {
    let account = request.caller.account.clone();
    let role = world.iam.get(&account).and_then(|held| held.roles.get(name)).cloned().map(Box::new);
    world.changes(Before::Role { account, name: name.to_owned(), role }, request.now);
}

fn show(request: &Request, world: &World, name: &str, role: &Role, element: &str) -> Element {
    let held = world.iam.get(&request.caller.account);
    let arn = held.map(|held| held.role_arn(world.partition_id(), &request.caller.account, name));
    let tags = role.tags.iter().map(|(key, value)| Element::new("member").leaf("Key", key).leaf("Value", value));
    let shown = Element::new(element)
        .leaf("Path", &role.path)
        .leaf("RoleName", name)
        .leaf("RoleId", &role.id)
        .maybe("Arn", arn)
        .leaf("CreateDate", time(role.created))
        .leaf("AssumeRolePolicyDocument", encoded(&role.trust))
        .maybe("Description", Some(&role.description).filter(|text| !text.is_empty()))
        .leaf("MaxSessionDuration", role.max_session_seconds);
    if role.tags.is_empty() { shown } else { shown.with(Element::new("Tags").all(tags)) }
}

fn shown(request: &Request, world: &World, name: &str) -> Result<Reply, AwsError> {
    let held = world.iam.get(&request.caller.account);
    let role = held.and_then(|held| held.roles.get(name)).ok_or_else(|| no_such_entity("role with name", name))?;
    Ok(Reply::xml(Element::new("Result").with(show(request, world, name, role, "Role"))))
}

/// `GetRole`.
pub fn get(request: &Request, world: &World) -> Result<Reply, AwsError> {
    shown(request, world, required(request, "RoleName")?)
}

/// `ListRoles`.
pub fn list(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let prefix = request.text("PathPrefix").unwrap_or("/");
    let roles = world.iam.get(&request.caller.account).map(|held| &held.roles).into_iter().flatten();
    let roles = roles.filter(|(_, role)| role.path.starts_with(prefix));
    paged(request, roles.map(|(name, role)| show(request, world, name, role, "member")).collect(), "Roles")
}

fn checked_trust<'r>(request: &'r Request, world: &World, member: &str) -> Result<&'r str, AwsError> {
    let trust = required(request, member)?;
    check_trust(&world.as_seen(), trust)?;
    if size(trust) > LONGEST_TRUST {
        return Err(limit_exceeded(format!("Cannot exceed quota for ACLSizePerRole: {LONGEST_TRUST}")));
    }
    Ok(trust)
}

/// `CreateRole`.
pub fn create(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    if request.text("PermissionsBoundary").is_some() {
        return Err(request.not_implemented("iam (permissions boundaries)"));
    }
    let name = checked_name(request, "RoleName", 64)?;
    let path = checked_path(request)?;
    let trust = checked_trust(request, world, "AssumeRolePolicyDocument")?;
    let seconds = request.integer("MaxSessionDuration").unwrap_or(3600);
    if !(3600..=43200).contains(&seconds) {
        return Err(AwsError::bad("ValidationError", "MaxSessionDuration takes 3600 to 43200."));
    }
    if path.starts_with("/aws-service-role/") {
        return Err(AwsError::bad("ValidationError", "The path /aws-service-role/ is reserved."));
    }
    let role = Role {
        path: path.to_owned(),
        trust: trust.to_owned(),
        description: request.text("Description").unwrap_or_default().to_owned(),
        max_session_seconds: seconds,
        tags: checked_tags(&BTreeMap::new(), tags(request)?)?,
        ..Role::default()
    };
    insert(request, world, name, role)
}

fn insert(request: &Request, world: &mut World, name: &str, role: Role) -> Result<Reply, AwsError> {
    let held = world.iam.get(&request.caller.account);
    if held.is_some_and(|held| held.roles.keys().any(|other| other.eq_ignore_ascii_case(name))) {
        return Err(already_exists("Role", name));
    }
    note(request, world, name);
    let role = Role { id: world.unique_id("AROA", 21), created: Some(request.now), ..role };
    world.iam.entry(request.caller.account.clone()).or_default().roles.insert(name.to_owned(), role);
    shown(request, world, name)
}

/// `CreateServiceLinkedRole`, for the services that are served and have one.
pub fn create_service_linked(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let service = required(request, "AWSServiceName")?;
    let (name, role) = Role::linked_to(service).ok_or_else(|| request.not_implemented("iam"))?;
    insert(request, world, name, role).map_err(|error| match error.code.as_str() {
        "EntityAlreadyExists" => AwsError::bad(
            "InvalidInput",
            format!("Service role name {name} has been taken in this account, please try a different suffix."),
        ),
        _ => error,
    })
}

/// `DeleteRole`: only a role without policies.
pub fn delete(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let role = changeable(request, world)?;
    let conflict = |message: &str| Err(AwsError::new(409, "DeleteConflict", message));
    if !role.attached.is_empty() {
        return conflict("Cannot delete entity, must detach all policies first.");
    }
    if !role.inline.is_empty() {
        return conflict("Cannot delete entity, must delete policies first.");
    }
    if let Some(held) = world.iam.get_mut(&request.caller.account) {
        held.roles.remove(required(request, "RoleName")?);
    }
    Ok(Reply::empty())
}

/// `UpdateAssumeRolePolicy`.
pub fn update_trust(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let trust = checked_trust(request, world, "PolicyDocument")?.to_owned();
    changeable(request, world)?.trust = trust;
    Ok(Reply::empty())
}
