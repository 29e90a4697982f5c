//! Events that controls ask about: those that a baseline requires, by resource type or source, and what CloudTrail does itself.

use std::sync::LazyLock;

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

/// Every management event that a region may see; those of global services in the leader region alone.
pub(crate) fn management(is_leader: bool) -> &'static Events {
    // Naming the source, whatever it is, lets an example have one.
    static EVERYWHERE: LazyLock<Events> = LazyLock::new(|| {
        Events::default().with(Field::Category, &Words::is("Management")).with(Field::Source, &Words::default())
    });
    static REGIONAL: LazyLock<Events> = LazyLock::new(|| EVERYWHERE.clone().with(Field::Global, &Words::is("false")));
    if is_leader { &EVERYWHERE } else { &REGIONAL }
}

/// What CloudTrail itself does to deliver log files: objects put whose ARN starts so, by a service, so that the record names
/// no user. Source: CloudTrail User Guide, "Suppressing recursive events with recursive logging".
pub(crate) fn deliveries(arn_start: String) -> Events {
    Events::default()
        .with(Field::Category, &Words::is("Data"))
        .with(Field::ReadOnly, &Words::is("false"))
        .with(Field::Global, &Words::is("false"))
        .with(Field::Source, &Words::is("s3.amazonaws.com"))
        .with(Field::Name, &Words::is("PutObject"))
        .with(Field::ResourceType, &Words::is("AWS::S3::Object"))
        .with(Field::ResourceArn, &Words::one_of([Affix::Start(arn_start)]))
        .with(Field::UserArn, &Words::is(""))
        .with(Field::FromConsole, &Words::is(""))
}
