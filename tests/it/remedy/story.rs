//! The whole story: audit, plan, apply, verify, audit again, and back.

use std::time::Duration;

use serde_json::{Value, json};
use trailwarden_model::finding::Outcome;
use trailwarden_model::ids::AccountId;
use trailwarden_sandbox::world::kms::KeyState;
use trailwarden_sandbox::world::s3::{NeverSet, Setting};

use super::canon::{canon, canon_but_for_kept, differences};
use super::{Desk, Planned, WITHOUT_RECORDERS};

const TWO_HOURS: Duration = Duration::from_hours(2);

/// Nothing is left to do.
fn assert_no_steps(desk: &Desk, arguments: &[&str]) {
    let again = desk.plan("again.json", arguments);
    let titles: Vec<&str> = again.plan.steps.iter().map(|step| step.title.as_str()).collect();
    assert!(titles.is_empty(), "a second plan has steps: {titles:#?}");
}

/// The findings that are not sound of an audit by the seven best practices.
fn unsound(desk: &Desk) -> Vec<Value> {
    let run = desk.run(&["audit", "--framework", "aws-cloudtrail-best-practices", "-o", "json"]);
    let findings = run.json()["findings"].as_array().expect("findings").clone();
    assert!(findings.iter().any(|finding| finding["outcome"] == "pass"), "{run:?}");
    findings
        .into_iter()
        .filter(|finding| finding["outcome"] != "pass" && finding["outcome"] != "not-applicable")
        .collect()
}

fn applied(desk: &Desk, arguments: &[&str]) -> Planned {
    let planned = desk.plan("plan.json", arguments);
    let run = desk.apply(&planned);
    assert!(run.code == Some(0) || run.code == Some(11), "{run:?}");
    planned
}

