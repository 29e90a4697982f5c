//! What trails record: selectors by meaning, halves, exclusions.

use trailwarden_model::observed::Observed::Known;
use trailwarden_model::trail::{
    AdvancedSelector, BasicSelector, DataResource, FieldSelector, Insight, ReadWriteType, Selectors,
};

use super::Case;
use crate::testing::selectors::{basic, equals, not_equals};
use crate::testing::{MANAGEMENT, ORG_TRAIL, World};

pub(super) const CASES: &[Case] = &[
    Case { name: "renamed-selector", world: renamed_selector },
    Case { name: "data-selector-named-management", world: data_selector_named_management },
    Case { name: "reads-here-writes-there", world: reads_here_writes_there },
    Case { name: "writes-only", world: writes_only },
    Case { name: "data-events-only", world: data_events_only },
    Case { name: "insights-only", world: insights_only },
    Case { name: "excluded-here-included-there", world: excluded_here_included_there },
    Case { name: "kms-excluded-everywhere", world: kms_excluded_everywhere },
    Case { name: "kms-reads-excluded", world: kms_reads_excluded },
    Case { name: "management-halves-in-one-trail", world: management_halves_in_one_trail },
    Case { name: "trails-as-approved", world: World::clean },
    Case { name: "narrowed-since-approved", world: kms_excluded_everywhere },
    Case { name: "insights-on", world: insights_on },
    Case { name: "insights-missing", world: insights_on },
    Case { name: "data-events-missing", world: World::clean },
    Case { name: "data-events-narrowed", world: data_events_narrowed },
    Case { name: "data-events-of-what-matters", world: data_events_narrowed },
    Case { name: "network-activity-of-one-service", world: network_activity_recorded },
    Case { name: "network-activity-of-what-matters", world: network_activity_recorded },
    Case { name: "no-global-service-events", world: no_global_service_events },
];

fn records(world: World, trail: &str, selectors: Selectors) -> World {
    world.trail(trail, |trail| trail.selectors = Known(selectors))
}

fn named(name: &str, fields: Vec<FieldSelector>) -> AdvancedSelector {
    AdvancedSelector { name: Some(name.to_owned()), fields }
}

fn excluding(half: ReadWriteType, source: &str) -> Selectors {
    Selectors::Basic(vec![BasicSelector {
        read_write: half,
        include_management_events: true,
        exclude_management_event_sources: [source.to_owned()].into(),
        data_resources: Vec::new(),
    }])
}

/// A second organization trail beside the first.
fn second(world: World, name: &str, selectors: Selectors) -> World {
    let world = world.add_trail(name, MANAGEMENT, |trail| trail.is_organization = true);
    records(world, name, selectors).admit_trails()
}

fn renamed_selector() -> World {
    let selector = named("Everything people do", vec![equals("eventCategory", "Management")]);
    records(World::clean(), ORG_TRAIL, Selectors::Advanced(vec![selector]))
}

fn data_selector_named_management() -> World {
    let fields = vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::DynamoDB::Table")];
    records(World::clean(), ORG_TRAIL, Selectors::Advanced(vec![named("Management events selector", fields)]))
}

fn reads_here_writes_there() -> World {
    let reads = records(World::clean(), ORG_TRAIL, basic(ReadWriteType::ReadOnly, true));
    second(reads, "org-writes", basic(ReadWriteType::WriteOnly, true))
}

fn writes_only() -> World {
    records(World::clean(), ORG_TRAIL, basic(ReadWriteType::WriteOnly, true))
}

fn data_events_only() -> World {
    let resource =
        DataResource { resource_type: "AWS::Lambda::Function".to_owned(), values: vec!["arn:aws:lambda".to_owned()] };
    let selector = BasicSelector {
        read_write: ReadWriteType::All,
        include_management_events: false,
        exclude_management_event_sources: [].into(),
        data_resources: vec![resource],
    };
    records(World::clean(), ORG_TRAIL, Selectors::Basic(vec![selector]))
}

fn insights_only() -> World {
    let insight = Insight { kind: "ApiErrorRateInsight".to_owned(), category: "Management".to_owned() };
    records(World::clean(), ORG_TRAIL, basic(ReadWriteType::All, false))
        .trail(ORG_TRAIL, |trail| trail.insights = Known([insight].into()))
}

fn insights_on() -> World {
    let insight = Insight { kind: "ApiCallRateInsight".to_owned(), category: "Management".to_owned() };
    World::clean().trail(ORG_TRAIL, |trail| trail.insights = Known([insight].into()))
}

fn excluded_here_included_there() -> World {
    let world = records(World::clean(), ORG_TRAIL, excluding(ReadWriteType::All, "kms.amazonaws.com"));
    second(world, "org-without-rds-data", excluding(ReadWriteType::All, "rdsdata.amazonaws.com"))
}

fn kms_excluded_everywhere() -> World {
    let fields = vec![equals("eventCategory", "Management"), not_equals("eventSource", "kms.amazonaws.com")];
    records(World::clean(), ORG_TRAIL, Selectors::Advanced(vec![named("Management events selector", fields)]))
}

/// Reads without KMS, writes with it: `kms:DisableKey` is recorded, `kms:Decrypt` is not.
fn kms_reads_excluded() -> World {
    let management = || equals("eventCategory", "Management");
    let reads = vec![management(), equals("readOnly", "true"), not_equals("eventSource", "kms.amazonaws.com")];
    let writes = vec![management(), equals("readOnly", "false")];
    let selectors = vec![named("reads", reads), named("writes", writes)];
    records(World::clean(), ORG_TRAIL, Selectors::Advanced(selectors))
}

fn management_halves_in_one_trail() -> World {
    let half = |value| vec![equals("eventCategory", "Management"), equals("readOnly", value)];
    let selectors = vec![named("", half("true")), named("", half("false"))];
    records(World::clean(), ORG_TRAIL, Selectors::Advanced(selectors))
}

/// Object events, but of buckets whose names begin so, and only writes.
fn data_events_narrowed() -> World {
    let mut buckets = equals("resources.ARN", "");
    buckets.equals.clear();
    buckets.starts_with = vec!["arn:aws:s3:::payments-".to_owned()];
    let objects = vec![
        equals("eventCategory", "Data"),
        equals("resources.type", "AWS::S3::Object"),
        equals("readOnly", "false"),
        buckets,
    ];
    let selectors = vec![named("", vec![equals("eventCategory", "Management")]), named("payments", objects)];
    records(World::clean(), ORG_TRAIL, Selectors::Advanced(selectors))
}

/// Calls through VPC endpoints of AWS KMS.
fn network_activity_recorded() -> World {
    let network = vec![equals("eventCategory", "NetworkActivity"), equals("eventSource", "kms.amazonaws.com")];
    let selectors = vec![named("", vec![equals("eventCategory", "Management")]), named("", network)];
    records(World::clean(), ORG_TRAIL, Selectors::Advanced(selectors))
}

fn no_global_service_events() -> World {
    World::clean().trail(ORG_TRAIL, |trail| trail.includes_global_service_events = false)
}
