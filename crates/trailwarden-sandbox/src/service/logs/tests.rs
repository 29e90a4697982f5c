//! How log groups show their ARN, retention and class.

use serde_json::{Value, json};

use super::SERVICE;
use crate::error::AwsError;
use crate::reply::Body;
use crate::service::testing::{self, code, json_of};
use crate::world::World;

const ACCOUNT: &str = "111111111111";

fn call(world: &mut World, account: &str, operation: &str, input: Value) -> Result<Body, AwsError> {
    testing::call(&SERVICE, world, account, operation, input)
}

fn groups(world: &mut World) -> Value {
    json_of(call(world, ACCOUNT, "DescribeLogGroups", json!({ "logGroupNamePrefix": "trail" })))["logGroups"].clone()
}

#[test]
fn only_some_retentions_can_be_set_and_an_account_policy_overrides_them() {
    let mut world = World::default();
    json_of(call(&mut world, ACCOUNT, "CreateLogGroup", json!({ "logGroupName": "trail" })));
    assert!(groups(&mut world)[0].get("retentionInDays").is_none());
    let put = |days: i64| json!({ "logGroupName": "trail", "retentionInDays": days });
    assert_eq!(code(call(&mut world, ACCOUNT, "PutRetentionPolicy", put(366))), "InvalidParameterException");
    json_of(call(&mut world, ACCOUNT, "PutRetentionPolicy", put(365)));
    assert_eq!(groups(&mut world)[0]["retentionInDays"], 365);
    let policy = json!({ "policyName": "short", "policyType": "RETENTION_POLICY", "policyDocument": "{\"RetentionInDays\": 30}" });
    json_of(call(&mut world, ACCOUNT, "PutAccountPolicy", policy));
    let shown = groups(&mut world);
    assert_eq!((&shown[0]["retentionInDays"], &shown[0]["retentionPolicyName"]), (&json!(30), &json!("short")));
}

#[test]
fn both_arns_are_shown_and_other_accounts_see_nothing() {
    let mut world = World::default();
    json_of(call(&mut world, ACCOUNT, "CreateLogGroup", json!({ "logGroupName": "trail" })));
    let shown = groups(&mut world);
    assert_eq!(shown[0]["arn"], "arn:aws:logs:eu-west-1:111111111111:log-group:trail:*");
    assert_eq!(shown[0]["logGroupArn"], "arn:aws:logs:eu-west-1:111111111111:log-group:trail");
    let theirs = json_of(call(&mut world, "222222222222", "DescribeLogGroups", json!({})));
    assert_eq!(theirs["logGroups"], json!([]));
}

#[test]
fn metric_filters_need_class_standard() {
    let mut world = World::default();
    let group = json!({ "logGroupName": "cheap", "logGroupClass": "INFREQUENT_ACCESS" });
    json_of(call(&mut world, ACCOUNT, "CreateLogGroup", group));
    let filter = json!({ "logGroupName": "cheap", "filterName": "f", "filterPattern": "{ $.x = 1 }",
        "metricTransformations": [{ "metricName": "m", "metricNamespace": "n", "metricValue": "1" }] });
    assert_eq!(code(call(&mut world, ACCOUNT, "PutMetricFilter", filter)), "InvalidOperationException");
}
