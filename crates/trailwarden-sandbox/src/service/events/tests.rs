//! What makes a rule, and what keeps it.

use serde_json::{Value, json};

use super::SERVICE;
use crate::error::AwsError;
use crate::reply::Body;
use crate::service::testing::{self, code, json_of};
use crate::world::World;

const ACCOUNT: &str = "111111111111";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:111111111111:alerts";

fn call(world: &mut World, operation: &str, input: Value) -> Result<Body, AwsError> {
    testing::call(&SERVICE, world, ACCOUNT, operation, input)
}

fn put(world: &mut World, name: &str) -> Value {
    let pattern = r#"{"source": ["aws.cloudtrail"]}"#;
    json_of(call(world, "PutRule", json!({ "Name": name, "EventPattern": pattern })))
}

#[test]
fn a_rule_is_kept_until_it_has_no_targets() {
    let mut world = World::default();
    assert_eq!(put(&mut world, "tamper")["RuleArn"], "arn:aws:events:eu-west-1:111111111111:rule/tamper");
    let targets = json!({ "Rule": "tamper", "Targets": [{ "Id": "1", "Arn": QUEUE }] });
    assert_eq!(json_of(call(&mut world, "PutTargets", targets))["FailedEntryCount"], 0);
    let rule = json!({ "Name": "tamper" });
    assert_eq!(code(call(&mut world, "DeleteRule", rule.clone())), "ValidationException");
    let listed = json_of(call(&mut world, "ListTargetsByRule", json!({ "Rule": "tamper" })));
    assert_eq!(listed["Targets"], json!([{ "Id": "1", "Arn": QUEUE }]));
    put(&mut world, "tamper");
    let listed = json_of(call(&mut world, "ListTargetsByRule", json!({ "Rule": "tamper" })));
    assert_eq!(listed["Targets"][0]["Id"], "1", "a rule that is put again keeps its targets");
    let removed = json_of(call(&mut world, "RemoveTargets", json!({ "Rule": "tamper", "Ids": ["1", "2"] })));
    assert_eq!(removed["FailedEntries"][0]["TargetId"], "2");
    json_of(call(&mut world, "DeleteRule", rule.clone()));
    json_of(call(&mut world, "DeleteRule", rule.clone()));
    for operation in ["DescribeRule", "EnableRule", "DisableRule"] {
        assert_eq!(code(call(&mut world, operation, rule.clone())), "ResourceNotFoundException", "{operation}");
    }
}

#[test]
fn a_rule_needs_a_sound_pattern_or_schedule() {
    let mut world = World::default();
    for (input, refusal) in [
        (json!({ "Name": "x" }), "ValidationException"),
        (json!({ "Name": "x y", "ScheduleExpression": "rate(1 hour)" }), "ValidationException"),
        (json!({ "Name": "x", "ScheduleExpression": "hourly" }), "ValidationException"),
        (json!({ "Name": "x", "EventPattern": "{" }), "InvalidEventPatternException"),
        (json!({ "Name": "x", "ScheduleExpression": "rate(1 hour)", "State": "ON" }), "ValidationException"),
        (
            json!({ "Name": "x", "ScheduleExpression": "rate(1 hour)", "EventBusName": "other" }),
            "ResourceNotFoundException",
        ),
        (json!({ "Name": "x", "ScheduleExpression": "rate(1 hour)", "EventBusName": "default" }), ""),
    ] {
        assert_eq!(code(call(&mut world, "PutRule", input.clone())), refusal, "{input}");
    }
    let five = |from: usize| -> Vec<Value> {
        (from..from + 5).map(|id| json!({ "Id": id.to_string(), "Arn": QUEUE })).collect()
    };
    json_of(call(&mut world, "PutTargets", json!({ "Rule": "x", "Targets": five(0) })));
    assert_eq!(
        code(call(&mut world, "PutTargets", json!({ "Rule": "x", "Targets": five(1) }))),
        "LimitExceededException"
    );
    let target = json!({ "Rule": "x", "Targets": [{ "Id": "1", "Arn": "queue" }] });
    assert_eq!(code(call(&mut world, "PutTargets", target)), "ValidationException");
}

#[test]
fn rules_come_in_order_of_names_and_in_pages() {
    let mut world = World::default();
    for name in ["b", "a-2", "a-1"] {
        put(&mut world, name);
    }
    let names = |page: &Value| -> Vec<String> {
        page["Rules"]
            .as_array()
            .expect("rules")
            .iter()
            .map(|r| r["Name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let first = json_of(call(&mut world, "ListRules", json!({ "Limit": 2 })));
    assert_eq!(names(&first), ["a-1", "a-2"]);
    let second = json_of(call(&mut world, "ListRules", json!({ "Limit": 2, "NextToken": first["NextToken"] })));
    assert_eq!(names(&second), ["b"]);
    assert!(second.get("NextToken").is_none());
    assert_eq!(names(&json_of(call(&mut world, "ListRules", json!({ "NamePrefix": "a-" })))), ["a-1", "a-2"]);
    for wrong in [json!({ "Limit": 101 }), json!({ "NextToken": "x" })] {
        assert_eq!(code(call(&mut world, "ListRules", wrong.clone())), "ValidationException", "{wrong}");
    }
    let other = testing::call(&SERVICE, &mut world, "222222222222", "ListRules", json!({}));
    assert!(names(&json_of(other)).is_empty());
}

#[test]
fn switching_a_rule_off_shows() {
    let mut world = World::default();
    put(&mut world, "tamper");
    json_of(call(&mut world, "DisableRule", json!({ "Name": "tamper" })));
    assert_eq!(json_of(call(&mut world, "DescribeRule", json!({ "Name": "tamper" })))["State"], "DISABLED");
    json_of(call(&mut world, "EnableRule", json!({ "Name": "tamper" })));
    assert_eq!(json_of(call(&mut world, "ListRules", json!({})))["Rules"][0]["State"], "ENABLED");
}
