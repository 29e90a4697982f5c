//! Targets of rules.

use serde_json::{Value, json};
use trailwarden_model::ids::Arn;

use super::{on_default_bus, own, paged, rule_mut, rule_name, validation};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;

/// The most targets of one rule.
const MOST: usize = 5;

/// `PutTargets`: makes or replaces by id.
pub fn put(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let given = request.input.get("Targets").and_then(Value::as_array).filter(|targets| !targets.is_empty());
    let given = given.ok_or_else(|| validation("Targets must not be empty."))?;
    let mut targets = Vec::new();
    for target in given {
        let text = |member: &str| target.get(member).and_then(Value::as_str);
        let id = text("Id").filter(|id| (1..=64).contains(&id.len()));
        let id = id.ok_or_else(|| validation("A target needs an Id of 1 to 64 characters."))?;
        let arn = text("Arn").unwrap_or_default();
        if arn.parse::<Arn>().is_err() {
            let reason = "Provided Arn is not in correct format.";
            return Err(validation(format!("Parameter {arn} is not valid. Reason: {reason}")));
        }
        let mut kept = target.clone();
        if let Some(members) = kept.as_object_mut() {
            members.remove("Id");
        }
        targets.push((id.to_owned(), kept));
    }
    let rule = rule_mut(request, world, "Rule")?;
    let mut all = rule.targets.clone();
    all.extend(targets);
    if all.len() > MOST {
        return Err(AwsError::bad(
            "LimitExceededException",
            "The requested resource exceeds the maximum number allowed.",
        ));
    }
    rule.targets = all;
    Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
}

/// `RemoveTargets`: ids that are not there fail one by one.
pub fn remove(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let ids = request.texts("Ids");
    if ids.is_empty() {
        return Err(validation("Ids must not be empty."));
    }
    let rule = rule_mut(request, world, "Rule")?;
    let mut failed = Vec::new();
    for id in ids {
        if rule.targets.remove(&id).is_none() {
            failed.push(json!({
                "TargetId": id,
                "ErrorCode": "ResourceNotFoundException",
                "ErrorMessage": format!("Target {id} does not exist on rule {}.", rule.name),
            }));
        }
    }
    Ok(json!({ "FailedEntryCount": failed.len(), "FailedEntries": failed }))
}

/// `ListTargetsByRule`.
pub fn list(request: &Request, world: &World) -> Result<Value, AwsError> {
    on_default_bus(request)?;
    let name = rule_name(request, "Rule")?;
    let found = own(request, world).into_iter().find(|rule| rule.name == name).ok_or_else(|| super::no_rule(name))?;
    let show = |(id, target): (&String, &Value)| {
        let mut shown = target.clone();
        if let Some(members) = shown.as_object_mut() {
            members.insert("Id".to_owned(), json!(id));
        }
        shown
    };
    paged(request, found.targets.iter().map(show).collect(), "Targets")
}
