//! CloudTrail's side of the organization: delegated administrators, and what becomes of organization trails.

use jiff::Timestamp;
use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;

use crate::error::AwsError;
use crate::world::World;
use crate::world::iam::Role;
use crate::world::organizations::Organization;

/// The most delegated administrators of CloudTrail.
pub const MOST_DELEGATED: usize = 3;
/// The service-linked role that organization trails need in every account.
pub const SERVICE_LINKED_ROLE: &str = "AWSServiceRoleForCloudTrail";

/// Without trusted access no trail reaches a member: organization trails become plain trails of the management account,
/// and enabling it again does not bring them back.
pub fn trusted_access_disabled(world: &mut World) {
    let Some(management) = world.management_account().cloned() else { return };
    if let Some(held) = world.cloudtrail.get_mut(&management) {
        held.trails.iter_mut().for_each(|trail| trail.organization = false);
    }
}

/// A call of CloudTrail from the management account makes the service-linked role there.
pub fn ensure_service_linked_role(world: &mut World, account: &AccountId, now: Timestamp) {
    if world.iam.get(account).is_some_and(|iam| iam.roles.contains_key(SERVICE_LINKED_ROLE)) {
        return;
    }
    let Some((name, role)) = Role::linked_to(CLOUDTRAIL_PRINCIPAL) else { return };
    let role = Role { id: world.unique_id("AROA", 21), created: Some(now), ..role };
    world.iam.entry(account.clone()).or_default().roles.insert(name.to_owned(), role);
}

/// The organization, when the caller is its management account and trusted access is on.
fn managed<'w>(world: &'w mut World, caller: &AccountId) -> Result<&'w mut Organization, AwsError> {
    let organization = world.organization.as_mut().filter(|organization| organization.accounts.contains_key(caller));
    let Some(organization) = organization else {
        return Err(AwsError::bad("OrganizationsNotInUseException", "The account is not in an organization."));
    };
    if organization.management_account != *caller {
        let message = "Only the management account registers delegated administrators.";
        return Err(AwsError::bad("NotOrganizationManagementAccountException", message));
    }
    if organization.feature_set != "ALL" {
        let message = "The organization does not have all features enabled.";
        return Err(AwsError::bad("OrganizationNotInAllFeaturesModeException", message));
    }
    if !organization.trusted_services.contains_key(CLOUDTRAIL_PRINCIPAL) {
        let message = "Trusted access for CloudTrail is not enabled in the organization.";
        return Err(AwsError::bad("CloudTrailAccessNotEnabledException", message));
    }
    Ok(organization)
}

fn account_id(text: Option<&str>) -> Result<AccountId, AwsError> {
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| AwsError::bad("InvalidParameterException", "The account id must have twelve digits."))
}

/// `RegisterOrganizationDelegatedAdmin`; it makes the service-linked roles too.
pub fn register(
    world: &mut World,
    caller: &AccountId,
    member: Option<&str>,
    now: Timestamp,
) -> Result<Value, AwsError> {
    let member = account_id(member)?;
    let organization = managed(world, caller)?;
    if organization.management_account == member {
        let message = "The management account cannot be a delegated administrator.";
        return Err(AwsError::bad("CannotDelegateManagementAccountException", message));
    }
    if !organization.accounts.contains_key(&member) {
        let message = format!("Account {member} is not in the organization.");
        return Err(AwsError::bad("AccountNotFoundException", message));
    }
    let administers =
        |services: &std::collections::BTreeMap<String, Timestamp>| services.contains_key(CLOUDTRAIL_PRINCIPAL);
    if organization.delegated.get(&member).is_some_and(administers) {
        let message = format!("Account {member} is already a delegated administrator of CloudTrail.");
        return Err(AwsError::bad("AccountRegisteredException", message));
    }
    if organization.delegated.values().filter(|services| administers(services)).count() >= MOST_DELEGATED {
        let message = format!("CloudTrail takes at most {MOST_DELEGATED} delegated administrators.");
        return Err(AwsError::bad("DelegatedAdminAccountLimitExceededException", message));
    }
    organization.delegated.entry(member.clone()).or_default().insert(CLOUDTRAIL_PRINCIPAL.to_owned(), now);
    ensure_service_linked_role(world, caller, now);
    ensure_service_linked_role(world, &member, now);
    Ok(json!({}))
}

/// `DeregisterOrganizationDelegatedAdmin`; organization trails stay, they belong to the management account.
pub fn deregister(world: &mut World, caller: &AccountId, member: Option<&str>) -> Result<Value, AwsError> {
    let member = account_id(member)?;
    let organization = managed(world, caller)?;
    if !organization.accounts.contains_key(&member) {
        let message = format!("Account {member} is not in the organization.");
        return Err(AwsError::bad("AccountNotFoundException", message));
    }
    let services = organization.delegated.entry(member.clone()).or_default();
    let removed = services.remove(CLOUDTRAIL_PRINCIPAL);
    if services.is_empty() {
        organization.delegated.remove(&member);
    }
    if removed.is_none() {
        let message = format!("Account {member} is not a delegated administrator of CloudTrail.");
        return Err(AwsError::bad("AccountNotRegisteredException", message));
    }
    Ok(json!({}))
}
