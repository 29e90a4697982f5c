//! The event history of each account and region, which no trail filters: `LookupEvents`.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::visibility::Viewer;
use crate::error::AwsError;
use crate::request::Request;
use crate::service::page::slice;
use crate::world::World;
use crate::world::cloudtrail::PastEvent;

/// Events kept for an account; older ones are forgotten first.
const MOST_EVENTS: usize = 10_000;
const DAYS: i64 = 90;
const MOST_PER_PAGE: i64 = 50;
const ATTRIBUTES: [&str; 8] =
    ["EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"];
const LONGEST_VALUE: usize = 2_000;

/// The input of `LookupEvents`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Lookup {
    lookup_attributes: Vec<Attribute>,
    start_time: Option<f64>,
    end_time: Option<f64>,
    event_category: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_key: String,
    attribute_value: String,
}

/// Remembers a call that was meant to change something, refused or not. Object operations are data events, not history.
pub fn record(world: &mut World, request: &Request, service: &str, refused: Option<&AwsError>) {
    if service == "s3" && request.operation.ends_with("Object") {
        return;
    }
    let event = PastEvent {
        id: world.uuid(),
        time: request.now,
        region: request.region.clone(),
        source: format!("{}.amazonaws.com", service.trim_end_matches("-control")),
        name: request.operation.clone(),
        read_only: false,
        username: request.caller.arn.rsplit(['/', ':']).next().unwrap_or_default().to_owned(),
        access_key_id: request.caller.access_key.clone(),
        caller: request.caller.arn.clone(),
        error_code: refused.map(|error| error.code.clone()),
    };
    let history = &mut world.cloudtrail.entry(request.caller.account.clone()).or_default().history;
    if history.len() >= MOST_EVENTS {
        history.drain(..MOST_EVENTS / 10);
    }
    history.push(event);
}

/// `LookupEvents`: newest first, one region, one attribute, 90 days.
pub fn lookup(world: &World, viewer: Viewer<'_>, input: &Lookup, now: Timestamp) -> Result<Value, AwsError> {
    let limit = input.max_results.unwrap_or(MOST_PER_PAGE);
    if !(1..=MOST_PER_PAGE).contains(&limit) {
        let message = format!("A page takes 1 to {MOST_PER_PAGE} results.");
        return Err(AwsError::bad("InvalidMaxResultsException", message));
    }
    if input.event_category.as_deref().is_some_and(|category| category != "insight") {
        return Err(AwsError::bad("InvalidEventCategoryException", "EventCategory takes insight only."));
    }
    if matches!((input.start_time, input.end_time), (Some(start), Some(end)) if start > end) {
        return Err(AwsError::bad("InvalidTimeRangeException", "The start time is after the end time."));
    }
    let wanted = match input.lookup_attributes.as_slice() {
        [] => None,
        [only] => Some((only.attribute_key.as_str(), only.attribute_value.as_str())),
        _ => return Err(AwsError::bad("InvalidLookupAttributesException", "Only one lookup attribute is allowed.")),
    };
    if let Some((key, value)) = wanted
        && (!ATTRIBUTES.contains(&key) || value.chars().count() > LONGEST_VALUE)
    {
        let message = format!("{key} is not a lookup attribute, or its value is too long.");
        return Err(AwsError::bad("InvalidLookupAttributesException", message));
    }
    let history = world.cloudtrail.get(viewer.account).map(|held| held.history.as_slice()).unwrap_or_default();
    let oldest = now.saturating_sub(SignedDuration::from_hours(24 * DAYS)).unwrap_or(now);
    let in_time = |event: &PastEvent| {
        let second = event.time.as_second() as f64;
        event.time >= oldest
            && input.start_time.is_none_or(|start| second >= start)
            && input.end_time.is_none_or(|end| second <= end)
    };
    let mut found = Vec::new();
    for event in history.iter().rev().filter(|event| event.region == *viewer.region && in_time(event)) {
        if input.event_category.is_none() && has(event, wanted) {
            found.push(show(event, viewer));
        }
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let (events, next) = slice("LookupEvents", found, input.next_token.as_deref(), limit)
        .ok_or_else(|| AwsError::bad("InvalidNextTokenException", "The token is not valid."))?;
    Ok(json!({ "Events": events, "NextToken": next }))
}

fn has(event: &PastEvent, wanted: Option<(&str, &str)>) -> bool {
    let Some((key, value)) = wanted else { return true };
    match key {
        "EventId" => event.id == value,
        "EventName" => event.name == value,
        "ReadOnly" => event.read_only.to_string() == value,
        "Username" => event.username == value,
        "EventSource" => event.source == value,
        "AccessKeyId" => event.access_key_id == value,
        // No resources are remembered.
        _ => false,
    }
}

fn show(event: &PastEvent, viewer: Viewer<'_>) -> Value {
    let record = json!({
        "eventVersion": "1.11",
        "userIdentity": { "arn": event.caller, "accountId": viewer.account, "accessKeyId": event.access_key_id },
        "eventTime": event.time,
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": event.region,
        "errorCode": event.error_code,
        "eventID": event.id,
        "readOnly": event.read_only,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": viewer.account,
        "eventCategory": "Management",
    });
    json!({
        "EventId": event.id,
        "EventName": event.name,
        "ReadOnly": event.read_only.to_string(),
        "AccessKeyId": event.access_key_id,
        "EventTime": event.time.as_second(),
        "EventSource": event.source,
        "Username": event.username,
        "Resources": [],
        "CloudTrailEvent": record.to_string(),
    })
}
