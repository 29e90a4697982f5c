//! Logging configurations: one destination for each web ACL, under a name that says what it is for.

use serde_json::{Value, json};
use trailwarden_model::ids::Arn;

use super::{invalid, is_cloudfront, nonexistent, own};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::waf::WebAcl;

/// What the names of log destinations begin with.
const NAME_PREFIX: &str = "aws-waf-logs-";

fn show(arn: &str, acl: &WebAcl) -> Value {
    json!({
        "ResourceArn": arn,
        "LogDestinationConfigs": acl.log_destinations,
        "ManagedByFirewallManager": false,
        "LogType": "WAF_LOGS",
        "LogScope": "CUSTOMER",
    })
}

/// `ListLoggingConfigurations` of a scope.
pub fn list(request: &Request, world: &World) -> Result<Value, AwsError> {
    let of_customer = request.text("LogScope").is_none_or(|scope| scope == "CUSTOMER");
    let held = own(request, world, is_cloudfront(request, world)?).into_iter();
    let logged = held.filter(|acl| of_customer && !acl.log_destinations.is_empty());
    let (partition, account) = (world.partition_id(), &request.caller.account);
    let (items, next) = super::page(request, logged.map(|acl| show(&acl.arn(partition, account), acl)).collect())?;
    Ok(json!({ "LoggingConfigurations": items, "NextMarker": next }))
}

/// The index of the web ACL with this ARN among the caller's.
fn find(request: &Request, world: &World, arn: &str) -> Result<usize, AwsError> {
    let parsed: Arn = arn.parse().map_err(|_| bad_arn(arn))?;
    if parsed.service() != "wafv2" || parsed.region().as_ref() != Some(&request.region) {
        return Err(bad_arn(arn));
    }
    let account = &request.caller.account;
    let held = world.waf.get(account).map(|held| held.web_acls.as_slice()).unwrap_or_default();
    held.iter().position(|acl| acl.arn(world.partition_id(), account) == arn).ok_or_else(nonexistent)
}

fn bad_arn(arn: &str) -> AwsError {
    let reason = "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes.";
    invalid(reason, "RESOURCE_ARN", arn)
}

fn held_at<'w>(request: &Request, world: &'w mut World, index: usize) -> Result<&'w mut WebAcl, AwsError> {
    let held = world.waf.get_mut(&request.caller.account);
    held.and_then(|held| held.web_acls.get_mut(index)).ok_or_else(nonexistent)
}

/// `GetLoggingConfiguration`: a web ACL without one does not exist for this operation.
pub fn get(request: &Request, world: &World) -> Result<Value, AwsError> {
    let arn = request.text("ResourceArn").unwrap_or_default();
    let index = find(request, world, arn)?;
    let acl = world.waf.get(&request.caller.account).and_then(|held| held.web_acls.get(index));
    let acl = acl.filter(|acl| !acl.log_destinations.is_empty()).ok_or_else(nonexistent)?;
    Ok(json!({ "LoggingConfiguration": show(arn, acl) }))
}

/// `PutLoggingConfiguration`: replaces the one there is.
pub fn put(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let sent = request.input.get("LoggingConfiguration").cloned().unwrap_or_default();
    let arn = sent.get("ResourceArn").and_then(Value::as_str).unwrap_or_default();
    let index = find(request, world, arn)?;
    let destinations = sent.get("LogDestinationConfigs").and_then(Value::as_array).map(Vec::as_slice);
    let [destination] = destinations.unwrap_or_default() else {
        let reason = "You have used none or multiple values for a field that requires exactly one value.";
        return Err(invalid(reason, "LOG_DESTINATION", "LogDestinationConfigs"));
    };
    let destination = destination.as_str().unwrap_or_default().to_owned();
    check_destination(request, world, &destination)?;
    let token = world.uuid();
    let acl = held_at(request, world, index)?;
    acl.log_destinations = vec![destination];
    acl.lock_token = token;
    Ok(json!({ "LoggingConfiguration": show(arn, acl) }))
}

/// A bucket, log group or delivery stream with the right name; buckets and log groups must exist.
fn check_destination(request: &Request, world: &World, destination: &str) -> Result<(), AwsError> {
    let wrong = || {
        let reason = "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes.";
        invalid(reason, "LOG_DESTINATION", destination)
    };
    let arn: Arn = destination.parse().map_err(|_| wrong())?;
    let resource = arn.resource();
    let (name, exists) = match arn.service() {
        "s3" => (resource, world.bucket(resource).is_some()),
        "logs" => {
            let name = resource.strip_prefix("log-group:").map(|name| name.trim_end_matches(":*")).ok_or_else(wrong)?;
            let groups = world.logs.get(&request.caller.account).map(|held| held.groups.as_slice()).unwrap_or_default();
            (name, groups.iter().any(|group| group.name == name && group.region == request.region))
        }
        "firehose" => (resource.strip_prefix("deliverystream/").ok_or_else(wrong)?, true),
        _ => return Err(wrong()),
    };
    if !name.starts_with(NAME_PREFIX) {
        return Err(wrong());
    }
    if !exists {
        let message = "Unable to deliver logs to the configured destination. You might need to grant log delivery permissions for the destination.";
        return Err(AwsError::bad("WAFLogDestinationPermissionIssueException", message));
    }
    Ok(())
}

/// `DeleteLoggingConfiguration`.
pub fn delete(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let index = find(request, world, request.text("ResourceArn").unwrap_or_default())?;
    let acl = held_at(request, world, index)?;
    if acl.log_destinations.is_empty() {
        return Err(nonexistent());
    }
    acl.log_destinations.clear();
    Ok(json!({}))
}
