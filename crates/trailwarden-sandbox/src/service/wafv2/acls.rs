//! Web ACLs, without their rules: enough to plant, list and remove them.

use serde_json::{Value, json};

use super::{invalid, is_cloudfront, nonexistent, own};
use crate::error::AwsError;
use crate::request::Request;
use crate::service::page::slice;
use crate::world::World;
use crate::world::waf::WebAcl;

/// Web ACLs of one account in one region.
const MOST: usize = 100;

fn summary(request: &Request, world: &World, acl: &WebAcl) -> Value {
    json!({
        "Name": acl.name,
        "Id": acl.id,
        "Description": acl.description,
        "LockToken": acl.lock_token,
        "ARN": acl.arn(world.partition_id(), &request.caller.account),
    })
}

/// `ListWebACLs`: a page that holds anything has a marker, so that the last page is an empty one.
pub fn list(request: &Request, world: &World) -> Result<Value, AwsError> {
    let held = own(request, world, is_cloudfront(request, world)?);
    let shown: Vec<Value> = held.into_iter().map(|acl| summary(request, world, acl)).collect();
    let end = shown.len();
    let (items, next) = super::page(request, shown)?;
    let after_last = || slice(&request.operation, vec![(); end + 1], None, end).and_then(|(_, token)| token);
    let next = if items.is_empty() { None } else { next.or_else(after_last) };
    Ok(json!({ "WebACLs": items, "NextMarker": next }))
}

/// The web ACL that `Name`, `Scope` and `Id` say.
fn named<'w>(request: &Request, world: &'w World) -> Result<&'w WebAcl, AwsError> {
    let (name, id) = (request.text("Name").unwrap_or_default(), request.text("Id").unwrap_or_default());
    let held = own(request, world, is_cloudfront(request, world)?);
    held.into_iter().find(|acl| acl.name == name && acl.id == id).ok_or_else(nonexistent)
}

/// `GetWebACL`.
pub fn get(request: &Request, world: &World) -> Result<Value, AwsError> {
    let acl = named(request, world)?;
    let shown = json!({
        "Name": acl.name,
        "Id": acl.id,
        "ARN": acl.arn(world.partition_id(), &request.caller.account),
        "Description": acl.description,
        "DefaultAction": { "Allow": {} },
        "Rules": [],
        "VisibilityConfig": { "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": acl.name },
        "Capacity": 0,
        "ManagedByFirewallManager": false,
    });
    Ok(json!({ "WebACL": shown, "LockToken": acl.lock_token }))
}

/// `CreateWebACL`. Rules would change what the sandbox cannot show, so they are refused.
pub fn create(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let cloudfront = is_cloudfront(request, world)?;
    let name = request.text("Name").unwrap_or_default().to_owned();
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if !(1..=128).contains(&name.len()) || !name.chars().all(fits) {
        return Err(invalid("The name is not valid.", "NAME", &name));
    }
    for required in ["DefaultAction", "VisibilityConfig"] {
        if !request.input.get(required).is_some_and(Value::is_object) {
            return Err(invalid(
                "You have used none or multiple values for a field that requires exactly one value.",
                "DEFAULT_ACTION",
                required,
            ));
        }
    }
    if request.input.get("Rules").and_then(Value::as_array).is_some_and(|rules| !rules.is_empty()) {
        return Err(request.not_implemented("wafv2 (rules)"));
    }
    let held = own(request, world, cloudfront);
    if held.iter().any(|acl| acl.name == name) {
        let message = "AWS WAF couldn\u{2019}t perform the operation because some resource in your request is a duplicate of an existing one.";
        return Err(AwsError::bad("WAFDuplicateItemException", message));
    }
    if held.len() >= MOST {
        let message = "AWS WAF couldn\u{2019}t perform the operation because you exceeded your resource limit.";
        return Err(AwsError::bad("WAFLimitsExceededException", message));
    }
    let acl = WebAcl {
        id: world.uuid(),
        name,
        region: request.region.clone(),
        cloudfront,
        description: request.text("Description").unwrap_or_default().to_owned(),
        lock_token: world.uuid(),
        log_destinations: Vec::new(),
    };
    let shown = summary(request, world, &acl);
    world.waf.entry(request.caller.account.clone()).or_default().web_acls.push(acl);
    Ok(json!({ "Summary": shown }))
}

/// `DeleteWebACL`, with its logging configuration.
pub fn delete(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let acl = named(request, world)?;
    if request.text("LockToken") != Some(acl.lock_token.as_str()) {
        let message = "AWS WAF couldn\u{2019}t save your changes because someone changed the resource after you started to edit it.";
        return Err(AwsError::bad("WAFOptimisticLockException", message));
    }
    let id = acl.id.clone();
    world.waf.entry(request.caller.account.clone()).or_default().web_acls.retain(|acl| acl.id != id);
    Ok(json!({}))
}
