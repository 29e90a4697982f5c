//! CloudWatch alarms: on metrics and on other alarms. There are no metrics: an alarm stays in the state it has.

use serde_json::Value;

use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::cloudwatch::Alarm;

mod describe;
mod input;
mod put;
mod rule;
mod settings;
mod switch;

#[cfg(test)]
mod tests;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "monitoring",
    wire: Wire::QueryCompatible {
        target: "GraniteServiceVersion20100801",
        namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
    },
    denied: "AccessDenied",
    route: no_route,
    access,
    handle,
};

/// Composite alarms are shown only to those who may describe every alarm: their permission must be on `*`.
fn access(request: &Request, world: &World) -> Access {
    let action = format!("cloudwatch:{}", request.operation);
    let prefix =
        format!("arn:{}:cloudwatch:{}:{}:alarm:", world.partition_id(), request.region, request.caller.account);
    let named = |name: &String| format!("{prefix}{name}");
    match request.operation.as_str() {
        "DescribeAlarms" if request.texts("AlarmTypes").iter().any(|kind| kind == "CompositeAlarm") => {
            Access::on(action, "*")
        }
        "DescribeAlarms" => Access::on(action, format!("{prefix}*")),
        "PutMetricAlarm" | "PutCompositeAlarm" => {
            Access::on(action, named(&request.text("AlarmName").unwrap_or_default().to_owned()))
        }
        "DeleteAlarms" | "DisableAlarmActions" | "EnableAlarmActions" => {
            let names = request.texts("AlarmNames");
            let mut resources = names.iter().map(named);
            let mut access = Access::on(action, resources.next().unwrap_or_else(|| "*".to_owned()));
            access.also = resources.collect();
            access
        }
        _ => Access::on(action, "*"),
    }
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let request = &input::typed(request);
    match request.operation.as_str() {
        "PutMetricAlarm" => put::metric(request, world),
        "PutCompositeAlarm" => put::composite(request, world),
        "DescribeAlarms" => describe::all(request, world),
        "DescribeAlarmsForMetric" => describe::of_metric(request, world),
        "DeleteAlarms" => switch::delete(request, world),
        "EnableAlarmActions" => switch::set_actions(request, world, true),
        "DisableAlarmActions" => switch::set_actions(request, world, false),
        _ => Err(request.not_implemented("cloudwatch")),
    }
}

fn validation(message: impl Into<String>) -> AwsError {
    AwsError::bad("ValidationError", message)
}

/// The error of a member whose value does not do.
fn constraint(value: impl std::fmt::Display, member: &str, constraint: &str) -> AwsError {
    validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {constraint}"
    ))
}

/// The caller's alarms in the region called, in order of names.
fn own<'w>(request: &Request, world: &'w World) -> Vec<&'w Alarm> {
    let held = world.cloudwatch.get(&request.caller.account).map(|held| held.alarms.as_slice()).unwrap_or_default();
    let mut alarms: Vec<&Alarm> = held.iter().filter(|alarm| alarm.region == request.region).collect();
    alarms.sort_by(|a, b| a.name.cmp(&b.name));
    alarms
}

/// The names in `AlarmNames`: 1 to 100.
fn alarm_names(request: &Request) -> Result<Vec<String>, AwsError> {
    let names = request.texts("AlarmNames");
    if (1..=100).contains(&names.len()) {
        return Ok(names);
    }
    Err(constraint(Value::from(names), "alarmNames", "have 1 to 100 items"))
}
