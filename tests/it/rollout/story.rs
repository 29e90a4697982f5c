//! The whole story: plan, apply stage by stage, audit, prove, call for real, and back.

use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;

use serde_json::{Value, json};
use trailwarden_model::plan::{Call, Stage, normal_document};
use trailwarden_sandbox::world::organizations::{POLICY_TYPES, Policy, RCP};

use super::scripts::unguarded;
use super::{
    apply, baseline, call, changed, kept, operations, organization, outcomes, own_trail, planned, resume, stop,
};
use crate::remedy::{Desk, Planned};
use crate::support::root;

const SHARED: &str = "215577239801";
const PROD: &str = "326688340912";
const TEST: &str = "437799451023";
const OWN: &str = "arn:aws:cloudtrail:eu-west-1:326688340912:trail/own";
const DECLARED: &str = "tamper_exceptions = [\"arn:aws:iam::326688340912:role/incident-response\"]\n";
const STAGES: [&str; 3] = ["--stages", TEST, "215577239801,437799451023"];

/// The organization of four accounts; one of them has a trail of its own.
fn blank() -> Desk {
    changed("blank", |world| own_trail(world, PROD, "own"))
}

/// The same with service control policies enabled.
fn enabled() -> Desk {
    changed("blank", |world| {
        own_trail(world, PROD, "own");
        organization(world).enable(&POLICY_TYPES[0]);
    })
}

