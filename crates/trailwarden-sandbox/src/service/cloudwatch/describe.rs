//! `DescribeAlarms` and `DescribeAlarmsForMetric`.

use serde_json::{Map, Value, json};

use super::{alarm_names, constraint, own, validation};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::service::json::answer;
use crate::service::page::slice;
use crate::world::World;
use crate::world::cloudwatch::{Alarm, Dimension, MetricSettings, Watches};

/// How many alarms a page holds when the caller names no number.
const PAGE: i64 = 50;
const TYPES: &[&str] = &["CompositeAlarm", "LogAlarm", "MetricAlarm"];
const STATES: &[&str] = &["OK", "ALARM", "INSUFFICIENT_DATA"];

/// `DescribeAlarms`: metric alarms, unless types are named.
pub fn all(request: &Request, world: &World) -> Result<Reply, AwsError> {
    if ["ChildrenOfAlarmName", "ParentsOfAlarmName"].iter().any(|member| request.text(member).is_some()) {
        return Err(request.not_implemented("cloudwatch (parents and children of alarms)"));
    }
    let names = if request.texts("AlarmNames").is_empty() { Vec::new() } else { alarm_names(request)? };
    let prefix = request.text("AlarmNamePrefix");
    if prefix.is_some() && !names.is_empty() {
        return Err(validation("AlarmNames and AlarmNamePrefix cannot be combined."));
    }
    let mut types = request.texts("AlarmTypes");
    if let Some(unknown) = types.iter().find(|kind| !TYPES.contains(&kind.as_str())) {
        return Err(constraint(unknown, "alarmTypes", &format!("satisfy enum value set: [{}]", TYPES.join(", "))));
    }
    if types.is_empty() {
        types.push("MetricAlarm".to_owned());
    }
    let state = request.text("StateValue");
    if state.is_some_and(|state| !STATES.contains(&state)) {
        let state = state.unwrap_or_default();
        return Err(constraint(state, "stateValue", &format!("satisfy enum value set: [{}]", STATES.join(", "))));
    }
    let action = request.text("ActionPrefix");
    let is_wanted = |alarm: &&Alarm| {
        types.iter().any(|wanted| wanted == kind(alarm))
            && (names.is_empty() || names.contains(&alarm.name))
            && prefix.is_none_or(|prefix| alarm.name.starts_with(prefix))
            && state.is_none_or(|state| alarm.state == state)
            && action.is_none_or(|prefix| alarm.actions().any(|action| action.starts_with(prefix)))
    };
    let found: Vec<&Alarm> = own(request, world).into_iter().filter(is_wanted).collect();
    let (page, next) = page(request, found)?;
    let of = |wanted: &str| -> Vec<Value> {
        page.iter().filter(|alarm| kind(alarm) == wanted).map(|alarm| show(request, world, alarm)).collect()
    };
    Ok(answer(json!({ "MetricAlarms": of("MetricAlarm"), "CompositeAlarms": of("CompositeAlarm"), "NextToken": next })))
}

fn page<'w>(request: &Request, found: Vec<&'w Alarm>) -> Result<(Vec<&'w Alarm>, Option<String>), AwsError> {
    let most = request.integer("MaxRecords").unwrap_or(PAGE);
    if !(1..=100).contains(&most) {
        return Err(constraint(most, "maxRecords", "have value between 1 and 100"));
    }
    let most = usize::try_from(most).unwrap_or(1);
    slice(&request.operation, found, request.text("NextToken"), most)
        .ok_or_else(|| AwsError::bad("InvalidNextToken", "The next token is invalid."))
}

fn kind(alarm: &Alarm) -> &'static str {
    match alarm.watches {
        Watches::Metric(_) => "MetricAlarm",
        Watches::Rule(_) => "CompositeAlarm",
    }
}

fn show(request: &Request, world: &World, alarm: &Alarm) -> Value {
    let updated = alarm.updated.by(request.now).as_millisecond() as f64 / 1000.0;
    let reason = if alarm.state == "INSUFFICIENT_DATA" { "Unchecked: Initial alarm creation" } else { "Evaluated" };
    let mut shown = json!({
        "AlarmName": alarm.name,
        "AlarmArn": alarm.arn(world.partition_id(), &request.caller.account),
        "AlarmDescription": alarm.description,
        "AlarmConfigurationUpdatedTimestamp": updated,
        "ActionsEnabled": alarm.actions_enabled,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "StateValue": alarm.state,
        "StateReason": reason,
        "StateUpdatedTimestamp": updated,
        "StateTransitionedTimestamp": updated,
    });
    let watched = match &alarm.watches {
        Watches::Metric(settings) => serde_json::to_value(settings).unwrap_or_default(),
        Watches::Rule(rule) => json!({ "AlarmRule": rule }),
    };
    if let (Some(members), Value::Object(watched)) = (shown.as_object_mut(), watched) {
        members.extend(watched.into_iter().collect::<Map<_, _>>());
    }
    shown
}

/// `DescribeAlarmsForMetric`: alarms on exactly this metric and these dimensions; metric math is not looked into.
pub fn of_metric(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let required = |member: &str| {
        let text = request.text(member).filter(|text| !text.is_empty());
        text.ok_or_else(|| constraint("null", member, "not be null"))
    };
    let (name, namespace) = (required("MetricName")?, required("Namespace")?);
    let dimensions = request.input.get("Dimensions").cloned().unwrap_or_else(|| json!([]));
    let dimensions: Vec<Dimension> = serde_json::from_value(dimensions)
        .map_err(|error| AwsError::bad("SerializationException", error.to_string()))?;
    let same =
        |wanted: Option<&str>, held: &Option<String>| wanted.is_none_or(|wanted| held.as_deref() == Some(wanted));
    let is_on = |settings: &MetricSettings| {
        settings.metric_name.as_deref() == Some(name)
            && settings.namespace.as_deref() == Some(namespace)
            && sorted(&settings.dimensions) == sorted(&dimensions)
            && same(request.text("Statistic"), &settings.statistic)
            && same(request.text("ExtendedStatistic"), &settings.extended_statistic)
            && same(request.text("Unit"), &settings.unit)
            && request.integer("Period").is_none_or(|period| settings.period == Some(period))
    };
    let found = own(request, world).into_iter().filter(|alarm| match &alarm.watches {
        Watches::Metric(settings) => is_on(settings),
        Watches::Rule(_) => false,
    });
    let shown: Vec<Value> = found.map(|alarm| show(request, world, alarm)).collect();
    Ok(answer(json!({ "MetricAlarms": shown })))
}

fn sorted(dimensions: &[Dimension]) -> Vec<&Dimension> {
    let mut sorted: Vec<&Dimension> = dimensions.iter().collect();
    sorted.sort();
    sorted
}
