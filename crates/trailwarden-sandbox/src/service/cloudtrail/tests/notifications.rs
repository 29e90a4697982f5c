//! Topics of trails: which are accepted, and what becomes of notifications when a topic goes.

use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;

use super::{MANAGEMENT, ORGANIZATION_TRAIL, call, code, world};
use crate::world::World;
use crate::world::sns::Topic;

const TOPIC: &str = "arn:aws:sns:eu-west-1:111111111111:deliveries";

fn topics(world: &mut World) -> &mut Vec<Topic> {
    let management: AccountId = MANAGEMENT.parse().expect("id");
    &mut world.sns.entry(management).or_default().topics
}

/// A topic whose policy lets CloudTrail publish for the organization trail.
fn topic() -> Topic {
    let policy = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "SNS:Publish",
        "Principal": { "Service": "cloudtrail.amazonaws.com" }, "Resource": TOPIC,
        "Condition": { "StringEquals": { "aws:SourceArn": ORGANIZATION_TRAIL } } } });
    let topic = json!({ "name": "deliveries", "region": "eu-west-1", "policy": policy.to_string() });
    serde_json::from_value(topic).expect("a topic")
}

fn update(world: &mut World, topic: &str) -> String {
    code(call(world, MANAGEMENT, "eu-west-1", "UpdateTrail", json!({ "Name": "everything", "SnsTopicName": topic })))
}

fn status(world: &mut World) -> (Value, bool) {
    let status = call(world, MANAGEMENT, "eu-west-1", "GetTrailStatus", json!({ "Name": "everything" }));
    let status = status.expect("own");
    let error = status.get("LatestNotificationError").cloned().unwrap_or_default();
    (error, status.get("LatestNotificationTime").is_some())
}

#[test]
fn a_trail_takes_a_topic_that_exists_and_lets_cloudtrail_publish() {
    let mut world = world();
    assert_eq!(update(&mut world, "deliveries"), "InsufficientSnsTopicPolicyException");
    topics(&mut world).push(Topic { policy: None, ..topic() });
    assert_eq!(update(&mut world, "deliveries"), "InsufficientSnsTopicPolicyException");
    *topics(&mut world) = vec![topic()];
    for text in ["deliveries", TOPIC] {
        assert!(update(&mut world, text).contains(TOPIC), "{text}");
    }
    for wrong in ["no such name", "arn:aws:sqs:eu-west-1:111111111111:deliveries"] {
        assert_eq!(update(&mut world, wrong), "InvalidSnsTopicNameException", "{wrong}");
    }
    assert!(!update(&mut world, "").contains("SnsTopicARN"));
}

#[test]
fn notifications_fail_when_the_topic_is_gone_or_closed_or_its_key_is_not_for_cloudtrail() {
    let mut world = world();
    topics(&mut world).push(topic());
    update(&mut world, TOPIC);
    assert_eq!(status(&mut world), (Value::Null, true));
    for (departure, error) in [
        (vec![], "NotFound"),
        (vec![Topic { policy: None, ..topic() }], "AuthorizationError"),
        (vec![Topic { kms_key: Some("alias/aws/sns".to_owned()), ..topic() }], "KMSAccessDenied"),
        (vec![Topic { kms_key: Some("alias/gone".to_owned()), ..topic() }], "KMSNotFound"),
    ] {
        *topics(&mut world) = departure;
        assert_eq!(status(&mut world), (json!(error), false), "{error}");
    }
}