#[test]
fn from_nothing_turned_on_to_six_of_seven_practices_and_a_way_back() {
    let desk = Desk::open("blank");
    let before = desk.world();
    let planned = applied(&desk, &WITHOUT_RECORDERS);
    let run = desk.run(&["verify", &planned.run(), "--runs", &desk.runs()]);
    assert!(run.code == Some(0) || run.code == Some(11), "{run:?}");

    let desk = desk.later(TWO_HOURS);
    let run = desk.run(&["verify", &planned.run(), "--runs", &desk.runs()]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let unsound = unsound(&desk);
    let is_scp = |finding: &&Value| finding["control"] == "tampering-denied-by-scp";
    let others: Vec<&Value> = unsound.iter().filter(|finding| !is_scp(finding)).collect();
    assert!(others.is_empty(), "{others:#?}");
    assert_no_steps(&desk, &WITHOUT_RECORDERS);

    let run = desk.roll_back(&planned);
    assert_eq!(run.code, Some(30), "{run:?}");
    let left = differences(&canon_but_for_kept(&before), &canon_but_for_kept(&desk.world()));
    assert!(left.is_empty(), "{left:#?}");
    let twice = desk.roll_back(&planned);
    assert_eq!(twice.code, Some(32), "{twice:?}");
}

#[test]
fn a_recorder_in_each_region_of_an_account() {
    let arguments = ["--only", "config", "--account", "326688340912"];
    let desk = Desk::open("blank");
    let before = desk.world();
    let planned = applied(&desk, &arguments);
    assert!(planned.plan.steps.len() > 17, "{:#?}", planned.plan.steps);
    assert_no_steps(&desk, &arguments);
    let run = desk.roll_back(&planned);
    assert_eq!(run.code, Some(30), "{run:?}");
    let left = differences(&canon_but_for_kept(&before), &canon_but_for_kept(&desk.world()));
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn every_promise_to_a_company_with_every_flaw_is_kept() {
    let desk = Desk::open("acme");
    let planned = applied(&desk, &WITHOUT_RECORDERS);
    let desk = desk.later(TWO_HOURS);
    let run = desk.run(&["verify", &planned.run(), "--runs", &desk.runs()]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let verification = desk.verification(&planned);
    let promised = planned.plan.promised();
    assert!(!promised.is_empty() && promised.iter().all(|id| verification.findings.contains_key(*id)));
    let worse: Vec<_> =
        verification.findings.iter().filter(|(_, change)| change.after == Some(Outcome::Fail)).collect();
    assert!(worse.is_empty(), "{worse:#?}");
    assert_no_steps(&desk, &WITHOUT_RECORDERS);
}

#[test]
fn where_everything_passes_nothing_is_planned() {
    let desk = Desk::open("clean");
    let before = canon(&desk.world());
    let planned = desk.plan("plan.json", &[]);
    assert_eq!(json!(planned.plan.steps), json!([]));
    let run = desk.apply(&planned);
    assert_eq!((run.code, run.stdout.trim()), (Some(0), "the plan has no steps: nothing to do"));
    assert_eq!(differences(&before, &canon(&desk.world())), Vec::<String>::new());
}

#[test]
fn a_bucket_that_the_world_reads_is_mended_and_closed() {
    let mut world = trailwarden_sandbox::scenario::world("clean").expect("a scenario");
    let organization = world.organization.as_mut().expect("an organization");
    organization.attachments.values_mut().for_each(|attached| attached.retain(|policy| policy != "p-cl3narchv"));
    let archive: AccountId = "227733449955".parse().expect("an account");
    let held = world.s3.get_mut(&archive).expect("S3");
    held.block_public_access = None;
    let bucket = held.buckets.get_mut("clean-org-cloudtrail-227733449955").expect("the bucket");
    bucket.block_public_access = Setting::Unset(NeverSet::NeverSet);
    let mut policy: Value = serde_json::from_str(bucket.policy.as_deref().expect("a policy")).expect("JSON");
    let statements = policy["Statement"].as_array_mut().expect("statements");
    statements.retain(|statement| statement["Effect"] == "Allow");
    statements.push(json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::clean-org-cloudtrail-227733449955/*"}));
    bucket.policy = Some(policy.to_string());
    let desk = Desk::of(world);
    let before = canon(&desk.world());
    let controls = ["--control", "log-bucket-not-public,log-bucket-transport-encrypted"];
    let planned = applied(&desk, &controls);
    assert_eq!(planned.plan.steps.len(), 2);
    assert_no_steps(&desk, &controls);
    let run = desk.roll_back(&planned);
    assert_eq!(run.code, Some(30), "{run:?}");
    assert_eq!(differences(&before, &canon(&desk.world())), Vec::<String>::new());
}

#[test]
fn a_key_that_waits_for_its_deletion_is_in_use_again_after_one_plan() {
    let mut world = trailwarden_sandbox::scenario::world("clean").expect("a scenario");
    // The guard of the log archive keeps us from its key as well.
    let organization = world.organization.as_mut().expect("an organization");
    organization.attachments.values_mut().for_each(|attached| attached.retain(|policy| policy != "p-cl3narchv"));
    let archive = "227733449955".parse().expect("an account");
    let key = world.kms.get_mut(&archive).and_then(|held| held.keys.first_mut()).expect("the key");
    key.state = KeyState::PendingDeletion;
    key.deletion = serde_json::from_value(json!({"scheduled": "2099-01-01T00:00:00Z", "days": 30})).ok();
    let desk = Desk::of(world);
    let state = |desk: &Desk| desk.world().kms[&archive].keys[0].state;
    let controls = ["--control", "kms-key-usable,kms-key-rotation-enabled"];
    let planned = applied(&desk, &controls);
    assert_eq!((planned.plan.steps.len(), state(&desk)), (3, KeyState::Enabled));
    assert_no_steps(&desk, &controls);
    let run = desk.roll_back(&planned);
    assert_eq!((run.code, state(&desk)), (Some(30), KeyState::Disabled), "{run:?}");
}
