//! What is not applied, and that nothing is changed then.

use std::fs;

use serde_json::Value;
use trailwarden_model::plan::Before;

use super::canon::{canon, differences};
use super::{Desk, Planned};
use crate::support::Run;

/// Asserts that a run was refused as stale with these words, and that the world is as it was.
fn assert_stale(desk: &Desk, before: &Value, run: &Run, says: &str) {
    assert_eq!(run.code, Some(32), "{run:?}");
    assert!(run.stderr.starts_with("error: ") && run.stderr.contains(says), "wanted {says:?}: {}", run.stderr);
    assert_eq!(differences(before, &canon(&desk.world())), Vec::<String>::new());
}

/// Asserts that no request that writes was made, refused or not.
fn assert_no_writes(desk: &Desk) {
    let reads = ["Get", "List", "Describe", "Head", "Lookup", "AssumeRole"];
    let stats = desk.served.sandbox().stats();
    let is_write = |operation: &&String| {
        let name = operation.split(':').next_back().unwrap_or_default();
        !reads.iter().any(|read| name.starts_with(read))
    };
    assert_eq!(stats.keys().filter(is_write).collect::<Vec<_>>(), Vec::<&String>::new());
}

fn organization_plan(desk: &Desk) -> Planned {
    let planned = desk.plan("plan.json", &["--only", "organization"]);
    assert!(!planned.plan.steps.is_empty());
    planned
}

#[test]
fn a_plan_that_was_edited() {
    let desk = Desk::open("blank");
    let before = canon(&desk.world());
    let planned = organization_plan(&desk);
    let text = fs::read_to_string(&planned.file).expect("the plan");
    let at = text.rfind("IsMultiRegionTrail").expect("a trail of all regions");
    let edited = format!("{}j{}", &text[..at], &text[at + 1..]);
    fs::write(&planned.file, edited).expect("writes");
    assert_stale(&desk, &before, &desk.apply(&planned), "digest");
    assert_no_writes(&desk);
}

#[test]
fn a_plan_of_another_organization() {
    let planned = organization_plan(&Desk::open("blank"));
    let other = Desk::open("clean");
    let before = canon(&other.world());
    let file = other.folder.path().join("plan.json");
    let text = trailwarden_model::plan::seal(&planned.plan).expect("seals").0;
    fs::write(&file, text).expect("writes");
    let carried = Planned { file, plan: planned.plan };
    assert_stale(&other, &before, &other.apply(&carried), "o-blank5x8m2");
    assert_no_writes(&other);
}

#[test]
fn a_digest_that_is_not_the_plans() {
    let desk = Desk::open("blank");
    let before = canon(&desk.world());
    let planned = organization_plan(&desk);
    let run = desk.apply_approved(&planned, &"0".repeat(64));
    assert_stale(&desk, &before, &run, "was approved, and the plan has");
    assert_no_writes(&desk);
}

#[test]
fn what_moved_since_is_named_with_its_step() {
    let desk = Desk::open("blank");
    let planned = organization_plan(&desk);
    let step = planned.plan.steps.iter().find(|step| step.call.operation() == "s3:CreateBucket").expect("a bucket");
    assert!(matches!(&step.before, Before::Is(Value::Null)), "{step:?}");
    let call = serde_json::to_value(&step.call).expect("writes");
    let name = call["input"]["Bucket"].as_str().expect("a name").to_owned();
    let account = step.subject.place.account.clone();
    desk.served.sandbox().change(|world| {
        let bucket = serde_json::from_value(serde_json::json!({ "region": "eu-west-1" })).expect("a bucket");
        world.s3.entry(account).or_default().buckets.insert(name, bucket);
    });
    let before = canon(&desk.world());
    assert_stale(&desk, &before, &desk.apply(&planned), &step.id);
    assert_no_writes(&desk);
}

#[test]
fn a_plan_is_applied_once() {
    let desk = Desk::open("blank");
    let planned = organization_plan(&desk);
    let run = desk.apply(&planned);
    assert!(run.code == Some(0) || run.code == Some(11), "{run:?}");
    let before = canon(&desk.world());
    assert_stale(&desk, &before, &desk.apply(&planned), &planned.run());
}

#[test]
fn nobody_to_ask_and_nothing_to_go_on_with() {
    let desk = Desk::open("blank");
    let planned = organization_plan(&desk);
    let file = planned.file.to_str().expect("UTF-8");
    desk.run(&["apply", file, "--runs", &desk.runs()]).assert_refused("nobody can be asked to approve the plan");
    for arguments in [["apply", "--resume", "nowhere"], ["rollback", "--yes", "nowhere"]] {
        desk.run(&[&arguments[..], &["--runs", &desk.runs()]].concat()).assert_refused("there is no run nowhere");
    }
    let empty = tempfile::tempdir().expect("a folder");
    for verb in ["rollback", "verify"] {
        let run = desk.run(&[verb, empty.path().to_str().expect("UTF-8"), "--runs", &desk.runs()]);
        assert_eq!(run.code, Some(2), "{run:?}");
    }
    assert_no_writes(&desk);
}
