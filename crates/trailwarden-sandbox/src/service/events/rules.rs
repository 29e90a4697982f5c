//! Rules themselves.

use serde_json::{Value, json};

use super::{on_default_bus, own, paged, pattern, rule_mut, rule_name, schedule, validation};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::events::Rule;

/// The most rules of one bus.
const MOST: usize = 300;
const STATES: &[&str] = &["ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "DISABLED"];

/// `PutRule`: makes or replaces; targets stay.
pub fn put(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    on_default_bus(request)?;
    let name = rule_name(request, "Name")?;
    let given = |member: &str| request.text(member).filter(|text| !text.is_empty()).map(str::to_owned);
    let (event_pattern, expression) = (given("EventPattern"), given("ScheduleExpression"));
    if event_pattern.is_none() && expression.is_none() {
        return Err(validation("Parameter(s) EventPattern or ScheduleExpression must be specified."));
    }
    if let Some(text) = &event_pattern {
        pattern::check(text)?;
    }
    if !expression.as_deref().is_none_or(schedule::is_valid) {
        return Err(validation("Parameter ScheduleExpression is not valid."));
    }
    let state = request.text("State").unwrap_or("ENABLED");
    if !STATES.contains(&state) {
        return Err(validation(format!(
            "1 validation error detected: Value '{state}' at 'state' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
            STATES.join(", ")
        )));
    }
    let held = own(request, world);
    let targets = held.iter().find(|rule| rule.name == name).map(|rule| rule.targets.clone());
    if targets.is_none() && held.len() >= MOST {
        return Err(AwsError::bad(
            "LimitExceededException",
            "The requested resource exceeds the maximum number allowed.",
        ));
    }
    let rule = Rule {
        name: name.to_owned(),
        region: request.region.clone(),
        pattern: event_pattern,
        schedule: expression,
        state: state.to_owned(),
        description: given("Description"),
        role: given("RoleArn"),
        targets: targets.unwrap_or_default(),
    };
    let arn = rule.arn(world.partition_id(), &request.caller.account);
    remove(request, world, name);
    world.events.entry(request.caller.account.clone()).or_default().rules.push(rule);
    Ok(json!({ "RuleArn": arn }))
}

fn remove(request: &Request, world: &mut World, name: &str) {
    if let Some(held) = world.events.get_mut(&request.caller.account) {
        held.rules.retain(|rule| rule.name != name || rule.region != request.region);
    }
}

fn show(request: &Request, world: &World, rule: &Rule) -> Value {
    json!({
        "Name": rule.name,
        "Arn": rule.arn(world.partition_id(), &request.caller.account),
        "EventPattern": rule.pattern,
        "ScheduleExpression": rule.schedule,
        "State": rule.state,
        "Description": rule.description,
        "RoleArn": rule.role,
        "EventBusName": super::DEFAULT_BUS,
    })
}

/// `ListRules`, by prefix.
pub fn list(request: &Request, world: &World) -> Result<Value, AwsError> {
    on_default_bus(request)?;
    let prefix = request.text("NamePrefix").unwrap_or_default();
    let rules = own(request, world).into_iter().filter(|rule| rule.name.starts_with(prefix));
    paged(request, rules.map(|rule| show(request, world, rule)).collect(), "Rules")
}

/// `DescribeRule`.
pub fn describe(request: &Request, world: &World) -> Result<Value, AwsError> {
    on_default_bus(request)?;
    let name = rule_name(request, "Name")?;
    let found = own(request, world).into_iter().find(|rule| rule.name == name);
    let mut shown = show(request, world, found.ok_or_else(|| super::no_rule(name))?);
    if let Some(members) = shown.as_object_mut() {
        members.insert("CreatedBy".to_owned(), json!(request.caller.account));
    }
    Ok(shown)
}

/// `EnableRule` and `DisableRule`.
pub fn set_state(request: &Request, world: &mut World, state: &str) -> Result<Value, AwsError> {
    rule_mut(request, world, "Name")?.state = state.to_owned();
    Ok(json!({}))
}

/// `DeleteRule`, once it has no targets; deleting none is no error.
pub fn delete(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    on_default_bus(request)?;
    let name = rule_name(request, "Name")?;
    if own(request, world).iter().any(|rule| rule.name == name && !rule.targets.is_empty()) {
        return Err(validation("Rule can't be deleted since it has targets."));
    }
    remove(request, world, name);
    Ok(json!({}))
}
