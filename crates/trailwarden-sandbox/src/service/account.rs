//! Account Management: which regions an account has.

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Region};

use super::{Access, Definition, Wire};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::{Http, Request};
use crate::service::page;
use crate::world::World;

/// The service.
pub const SERVICE: Definition =
    Definition { name: "account", wire: Wire::RestJson, denied: "AccessDeniedException", route, access, handle };

fn route(http: &Http) -> Option<String> {
    match (http.method.as_str(), http.path.as_str()) {
        ("POST", "/listRegions") => Some("ListRegions".to_owned()),
        ("POST", "/getRegionOptStatus") => Some("GetRegionOptStatus".to_owned()),
        _ => None,
    }
}

fn access(request: &Request, world: &World) -> Access {
    let own = &request.caller.account;
    let resource = match (request.text("AccountId"), &world.organization) {
        (Some(target), Some(organization)) => format!(
            "arn:{}:account::{}:account/{}/{target}",
            world.partition_id(),
            organization.management_account,
            organization.id
        ),
        _ => format!("arn:{}:account::{own}:account", world.partition_id()),
    };
    Access::on(format!("account:{}", request.operation), resource)
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let account = target(request, world)?;
    match request.operation.as_str() {
        "ListRegions" => list_regions(request, world, &account),
        "GetRegionOptStatus" => {
            let name = request.require("RegionName", "ValidationException")?;
            let region: Region = name.parse().map_err(|_| validation("RegionName is not a region"))?;
            let status = status(world, &account, &region).ok_or_else(|| validation("RegionName is not a region"))?;
            Ok(Reply::json(json!({"RegionName": name, "RegionOptStatus": status})))
        }
        _ => Err(request.not_implemented("account")),
    }
}

/// The account asked about. Another account needs the management account (or a delegated administrator) and trusted
/// access; the management account must leave its own id out.
fn target(request: &Request, world: &World) -> Result<AccountId, AwsError> {
    const PRINCIPAL: &str = "account.amazonaws.com";
    let caller = &request.caller.account;
    let Some(named) = request.text("AccountId") else { return Ok(caller.clone()) };
    let target: AccountId = named.parse().map_err(|_| validation("AccountId must be twelve digits"))?;
    let denied = |why: &str| AwsError::new(403, "AccessDeniedException", format!("Access denied: {why}"));
    let organization = world.organization.as_ref().ok_or_else(|| denied("the caller is not in an organization"))?;
    if !organization.administers(caller, PRINCIPAL) {
        return Err(denied("only the management account or a delegated administrator may name an account"));
    }
    if target == organization.management_account {
        return Err(validation("the management account must not be named; leave AccountId out"));
    }
    if !organization.trusted_services.contains_key(PRINCIPAL) {
        return Err(denied("trusted access for account.amazonaws.com is not enabled"));
    }
    if !organization.accounts.contains_key(&target) {
        return Err(AwsError::new(404, "ResourceNotFoundException", "No account found for the given ID."));
    }
    Ok(target)
}

const STATUSES: [&str; 5] = ["ENABLED", "ENABLING", "DISABLING", "DISABLED", "ENABLED_BY_DEFAULT"];

fn validation(message: &str) -> AwsError {
    AwsError::bad("ValidationException", message)
}

fn opt_in_regions(world: &World) -> &'static [&'static str] {
    world.partition().map_or(&[], |partition| partition.opt_in_regions)
}

fn status(world: &World, account: &AccountId, region: &Region) -> Option<&'static str> {
    let is_default = world.partition().is_some_and(|partition| partition.is_enabled_by_default(region));
    match (is_default, world.is_region_enabled(account, region)) {
        (true, _) => Some("ENABLED_BY_DEFAULT"),
        (false, true) => Some("ENABLED"),
        (false, false) => opt_in_regions(world).contains(&region.as_str()).then_some("DISABLED"),
    }
}

fn list_regions(request: &Request, world: &World, account: &AccountId) -> Result<Reply, AwsError> {
    let wanted = request.texts("RegionOptStatusContains");
    if wanted.iter().any(|status| !STATUSES.contains(&status.as_str())) {
        return Err(validation("RegionOptStatusContains takes the statuses of regions"));
    }
    let mut regions = world.enabled_regions(account);
    regions.extend(opt_in_regions(world).iter().filter_map(|region| region.parse::<Region>().ok()));
    let items: Vec<Value> = regions
        .iter()
        .filter_map(|region| Some((region, status(world, account, region)?)))
        .filter(|(_, status)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == status))
        .map(|(region, status)| json!({"RegionName": region.as_str(), "RegionOptStatus": status}))
        .collect();
    let most = request.integer("MaxResults").unwrap_or(20);
    if !(1..=50).contains(&most) {
        return Err(validation("MaxResults must be between 1 and 50"));
    }
    let page = page::plain(request, items, usize::try_from(most).unwrap_or(20))
        .ok_or_else(|| validation("NextToken is not valid"))?;
    Ok(Reply::json(page.named("Regions")))
}

#[cfg(test)]
mod tests;
