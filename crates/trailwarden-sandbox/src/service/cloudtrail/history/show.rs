//! A past call as `LookupEvents` shows it: a few members, and the whole record as text.

use jiff::Timestamp;
use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Arn};

use crate::world::cloudtrail::{PastEvent, PastResource};

/// The last part of the caller's ARN: session name, user name or `root`.
pub fn username(event: &PastEvent) -> Option<&str> {
    event.caller.as_deref().and_then(|caller| caller.rsplit(['/', ':']).next())
}

/// One entry of the answer.
pub fn event(event: &PastEvent, time: Timestamp, account: &AccountId) -> Value {
    let resources: Vec<Value> = event
        .resources
        .iter()
        .map(|resource| json!({ "ResourceType": resource.kind, "ResourceName": resource.name }))
        .collect();
    json!({
        "EventId": event.id,
        "EventName": event.name,
        "ReadOnly": event.read_only.to_string(),
        "AccessKeyId": Some(&event.access_key_id).filter(|key| !key.is_empty()),
        "EventTime": time.as_second(),
        "EventSource": event.source,
        "Username": username(event),
        "Resources": resources,
        "CloudTrailEvent": record(event, time, account).to_string(),
    })
}

fn record(event: &PastEvent, time: Timestamp, account: &AccountId) -> Value {
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": identity(event, time, account),
        "eventTime": seconds(time),
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": event.region,
        "sourceIPAddress": event.source_ip,
        "userAgent": event.user_agent,
        "requestParameters": event.request_parameters,
        "responseElements": null,
        "eventID": event.id,
        "readOnly": event.read_only,
        "eventType": if event.service_event_details.is_some() { "AwsServiceEvent" } else { "AwsApiCall" },
        "managementEvent": true,
        "recipientAccountId": account,
        "eventCategory": "Management",
    });
    let resources: Vec<Value> =
        event.resources.iter().filter_map(|resource| resource_entry(resource, account)).collect();
    if let Value::Object(members) = &mut record {
        // A record has these members only when there is something to say.
        let said = [
            ("errorCode", event.error_code.as_ref().map(|code| json!(code))),
            ("errorMessage", event.error_message.as_ref().map(|message| json!(message))),
            ("serviceEventDetails", event.service_event_details.clone()),
            ("resources", (!resources.is_empty()).then(|| json!(resources))),
        ];
        members.extend(said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    record
}

fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The entry of a key or a bucket; the other services write none.
fn resource_entry(resource: &PastResource, account: &AccountId) -> Option<Value> {
    let arn = match resource.kind.as_str() {
        "AWS::S3::Bucket" => format!("arn:aws:s3:::{}", resource.name),
        "AWS::KMS::Key" if resource.name.starts_with("arn:") => resource.name.clone(),
        _ => return None,
    };
    Some(json!({ "accountId": account, "type": resource.kind, "ARN": arn }))
}

/// Who called, with as many members as the kind of caller has.
fn identity(event: &PastEvent, time: Timestamp, account: &AccountId) -> Value {
    let Some(caller) = event.caller.as_deref() else {
        if event.service_event_details.is_some() {
            return json!({ "accountId": account, "invokedBy": event.invoked_by });
        }
        return json!({ "type": "AWSService", "invokedBy": event.invoked_by });
    };
    let arn: Option<Arn> = caller.parse().ok();
    let owner = arn.as_ref().and_then(Arn::account).unwrap_or_else(|| account.clone());
    let resource = arn.as_ref().map(Arn::resource).unwrap_or_default();
    let mut identity = json!({
        "type": "Root",
        "principalId": event.principal_id,
        "arn": caller,
        "accountId": owner,
        "accessKeyId": event.access_key_id,
    });
    let Value::Object(members) = &mut identity else { return identity };
    if let Some(name) = resource.strip_prefix("user/") {
        members.insert("type".to_owned(), json!("IAMUser"));
        members.insert("userName".to_owned(), json!(name.rsplit('/').next()));
    }
    if let Some((role, _)) = resource.strip_prefix("assumed-role/").and_then(|rest| rest.split_once('/')) {
        let partition = arn.as_ref().map(Arn::partition).unwrap_or_default();
        let issuer =
            event.session_issuer.clone().unwrap_or_else(|| format!("arn:{partition}:iam::{owner}:role/{role}"));
        let context = json!({
            "sessionIssuer": {
                "type": "Role",
                "principalId": event.principal_id.split(':').next(),
                "arn": issuer,
                "accountId": owner,
                "userName": role,
            },
            "attributes": { "creationDate": seconds(time), "mfaAuthenticated": "false" },
        });
        members.insert("type".to_owned(), json!("AssumedRole"));
        members.insert("sessionContext".to_owned(), context);
    }
    if let Some(service) = &event.invoked_by {
        members.insert("invokedBy".to_owned(), json!(service));
    }
    identity
}
