//! Which calls the event history remembers, under which names, and what it says they were about.

use serde_json::Value;
use trailwarden_model::ids::AccountId;

use super::parameters;
use crate::error::AwsError;
use crate::request::{CallerKind, Request};
use crate::world::World;
use crate::world::cloudtrail::{PastEvent, PastResource};
use crate::world::when::When;

/// Events kept for an account; older ones are forgotten first.
const MOST_EVENTS: usize = 10_000;

/// Parameters that name resources: the service, the parameter as the record spells it, and the type of resource.
const NAMING: &[(&str, &str, &str)] = &[
    ("cloudtrail", "name", "AWS::CloudTrail::Trail"),
    ("cloudtrail", "trailName", "AWS::CloudTrail::Trail"),
    ("cloudtrail", "resourceId", "AWS::CloudTrail::Trail"),
    ("cloudtrail", "eventDataStore", "AWS::CloudTrail::EventDataStore"),
    ("cloudtrail", "s3BucketName", "AWS::S3::Bucket"),
    ("cloudtrail", "kmsKeyId", "AWS::KMS::Key"),
    ("config", "configurationRecorderName", "AWS::Config::ConfigurationRecorder"),
    ("config", "deliveryChannelName", "AWS::Config::DeliveryChannel"),
    ("ec2", "vpcId", "AWS::EC2::VPC"),
    ("events", "name", "AWS::Events::Rule"),
    ("events", "rule", "AWS::Events::Rule"),
    ("iam", "policyArn", "AWS::IAM::Policy"),
    ("iam", "roleName", "AWS::IAM::Role"),
    ("iam", "userName", "AWS::IAM::User"),
    ("kms", "keyId", "AWS::KMS::Key"),
    ("kms", "targetKeyId", "AWS::KMS::Key"),
    ("logs", "logGroupName", "AWS::Logs::LogGroup"),
    ("monitoring", "alarmName", "AWS::CloudWatch::Alarm"),
    ("monitoring", "alarmNames", "AWS::CloudWatch::Alarm"),
    ("organizations", "accountId", "AWS::Organizations::Account"),
    ("organizations", "policyId", "AWS::Organizations::Policy"),
    ("s3", "bucketName", "AWS::S3::Bucket"),
    ("sns", "topicArn", "AWS::SNS::Topic"),
    ("wafv2", "resourceArn", "AWS::WAFv2::WebACL"),
];

/// Remembers a call that was meant to change something, refused or not, in the account of the caller. Object operations
/// are data events, not history. `resource` is what the policies were asked about.
pub fn record(world: &mut World, request: &Request, service: &str, resource: &str, refused: Option<&AwsError>) {
    if service == "s3" && request.operation.ends_with("Object") {
        return;
    }
    let caller = &request.caller;
    let source = service.trim_end_matches("-control");
    let parameters = parameters::of(request, service);
    let region = bucket_of(parameters.as_ref(), source).and_then(|name| world.bucket(name));
    let event = PastEvent {
        id: String::new(),
        time: When::At(request.now),
        region: region.map_or_else(|| request.region.clone(), |(_, bucket)| bucket.region.clone()),
        source: format!("{source}.amazonaws.com"),
        name: event_name(service, &request.operation),
        read_only: false,
        caller: Some(caller.arn.clone()),
        principal_id: caller.user_id.clone(),
        access_key_id: caller.access_key.clone(),
        session_issuer: (caller.kind == CallerKind::Role).then(|| caller.principal_arn.clone()),
        invoked_by: None,
        source_ip: "127.0.0.1".to_owned(),
        user_agent: request.header("user-agent").unwrap_or_default().to_owned(),
        resources: resources(parameters.as_ref(), source, resource),
        request_parameters: parameters,
        service_event_details: None,
        error_code: refused.map(|error| error_code(service, &error.code)),
        error_message: refused.map(|error| error.message.clone()),
    };
    remember(world, &caller.account, event);
}

/// Remembers in an account what a service did there by itself.
pub fn service_event(
    world: &mut World,
    account: &AccountId,
    request: &Request,
    (service, name): (&str, &str),
    details: Value,
) {
    let source = format!("{service}.amazonaws.com");
    let event = PastEvent {
        id: String::new(),
        time: When::At(request.now),
        region: request.region.clone(),
        source: source.clone(),
        name: name.to_owned(),
        read_only: false,
        caller: None,
        principal_id: String::new(),
        access_key_id: String::new(),
        session_issuer: None,
        invoked_by: Some(source.clone()),
        source_ip: source.clone(),
        user_agent: source,
        resources: Vec::new(),
        request_parameters: None,
        service_event_details: Some(details),
        error_code: None,
        error_message: None,
    };
    remember(world, account, event);
}

fn remember(world: &mut World, account: &AccountId, event: PastEvent) {
    let event = PastEvent { id: world.uuid(), ..event };
    let history = &mut world.cloudtrail.entry(account.clone()).or_default().history;
    if history.len() >= MOST_EVENTS {
        history.drain(..MOST_EVENTS / 10);
    }
    history.push(event);
}

fn bucket_of<'a>(parameters: Option<&'a Value>, service: &str) -> Option<&'a str> {
    parameters.filter(|_| service == "s3")?.get("bucketName")?.as_str()
}

/// The name of an event: the operation's, but for S3, which kept the names of its first API.
fn event_name(service: &str, operation: &str) -> String {
    match (service, operation) {
        ("s3", "PutBucketLifecycleConfiguration") => "PutBucketLifecycle".to_owned(),
        ("s3", "PutObjectLockConfiguration") => "PutBucketObjectLockConfiguration".to_owned(),
        ("s3", "PutPublicAccessBlock") => "PutBucketPublicAccessBlock".to_owned(),
        ("s3", "DeletePublicAccessBlock") => "DeleteBucketPublicAccessBlock".to_owned(),
        ("s3-control", "PutPublicAccessBlock") => "PutAccountPublicAccessBlock".to_owned(),
        ("s3-control", "DeletePublicAccessBlock") => "DeleteAccountPublicAccessBlock".to_owned(),
        _ => operation.to_owned(),
    }
}

/// The code of a refusal: EC2 says whose fault it was, and denials are called the same everywhere else.
fn error_code(service: &str, code: &str) -> String {
    match (service, code) {
        ("ec2", code) => format!("Client.{code}"),
        (_, "AccessDeniedException") => "AccessDenied".to_owned(),
        (_, code) => code.to_owned(),
    }
}

/// What the parameters name, each also by the ARN that the policies were asked about, and by the name in an ARN of a trail.
fn resources(parameters: Option<&Value>, service: &str, asked: &str) -> Vec<PastResource> {
    let mut found: Vec<PastResource> = Vec::new();
    let mut add = |kind: &str, name: &str| {
        let resource = PastResource { kind: kind.to_owned(), name: name.to_owned() };
        if !found.contains(&resource) {
            found.push(resource);
        }
    };
    for (_, parameter, kind) in NAMING.iter().filter(|(of, ..)| *of == service) {
        let value = parameters.and_then(|parameters| parameters.get(parameter));
        let texts = match value {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            other => other.and_then(Value::as_str).into_iter().collect::<Vec<_>>(),
        };
        for text in texts {
            add(kind, text);
            let end = text.rsplit('/').next().unwrap_or(text);
            if *kind == "AWS::CloudTrail::Trail" {
                add(kind, end);
            }
            if asked.starts_with("arn:") && asked.rsplit(['/', ':']).next() == Some(end) {
                add(kind, asked);
            }
        }
    }
    found
}
