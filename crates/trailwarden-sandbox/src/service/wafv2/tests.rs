//! Scopes and their regions, markers, and where a web ACL may log.

use serde_json::{Value, json};

use super::SERVICE;
use crate::service::testing::{call, code, json_of};
use crate::world::World;

const ACCOUNT: &str = "111122223333";

fn world() -> World {
    serde_json::from_value(json!({
        "s3": { ACCOUNT: { "buckets": {
            "aws-waf-logs-shop": { "region": "eu-west-1" }, "logs-of-waf": { "region": "eu-west-1" } } } },
    }))
    .expect("a world")
}

fn create(world: &mut World, name: &str) -> String {
    let input = json!({ "Name": name, "Scope": "REGIONAL", "DefaultAction": { "Allow": {} },
        "VisibilityConfig": { "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name } });
    let made = json_of(call(&SERVICE, world, ACCOUNT, "CreateWebACL", input));
    made["Summary"]["ARN"].as_str().expect("an ARN").to_owned()
}

fn refused(world: &mut World, operation: &str, input: Value) -> String {
    code(call(&SERVICE, world, ACCOUNT, operation, input))
}

#[test]
fn the_scope_of_cloudfront_is_served_in_the_leader_region_only() {
    let mut world = world();
    assert_eq!(refused(&mut world, "ListWebACLs", json!({ "Scope": "CLOUDFRONT" })), "WAFInvalidParameterException");
    assert_eq!(refused(&mut world, "ListWebACLs", json!({})), "WAFInvalidParameterException");
    assert_eq!(refused(&mut world, "ListWebACLs", json!({ "Scope": "REGIONAL" })), "");
}

#[test]
fn a_page_with_web_acls_has_a_marker_and_the_last_page_is_empty() {
    let mut world = world();
    for name in ["a", "b", "c"] {
        create(&mut world, name);
    }
    let mut list = |input: Value| json_of(call(&SERVICE, &mut world, ACCOUNT, "ListWebACLs", input));
    let mut marker = Value::Null;
    let mut sizes = Vec::new();
    for _ in 0..3 {
        let answer = list(json!({ "Scope": "REGIONAL", "Limit": 2, "NextMarker": marker }));
        sizes.push(answer["WebACLs"].as_array().expect("a list").len());
        marker = answer["NextMarker"].clone();
    }
    assert_eq!((sizes, marker), (vec![2, 1, 0], Value::Null));
}

#[test]
fn a_web_acl_logs_to_one_destination_whose_name_says_so() {
    let mut world = world();
    let arn = create(&mut world, "shop");
    let named = json!({ "ResourceArn": arn });
    let put = |destinations: Value| json!({ "LoggingConfiguration": { "ResourceArn": arn, "LogDestinationConfigs": destinations } });
    assert_eq!(refused(&mut world, "GetLoggingConfiguration", named.clone()), "WAFNonexistentItemException");
    for (destinations, refusal) in [
        (json!([]), "WAFInvalidParameterException"),
        (json!(["arn:aws:s3:::logs-of-waf"]), "WAFInvalidParameterException"),
        (json!(["arn:aws:s3:::aws-waf-logs-nowhere"]), "WAFLogDestinationPermissionIssueException"),
        (json!(["arn:aws:s3:::aws-waf-logs-shop"]), ""),
    ] {
        assert_eq!(
            refused(&mut world, "PutLoggingConfiguration", put(destinations.clone())),
            refusal,
            "{destinations}"
        );
    }
    let list =
        json_of(call(&SERVICE, &mut world, ACCOUNT, "ListLoggingConfigurations", json!({ "Scope": "REGIONAL" })));
    assert_eq!(list["LoggingConfigurations"][0]["LogDestinationConfigs"], json!(["arn:aws:s3:::aws-waf-logs-shop"]));
    assert_eq!(refused(&mut world, "DeleteLoggingConfiguration", named.clone()), "");
    assert_eq!(refused(&mut world, "DeleteLoggingConfiguration", named), "WAFNonexistentItemException");
}

#[test]
fn a_web_acl_is_deleted_only_by_who_knows_its_last_state() {
    let mut world = world();
    let arn = create(&mut world, "shop");
    let id = arn.rsplit('/').next().expect("an id");
    let delete = |token: &str| json!({ "Name": "shop", "Scope": "REGIONAL", "Id": id, "LockToken": token });
    assert_eq!(refused(&mut world, "DeleteWebACL", delete("stale")), "WAFOptimisticLockException");
    let listed = json_of(call(&SERVICE, &mut world, ACCOUNT, "ListWebACLs", json!({ "Scope": "REGIONAL" })));
    let token = listed["WebACLs"][0]["LockToken"].as_str().expect("a token").to_owned();
    assert_eq!(refused(&mut world, "DeleteWebACL", delete(&token)), "");
}
