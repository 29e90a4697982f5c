//! Trusted access of services and delegated administrators.

use std::collections::BTreeMap;

use jiff::Timestamp;
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;

use super::{constraint, invalid, required};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::service::cloudtrail;
use crate::world::World;
use crate::world::organizations::Organization;
use crate::world::settling::Before;

fn service(request: &Request) -> Result<&str, AwsError> {
    let name = required(request, "ServicePrincipal")?;
    if name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn") {
        return Ok(name);
    }
    Err(invalid("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal."))
}

pub(super) fn handle(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    match request.operation.as_str() {
        "RegisterDelegatedAdministrator" => register(request, organization),
        "DeregisterDelegatedAdministrator" => deregister(request, organization),
        _ => Err(request.not_implemented("organizations")),
    }
}

/// Trusting a service a second time changes nothing.
pub(super) fn enable(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let name = service(request)?;
    note(request, world, name);
    if let Some(organization) = &mut world.organization {
        organization.trusted_services.entry(name.to_owned()).or_insert(request.now);
    }
    Ok(Reply::empty())
}

/// Notes whether the service is trusted, which goes on counting for a while.
fn note(request: &Request, world: &mut World, service: &str) {
    let since = world.organization.as_ref().and_then(|held| held.trusted_services.get(service)).copied();
    world.changes(Before::TrustedAccess { service: service.to_owned(), since }, request.now);
}

/// Withdrawing trust from CloudTrail takes the replicas from the members: organization trails become plain ones, and
/// trusting again does not bring them back.
pub(super) fn disable(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let name = service(request)?;
    note(request, world, name);
    if let Some(organization) = &mut world.organization {
        organization.trusted_services.remove(name);
    }
    if name == CLOUDTRAIL_PRINCIPAL {
        cloudtrail::trusted_access_disabled(world);
    }
    Ok(Reply::empty())
}

fn register(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    let (service, account) = (service(request)?, required(request, "AccountId")?);
    let account = account.parse().map_err(|_| no_account())?;
    let member = organization.accounts.get(&account).ok_or_else(no_account)?;
    if account == organization.management_account {
        return Err(constraint(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You can't register the management account as a delegated administrator.",
        ));
    }
    if member.state != "ACTIVE" {
        return Err(constraint(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            "You can't register a suspended account as a delegated administrator.",
        ));
    }
    if !organization.trusted_services.contains_key(service) {
        return Err(constraint("SERVICE_ACCESS_NOT_ENABLED", "Enable trusted access for the service first."));
    }
    let holds = |services: &BTreeMap<String, Timestamp>| services.contains_key(service);
    if organization.delegated.get(&account).is_some_and(holds) {
        return Err(AwsError::bad(
            "AccountAlreadyRegisteredException",
            "The specified account is already a delegated administrator for this AWS service.",
        ));
    }
    let n_registered = organization.delegated.values().filter(|services| holds(services)).count();
    if service == CLOUDTRAIL_PRINCIPAL && n_registered >= cloudtrail::MOST_DELEGATED {
        return Err(constraint(
            "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
            "The service has its most delegated administrators already.",
        ));
    }
    organization.delegated.entry(account).or_default().insert(service.to_owned(), request.now);
    Ok(Reply::empty())
}

fn deregister(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    let (service, account) = (service(request)?, required(request, "AccountId")?);
    let account = account.parse().map_err(|_| no_account())?;
    if !organization.accounts.contains_key(&account) {
        return Err(no_account());
    }
    let removed = organization.delegated.get_mut(&account).and_then(|services| services.remove(service));
    organization.delegated.retain(|_, services| !services.is_empty());
    match removed {
        Some(_) => Ok(Reply::empty()),
        None => Err(AwsError::bad(
            "AccountNotRegisteredException",
            "The specified account is not a delegated administrator for this AWS service.",
        )),
    }
}

fn no_account() -> AwsError {
    AwsError::bad("AccountNotFoundException", "We can't find an account with the AccountId that you specified.")
}
