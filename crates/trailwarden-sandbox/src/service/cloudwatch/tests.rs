//! What makes an alarm, who sees which kind, and what keeps an alarm from going.

use serde_json::{Value, json};

use super::SERVICE;
use crate::error::AwsError;
use crate::reply::Body;
use crate::service::testing::{self, code, json_of};
use crate::world::World;

const ACCOUNT: &str = "111111111111";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111111111111:alerts";

fn call(world: &mut World, operation: &str, input: Value) -> Result<Body, AwsError> {
    testing::call(&SERVICE, world, ACCOUNT, operation, input)
}

/// A sound alarm, with some members changed; null leaves one out.
fn alarm(name: &str, changes: Value) -> Value {
    let mut input = json!({ "AlarmName": name, "MetricName": "m", "Namespace": "CIS", "Statistic": "Sum", "Period": 300,
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": [TOPIC] });
    for (member, value) in changes.as_object().expect("an object") {
        input[member.as_str()] = value.clone();
    }
    input
}

fn put(world: &mut World, name: &str) {
    call(world, "PutMetricAlarm", alarm(name, json!({}))).expect("put");
}

fn names(page: &Value, kind: &str) -> Vec<String> {
    let list = page[kind].as_array().expect("a list");
    list.iter().map(|alarm| alarm["AlarmName"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn an_alarm_is_shown_as_it_was_put() {
    let mut world = World::default();
    put(&mut world, "root-use");
    let page = json_of(call(&mut world, "DescribeAlarms", json!({})));
    let shown = &page["MetricAlarms"][0];
    assert_eq!(shown["AlarmArn"], "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:root-use");
    assert_eq!((&shown["Threshold"], &shown["Dimensions"]), (&json!(1.0), &json!([])));
    assert_eq!((&shown["ActionsEnabled"], &shown["AlarmActions"]), (&json!(true), &json!([TOPIC])));
    assert_eq!(shown["StateValue"], "INSUFFICIENT_DATA");
    assert!(shown.get("Metrics").is_none());
    let texts = json!({ "Threshold": "2", "Period": "60", "EvaluationPeriods": "1", "ActionsEnabled": "false" });
    call(&mut world, "PutMetricAlarm", alarm("root-use", texts)).expect("put as Query puts it");
    let page = json_of(call(&mut world, "DescribeAlarms", json!({})));
    let shown = &page["MetricAlarms"][0];
    assert_eq!(
        (&shown["Threshold"], &shown["Period"], &shown["ActionsEnabled"]),
        (&json!(2.0), &json!(60), &json!(false))
    );
}

#[test]
fn unsound_alarms_are_refused() {
    let mut world = World::default();
    let math = json!([{ "Id": "e", "Expression": "m1" }, { "Id": "m1", "MetricStat": {}, "ReturnData": false }]);
    let no_metric =
        json!({ "MetricName": null, "Namespace": null, "Statistic": null, "Period": null, "Metrics": math });
    for (changes, refusal) in [
        (json!({ "AlarmName": "" }), "ValidationError"),
        (json!({ "EvaluationPeriods": null }), "ValidationError"),
        (json!({ "EvaluationPeriods": 0 }), "ValidationError"),
        (json!({ "EvaluationPeriods": 289 }), "ValidationError"),
        (json!({ "DatapointsToAlarm": 2 }), "ValidationError"),
        (json!({ "ComparisonOperator": "AtLeast" }), "ValidationError"),
        (json!({ "Statistic": "Total" }), "ValidationError"),
        (json!({ "ExtendedStatistic": "p90" }), "InvalidParameterCombination"),
        (json!({ "Period": 90 }), "ValidationError"),
        (json!({ "Namespace": null }), "ValidationError"),
        (json!({ "Threshold": null }), "ValidationError"),
        (json!({ "Threshold": "high" }), "SerializationException"),
        (json!({ "TreatMissingData": "notbreaching" }), "ValidationError"),
        (json!({ "AlarmActions": ["page me"] }), "ValidationError"),
        (json!({ "AlarmActions": [TOPIC.replace("eu-west-1", "us-east-1")] }), "ValidationError"),
        (json!({ "AlarmActions": vec![TOPIC; 6] }), "ValidationError"),
        (json!({ "Metrics": math }), "InvalidParameterCombination"),
        (no_metric, ""),
    ] {
        let found = code(call(&mut world, "PutMetricAlarm", alarm("x", changes.clone())));
        assert_eq!(found, refusal, "{changes}");
    }
}

#[test]
fn composite_alarms_are_shown_to_those_who_ask_for_them() {
    let mut world = World::default();
    put(&mut world, "a");
    put(&mut world, "b");
    let composite = |rule: &str| json!({ "AlarmName": "any", "AlarmRule": rule });
    assert_eq!(code(call(&mut world, "PutCompositeAlarm", composite("ALARM(a) OR ALARM(c)"))), "ValidationError");
    assert_eq!(code(call(&mut world, "PutCompositeAlarm", composite("ALARM(a"))), "ValidationError");
    call(&mut world, "PutCompositeAlarm", composite("ALARM(a) OR ALARM(\"b\")")).expect("put");
    let page = json_of(call(&mut world, "DescribeAlarms", json!({})));
    assert_eq!((names(&page, "MetricAlarms").len(), names(&page, "CompositeAlarms").len()), (2, 0));
    let both = json!({ "AlarmTypes": ["CompositeAlarm", "MetricAlarm"] });
    let page = json_of(call(&mut world, "DescribeAlarms", both));
    assert_eq!((names(&page, "MetricAlarms").len(), names(&page, "CompositeAlarms").len()), (2, 1));
    assert_eq!(page["CompositeAlarms"][0]["AlarmRule"], "ALARM(a) OR ALARM(\"b\")");
    assert_eq!(code(call(&mut world, "PutMetricAlarm", alarm("any", json!({})))), "ValidationError");
    let delete = |names: &[&str]| json!({ "AlarmNames": names });
    assert_eq!(code(call(&mut world, "DeleteAlarms", delete(&["a"]))), "ValidationError");
    assert_eq!(code(call(&mut world, "DeleteAlarms", delete(&["any", "z"]))), "ResourceNotFound");
    call(&mut world, "DeleteAlarms", delete(&["any"])).expect("deleted");
    call(&mut world, "DeleteAlarms", delete(&["a", "b"])).expect("deleted");
    assert_eq!(json_of(call(&mut world, "DescribeAlarms", json!({})))["MetricAlarms"], json!([]));
}

#[test]
fn pages_and_filters_narrow_what_is_shown() {
    let mut world = World::default();
    for number in 0..60 {
        put(&mut world, &format!("cis-{number:02}"));
    }
    let first = json_of(call(&mut world, "DescribeAlarms", json!({})));
    assert_eq!(names(&first, "MetricAlarms").len(), 50);
    let second = json_of(call(&mut world, "DescribeAlarms", json!({ "NextToken": first["NextToken"] })));
    assert_eq!(names(&second, "MetricAlarms").len(), 10);
    assert!(second.get("NextToken").is_none());
    for (filter, n_found) in [
        (json!({ "MaxRecords": 100 }), 60),
        (json!({ "AlarmNamePrefix": "cis-1" }), 10),
        (json!({ "AlarmNames": ["cis-01", "none"] }), 1),
        (json!({ "ActionPrefix": TOPIC, "MaxRecords": 100 }), 60),
        (json!({ "ActionPrefix": "arn:aws:ssm" }), 0),
        (json!({ "StateValue": "ALARM" }), 0),
    ] {
        let page = json_of(call(&mut world, "DescribeAlarms", filter.clone()));
        assert_eq!(names(&page, "MetricAlarms").len(), n_found, "{filter}");
    }
    for (wrong, refusal) in [
        (json!({ "MaxRecords": 101 }), "ValidationError"),
        (json!({ "NextToken": "x" }), "InvalidNextToken"),
        (json!({ "AlarmNames": ["a"], "AlarmNamePrefix": "a" }), "ValidationError"),
        (json!({ "AlarmTypes": ["Other"] }), "ValidationError"),
    ] {
        assert_eq!(code(call(&mut world, "DescribeAlarms", wrong.clone())), refusal, "{wrong}");
    }
}

#[test]
fn alarms_of_a_metric_are_those_on_its_very_dimensions() {
    let mut world = World::default();
    put(&mut world, "plain");
    let narrowed = alarm("narrowed", json!({ "Dimensions": [{ "Name": "d", "Value": "v" }] }));
    call(&mut world, "PutMetricAlarm", narrowed).expect("put");
    let mut found = |input: Value| names(&json_of(call(&mut world, "DescribeAlarmsForMetric", input)), "MetricAlarms");
    assert_eq!(found(json!({ "MetricName": "m", "Namespace": "CIS" })), ["plain"]);
    let dimensions = json!([{ "Name": "d", "Value": "v" }]);
    assert_eq!(found(json!({ "MetricName": "m", "Namespace": "CIS", "Dimensions": dimensions })), ["narrowed"]);
    assert!(found(json!({ "MetricName": "m", "Namespace": "Other" })).is_empty());
}

#[test]
fn actions_are_switched_by_name() {
    let mut world = World::default();
    put(&mut world, "a");
    let enabled = |world: &mut World| {
        json_of(call(world, "DescribeAlarms", json!({})))["MetricAlarms"][0]["ActionsEnabled"].clone()
    };
    call(&mut world, "DisableAlarmActions", json!({ "AlarmNames": ["a", "none"] })).expect("done");
    assert_eq!(enabled(&mut world), false);
    call(&mut world, "EnableAlarmActions", json!({ "AlarmNames": ["a"] })).expect("done");
    assert_eq!(enabled(&mut world), true);
    assert_eq!(code(call(&mut world, "EnableAlarmActions", json!({}))), "ValidationError");
}

#[test]
fn each_alarm_of_a_call_is_asked_for_and_composite_alarms_only_by_those_who_may_see_all() {
    let asked = |operation: &str, input: Value| {
        let access = (SERVICE.access)(&testing::request(ACCOUNT, operation, input), &World::default());
        (access.action, std::iter::once(access.resource).chain(access.also).collect::<Vec<_>>())
    };
    let alarm = |name: &str| format!("arn:aws:cloudwatch:eu-west-1:111111111111:alarm:{name}");
    let delete = asked("DeleteAlarms", json!({ "AlarmNames": ["a", "b"] }));
    assert_eq!(delete, ("cloudwatch:DeleteAlarms".to_owned(), vec![alarm("a"), alarm("b")]));
    assert_eq!(asked("DescribeAlarms", json!({})).1, [alarm("*")]);
    assert_eq!(asked("DescribeAlarms", json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] })).1, ["*"]);
}

#[test]
fn accounts_do_not_share_alarms() {
    let mut world = World::default();
    put(&mut world, "a");
    let theirs = testing::call(&SERVICE, &mut world, "222222222222", "DescribeAlarms", json!({}));
    assert!(names(&json_of(theirs), "MetricAlarms").is_empty());
    let delete = json!({ "AlarmNames": ["a"] });
    let refused = testing::call(&SERVICE, &mut world, "222222222222", "DeleteAlarms", delete);
    assert_eq!(code(refused), "ResourceNotFound");
}
