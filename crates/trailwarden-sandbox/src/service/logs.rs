//! CloudWatch Logs: log groups with retention, key and class, metric filters, streams, account policies.

use serde_json::{Value, json};
use trailwarden_model::ids::Arn;

use super::json::answer;
use super::page::slice;
use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::logs::LogGroup;

mod filters;
mod groups;
mod pattern;
mod policies;
mod streams;
mod tags;

#[cfg(test)]
mod tests;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "logs",
    wire: Wire::Json("Logs_20140328"),
    denied: "AccessDeniedException",
    route: no_route,
    access,
    handle,
};

/// The log group's name, from a name or an ARN.
fn named(request: &Request) -> Option<String> {
    let members = ["logGroupName", "logGroupIdentifier", "resourceIdentifier", "resourceArn"];
    let text = members.iter().find_map(|member| request.text(member))?;
    match text.parse::<Arn>() {
        Ok(arn) => arn.resource().strip_prefix("log-group:").map(|name| name.trim_end_matches(":*").to_owned()),
        Err(_) => Some(text.to_owned()),
    }
}

fn access(request: &Request, world: &World) -> Access {
    let action = format!("logs:{}", request.operation);
    let prefix = format!("arn:{}:logs:{}:{}:log-group:", world.partition_id(), request.region, request.caller.account);
    match (request.operation.as_str(), named(request)) {
        ("DescribeLogGroups", _) => Access::on(action, prefix),
        ("CreateLogGroup", Some(name)) => {
            let is_tagged = request.input.get("tags").and_then(Value::as_object).is_some_and(|tags| !tags.is_empty());
            let tagging = Access::on("logs:TagResource", format!("{prefix}{name}"));
            Access::on(action, format!("{prefix}{name}:*")).and(is_tagged.then_some(tagging))
        }
        ("CreateLogStream", Some(name)) => {
            let stream = request.text("logStreamName").unwrap_or_default();
            Access::on(action, format!("{prefix}{name}:log-stream:{stream}"))
        }
        // IAM names the tag resources without the `:*` of the group's own operations.
        ("TagResource" | "UntagResource" | "ListTagsForResource", Some(name)) => {
            Access::on(action, format!("{prefix}{name}"))
        }
        (_, Some(name)) => Access::on(action, format!("{prefix}{name}:*")),
        (_, None) => Access::on(action, "*"),
    }
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let value = match request.operation.as_str() {
        "CreateLogGroup" => groups::create(request, world)?,
        "DeleteLogGroup" => groups::delete(request, world)?,
        "DescribeLogGroups" => groups::describe(request, world)?,
        "PutRetentionPolicy" => groups::put_retention(request, world)?,
        "DeleteRetentionPolicy" => groups::set(request, world, |group| group.retention_days = None)?,
        "AssociateKmsKey" => groups::associate_key(request, world)?,
        "DisassociateKmsKey" => groups::set(request, world, |group| group.kms_key = None)?,
        "PutMetricFilter" => filters::put(request, world)?,
        "DescribeMetricFilters" => filters::describe(request, world)?,
        "DeleteMetricFilter" => filters::delete(request, world)?,
        "CreateLogStream" => streams::create(request, world)?,
        "DescribeLogStreams" => streams::describe(request, world)?,
        "DescribeAccountPolicies" => policies::describe(request, world)?,
        "PutAccountPolicy" => policies::put(request, world)?,
        "DeleteAccountPolicy" => policies::delete(request, world)?,
        "TagResource" | "UntagResource" => tags::change(request, world)?,
        "ListTagsForResource" | "ListTagsLogGroup" => tags::list(request, world)?,
        _ => return Err(request.not_implemented("logs")),
    };
    Ok(answer(value))
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::bad("InvalidParameterException", message)
}

fn no_group() -> AwsError {
    AwsError::bad("ResourceNotFoundException", "The specified log group does not exist.")
}

/// The caller's log groups in the region called.
fn own<'w>(request: &'w Request, world: &'w World) -> impl Iterator<Item = &'w LogGroup> {
    let groups = world.logs.get(&request.caller.account).map(|held| held.groups.as_slice()).unwrap_or_default();
    groups.iter().filter(|group| group.region == request.region)
}

/// The log group that the request names.
fn group<'w>(request: &'w Request, world: &'w World) -> Result<&'w LogGroup, AwsError> {
    let name = named(request).ok_or_else(|| invalid("The log group must be named."))?;
    own(request, world).find(|group| group.name == name).ok_or_else(no_group)
}

/// The log group that the request names, to change it.
fn group_mut<'w>(request: &Request, world: &'w mut World) -> Result<&'w mut LogGroup, AwsError> {
    let name = named(request).ok_or_else(|| invalid("The log group must be named."))?;
    let groups = world.logs.get_mut(&request.caller.account).map(|held| held.groups.as_mut_slice());
    let mut groups = groups.unwrap_or_default().iter_mut();
    groups.find(|group| group.name == name && group.region == request.region).ok_or_else(no_group)
}

/// One page: 1 to 50 items unless the operation takes more.
fn paged(request: &Request, items: Vec<Value>, member: &str) -> Result<Value, AwsError> {
    let limit = request.integer("limit").unwrap_or(50);
    if !(1..=50).contains(&limit) {
        let message = format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and 50"
        );
        return Err(invalid(message));
    }
    let (items, next) =
        slice(&request.operation, items, request.text("nextToken"), usize::try_from(limit).unwrap_or(1))
            .ok_or_else(|| invalid("The specified nextToken is invalid."))?;
    Ok(json!({ member: items, "nextToken": next }))
}
