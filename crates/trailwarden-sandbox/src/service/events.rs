//! EventBridge: rules of the default bus and their targets. There is no other bus.

use serde_json::{Value, json};
use trailwarden_model::ids::Arn;

use super::json::answer;
use super::page::slice;
use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::events::Rule;

mod pattern;
mod rules;
mod schedule;
mod targets;

#[cfg(test)]
mod tests;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "events",
    wire: Wire::Json("AWSEvents"),
    denied: "AccessDeniedException",
    route: no_route,
    access,
    handle,
};

/// The name of the one bus.
const DEFAULT_BUS: &str = "default";

fn access(request: &Request, world: &World) -> Access {
    let name = request.text("Name").or_else(|| request.text("Rule"));
    let Some(name) = name else { return Access::any("events", request) };
    let (partition, account, region) = (world.partition_id(), &request.caller.account, &request.region);
    let bus = bus_name(request).filter(|bus| bus != DEFAULT_BUS).map(|bus| format!("{bus}/")).unwrap_or_default();
    let arn = format!("arn:{partition}:events:{region}:{account}:rule/{bus}{name}");
    Access::on(format!("events:{}", request.operation), arn)
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let value = match request.operation.as_str() {
        "PutRule" => rules::put(request, world)?,
        "ListRules" => rules::list(request, world)?,
        "DescribeRule" => rules::describe(request, world)?,
        "EnableRule" => rules::set_state(request, world, "ENABLED")?,
        "DisableRule" => rules::set_state(request, world, "DISABLED")?,
        "DeleteRule" => rules::delete(request, world)?,
        "PutTargets" => targets::put(request, world)?,
        "RemoveTargets" => targets::remove(request, world)?,
        "ListTargetsByRule" => targets::list(request, world)?,
        _ => return Err(request.not_implemented("events")),
    };
    Ok(answer(value))
}

fn validation(message: impl Into<String>) -> AwsError {
    AwsError::bad("ValidationException", message)
}

/// The bus that the request names, from its name or ARN.
fn bus_name(request: &Request) -> Option<String> {
    let text = request.text("EventBusName")?;
    Some(match text.parse::<Arn>() {
        Ok(arn) => arn.resource().trim_start_matches("event-bus/").to_owned(),
        Err(_) => text.to_owned(),
    })
}

/// Refuses buses that do not exist: all but the default one.
fn on_default_bus(request: &Request) -> Result<(), AwsError> {
    match bus_name(request) {
        Some(bus) if bus != DEFAULT_BUS => {
            Err(AwsError::bad("ResourceNotFoundException", format!("Event bus {bus} does not exist.")))
        }
        _ => Ok(()),
    }
}

/// A name of 1 to 64 letters, digits and `.-_`.
fn rule_name<'r>(request: &'r Request, member: &str) -> Result<&'r str, AwsError> {
    let name = request.text(member).unwrap_or_default();
    let fits = (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
    let message = || {
        let place =
            format!("{}{}", member.chars().next().unwrap_or_default().to_lowercase(), member.get(1..).unwrap_or(""));
        format!(
            "1 validation error detected: Value '{name}' at '{place}' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"
        )
    };
    fits.then_some(name).ok_or_else(|| validation(message()))
}

fn no_rule(name: &str) -> AwsError {
    AwsError::bad("ResourceNotFoundException", format!("Rule {name} does not exist on EventBus {DEFAULT_BUS}."))
}

/// The caller's rules in the region called, in order of names.
fn own<'w>(request: &Request, world: &'w World) -> Vec<&'w Rule> {
    let held = world.events.get(&request.caller.account).map(|held| held.rules.as_slice()).unwrap_or_default();
    let mut rules: Vec<&Rule> = held.iter().filter(|rule| rule.region == request.region).collect();
    rules.sort_by(|a, b| a.name.cmp(&b.name));
    rules
}

/// The rule that the member names, to change it.
fn rule_mut<'w>(request: &Request, world: &'w mut World, member: &str) -> Result<&'w mut Rule, AwsError> {
    on_default_bus(request)?;
    let name = rule_name(request, member)?;
    let held = world.events.get_mut(&request.caller.account).map(|held| held.rules.as_mut_slice());
    let mut rules = held.unwrap_or_default().iter_mut();
    rules.find(|rule| rule.name == name && rule.region == request.region).ok_or_else(|| no_rule(name))
}

/// One page of at most `Limit` items, 1 to 100.
fn paged(request: &Request, items: Vec<Value>, member: &str) -> Result<Value, AwsError> {
    let limit = request.integer("Limit").unwrap_or(100);
    if !(1..=100).contains(&limit) {
        return Err(validation(format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100"
        )));
    }
    let most = usize::try_from(limit).unwrap_or(1);
    let (items, next) = slice(&request.operation, items, request.text("NextToken"), most)
        .ok_or_else(|| validation("The token is invalid."))?;
    Ok(json!({ member: items, "NextToken": next }))
}
