//! Organizations: who may call, and which function serves.

use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::organizations::Organization;

mod attachments;
mod membership;
pub mod policies;
mod read;
mod shape;
mod trust;
mod units;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "organizations",
    wire: Wire::Json("AWSOrganizationsV20161128"),
    denied: "AccessDeniedException",
    route: no_route,
    access: |request, _| Access::any("organizations", request),
    handle,
};

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let partition = world.partition_id().to_owned();
    let caller = &request.caller.account;
    let organization = world.organization.as_mut().filter(|organization| organization.accounts.contains_key(caller));
    let Some(organization) = organization else {
        return Err(AwsError::bad(
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        ));
    };
    let is_management = organization.management_account == *caller;
    if request.operation == "DescribeOrganization" {
        return Ok(Reply::json(shape::organization(organization, &partition)));
    }
    if request.operation == "LeaveOrganization" {
        return membership::leave(request, world);
    }
    let is_delegated = organization.delegated.contains_key(caller);
    let is_read = request.operation.starts_with("List") || request.operation.starts_with("Describe");
    if !(is_management || is_delegated && is_read) {
        return Err(AwsError::bad("AccessDeniedException", "You don't have permissions to access this resource."));
    }
    if is_read {
        return read::handle(request, organization, &partition);
    }
    match request.operation.as_str() {
        "EnableAWSServiceAccess" => trust::enable(request, world),
        "DisableAWSServiceAccess" => trust::disable(request, world),
        "RegisterDelegatedAdministrator" | "DeregisterDelegatedAdministrator" => trust::handle(request, organization),
        "CreateOrganizationalUnit"
        | "UpdateOrganizationalUnit"
        | "DeleteOrganizationalUnit"
        | "MoveAccount"
        | "TagResource"
        | "UntagResource" => {
            let id = world.unique_id("", 8).to_lowercase();
            let Some(organization) = world.organization.as_mut() else { return Ok(Reply::empty()) };
            units::handle(request, organization, &partition, &id)
        }
        "AttachPolicy" | "DetachPolicy" | "EnablePolicyType" | "DisablePolicyType" => {
            attachments::handle(request, organization, &partition)
        }
        _ => {
            let id = world.unique_id("", 8).to_lowercase();
            let Some(organization) = world.organization.as_mut() else { return Ok(Reply::empty()) };
            policies::handle(request, organization, &partition, &id)
        }
    }
}

fn invalid(reason: &str, message: impl Into<String>) -> AwsError {
    AwsError::bad("InvalidInputException", message).field("Reason", reason)
}

fn constraint(reason: &str, message: impl Into<String>) -> AwsError {
    AwsError::bad("ConstraintViolationException", message).field("Reason", reason)
}

fn required<'a>(request: &'a Request, member: &str) -> Result<&'a str, AwsError> {
    request
        .text(member)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| invalid("INPUT_REQUIRED", format!("You specified an invalid value for {member}.")))
}

/// A text that must be there and have at most so many characters.
fn required_within<'a>(request: &'a Request, member: &str, most: usize) -> Result<&'a str, AwsError> {
    let text = required(request, member)?;
    check_length(member, text, most)?;
    Ok(text)
}

fn check_length(member: &str, text: &str, most: usize) -> Result<(), AwsError> {
    if text.chars().count() > most {
        return Err(invalid("MAX_LENGTH_EXCEEDED", format!("{member} takes at most {most} characters.")));
    }
    Ok(())
}

/// A root, unit, account or policy, all of which carry tags.
fn tagged<'a>(request: &'a Request, organization: &Organization) -> Result<&'a str, AwsError> {
    let id = required(request, "ResourceId")?;
    if is_node(organization, id) || organization.policies.contains_key(id) {
        return Ok(id);
    }
    Err(AwsError::bad("TargetNotFoundException", "We can't find a resource with the ResourceId."))
}

/// True for the root, a unit or an account of the organization.
fn is_node(organization: &Organization, id: &str) -> bool {
    id == organization.root || organization.units.contains_key(id) || is_account(organization, id)
}

fn is_account(organization: &Organization, id: &str) -> bool {
    id.parse().is_ok_and(|account| organization.accounts.contains_key(&account))
}

fn is_parent(organization: &Organization, id: &str) -> bool {
    id == organization.root || organization.units.contains_key(id)
}

#[cfg(test)]
mod tests;
