//! Cases about which events trails record: sources left out, required data events, Insights, copies, loops, and trails that
//! nobody approved.

use std::collections::BTreeSet;

use trailwarden_model::log_source::EventDataStore;
use trailwarden_model::observed::Observed::{Gap, Known};
use trailwarden_model::trail::{BasicSelector, FieldSelector, Insight, ReadWriteType, Selectors};

use super::Case;
use crate::testing::selectors::{advanced, basic, equals};
use crate::testing::{ARCHIVE, HOME, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, account, arn, denied, region};

pub(super) const CASES: &[Case] = &[
    Case { name: "asked-and-halved", world: asked_and_halved },
    Case { name: "asked-and-recorded", world: asked_and_recorded },
    Case { name: "asked-and-unread", world: asked_and_unread },
    Case { name: "kms-left-out", world: kms_left_out },
    Case { name: "unapproved", world: unapproved },
];

/// The organization trail leaves KMS out; one account has a whole trail of its own, another one that records writes.
fn kms_left_out() -> World {
    let without_kms = Selectors::Basic(vec![BasicSelector {
        read_write: ReadWriteType::All,
        include_management_events: true,
        exclude_management_event_sources: BTreeSet::from(["kms.amazonaws.com".to_owned()]),
        data_resources: vec![],
    }]);
    World::clean()
        .trail(ORG_TRAIL, |trail| trail.selectors = Known(without_kms))
        .add_trail("whole", ARCHIVE, |_| {})
        .add_trail("writes", WORKLOAD, |trail| trail.selectors = Known(basic(ReadWriteType::WriteOnly, true)))
}

/// The organization trail records management events, and S3 objects and network activity under these conditions.
fn asking(objects: &[FieldSelector], network: &[FieldSelector]) -> World {
    let data = [equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")];
    let activity = [equals("eventCategory", "NetworkActivity"), equals("eventSource", "s3.amazonaws.com")];
    let selectors = advanced(vec![
        vec![equals("eventCategory", "Management")],
        [&data, objects].concat(),
        [&activity, network].concat(),
    ]);
    World::clean().trail(ORG_TRAIL, |trail| trail.selectors = Known(selectors))
}

fn with_store(world: World, change: impl FnOnce(&mut EventDataStore)) -> World {
    let mut store = EventDataStore {
        arn: arn("arn:aws:cloudtrail:eu-west-1:111111111111:eventdatastore/0aaaaaaa-1111-4222-8333-555555555555"),
        name: "organization-lake".to_owned(),
        status: "ENABLED".to_owned(),
        is_organization: true,
        is_multi_region: true,
        termination_protection: true,
        retention_days: 366,
        kms_key: Some("arn:aws:kms:eu-west-1:111111111111:key/0bbbbbbb-1111-4222-8333-444444444444".to_owned()),
        region: region(HOME),
    };
    change(&mut store);
    world.edit(|snapshot| {
        let seen = snapshot.accounts.get_mut(&account(MANAGEMENT)).expect("in scope");
        seen.regions.get_mut(&region(HOME)).expect("a region").event_data_stores = Known(vec![store]);
    })
}

fn insight(kind: &str, category: &str) -> Insight {
    Insight { kind: kind.to_owned(), category: category.to_owned() }
}

/// Everything that the baseline asks for is recorded, and the trail drops its own deliveries.
fn asked_and_recorded() -> World {
    with_store(asking(&[], &[]), |_| {}).trail(ORG_TRAIL, |trail| {
        trail.recursive_logging = Some(false);
        let types = ["ApiCallRateInsight", "ApiErrorRateInsight"];
        trail.insights = Known(types.into_iter().map(|kind| insight(kind, "Management")).collect());
    })
}

/// Half of what the baseline asks for is recorded, and the trail records its own deliveries: RecursiveLogging is absent.
fn asked_and_halved() -> World {
    let world = asking(&[equals("readOnly", "false")], &[equals("errorCode", "VpceAccessDenied")]);
    with_store(world, |store| store.status = "STOPPED_INGESTION".to_owned()).trail(ORG_TRAIL, |trail| {
        trail.recursive_logging = None;
        trail.insights = Known([insight("ApiCallRateInsight", "Data")].into());
    })
}

/// What the organization trail records could not be read.
fn asked_and_unread() -> World {
    World::clean().trail(ORG_TRAIL, |trail| {
        trail.selectors = Gap(denied("cloudtrail:GetEventSelectors"));
        trail.insights = Gap(denied("cloudtrail:GetInsightSelectors"));
    })
}

/// One trail as approved, one that nobody approved, and one that is gone.
fn unapproved() -> World {
    World::clean().add_trail("shadow-it", WORKLOAD, |trail| trail.selectors = Known(basic(ReadWriteType::All, false)))
}