fn assert_applied(desk: &Desk, planned: &Planned) {
    let run = apply(desk, planned, &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

fn assert_proved(desk: &Desk, arguments: &[&str]) {
    let run = desk.run(&[&["scp", "prove", "--format", "json"], arguments].concat());
    let summary = &run.json()["summary"];
    assert_eq!((&summary["open"], &summary["undecided"], run.code), (&json!(0), &json!(0), Some(0)), "{summary}");
}

/// The declared exception still stops the trail, for real, and starts it again; others are told that a policy denies it.
fn assert_enforced(desk: &Desk, trail: &str) {
    let refusal = stop(desk, "intruder", trail).expect_err("denied");
    assert_eq!(refusal.code, "AccessDeniedException", "{refusal}");
    assert!(refusal.reason.contains("explicit deny in a service control policy"), "{refusal}");
    stop(desk, "incident-response", trail).expect("the exception may");
    call(desk, "intruder", trail, &Call::StartLogging { name: trail.to_owned() }).expect("nobody denies starting it");
}

#[test]
fn from_no_policies_to_none_that_can_stop_a_trail_and_back() {
    let desk = blank();
    let before = kept(&desk);
    let baseline = baseline(&desk, DECLARED);
    let judge = ["--baseline", &baseline];
    stop(&desk, "intruder", OWN).expect("nothing denies it yet");
    call(&desk, "intruder", OWN, &Call::StartLogging { name: OWN.to_owned() }).expect("starts");

    let arguments = [&["--profile", "standard", "--soak", "0s", "--deny-own-role"], &STAGES[..], &judge].concat();
    let planned = planned(&desk, &arguments);
    let run = apply(&desk, &planned, &judge);
    assert_eq!(run.code, Some(0), "{run:?}");
    let passed: BTreeSet<String> = outcomes(&desk, "tampering-denied-by-scp", &judge)
        .into_iter()
        .map(|(account, outcome)| format!("{account} {outcome}"))
        .collect();
    for member in [SHARED, PROD, TEST] {
        assert!(passed.contains(&format!("{member} pass")), "{passed:?}");
    }
    assert_proved(&desk, &judge);
    assert_enforced(&desk, OWN);
    let again = desk.planned("again.json", &[&["scp", "plan"], &arguments[..]].concat());
    assert_eq!(operations(&again), [""; 0], "nothing is left to do");

    let run = desk.roll_back(&planned);
    assert_eq!(run.code, Some(30), "{run:?}");
    let mut kept_type: Value = serde_json::from_str(&before).expect("JSON");
    let after: Value = serde_json::from_str(&kept(&desk)).expect("JSON");
    // The type stays enabled, and with it what AWS attaches.
    for name in ["policy_types", "policies", "attachments"] {
        kept_type[name] = after[name].clone();
    }
    assert_eq!(after, kept_type);
    assert_eq!(after["policy_types"], json!({"SERVICE_CONTROL_POLICY": "ENABLED"}));
    assert_eq!(after["policies"].as_object().expect("policies").keys().collect::<Vec<_>>(), ["p-FullAWSAccess"]);
    stop(&desk, "intruder", OWN).expect("nothing denies it any more");
}

#[test]
fn where_policies_are_enabled_the_way_back_ends_where_it_began_byte_for_byte() {
    let desk = enabled();
    let before = kept(&desk);
    let planned = planned(&desk, &[&["--profile", "strict", "--soak", "0s", "--deny-own-role"], &STAGES[..]].concat());
    assert_applied(&desk, &planned);
    assert_ne!(kept(&desk), before);
    let run = desk.roll_back(&planned);
    assert_eq!(run.code, Some(30), "{run:?}");
    assert_eq!(kept(&desk), before);
}

#[test]
fn strangers_are_shut_out_and_whoever_lets_them_in_again_is_found() {
    let desk = unguarded(|world| {
        let organization = organization(world);
        let is_foreign = |policy: &Policy| policy.kind == RCP && !policy.aws_managed;
        let foreign: Vec<String> =
            organization.policies.iter().filter(|(_, policy)| is_foreign(policy)).map(|(id, _)| id.clone()).collect();
        organization.policies.retain(|id, _| !foreign.contains(id));
        organization.attachments.values_mut().for_each(|attached| attached.retain(|id| !foreign.contains(id)));
    });
    let planned = planned(&desk, &["--profile", "strict", "--soak", "0s", "--deny-own-role"]);
    let enclosed = |stage: &Stage| stage.enclosure.as_ref().is_some_and(|enclosure| !enclosure.buckets.is_empty());
    assert!(planned.plan.stages.iter().any(enclosed), "{:#?}", planned.plan.stages);
    assert_applied(&desk, &planned);
    let verify = |desk: &Desk| desk.run(&["verify", &planned.run(), "--runs", &desk.runs()]);
    let run = verify(&desk);
    assert!(!run.stdout.contains("open to strangers"), "{run:?}");
    let desk = desk.changed(|world| {
        let mut policies = organization(world).policies.values_mut();
        let ours = policies.find(|policy| policy.kind == RCP && policy.name.starts_with("trailwarden-")).expect("ours");
        assert!(ours.content.contains("s3:*"), "{}", ours.content);
        ours.content = ours.content.replace("s3:*", "s3:PutObject");
    });
    let run = verify(&desk);
    assert_eq!(run.code, Some(40), "{run:?}");
    assert!(run.stdout.contains("is open to strangers"), "{run:?}");
}

#[test]
fn a_stage_is_shown_by_a_real_call_that_is_refused_and_stops_nothing() {
    let desk = enabled();
    let arguments = ["--profile", "minimal", "--target", PROD, "--probe-role", "intruder", "--deny-own-role"];
    let planned = planned(&desk, &arguments);
    let probed: Vec<_> = planned.plan.stages.iter().flat_map(|stage| &stage.probes).collect();
    assert!(matches!(probed[..], [probe] if probe.account.as_str() == PROD && probe.role == "intruder"), "{probed:?}");
    let n_stops =
        |desk: &Desk| desk.served.sandbox().stats().get("cloudtrail:StopLogging").copied().unwrap_or_default();
    assert_eq!(n_stops(&desk), 0, "planning probes nothing");
    assert_applied(&desk, &planned);
    let n_made = n_stops(&desk);
    assert!(n_made > 0);
    stop(&desk, "intruder", OWN).expect_err("the policy denies the trail that exists as well");
    let verify = |desk: &Desk| desk.run(&["verify", &planned.run(), "--runs", &desk.runs()]);
    let run = verify(&desk);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(n_stops(&desk) > n_made + 1, "it is asked again");
    let is_logging =
        |desk: &Desk| desk.world().cloudtrail.values().flat_map(|held| &held.trails).all(|trail| trail.logging);
    assert!(is_logging(&desk));
    let desk = desk.changed(|world| {
        world.iam.values_mut().for_each(|held| _ = held.roles.remove("intruder"));
    });
    let run = verify(&desk);
    assert_eq!(run.code, Some(40), "{run:?}");
    assert!(run.stdout.contains("the probe was not made"), "{run:?}");
}

#[test]
fn a_policy_that_is_replaced_says_afterwards_what_it_said() {
    let desk = enabled();
    let minimal = planned(&desk, &["--profile", "minimal", "--deny-own-role"]);
    assert_applied(&desk, &minimal);
    let before = kept(&desk);
    let weak =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"cloudtrail:DeleteTrail","Resource":"*"}]}"#;
    let desk = desk.changed(|world| {
        let policies = organization(world).policies.values_mut();
        let own = policies.into_iter().find(|policy| policy.name == "trailwarden-minimal-1");
        own.expect("it is there").content = weak.to_owned();
    });
    let weakened = kept(&desk);
    assert_ne!(weakened, before);
    let mended = planned(&desk, &["--profile", "minimal", "--deny-own-role"]);
    assert_eq!(operations(&mended), ["UpdatePolicy"]);
    assert_applied(&desk, &mended);
    assert_eq!(kept(&desk), before);
    assert_eq!(desk.roll_back(&mended).code, Some(30));
    assert_eq!(kept(&desk), weakened);
}

#[test]
fn a_run_that_soaks_ends_and_says_so_until_it_may_go_on() {
    let desk = enabled();
    let before = kept(&desk);
    let planned = planned(&desk, &["--profile", "minimal", "--soak", "1h", "--stages", TEST, "--deny-own-role"]);
    assert_eq!(planned.plan.stages.len(), 2);
    let run = apply(&desk, &planned, &[]);
    assert_eq!(run.code, Some(33), "{run:?}");
    let canary = kept(&desk);
    assert_ne!(canary, before);
    let run = resume(&desk, &planned, &[]);
    assert_eq!((run.code, kept(&desk)), (Some(33), canary), "{run:?}");
    assert!(run.stdout.contains("✓ shown to hold at") && run.stdout.contains("– not shown yet"), "{}", run.stdout);
    assert_eq!(desk.roll_back(&planned).code, Some(30));
    assert_eq!(kept(&desk), before);
}

