//! Security Hub: enabling it, importing findings of one's own account and region, and reading them back.

use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;

use super::{Access, Definition, Wire};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::{Http, Request};
use crate::world::World;
use crate::world::securityhub::Hub;
use crate::world::when::When;

mod find;
mod import;
mod shape;

#[cfg(test)]
mod tests;

/// The service.
pub const SERVICE: Definition =
    Definition { name: "securityhub", wire: Wire::RestJson, denied: "AccessDeniedException", route, access, handle };

fn route(http: &Http) -> Option<String> {
    let operation = match (http.method.as_str(), http.path.as_str()) {
        ("POST", "/findings/import") => "BatchImportFindings",
        ("POST", "/findings") => "GetFindings",
        ("POST", "/accounts") => "EnableSecurityHub",
        ("GET", "/accounts") => "DescribeHub",
        ("DELETE", "/accounts") => "DisableSecurityHub",
        _ => return None,
    };
    Some(operation.to_owned())
}

/// Importing is allowed on the product that a finding names, everything else on the hub.
fn access(request: &Request, world: &World) -> Access {
    let action = format!("securityhub:{}", request.operation);
    let mut products = import::products(request).into_iter();
    match products.next() {
        Some(first) => Access { also: products.collect(), ..Access::on(action, first) },
        None => Access::on(action, hub_arn(request, world)),
    }
}

fn hub_arn(request: &Request, world: &World) -> String {
    format!("arn:{}:securityhub:{}:{}:hub/default", world.partition_id(), request.region, request.caller.account)
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let value = match request.operation.as_str() {
        "BatchImportFindings" => import::import(request, world)?,
        "GetFindings" => find::find(request, world)?,
        "EnableSecurityHub" => enable(request, world)?,
        "DisableSecurityHub" => disable(request, world)?,
        "DescribeHub" => describe(request, world)?,
        _ => return Err(request.not_implemented("securityhub")),
    };
    Ok(Reply::json(value))
}

fn enable(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let hubs = &mut world.securityhub.entry(request.caller.account.clone()).or_default().hubs;
    if hubs.contains_key(&request.region) {
        return Err(AwsError::new(409, "ResourceConflictException", "Account is already subscribed to Security Hub"));
    }
    hubs.insert(request.region.clone(), Hub { enabled: When::At(request.now), findings: [].into() });
    Ok(json!({}))
}

fn disable(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    own(request, world)?;
    if let Some(held) = world.securityhub.get_mut(&request.caller.account) {
        held.hubs.remove(&request.region);
    }
    Ok(json!({}))
}

fn describe(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let arn = hub_arn(request, world);
    let enabled = own(request, world)?.enabled.by(request.now);
    Ok(json!({"HubArn": arn, "SubscribedAt": enabled.to_string(), "AutoEnableControls": true}))
}

/// The hub of the caller's account in the region called.
fn own<'w>(request: &Request, world: &'w mut World) -> Result<&'w mut Hub, AwsError> {
    let account = &request.caller.account;
    let hub = world.securityhub.get_mut(account).and_then(|held| held.hubs.get_mut(&request.region));
    hub.ok_or_else(|| not_enabled(account))
}

fn not_enabled(account: &AccountId) -> AwsError {
    AwsError::new(401, "InvalidAccessException", format!("Account {account} is not subscribed to AWS Security Hub"))
}

fn invalid_input(message: impl Into<String>) -> AwsError {
    AwsError::bad("InvalidInputException", message)
}
