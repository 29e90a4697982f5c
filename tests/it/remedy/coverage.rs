//! At no moment of applying a plan or rolling it back is less recorded than before: the world after every write is collected
//! and its coverage compared with that of the world at the start.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use trailwarden_audit::{CoverageMap, controls};
use trailwarden_aws::{Selection, collect};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::snapshot::Snapshot;
use trailwarden_sandbox::world::World;

use super::canon::canon;
use super::{Desk, WITHOUT_RECORDERS, options};
use crate::served::Served;

/// The control whose facts say what is recorded.
const CONTROL: &str = "management-events-recorded";

/// What of a world decides whether events are recorded.
const DECIDING: [&str; 6] = ["organization", "cloudtrail", "s3", "kms", "iam", "logs"];

/// The world after each write, with the name of the operation.
type Film = Arc<Mutex<Vec<(String, World)>>>;

fn snapshot(world: &World) -> Snapshot {
    let served = Served::start(options(world.clone()));
    let baseline = Baseline::default();
    let judged: Vec<_> = controls::ALL.iter().copied().filter(|control| control.id == CONTROL).collect();
    let selection = Selection { needs: controls::needs(&judged, &baseline), ..Selection::default() };
    let session = served.session();
    let now = trailwarden::settings::Settings::clock();
    served.wait(collect(&session, &selection, now, "test", &())).expect("a snapshot")
}

/// What decides, without what no recording depends on.
fn deciding(world: &World) -> Vec<Value> {
    let mut canon = canon(world);
    DECIDING.iter().map(|name| canon[*name].take()).collect()
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
    let taken = Arc::clone(&film);
    desk.served.sandbox().watch(move |world, operation| {
        taken.lock().expect("not poisoned").push((operation.to_owned(), world.clone()));
    });
    let run = desk.apply(&planned);
    assert!(run.code == Some(0) || run.code == Some(11), "{run:?}");
    let run = desk.roll_back(&planned);
    assert!(run.code == Some(30) || run.code == Some(31), "{run:?}");

    let baseline = Baseline::default();
    let first = snapshot(&before);
    let coverage = CoverageMap::new(&first, &baseline);
    let mut last = deciding(&before);
    let mut n_compared = 0;
    for (operation, world) in film.lock().expect("not poisoned").iter() {
        let now = deciding(world);
        if now == last {
            continue;
        }
        last = now;
        n_compared += 1;
        let later = snapshot(world);
        let lost = coverage.lost_in(&CoverageMap::new(&later, &baseline));
        assert!(lost.is_none(), "after {operation}: {lost:?}");
    }
    assert!(n_compared >= calls.len(), "{n_compared} moments");
}

#[test]
fn a_sound_organization_with_a_few_flaws_loses_nothing() {
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
    let calls = ["cloudtrail:UpdateTrail", "s3:PutBucketPolicy"];
    assert_nothing_is_lost(&Desk::of(world), &WITHOUT_RECORDERS, &calls);
}
