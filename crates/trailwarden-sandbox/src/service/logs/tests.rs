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

fn filter(name: &str, changes: Value) -> Value {
    let mut input = json!({ "logGroupName": "trail", "filterName": name, "filterPattern": "{ $.x = 1 }",
        "metricTransformations": [{ "metricName": "m", "metricNamespace": "n", "metricValue": "1" }] });
    for (member, value) in changes.as_object().expect("an object") {
        input[member.as_str()] = value.clone();
    }
    input
}

#[test]
fn metric_filters_need_class_standard() {
    let mut world = World::default();
    let group = json!({ "logGroupName": "cheap", "logGroupClass": "INFREQUENT_ACCESS" });
    json_of(call(&mut world, ACCOUNT, "CreateLogGroup", group));
    let filter = filter("f", json!({ "logGroupName": "cheap" }));
    assert_eq!(code(call(&mut world, ACCOUNT, "PutMetricFilter", filter)), "InvalidOperationException");
}

#[test]
fn unsound_metric_filters_are_refused() {
    let mut world = World::default();
    json_of(call(&mut world, ACCOUNT, "CreateLogGroup", json!({ "logGroupName": "trail" })));
    let metric = |changes: Value| {
        let mut metric = json!({ "metricName": "m", "metricNamespace": "n", "metricValue": "1" });
        for (member, value) in changes.as_object().expect("an object") {
            metric[member.as_str()] = value.clone();
        }
        json!({ "metricTransformations": [metric] })
    };
    for changes in [
        json!({ "filterName": "a:b" }),
        json!({ "filterPattern": "{ $.x = 1" }),
        json!({ "filterPattern": format!("{{ $.x = {} }}", "1".repeat(1_024)) }),
        json!({ "metricTransformations": [] }),
        json!({ "emitSystemFieldDimensions": ["@aws.user"] }),
        metric(json!({ "metricName": "a*" })),
        metric(json!({ "metricValue": "one" })),
        metric(json!({ "dimensions": { "user": "$.user" }, "defaultValue": 0 })),
    ] {
        let refused = code(call(&mut world, ACCOUNT, "PutMetricFilter", filter("f", changes.clone())));
        assert_eq!(refused, "InvalidParameterException", "{changes}");
    }
}

#[test]
fn metric_filters_are_found_by_metric_and_go_with_their_group() {
    let mut world = World::default();
    json_of(call(&mut world, ACCOUNT, "CreateLogGroup", json!({ "logGroupName": "trail" })));
    let other = json!([{ "metricName": "m", "metricNamespace": "other", "metricValue": "1" }]);
    let narrowed = json!({ "fieldSelectionCriteria": "@aws.region = \"eu-west-1\"", "emitSystemFieldDimensions": ["@aws.account"] });
    json_of(call(&mut world, ACCOUNT, "PutMetricFilter", filter("b", narrowed)));
    json_of(call(
        &mut world,
        ACCOUNT,
        "PutMetricFilter",
        filter("a", json!({ "metricTransformations": other, "filterPattern": "" })),
    ));
    let all = json_of(call(&mut world, ACCOUNT, "DescribeMetricFilters", json!({})));
    assert_eq!(
        (&all["metricFilters"][0]["filterName"], &all["metricFilters"][0]["filterPattern"]),
        (&json!("a"), &json!(""))
    );
    let metric = json!({ "metricName": "m", "metricNamespace": "n" });
    let found = json_of(call(&mut world, ACCOUNT, "DescribeMetricFilters", metric));
    assert_eq!(found["metricFilters"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["metricFilters"][0]["fieldSelectionCriteria"], "@aws.region = \"eu-west-1\"");
    assert_eq!(found["metricFilters"][0]["emitSystemFieldDimensions"], json!(["@aws.account"]));
    let half = json!({ "metricName": "m" });
    assert_eq!(code(call(&mut world, ACCOUNT, "DescribeMetricFilters", half)), "InvalidParameterException");
    json_of(call(&mut world, ACCOUNT, "DeleteLogGroup", json!({ "logGroupName": "trail" })));
    json_of(call(&mut world, ACCOUNT, "CreateLogGroup", json!({ "logGroupName": "trail" })));
    let none = json_of(call(&mut world, ACCOUNT, "DescribeMetricFilters", json!({ "logGroupName": "trail" })));
    assert_eq!(none["metricFilters"], json!([]));
}

#[test]
fn a_group_carries_a_hundred_metric_filters() {
    let mut world = World::default();
    json_of(call(&mut world, ACCOUNT, "CreateLogGroup", json!({ "logGroupName": "trail" })));
    for number in 0..100 {
        json_of(call(&mut world, ACCOUNT, "PutMetricFilter", filter(&format!("f{number}"), json!({}))));
    }
    assert_eq!(
        code(call(&mut world, ACCOUNT, "PutMetricFilter", filter("one-more", json!({})))),
        "LimitExceededException"
    );
    json_of(call(&mut world, ACCOUNT, "PutMetricFilter", filter("f7", json!({}))));
}

#[test]
fn a_key_must_exist_and_let_logs_encrypt_this_group() {
    let key = |actions: Value, group: &str| {
        let statement = json!({ "Effect": "Allow", "Principal": { "Service": "logs.eu-west-1.amazonaws.com" },
            "Action": actions, "Resource": "*",
            "Condition": { "ArnLike": { "kms:EncryptionContext:aws:logs:arn": format!("arn:aws:logs:*:*:log-group:{group}") } } });
        let describe = json!({ "Effect": "Allow", "Principal": { "Service": "logs.eu-west-1.amazonaws.com" },
            "Action": "kms:Describe*", "Resource": "*" });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement, describe] }).to_string();
        let keys = json!([{ "id": "0000-key", "region": "eu-west-1", "policy": policy }]);
        serde_json::from_value::<World>(json!({ "kms": { ACCOUNT: { "keys": keys } } })).expect("a world")
    };
    let create = |mut world: World, id: &str| {
        let input = json!({ "logGroupName": "trail", "kmsKeyId": format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{id}") });
        code(call(&mut world, ACCOUNT, "CreateLogGroup", input))
    };
    let all = json!(["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*"]);
    assert_eq!(create(key(all.clone(), "trail"), "0000-key"), "");
    assert_eq!(create(key(all.clone(), "trail"), "9999-key"), "InvalidParameterException");
    assert_eq!(create(key(all, "other"), "0000-key"), "AccessDeniedException");
    assert_eq!(create(key(json!("kms:Decrypt"), "trail"), "0000-key"), "AccessDeniedException");
}