#[test]
fn a_run_that_waits_for_the_soak_goes_through() {
    let desk = enabled();
    let planned = planned(&desk, &["--profile", "minimal", "--soak", "4s", "--stages", TEST, "--deny-own-role"]);
    let begun = Instant::now();
    let run = apply(&desk, &planned, &["--wait"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(begun.elapsed().as_secs() >= 4, "{:?}", begun.elapsed());
    assert_proved(&desk, &["--action", "cloudtrail:StopLogging"]);
}

#[test]
fn the_minimal_profile_is_the_policy_of_the_guidance() {
    let desk = enabled();
    let planned = planned(&desk, &["--profile", "minimal", "--deny-own-role"]);
    assert_eq!(operations(&planned), ["CreatePolicy", "AttachPolicy"]);
    let Call::CreatePolicy { content, .. } = &planned.plan.steps[0].call else { panic!("{:?}", planned.plan.steps[0]) };
    let mut document = normal_document(content);
    document["Statement"].as_object_mut().expect("one statement").remove("Sid");
    let guidance = json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Deny", "Action": ["cloudtrail:DeleteTrail", "cloudtrail:StopLogging"], "Resource": "*" },
    });
    assert_eq!(document, guidance);
    assert_applied(&desk, &planned);
    assert_eq!(stop(&desk, "intruder", OWN).expect_err("denied").code, "AccessDeniedException");
}

const ACME: &str = "210987654321";
const GLOBEX: &str = "835702946618";
const GLOBEX_OWN: &str = "arn:aws:cloudtrail:eu-west-1:835702946618:trail/own";
const ORDERS_TEST: &str = "611208734455";
const ORDERS_TEST_OWN: &str = "arn:aws:cloudtrail:eu-west-1:611208734455:trail/orders-test-trail";

/// What acme requires, with one exception more: in an account where nobody else's policy denies it what it may do.
fn acme_baseline(desk: &Desk) -> String {
    let file = root().join("crates/trailwarden-sandbox/scenarios/acme.baseline.toml");
    let declared = "tamper_exceptions = [\"arn:aws:iam::611208734455:role/incident-response\"";
    let text = fs::read_to_string(file).expect("the baseline");
    assert!(text.contains(declared));
    let both = format!("{declared}, \"arn:aws:iam::{GLOBEX}:role/incident-response\"");
    baseline(desk, &text.replace(declared, &both))
}

#[test]
fn a_company_whose_root_is_full_is_guarded_one_level_below_and_back() {
    let desk = changed("acme", |world| {
        own_trail(world, GLOBEX, "own");
        own_trail(world, ORDERS_TEST, "orders-test-trail");
    });
    let before = kept(&desk);
    let baseline = acme_baseline(&desk);
    let judge = ["--baseline", &baseline];
    let full = planned(&desk, &[&["--profile", "standard", "--deny-own-role"], &judge[..]].concat());
    assert_eq!(operations(&full), [""; 0]);
    let hint = full.plan.unplanned.iter().find_map(|left| left.hint.clone()).expect("a hint");
    let target = hint.split("--target ").nth(1).expect("another target").split(' ').next().expect("nodes").to_owned();

    let arguments = ["--profile", "standard", "--soak", "0s", "--deny-own-role", "--target", &target];
    let stages = ["--stages", GLOBEX, "ou-ac7f-sandboxs"];
    let planned = desk.planned("below.json", &[&["scp", "plan"], &arguments[..], &stages, &judge].concat());
    assert_eq!(planned.plan.stages.len(), 3);
    let kept_from: Vec<&str> = planned
        .plan
        .choices
        .iter()
        .filter(|choice| choice.chosen.starts_with("stays denied"))
        .map(|choice| choice.what.as_str())
        .collect();
    assert_eq!(kept_from, ["declared exception arn:aws:iam::611208734455:role/incident-response"]);
    let run = apply(&desk, &planned, &judge);
    assert!(matches!(run.code, Some(0 | 11)), "{run:?}");
    let outcomes = outcomes(&desk, "tampering-denied-by-scp", &judge);
    let members: Vec<&String> =
        outcomes.iter().filter(|(account, _)| *account != ACME).map(|(_, outcome)| outcome).collect();
    assert!(members.len() == 12 && members.iter().all(|outcome| *outcome == "pass"), "{outcomes:?}");
    assert_proved(&desk, &judge);
    assert_enforced(&desk, GLOBEX_OWN);
    for role in ["incident-response", "intruder"] {
        assert_eq!(stop(&desk, role, ORDERS_TEST_OWN).expect_err("denied").code, "AccessDeniedException");
    }

    assert_eq!(desk.roll_back(&planned).code, Some(30));
    assert_eq!(kept(&desk), before);
}
