//! Organizational units, where accounts stand, and tags.

use serde_json::json;

use super::{check_length, constraint, invalid, is_parent, required, required_within, shape, tagged};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::organizations::{Organization, POLICY_TYPES, Unit};

/// Units may lie this many levels below the root.
const MOST_LEVELS: usize = 5;
/// The most units of an organization.
const MOST_UNITS: usize = 2_000;
/// The longest name of a unit, in characters.
const LONGEST_NAME: usize = 128;

pub(super) fn handle(
    request: &Request,
    organization: &mut Organization,
    partition: &str,
    new_id: &str,
) -> Result<Reply, AwsError> {
    match request.operation.as_str() {
        "CreateOrganizationalUnit" => create(request, organization, partition, new_id),
        "UpdateOrganizationalUnit" => rename(request, organization, partition),
        "DeleteOrganizationalUnit" => delete(request, organization),
        "MoveAccount" => move_account(request, organization),
        "TagResource" => tag(request, organization),
        "UntagResource" => untag(request, organization),
        _ => Err(request.not_implemented("organizations")),
    }
}

fn no_unit() -> AwsError {
    AwsError::bad("OrganizationalUnitNotFoundException", "We can't find an OU with the OrganizationalUnitId.")
}

fn check_name(organization: &Organization, parent: &str, own_id: &str, name: &str) -> Result<(), AwsError> {
    if organization.units.iter().any(|(id, unit)| id != own_id && unit.parent == parent && unit.name == name) {
        return Err(AwsError::bad("DuplicateOrganizationalUnitException", "An OU with the same name already exists."));
    }
    Ok(())
}

fn create(
    request: &Request,
    organization: &mut Organization,
    partition: &str,
    new_id: &str,
) -> Result<Reply, AwsError> {
    let (parent, name) = (required(request, "ParentId")?, required_within(request, "Name", LONGEST_NAME)?);
    if !is_parent(organization, parent) {
        return Err(AwsError::bad("ParentNotFoundException", "We can't find a root or OU with the ParentId."));
    }
    check_name(organization, parent, "", name)?;
    let mut levels = 1;
    let mut above = parent.to_owned();
    while let Some(unit) = organization.units.get(&above) {
        above.clone_from(&unit.parent);
        levels += 1;
    }
    if levels > MOST_LEVELS {
        return Err(constraint("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the depth limit of OUs."));
    }
    let root_part = organization.root.trim_start_matches("r-");
    let id = format!("ou-{root_part}-{new_id}");
    if organization.units.len() >= MOST_UNITS {
        return Err(constraint("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of OUs."));
    }
    let tags = shape::checked_tags(organization, "", request.input.get("Tags"))?;
    if !tags.is_empty() {
        organization.tags.insert(id.clone(), tags);
    }
    organization.units.insert(id.clone(), Unit { name: name.to_owned(), parent: parent.to_owned() });
    for of in POLICY_TYPES.iter().filter(|of| organization.policy_types.contains_key(of.name)) {
        organization.attachments.entry(id.clone()).or_default().insert(of.full_access.to_owned());
    }
    Ok(Reply::json(json!({"OrganizationalUnit": shape::unit(organization, partition, &id)})))
}

fn rename(request: &Request, organization: &mut Organization, partition: &str) -> Result<Reply, AwsError> {
    let id = required(request, "OrganizationalUnitId")?;
    let parent = organization.units.get(id).ok_or_else(no_unit)?.parent.clone();
    if let Some(name) = request.text("Name") {
        check_length("Name", name, LONGEST_NAME)?;
        check_name(organization, &parent, id, name)?;
        if let Some(unit) = organization.units.get_mut(id) {
            name.clone_into(&mut unit.name);
        }
    }
    Ok(Reply::json(json!({"OrganizationalUnit": shape::unit(organization, partition, id)})))
}

fn delete(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    let id = required(request, "OrganizationalUnitId")?;
    if !organization.units.contains_key(id) {
        return Err(no_unit());
    }
    let is_used = organization.units.values().any(|unit| unit.parent == id)
        || organization.accounts.values().any(|member| member.parent == id);
    if is_used {
        return Err(AwsError::bad("OrganizationalUnitNotEmptyException", "The specified OU is not empty."));
    }
    organization.units.remove(id);
    organization.attachments.remove(id);
    organization.tags.remove(id);
    Ok(Reply::empty())
}

fn move_account(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    let (source, destination) = (required(request, "SourceParentId")?, required(request, "DestinationParentId")?);
    let no_account = || AwsError::bad("AccountNotFoundException", "We can't find an account with the AccountId.");
    let id = required(request, "AccountId")?.parse().map_err(|_| no_account())?;
    let is_known = |id: &str| is_parent(organization, id);
    if !is_known(source) {
        return Err(AwsError::bad("SourceParentNotFoundException", "We can't find the source root or OU."));
    }
    if !is_known(destination) {
        return Err(AwsError::bad("DestinationParentNotFoundException", "We can't find the destination container."));
    }
    let member = organization.accounts.get_mut(&id).ok_or_else(no_account)?;
    if member.parent != source {
        return Err(AwsError::bad("SourceParentNotFoundException", "The account is not in the source root or OU."));
    }
    if source == destination {
        return Err(AwsError::bad("DuplicateAccountException", "The account is already there."));
    }
    destination.clone_into(&mut member.parent);
    Ok(Reply::empty())
}

fn tag(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    let id = tagged(request, organization)?;
    if request.input.get("Tags").and_then(serde_json::Value::as_array).is_none_or(Vec::is_empty) {
        return Err(invalid("INPUT_REQUIRED", "You must specify tags."));
    }
    let tags = shape::checked_tags(organization, id, request.input.get("Tags"))?;
    organization.tags.insert(id.to_owned(), tags);
    Ok(Reply::empty())
}

fn untag(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    let id = tagged(request, organization)?;
    if let Some(tags) = organization.tags.get_mut(id) {
        for key in request.texts("TagKeys") {
            tags.remove(&key);
        }
    }
    Ok(Reply::empty())
}
