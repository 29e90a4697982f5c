//! Ways back on which nothing is lost: logs that have arrived stay readable, and no trail goes that another run relies on.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use trailwarden_sandbox::world::World;
use trailwarden_sandbox::world::kms::KeyState;
use trailwarden_sandbox::world::s3::ObjectVersion;

use super::{Desk, WITHOUT_RECORDERS};
use crate::rollout::own_trail;

const TWO_HOURS: Duration = Duration::from_hours(2);
const PROD: &str = "326688340912";
const OWN: &str = "arn:aws:cloudtrail:eu-west-1:326688340912:trail/own";

/// A trail of an account alone that records what the organization trail records, with a bucket of its own.
fn with_own_trail(world: &mut World) {
    own_trail(world, PROD, "own");
    let trails = || world.cloudtrail.values().flat_map(|held| &held.trails);
    let shared = trails().find(|trail| trail.organization).expect("the organization trail").clone();
    let buckets = world.s3.values().flat_map(|held| &held.buckets);
    let (_, bucket) = buckets.into_iter().find(|(name, _)| **name == shared.bucket).expect("its bucket");
    let mut bucket = bucket.clone();
    let management = world.organization.as_ref().expect("an organization").management_account.to_string();
    let source = format!("arn:aws:cloudtrail:{}:{management}:trail/{}", shared.home_region, shared.name);
    let policy = bucket.policy.as_mut().expect("a policy");
    *policy = policy.replace(&shared.bucket, "own-logs").replace(&source, OWN).replace(&management, PROD);
    bucket.encryption.algorithm = "AES256".to_owned();
    bucket.encryption.kms_key = None;
    world.s3.entry(PROD.parse().expect("an id")).or_default().buckets.insert("own-logs".to_owned(), bucket);
    let own = world.cloudtrail.values_mut().flat_map(|held| &mut held.trails).find(|trail| trail.name == "own");
    let own = own.expect("the other trail");
    (own.bucket, own.kms_key, own.log_group, own.log_role) = ("own-logs".to_owned(), None, None, None);
}

#[test]
fn logs_that_have_arrived_stay_and_stay_readable() {
    let desk = Desk::open("blank");
    let planned = desk.plan("plan.json", &WITHOUT_RECORDERS);
    let run = desk.apply(&planned);
    assert!(run.code == Some(0) || run.code == Some(11), "{run:?}");
    let file: ObjectVersion = serde_json::from_value(serde_json::json!({"body": "bG9n"})).expect("an object");
    let is_log_bucket = |name: &String| !name.starts_with("s3-access-logs-");
    let desk = desk.changed(|world| {
        let buckets = world.s3.values_mut().flat_map(|held| &mut held.buckets);
        let mut buckets = buckets.filter(|(name, _)| is_log_bucket(name));
        let (_, bucket) = buckets.next().expect("the log bucket");
        bucket.objects.insert("AWSLogs/1/CloudTrail/eu-west-1/2026/11/28/1.json.gz".to_owned(), vec![file]);
    });
    let run = desk.roll_back(&planned);
    assert_eq!(run.code, Some(30), "{run:?}");
    assert!(run.stdout.contains("files have arrived in it"), "{run:?}");
    let world = desk.world();
    let names: BTreeSet<&String> = world.s3.values().flat_map(|held| held.buckets.keys()).collect();
    assert_eq!(names.len(), 2, "the log bucket and the one that takes its access logs: {names:?}");
    let keys: Vec<_> = world.kms.values().flat_map(|held| &held.keys).collect();
    assert!(!keys.is_empty() && keys.iter().all(|key| key.state == KeyState::Enabled), "{keys:?}");
    assert!(world.logs.values().any(|held| !held.groups.is_empty()), "events that were delivered stay");
    assert!(world.cloudtrail.values().all(|held| held.trails.is_empty()), "what the run began is ended");
}

#[test]
fn a_run_is_not_rolled_back_while_another_relies_on_its_trail() {
    let desk = Desk::open("blank");
    let first = desk.plan("first.json", &WITHOUT_RECORDERS);
    let run = desk.apply(&first);
    assert!(run.code == Some(0) || run.code == Some(11), "{run:?}");
    let desk = desk.changed(with_own_trail).later(TWO_HOURS);
    let arguments = ["--remove-trail", OWN, "--control", "no-redundant-management-event-copies"];
    let removal = desk.plan("removal.json", &arguments);
    let calls: Vec<String> = removal.plan.steps.iter().map(|step| step.call.operation()).collect();
    assert_eq!(calls, ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"], "{:#?}", removal.plan.unplanned);
    let run = desk.apply(&removal);
    assert_eq!(run.code, Some(0), "what was stopped and then deleted is as promised: {run:?}");
    let before = desk.world().cloudtrail;
    let refused = desk.roll_back(&first);
    assert_eq!(refused.code, Some(32), "{refused:?}");
    assert!(refused.stderr.contains("relies on step"), "{refused:?}");
    let journal = desk.folder.path().join("runs").join(removal.run()).join("journal.jsonl");
    fs::write(&journal, "no journal\n").expect("written");
    let refused = desk.roll_back(&first);
    assert_eq!(refused.code, Some(32), "a run that cannot be read may rely on it: {refused:?}");
    assert_eq!(desk.world().cloudtrail, before);
}
