//! The event history of each account and region, which no trail filters: `LookupEvents`.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::visibility::Viewer;
use crate::error::AwsError;
use crate::service::page::slice;
use crate::world::World;
use crate::world::cloudtrail::PastEvent;

mod parameters;
mod record;
mod show;

#[cfg(test)]
mod tests;

pub use record::{record, service_event};

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
    let in_time = |time: Timestamp| {
        let second = time.as_second() as f64;
        time >= oldest
            && input.start_time.is_none_or(|start| second >= start)
            && input.end_time.is_none_or(|end| second <= end)
    };
    let held = history.iter().map(|event| (event.time.by(now), event));
    let is_wanted = |(time, event): &(Timestamp, &PastEvent)| {
        input.event_category.is_none() && event.region == *viewer.region && in_time(*time) && has(event, wanted)
    };
    let mut found: Vec<(Timestamp, &PastEvent)> = held.rev().filter(is_wanted).collect();
    found.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    let found = found.into_iter().map(|(time, event)| show::event(event, time, viewer.account)).collect();
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
        "Username" => show::username(event) == Some(value),
        "EventSource" => event.source == value,
        "AccessKeyId" => event.access_key_id == value,
        "ResourceType" => event.resources.iter().any(|resource| resource.kind == value),
        "ResourceName" => event.resources.iter().any(|resource| resource.name == value),
        _ => false,
    }
}
