//! At no moment of applying a plan or rolling it back is less recorded than before: the world after every write is collected
//! and its coverage compared with that of the world at the start. A world that differs from one that was compared in nothing
//! that coverage can see is not collected again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use trailwarden_audit::{CoverageMap, controls};
use trailwarden_aws::{Selection, collect};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::ids::Region;
use trailwarden_model::journal::Outcome;
use trailwarden_model::snapshot::Snapshot;
use trailwarden_sandbox::world::World;

use super::canon::canon;
use super::faults::{Trial, effects, fault};
use super::{Desk, WITHOUT_RECORDERS, options};
use crate::served::Served;

/// The control whose facts say what is recorded.
const CONTROL: &str = "management-events-recorded";

/// What of a world decides whether events are recorded. Coverage reads trails, their status and selectors, who owns their
/// buckets, and their keys; what CloudTrail tells of a delivery to the bucket rests on the policies of bucket and key besides.
/// Log groups, alarms and topics are where events go from there.
const DECIDING: [&str; 5] = ["organization", "cloudtrail", "s3", "kms", "iam"];

/// What of a bucket or key has no part in whether CloudTrail may write with it.
const WITHOUT_PART: [&str; 10] = [
    "lifecycle",
    "smallest_transition",
    "versioning",
    "logging",
    "object_lock",
    "replication",
    "tags",
    "rotation",
    "rotation_days",
    "aliases",
];

/// The world after each write, with the name of the operation.
type Film = Arc<Mutex<Vec<(String, World)>>>;

fn snapshot(world: &World, regions: &BTreeSet<Region>) -> Snapshot {
    let served = Served::start(options(world.clone()));
    let baseline = Baseline::default();
    let judged: Vec<_> = controls::ALL.iter().copied().filter(|control| control.id == CONTROL).collect();
    let selection =
        Selection { needs: controls::needs(&judged, &baseline), regions: regions.clone(), ..Selection::default() };
    let session = served.session();
    let now = trailwarden::settings::Settings::clock();
    served.wait(collect(&session, &selection, now, "test", &())).expect("a snapshot")
}

/// The home regions of all trails at any time, and one in which no trail is at home: it stands for all like it.
fn telling_regions<'w>(worlds: impl Iterator<Item = &'w World>) -> BTreeSet<Region> {
    let trails = worlds.flat_map(|world| world.cloudtrail.values().flat_map(|held| &held.trails));
    let mut regions: BTreeSet<Region> =
        trails.map(|trail| trail.home_region.to_string().parse().expect("a region")).collect();
    let defaults: [Region; 4] =
        ["eu-north-1", "ap-south-1", "us-west-2", "sa-east-1"].map(|region| region.parse().expect("a region"));
    let other = defaults.into_iter().find(|region| !regions.contains(region)).expect("a region without trails");
    regions.insert(other);
    regions
}

/// What decides, without what no recording depends on: of buckets, those that trails name.
fn deciding(world: &World) -> String {
    let trails = world.cloudtrail.values().flat_map(|held| &held.trails);
    let named: BTreeSet<&String> = trails.map(|trail| &trail.bucket).collect();
    let mut canon = canon(world);
    for held in members(&mut canon["s3"]) {
        if let Some(buckets) = held["buckets"].as_object_mut() {
            buckets.retain(|name, _| named.contains(name));
        }
        members(&mut held["buckets"]).for_each(strip);
    }
    members(&mut canon["kms"]).flat_map(|held| held["keys"].as_array_mut()).flatten().for_each(strip);
    members(&mut canon["cloudtrail"]).for_each(|held| drop(held["event_data_stores"].take()));
    DECIDING.iter().map(|name| canon[*name].to_string()).collect::<Vec<_>>().join("\n")
}

fn members(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut)
}

fn strip(resource: &mut Value) {
    if let Some(members) = resource.as_object_mut() {
        members.retain(|name, _| !WITHOUT_PART.contains(&name.as_str()));
    }
}

