//! AWS WAF: web ACLs by scope, and their logging configurations.

use serde_json::Value;

use super::json::answer;
use super::page::slice;
use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::waf::WebAcl;

mod acls;
mod logging;

#[cfg(test)]
mod tests;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "wafv2",
    wire: Wire::Json("AWSWAF_20190729"),
    denied: "AccessDeniedException",
    route: no_route,
    access,
    handle,
};

/// Permissions are asked for the web ACL where the operation names one.
fn access(request: &Request, _: &World) -> Access {
    let of_logging = request.input.get("LoggingConfiguration").and_then(|sent| sent.get("ResourceArn"));
    let named = request.text("ResourceArn").or_else(|| of_logging.and_then(Value::as_str));
    Access::on(format!("wafv2:{}", request.operation), named.unwrap_or("*"))
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let value = match request.operation.as_str() {
        "ListWebACLs" => acls::list(request, world)?,
        "GetWebACL" => acls::get(request, world)?,
        "CreateWebACL" => acls::create(request, world)?,
        "DeleteWebACL" => acls::delete(request, world)?,
        "ListLoggingConfigurations" => logging::list(request, world)?,
        "GetLoggingConfiguration" => logging::get(request, world)?,
        "PutLoggingConfiguration" => logging::put(request, world)?,
        "DeleteLoggingConfiguration" => logging::delete(request, world)?,
        _ => return Err(request.not_implemented("wafv2")),
    };
    Ok(answer(value))
}

/// True for CloudFront's web ACLs, which only the leader region serves.
fn is_cloudfront(request: &Request, world: &World) -> Result<bool, AwsError> {
    let leader = world.partition().map_or("us-east-1", |partition| partition.leader_region);
    match request.text("Scope") {
        Some("REGIONAL") => Ok(false),
        Some("CLOUDFRONT") if request.region.as_str() == leader => Ok(true),
        scope => Err(invalid("The scope is not valid.", "SCOPE_VALUE", scope.unwrap_or_default())),
    }
}

/// The caller's web ACLs of a scope in the region called, in order of names.
fn own<'w>(request: &Request, world: &'w World, cloudfront: bool) -> Vec<&'w WebAcl> {
    let held = world.waf.get(&request.caller.account).map(|held| held.web_acls.as_slice()).unwrap_or_default();
    let mut held: Vec<&WebAcl> =
        held.iter().filter(|acl| acl.region == request.region && acl.cloudfront == cloudfront).collect();
    held.sort_by(|a, b| a.name.cmp(&b.name));
    held
}

fn invalid(reason: &str, field: &str, parameter: &str) -> AwsError {
    let message = format!("Error reason: {reason}, field: {field}, parameter: {parameter}");
    AwsError::bad("WAFInvalidParameterException", message)
        .field("Field", field)
        .field("Parameter", parameter)
        .field("Reason", reason)
}

fn nonexistent() -> AwsError {
    let message = "AWS WAF couldn\u{2019}t perform the operation because your resource doesn\u{2019}t exist.";
    AwsError::bad("WAFNonexistentItemException", message)
}

/// One page of `Limit` items, 100 unless stated, and the marker of the next.
fn page(request: &Request, items: Vec<Value>) -> Result<(Vec<Value>, Option<String>), AwsError> {
    let limit = request.integer("Limit").unwrap_or(100);
    if !(1..=100).contains(&limit) {
        let message = format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100"
        );
        return Err(AwsError::bad("ValidationException", message));
    }
    slice(&request.operation, items, request.text("NextMarker"), usize::try_from(limit).unwrap_or(1))
        .ok_or_else(|| invalid("The marker is not valid.", "NEXT_MARKER", "NextMarker"))
}
