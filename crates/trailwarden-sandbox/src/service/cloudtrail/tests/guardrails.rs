//! What SCPs and RCPs do to CloudTrail's delivery.

use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;

use super::{DELEGATED, MANAGEMENT, MEMBER, ORGANIZATION_TRAIL, call, world};
use crate::world::World;
use crate::world::organizations::{POLICY_TYPES, RCP, SCP};

#[test]
fn an_rcp_on_the_path_of_the_bucket_can_stop_cloudtrail_and_one_that_spares_services_does_not() {
    let mut world = world();
    let management: AccountId = MANAGEMENT.parse().expect("id");
    let archive = world.s3.remove(&management).expect("the bucket");
    world.s3.insert(DELEGATED.parse().expect("id"), archive);
    let organization = world.organization.as_mut().expect("an organization");
    organization.enable(POLICY_TYPES.iter().find(|of| of.name == RCP).expect("the type"));
    organization.attachments.entry(DELEGATED.to_owned()).or_default().insert("p-perimeter".to_owned());
    let mut error_under = |condition: &Value| {
        let content = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Principal": "*",
            "Action": "s3:*", "Resource": "*", "Condition": condition }] });
        let policy = json!({ "name": "perimeter", "kind": RCP, "content": content.to_string() });
        let organization = world.organization.as_mut().expect("an organization");
        organization.policies.insert("p-perimeter".to_owned(), serde_json::from_value(policy).expect("a policy"));
        let status = call(&mut world, MEMBER, "us-east-1", "GetTrailStatus", json!({ "Name": ORGANIZATION_TRAIL }));
        status.expect("visible").get("LatestDeliveryError").cloned()
    };
    let outsiders = json!({ "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-1234567890" },
        "BoolIfExists": { "aws:PrincipalIsAWSService": "false" } });
    assert_eq!(error_under(&outsiders), None);
    let services_too = json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-1234567890" } });
    assert_eq!(error_under(&services_too), Some(json!("AccessDenied")));
    let deputies = json!({ "StringNotEquals": { "aws:SourceOrgID": "${aws:ResourceOrgID}" },
        "Null": { "aws:SourceAccount": "false" }, "Bool": { "aws:PrincipalIsAWSService": "true" } });
    assert_eq!(error_under(&deputies), None);
}

#[test]
fn policies_of_the_organization_bind_the_role_that_writes_to_the_log_group() {
    let mut world = world();
    let member: AccountId = MEMBER.parse().expect("id");
    let read = |value: Value| value.to_string();
    let trust = read(json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "cloudtrail.amazonaws.com" } }] }));
    let write = read(json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "logs:*",
        "Resource": "*" }] }));
    let iam = json!({ "roles": { "writer": { "trust": trust, "inline": { "write": write } } } });
    world.iam.insert(member.clone(), serde_json::from_value(iam).expect("IAM"));
    let logs = json!({ "groups": [{ "name": "events", "region": "eu-west-1" }] });
    world.logs.insert(member.clone(), serde_json::from_value(logs).expect("log groups"));
    let trail = json!({ "trails": [{ "name": "local", "home_region": "eu-west-1", "bucket": "logs-bucket",
        "log_group": "arn:aws:logs:eu-west-1:333333333333:log-group:events:*",
        "log_role": "arn:aws:iam::333333333333:role/writer" }] });
    world.cloudtrail.insert(member, serde_json::from_value(trail).expect("a trail"));
    let error = |world: &mut World| {
        let status = call(world, MEMBER, "eu-west-1", "GetTrailStatus", json!({ "Name": "local" })).expect("own");
        status.get("LatestCloudWatchLogsDeliveryError").and_then(Value::as_str).map(str::to_owned)
    };
    assert_eq!(error(&mut world), None);
    for (of, principal) in [(SCP, None), (RCP, Some("*"))] {
        let mut bound = world.clone();
        let organization = bound.organization.as_mut().expect("an organization");
        organization.enable(POLICY_TYPES.iter().find(|known| known.name == of).expect("the type"));
        assert_eq!(error(&mut bound.clone()), None, "{of}");
        let mut deny = json!({ "Effect": "Deny", "Action": "logs:PutLogEvents", "Resource": "*",
            "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/writer" } } });
        if let Some(principal) = principal {
            deny["Principal"] = json!(principal);
        }
        let content = read(json!({ "Version": "2012-10-17", "Statement": deny }));
        let policy = json!({ "name": "no-logs", "kind": of, "content": content });
        let organization = bound.organization.as_mut().expect("an organization");
        organization.policies.insert("p-nologs000".to_owned(), serde_json::from_value(policy).expect("a policy"));
        organization.attachments.entry(MEMBER.to_owned()).or_default().insert("p-nologs000".to_owned());
        assert_eq!(error(&mut bound).as_deref(), Some("Access denied. Check the permissions for your role."), "{of}");
    }
}