/// Applies a plan, rolls it back, and compares each moment with the first.
fn assert_nothing_is_lost(desk: &Desk, arguments: &[&str], calls: &[&str]) {
    let before = desk.world();
    let planned = desk.plan("plan.json", arguments);
    let planned_calls: BTreeSet<String> = planned.plan.steps.iter().map(|step| step.call.operation()).collect();
    for call in calls {
        assert!(planned_calls.contains(*call), "no {call} in {planned_calls:?}");
    }
    let film = Film::default();
    watch(&desk.served, &film);
    let run = desk.apply(&planned);
    assert!(run.code == Some(0) || run.code == Some(11), "{run:?}");
    let run = desk.roll_back(&planned);
    assert!(run.code == Some(30) || run.code == Some(31), "{run:?}");
    let n_moments = compare(&before, &film);
    assert!(n_moments > calls.len(), "{n_moments} moments");
}

fn watch(served: &Served, film: &Film) {
    let taken = Arc::clone(film);
    served.sandbox().watch(move |world, operation| {
        taken.lock().expect("not poisoned").push((operation.to_owned(), world.clone()));
    });
}

/// Compares each moment with the first, and returns how many differed.
fn compare(before: &World, film: &Film) -> usize {
    let baseline = Baseline::default();
    let film = film.lock().expect("not poisoned");
    let regions = telling_regions(film.iter().map(|(_, world)| world).chain([before]));
    let first = snapshot(before, &regions);
    let coverage = CoverageMap::new(&first, &baseline);
    let mut compared = BTreeSet::from([deciding(before)]);
    for (operation, world) in film.iter() {
        if !compared.insert(deciding(world)) {
            continue;
        }
        let later = snapshot(world, &regions);
        let lost = coverage.lost_in(&CoverageMap::new(&later, &baseline));
        assert!(lost.is_none(), "after {operation}: {lost:?}");
    }
    compared.len()
}

#[test]
fn a_company_with_every_flaw_loses_nothing() {
    let calls = ["cloudtrail:StartLogging", "cloudtrail:PutEventSelectors", "s3:PutBucketPolicy", "kms:EnableKey"];
    assert_nothing_is_lost(&Desk::open("acme"), &WITHOUT_RECORDERS, &calls);
}

/// A sound organization with a few flaws.
fn flawed() -> World {
    let mut world = trailwarden_sandbox::scenario::world("clean").expect("a scenario");
    // The guard of the log archive keeps us from its bucket as well.
    let organization = world.organization.as_mut().expect("an organization");
    organization.attachments.values_mut().for_each(|attached| attached.retain(|policy| policy != "p-cl3narchv"));
    for trail in world.cloudtrail.values_mut().flat_map(|held| &mut held.trails) {
        trail.log_file_validation = false;
    }
    for bucket in world.s3.values_mut().flat_map(|held| held.buckets.values_mut()) {
        let Some(text) = &bucket.policy else { continue };
        let mut policy: Value = serde_json::from_str(text).expect("a policy");
        let statements = policy["Statement"].as_array_mut().expect("statements");
        statements.retain(|statement| statement["Condition"]["Bool"]["aws:SecureTransport"].is_null());
        bucket.policy = Some(policy.to_string());
    }
    world
}

#[test]
fn a_sound_organization_with_a_few_flaws_loses_nothing() {
    let calls = ["cloudtrail:UpdateTrail", "s3:PutBucketPolicy"];
    assert_nothing_is_lost(&Desk::of(flawed()), &WITHOUT_RECORDERS, &calls);
}

#[test]
fn nothing_is_lost_whatever_call_fails() {
    let desk = Desk::of(flawed());
    let before = desk.world();
    let planned = desk.plan("plan.json", &WITHOUT_RECORDERS);
    let film = Film::default();
    let mut n_trials = 0;
    for n in 0..planned.plan.steps.len() {
        for effect in effects() {
            let trial = Trial::of(before.clone());
            watch(&trial.served, &film);
            trial.served.sandbox().inject(fault(&planned.plan, n, effect.clone()));
            let id = format!("{} {effect:?}", planned.plan.steps[n].call.operation());
            let report = trial.apply(&planned, false).unwrap_or_else(|error| panic!("{id}: {error}"));
            if report.outcome != Outcome::Applied {
                let report = trial.apply(&planned, true).unwrap_or_else(|error| panic!("{id}: {error}"));
                assert_eq!(report.outcome, Outcome::Applied, "{id}: {:?}", report.steps);
            }
            let report = trial.roll_back(&planned).unwrap_or_else(|error| panic!("{id}: {error}"));
            assert_ne!(report.outcome, Outcome::Applied, "{id}");
            n_trials += 1;
        }
    }
    assert!(n_trials >= 10, "{n_trials}");
    assert!(compare(&before, &film) > 2);
}
