//! The events that a baseline requires: data events by resource type and ARN, network activity events by source.

use trailwarden_model::baseline::{DataEvents, Operations};

use super::events::{Events, Field};
use super::named::{Home, arn_start_of, home_of, source_of_type};
use super::words::{Affix, Words};

/// The data events that a requirement names, in any region of a partition.
pub(crate) fn data_events(required: &DataEvents, partition: &str) -> Events {
    let resource_type = required.resource_type.as_str();
    let source = source_of_type(resource_type);
    let mut events = Events::default()
        .with(Field::Category, &Words::is("Data"))
        .with(Field::ResourceType, &Words::is(resource_type));
    events = match required.operations {
        Operations::All => events,
        Operations::Read => events.with(Field::ReadOnly, &Words::is("true")),
        Operations::Write => events.with(Field::ReadOnly, &Words::is("false")),
    };
    if let Some(source) = source {
        events = events.with(Field::Source, &Words::is(source));
    }
    if !resource_type.starts_with("AWS::CloudFront::") {
        events = events.with(Field::Global, &Words::is("false"));
    }
    let of_type = arn_start_of(resource_type).map(|start| format!("arn:{partition}:{start}"));
    match required.arn_prefix.clone().or(of_type) {
        Some(start) => events.with(Field::ResourceArn, &Words::one_of([Affix::Start(start)])),
        None => events,
    }
}

/// What these data events are called.
pub(crate) fn data_events_words(required: &DataEvents) -> String {
    let half = match required.operations {
        Operations::All => "data events",
        Operations::Read => "data events that read",
        Operations::Write => "data events that write",
    };
    let prefix = required.arn_prefix.as_ref().map(|prefix| format!(" below {prefix}")).unwrap_or_default();
    format!("{half} of {}{prefix}", required.resource_type)
}

/// The network activity events of a source.
pub(crate) fn network_activity(source: &str) -> Events {
    let events =
        Events::default().with(Field::Category, &Words::is("NetworkActivity")).with(Field::Source, &Words::is(source));
    match home_of(source) {
        Home::Region => events.with(Field::Global, &Words::is("false")),
        Home::Both | Home::Leader | Home::Global => events,
    }
}
