//! A way back on which nothing is lost: logs that have arrived stay, and stay readable.

use std::collections::BTreeSet;

use trailwarden_sandbox::world::kms::KeyState;
use trailwarden_sandbox::world::s3::ObjectVersion;

use super::{Desk, WITHOUT_RECORDERS};

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
