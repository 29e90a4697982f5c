//! `PutMetricAlarm` and `PutCompositeAlarm`: make or replace; the state of a replaced alarm stays.

use std::collections::BTreeMap;

use serde_json::Value;
use trailwarden_model::ids::Arn;

use super::{constraint, own, rule, settings, validation};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::cloudwatch::{Alarm, Watches};
use crate::world::when::When;

/// The most actions for one state.
const MOST_ACTIONS: usize = 5;
/// The most alarms that a composite alarm watches.
const MOST_CHILDREN: usize = 100;
/// The longest rule, in characters.
const LONGEST_RULE: usize = 10_240;

/// `PutMetricAlarm`.
pub fn metric(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let watches = Watches::Metric(Box::new(settings::read(request)?));
    put(request, world, watches)
}

/// `PutCompositeAlarm`: every alarm of its rule must exist, and none may be itself.
pub fn composite(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    if request.input.get("ActionsSuppressor").is_some() {
        return Err(request.not_implemented("cloudwatch (suppressed actions)"));
    }
    let text = request.text("AlarmRule").unwrap_or_default();
    if text.is_empty() || text.chars().count() > LONGEST_RULE {
        return Err(constraint(text, "alarmRule", "have length between 1 and 10240"));
    }
    let children = rule::alarms(text).ok_or_else(|| validation("AlarmRule must not contain invalid syntax."))?;
    if children.len() > MOST_CHILDREN {
        return Err(validation(format!("AlarmRule must not have more than {MOST_CHILDREN} alarms.")));
    }
    let name = request.text("AlarmName").unwrap_or_default();
    let known = own(request, world);
    let is_known = |child: &str| child != name && known.iter().any(|alarm| alarm.name == child);
    let missing: Vec<&str> = children.iter().map(|child| short(child)).filter(|child| !is_known(child)).collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Err(validation(format!(
            "Could not save the composite alarm as alarms [{missing}] in the alarm rule do not exist"
        )));
    }
    put(request, world, Watches::Rule(text.to_owned()))
}

/// The name of an alarm that a rule gives by name or ARN.
pub fn short(child: &str) -> &str {
    child.split_once(":alarm:").filter(|_| child.starts_with("arn:")).map_or(child, |(_, name)| name)
}

fn put(request: &Request, world: &mut World, watches: Watches) -> Result<Reply, AwsError> {
    let name = request.text("AlarmName").unwrap_or_default();
    if !(1..=255).contains(&name.chars().count()) {
        return Err(constraint(name, "alarmName", "have length between 1 and 255"));
    }
    let held = own(request, world).into_iter().find(|alarm| alarm.name == name);
    let is_metric = |watches: &Watches| matches!(watches, Watches::Metric(_));
    if held.is_some_and(|held| is_metric(&held.watches) != is_metric(&watches)) {
        return Err(validation(format!("An alarm of another type is named {name}.")));
    }
    let alarm = Alarm {
        name: name.to_owned(),
        region: request.region.clone(),
        description: request.text("AlarmDescription").map(str::to_owned),
        actions_enabled: request.flag("ActionsEnabled").unwrap_or(true),
        alarm_actions: actions(request, "AlarmActions")?,
        ok_actions: actions(request, "OKActions")?,
        insufficient_data_actions: actions(request, "InsufficientDataActions")?,
        state: held.map_or_else(|| "INSUFFICIENT_DATA".to_owned(), |held| held.state.clone()),
        updated: When::At(request.now),
        tags: held.map_or_else(|| tags(request), |held| held.tags.clone()),
        watches,
    };
    let alarms = &mut world.cloudwatch.entry(request.caller.account.clone()).or_default().alarms;
    alarms.retain(|held| held.name != alarm.name || held.region != alarm.region);
    alarms.push(alarm);
    Ok(Reply::empty())
}

/// The actions of one state: ARNs, those of topics in the alarm's own region. Nothing says that they exist.
fn actions(request: &Request, member: &str) -> Result<Vec<String>, AwsError> {
    let actions = request.texts(member);
    if actions.len() > MOST_ACTIONS {
        return Err(constraint(Value::from(actions), member, "have length less than or equal to 5"));
    }
    for action in &actions {
        let Ok(arn) = action.parse::<Arn>() else {
            return Err(validation(format!("Invalid arn syntax: {action}")));
        };
        let elsewhere = arn.region().filter(|region| arn.service() == "sns" && *region != request.region);
        if let Some(region) = elsewhere {
            let here = &request.region;
            return Err(validation(format!("Invalid region {region} specified. Only {here} is supported.")));
        }
    }
    Ok(actions)
}

fn tags(request: &Request) -> BTreeMap<String, String> {
    let tags = request.input.get("Tags").and_then(Value::as_array).into_iter().flatten();
    let text = |tag: &Value, member: &str| tag.get(member).and_then(Value::as_str).map(str::to_owned);
    tags.filter_map(|tag| text(tag, "Key").zip(text(tag, "Value"))).collect()
}
