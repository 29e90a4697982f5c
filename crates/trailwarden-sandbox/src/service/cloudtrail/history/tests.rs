//! What the history says of a call: who, about what, with which result; found by the name of a resource.

use serde_json::{Value, json};

use crate::error::AwsError;
use crate::request::{Caller, CallerKind, Http, Request};
use crate::service::cloudtrail::{SERVICE, record};
use crate::service::testing::{call, json_of};
use crate::world::World;

const ACCOUNT: &str = "111122223333";
const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1f3a9c04-7be2-4d51-8a0c-91d3e2f7b6a5";

fn request(operation: &str, input: Value) -> Request {
    Request {
        id: "1".to_owned(),
        operation: operation.to_owned(),
        caller: Caller {
            access_key: "ASIATEST".to_owned(),
            account: ACCOUNT.parse().expect("an account"),
            kind: CallerKind::Role,
            name: "operators".to_owned(),
            arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/operators/ana"),
            principal_arn: format!("arn:aws:iam::{ACCOUNT}:role/people/operators"),
            user_id: "AROATEST:ana".to_owned(),
        },
        region: "eu-west-1".parse().expect("a region"),
        now: "2026-11-20T11:00:00Z".parse().expect("a time"),
        input,
        http: Http::default(),
    }
}

/// The entries that a lookup in eu-west-1 finds, newest first, with their records.
fn lookup(world: &mut World, attribute: Value) -> Vec<(Value, Value)> {
    let input = json!({ "LookupAttributes": attribute });
    let answer = json_of(call(&SERVICE, world, ACCOUNT, "LookupEvents", input));
    let events = answer["Events"].as_array().expect("events").iter();
    let record = |event: &Value| serde_json::from_str(event["CloudTrailEvent"].as_str().expect("text")).expect("JSON");
    events.map(|event| (event.clone(), record(event))).collect()
}

#[test]
fn a_refused_call_is_found_by_its_trail_and_says_who_asked_what() {
    let mut world = World::default();
    let refused = AwsError::bad("AccessDeniedException", "no");
    let stop = request("StopLogging", json!({ "Name": TRAIL }));
    record(&mut world, &stop, "cloudtrail", TRAIL, Some(&refused));
    for name in [TRAIL, "main"] {
        let found = lookup(&mut world, json!([{ "AttributeKey": "ResourceName", "AttributeValue": name }]));
        let [(event, record)] = found.as_slice() else { panic!("one event for {name}: {found:?}") };
        assert_eq!((&event["EventName"], &event["Username"]), (&json!("StopLogging"), &json!("ana")));
        assert_eq!(record["requestParameters"], json!({ "name": TRAIL }));
        assert_eq!(record["errorCode"], "AccessDenied");
        let identity = &record["userIdentity"];
        assert_eq!(identity["type"], "AssumedRole");
        let issuer = &identity["sessionContext"]["sessionIssuer"];
        assert_eq!(issuer["arn"], format!("arn:aws:iam::{ACCOUNT}:role/people/operators"));
    }
}

#[test]
fn a_bucket_is_named_in_its_own_region_under_the_event_names_of_s3() {
    let mut world: World =
        serde_json::from_value(json!({ "s3": { ACCOUNT: { "buckets": { "logs": { "region": "eu-west-1" } } } } }))
            .expect("a world");
    let body = "<LifecycleConfiguration><Rule><ID>a</ID></Rule><Rule><ID>b</ID></Rule></LifecycleConfiguration>";
    let mut put = request("PutBucketLifecycleConfiguration", Value::Null);
    put.region = "us-east-1".parse().expect("a region");
    put.http =
        Http { path: "/logs".to_owned(), query: [("lifecycle".to_owned(), String::new())].into(), ..Http::default() };
    put.http.body = body.into();
    record(&mut world, &put, "s3", "*", None);
    let found = lookup(&mut world, json!([{ "AttributeKey": "ResourceName", "AttributeValue": "logs" }]));
    let [(event, record)] = found.as_slice() else { panic!("one event: {found:?}") };
    assert_eq!(event["EventName"], "PutBucketLifecycle");
    assert_eq!(
        record["requestParameters"]["LifecycleConfiguration"],
        json!({ "Rule": [{ "ID": "a" }, { "ID": "b" }] })
    );
    assert_eq!(record["resources"][0]["ARN"], "arn:aws:s3:::logs");
    assert_eq!(record.get("errorCode"), None);
}

#[test]
fn keys_are_found_by_what_was_written_and_by_their_arn() {
    let mut world = World::default();
    let id = KEY.rsplit('/').next().expect("an id");
    record(&mut world, &request("DisableKey", json!({ "KeyId": id })), "kms", KEY, None);
    for name in [id, KEY] {
        let found = lookup(&mut world, json!([{ "AttributeKey": "ResourceName", "AttributeValue": name }]));
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(found[0].1["resources"][0]["type"], "AWS::KMS::Key");
    }
}

#[test]
fn query_parameters_become_trees_and_those_of_ec2_are_numbered() {
    let mut world = World::default();
    let create =
        request("CreateFlowLogs", json!({ "Action": "CreateFlowLogs", "ResourceId.1": "vpc-1", "TrafficType": "ALL" }));
    record(&mut world, &create, "ec2", "*", Some(&AwsError::new(403, "UnauthorizedOperation", "no")));
    let attach = json!({ "Action": "TagRole", "RoleName": "x", "Tags.member.1.Key": "a", "Tags.member.1.Value": "b" });
    record(&mut world, &request("TagRole", attach), "iam", "*", None);
    let found = lookup(&mut world, json!([]));
    assert_eq!(found[0].1["requestParameters"], json!({ "roleName": "x", "tags": [{ "key": "a", "value": "b" }] }));
    let sent = &found[1].1["requestParameters"]["CreateFlowLogsRequest"];
    assert_eq!(sent, &json!({ "ResourceId": { "tag": 1, "content": "vpc-1" }, "TrafficType": "ALL" }));
    assert_eq!(found[1].1["errorCode"], "Client.UnauthorizedOperation");
}

#[test]
fn planted_events_move_with_the_clock_and_come_newest_first() {
    let mut world: World = serde_json::from_value(json!({ "cloudtrail": { ACCOUNT: { "history": [
        { "time": "3d ago", "region": "eu-west-1", "source": "cloudtrail.amazonaws.com", "name": "StopLogging",
          "caller": "arn:aws:iam::111122223333:user/ana" },
        { "time": "1h ago", "region": "eu-west-1", "source": "kms.amazonaws.com", "name": "DisableKey",
          "invoked_by": "config.amazonaws.com" },
        { "time": "2d ago", "region": "eu-west-1", "source": "cloudtrail.amazonaws.com", "name": "DeleteTrail",
          "caller": "arn:aws:iam::111122223333:root" },
        { "time": "91d ago", "region": "eu-west-1", "source": "cloudtrail.amazonaws.com", "name": "UpdateTrail" },
        { "time": "1h ago", "region": "us-east-1", "source": "iam.amazonaws.com", "name": "DeleteRole" },
    ] } } }))
    .expect("a world");
    let found = lookup(&mut world, json!([]));
    let told: Vec<(&str, &str)> = found
        .iter()
        .map(|(event, record)| {
            (event["EventName"].as_str().expect("a name"), record["userIdentity"]["type"].as_str().expect("a type"))
        })
        .collect();
    assert_eq!(told, [("DisableKey", "AWSService"), ("DeleteTrail", "Root"), ("StopLogging", "IAMUser")]);
}
