//! The order in which a recorder and its channel come and go, and what a status says.

use serde_json::{Value, json};

use super::SERVICE;
use crate::service::testing::{call, code, json_of};
use crate::world::World;

const ACCOUNT: &str = "111122223333";
const LINKED: &str = "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";

fn world() -> World {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:PutObject",
        "Principal": { "Service": "config.amazonaws.com" }, "Resource": "arn:aws:s3:::open-bucket/*" }] });
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "config.amazonaws.com" } }] });
    serde_json::from_value(json!({
        "iam": { ACCOUNT: { "roles": {
            "AWSServiceRoleForConfig": { "path": "/aws-service-role/config.amazonaws.com/", "trust": trust.to_string() },
            "untrusting": { "trust": trust.to_string().replace("config", "ec2") },
        } } },
        "s3": { ACCOUNT: { "buckets": {
            "open-bucket": { "region": "eu-west-1", "policy": policy.to_string() },
            "closed-bucket": { "region": "eu-west-1" },
        } } },
    }))
    .expect("a world")
}

fn refused(world: &mut World, operation: &str, input: Value) -> String {
    code(call(&SERVICE, world, ACCOUNT, operation, input))
}

fn recorder(name: &str) -> Value {
    json!({ "ConfigurationRecorder": { "name": name, "roleARN": LINKED } })
}

fn channel(bucket: &str) -> Value {
    json!({ "DeliveryChannel": { "name": "default", "s3BucketName": bucket } })
}

#[test]
fn a_recorder_needs_a_channel_to_start_and_a_channel_a_recorder_to_be() {
    let mut world = world();
    let named = json!({ "ConfigurationRecorderName": "default" });
    assert_eq!(
        refused(&mut world, "PutDeliveryChannel", channel("open-bucket")),
        "NoAvailableConfigurationRecorderException"
    );
    assert_eq!(
        refused(&mut world, "StartConfigurationRecorder", named.clone()),
        "NoSuchConfigurationRecorderException"
    );
    assert_eq!(refused(&mut world, "PutConfigurationRecorder", recorder("default")), "");
    assert_eq!(
        refused(&mut world, "PutConfigurationRecorder", recorder("second")),
        "MaxNumberOfConfigurationRecordersExceededException"
    );
    assert_eq!(refused(&mut world, "StartConfigurationRecorder", named.clone()), "NoAvailableDeliveryChannelException");
    assert_eq!(refused(&mut world, "PutDeliveryChannel", channel("no-bucket")), "NoSuchBucketException");
    assert_eq!(
        refused(&mut world, "PutDeliveryChannel", channel("closed-bucket")),
        "InsufficientDeliveryPolicyException"
    );
    assert_eq!(refused(&mut world, "PutDeliveryChannel", channel("open-bucket")), "");
    assert_eq!(refused(&mut world, "StartConfigurationRecorder", named.clone()), "");
    let gone = json!({ "DeliveryChannelName": "default" });
    assert_eq!(refused(&mut world, "DeleteDeliveryChannel", gone.clone()), "LastDeliveryChannelDeleteFailedException");
    assert_eq!(refused(&mut world, "StopConfigurationRecorder", named), "");
    assert_eq!(refused(&mut world, "DeleteDeliveryChannel", gone.clone()), "");
    assert_eq!(refused(&mut world, "DeleteDeliveryChannel", gone), "NoSuchDeliveryChannelException");
}

#[test]
fn a_recorder_takes_a_role_that_exists_and_trusts_aws_config() {
    let mut world = world();
    for role in ["", "role", "arn:aws:iam::111122223333:role/none", "arn:aws:iam::111122223333:role/untrusting"] {
        let input = json!({ "ConfigurationRecorder": { "roleARN": role } });
        assert_eq!(refused(&mut world, "PutConfigurationRecorder", input), "InvalidRoleException", "{role}");
    }
}

#[test]
fn a_status_follows_the_bucket_of_the_channel() {
    let mut world = world();
    for (operation, input) in
        [("PutConfigurationRecorder", recorder("default")), ("PutDeliveryChannel", channel("open-bucket"))]
    {
        assert_eq!(refused(&mut world, operation, input), "");
    }
    let status = |world: &mut World| {
        let answer = json_of(call(&SERVICE, world, ACCOUNT, "DescribeConfigurationRecorderStatus", json!({})));
        let status = &answer["ConfigurationRecordersStatus"][0];
        (status["recording"].as_bool(), status["lastStatus"].as_str().map(str::to_owned))
    };
    assert_eq!(status(&mut world), (Some(false), Some("PENDING".to_owned())));
    let named = json!({ "ConfigurationRecorderName": "default" });
    assert_eq!(refused(&mut world, "StartConfigurationRecorder", named), "");
    assert_eq!(status(&mut world), (Some(true), Some("SUCCESS".to_owned())));
    world.s3.clear();
    assert_eq!(status(&mut world), (Some(true), Some("FAILURE".to_owned())));
}

#[test]
fn the_parts_of_a_recording_group_must_agree() {
    let mut world = world();
    let mut put = |group: Value| {
        let input =
            json!({ "ConfigurationRecorder": { "name": "default", "roleARN": LINKED, "recordingGroup": group } });
        refused(&mut world, "PutConfigurationRecorder", input)
    };
    for group in [
        json!({ "allSupported": true, "resourceTypes": ["AWS::S3::Bucket"] }),
        json!({ "allSupported": false }),
        json!({ "includeGlobalResourceTypes": true, "resourceTypes": ["AWS::S3::Bucket"] }),
        json!({ "allSupported": true, "recordingStrategy": { "useOnly": "EXCLUSION_BY_RESOURCE_TYPES" } }),
    ] {
        assert_eq!(put(group.clone()), "InvalidRecordingGroupException", "{group}");
    }
    assert_eq!(put(json!({ "exclusionByResourceTypes": { "resourceTypes": ["AWS::IAM::User"] } })), "");
    let shown = json_of(call(&SERVICE, &mut world, ACCOUNT, "DescribeConfigurationRecorders", json!({})));
    let group = &shown["ConfigurationRecorders"][0]["recordingGroup"];
    assert_eq!(group["recordingStrategy"]["useOnly"], "EXCLUSION_BY_RESOURCE_TYPES");
    assert_eq!(group["allSupported"], false);
}

#[test]
fn recorders_of_services_are_shown_only_when_asked_for_and_never_changed() {
    let mut world = world();
    world.config.insert(
        ACCOUNT.parse().expect("an account"),
        serde_json::from_value(json!({ "recorders": [{ "name": "AWSConfigurationRecorderForX", "region": "eu-west-1",
            "role": LINKED, "service_principal": "x.amazonaws.com" }] }))
        .expect("a recorder"),
    );
    let mut ask = |input: Value| json_of(call(&SERVICE, &mut world, ACCOUNT, "DescribeConfigurationRecorders", input));
    assert_eq!(ask(json!({}))["ConfigurationRecorders"], json!([]));
    assert_eq!(
        ask(json!({ "ServicePrincipal": "x.amazonaws.com" }))["ConfigurationRecorders"][0]["recordingScope"],
        "INTERNAL"
    );
    let listed = json_of(call(&SERVICE, &mut world, ACCOUNT, "ListConfigurationRecorders", json!({})));
    assert_eq!(listed["ConfigurationRecorderSummaries"][0]["name"], "AWSConfigurationRecorderForX");
    let named = json!({ "ConfigurationRecorderName": "AWSConfigurationRecorderForX" });
    assert_eq!(refused(&mut world, "StopConfigurationRecorder", named), "UnmodifiableEntityException");
}
