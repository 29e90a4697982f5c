//! Accounts that go.

use serde_json::json;

use super::constraint;
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::service::cloudtrail;
use crate::world::World;

/// A member leaves: the replicas of organization trails go with it, since only members have them. The management account's
/// history tells it. Source: Organizations API Reference, `LeaveOrganization`.
pub(super) fn leave(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let caller = &request.caller.account;
    let Some(organization) = &mut world.organization else { return Ok(Reply::empty()) };
    let management = organization.management_account.clone();
    if management == *caller {
        return Err(AwsError::bad(
            "MasterCannotLeaveOrganizationException",
            "You can't remove a management account from an organization.",
        ));
    }
    if organization.delegated.contains_key(caller) {
        return Err(constraint(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            "You can't remove a delegated administrator from an organization.",
        ));
    }
    organization.accounts.remove(caller);
    organization.attachments.remove(caller.as_str());
    organization.tags.remove(caller.as_str());
    let details = json!({ "accountId": caller, "departedMethod": "LEFT", "departedTime": request.now.to_string() });
    cloudtrail::service_event(world, &management, request, ("organizations", "AccountDepartedOrganization"), details);
    Ok(Reply::empty())
}
