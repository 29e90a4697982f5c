//! What is refused before anything is changed.

use std::fs;

use serde_json::{Value, json};
use trailwarden_apply::{ApplyError, Fate, Lock, Staleness};
use trailwarden_model::journal::{Direction, Outcome};
use trailwarden_model::plan::{Aspect, Guard, Plan};

use crate::bench::{Bench, Ended};
use crate::plans::{self, MANAGEMENT, MEMBERS};
use crate::world::{Fault, Kill, gap};

fn refused(ended: Ended) -> ApplyError {
    ended.expect("not killed").expect_err("refused")
}

fn assert_untouched(bench: &Bench) {
    assert_eq!(bench.world.truth(), plans::initial().into_iter().collect());
    assert!(!bench.journal().exists(), "no run was begun");
}

#[test]
fn a_stale_plan_with_all_that_is_different() {
    let bench = Bench::thirty();
    let [own, second] = ["s020", "s021"].map(|step| bench.subject(step));
    bench.world.meddle(&own, json!({"TrailARN": plans::arn(MEMBERS[0], "own"), "EnableLogFileValidation": true}));
    bench.world.meddle(&second, Value::Null);
    let unseen = bench.subject("s008");
    bench.world.with(|state| state.gaps.insert(unseen.clone(), 9));
    let error = refused(bench.apply());
    let ApplyError::Stale(stale) = &error else { panic!("{error}") };
    let found: Vec<(&str, &Staleness)> = stale.iter().map(|stale| (stale.step.as_str(), &stale.staleness)).collect();
    assert_eq!(found[0], ("s008", &Staleness::Unseen(gap(&unseen))));
    assert!(matches!(found[1], ("s020", Staleness::AlreadySo(_))));
    assert_eq!(found[2], ("s021", &Staleness::Moved(Value::Null)));
    assert_eq!(found.len(), 3);
    assert_eq!(stale[2].expected, json!(true));
    assert!(error.to_string().contains("s020 is already so; s021 should find true and finds null"), "{error}");
    assert!(!bench.journal().exists());
    assert!(bench.world.with(|state| state.performed.is_empty()));
}

#[test]
fn a_plan_that_was_applied_elsewhere_is_refused_in_few_words() {
    let bench = Bench::applied();
    fs::remove_dir_all(&bench.world.dir).expect("removed");
    let error = refused(bench.apply());
    let words = error.to_string();
    assert!(words.starts_with("the plan is stale: ") && words.contains(" steps from s"), "{words}");
    assert!(words.len() < 400, "{words}");
}

#[test]
fn a_plan_whose_guard_does_not_hold() {
    let (mut plan, _) = plans::thirty();
    let service = Aspect::TrustedAccess { service: "config.amazonaws.com".to_owned() };
    plan.steps[12].guards = vec![Guard {
        subject: plans::subject(MANAGEMENT, service),
        is: json!(true),
        because: "nobody would notice".to_owned(),
    }];
    let bench = Bench::new(plans::sealed(plan), &plans::initial());
    let error = refused(bench.apply());
    let expected = "the plan is stale: s013 needs true where null is observed (nobody would notice)";
    assert_eq!(error.to_string(), expected);
    assert_untouched(&bench);
}

#[test]
fn a_plan_of_another_organization() {
    let mut bench = Bench::thirty();
    bench.organization = "o-another";
    let expected = "the plan is for organization o-example, and the credentials belong to o-another";
    assert_eq!(refused(bench.apply()).to_string(), expected);
    assert_untouched(&bench);
    bench.organization = plans::ORGANIZATION;
    bench.assert_applied(bench.apply());
    bench.organization = "o-another";
    assert!(matches!(refused(bench.roll_back()), ApplyError::OtherOrganization { .. }));
}

#[test]
fn a_plan_that_was_begun_before() {
    let bench = Bench::thirty();
    bench.world.kill_at(Some(Kill::AfterLine(1)));
    assert!(bench.apply().is_none());
    let error = refused(bench.apply());
    assert!(matches!(error, ApplyError::AlreadyBegun { outcome: None, .. }), "{error}");
    bench.assert_applied(bench.resume());
    let error = refused(bench.apply());
    assert!(error.to_string().ends_with("/run and ended applied"), "{error}");
    assert!(matches!(refused(bench.resume()), ApplyError::Over { outcome: Outcome::Applied, .. }));
}

#[test]
fn a_plan_that_was_edited_or_has_no_order() {
    let mut bench = Bench::thirty();
    bench.text = bench.text.replacen("365", "366", 1);
    assert!(matches!(refused(bench.apply()), ApplyError::Plan(_)));
    assert_untouched(&bench);

    let (mut plan, _) = plans::thirty();
    plan.steps[2].needs.insert("s010".to_owned());
    let bench = Bench::new(plans::sealed(plan), &plans::initial());
    let expected = "step s003 of the plan needs step s010, which does not come before it";
    assert_eq!(refused(bench.apply()).to_string(), expected);
    assert_untouched(&bench);
}

#[test]
fn a_second_process() {
    let bench = Bench::thirty();
    let path = bench.home.path().join("o-example.lock");
    let lock = Lock::take(&path).expect("free");
    let error = refused(bench.apply());
    assert_eq!(error.to_string(), format!("another process holds the lock {}", path.display()));
    assert_untouched(&bench);
    drop(lock);
    bench.assert_applied(bench.apply());
    let _lock = Lock::take(&path).expect("free again");
    assert!(matches!(refused(bench.roll_back()), ApplyError::Locked(_)));
    assert!(matches!(refused(bench.resume()), ApplyError::Locked(_)));
}

#[test]
fn another_plan_in_the_same_directory() {
    let bench = Bench::thirty();
    fs::create_dir_all(&bench.world.dir).unwrap();
    let (_, text) = plans::sealed(Plan { tool_version: "0.2.0".to_owned(), ..plans::empty() });
    fs::write(bench.world.dir.join("plan.json"), text).unwrap();
    assert!(matches!(refused(bench.apply()), ApplyError::OtherPlan { .. }));
}

#[test]
fn going_on_where_nothing_was_begun_or_after_turning_back() {
    let bench = Bench::thirty();
    assert!(matches!(refused(bench.resume()), ApplyError::NothingBegun(_)));
    assert!(matches!(refused(bench.roll_back()), ApplyError::NothingBegun(_)));
    bench.world.kill_at(Some(Kill::AfterLine(20)));
    assert!(bench.apply().is_none());
    bench.world.kill_at(Some(Kill::AfterLine(25)));
    assert!(bench.roll_back().is_none());
    assert!(matches!(refused(bench.resume()), ApplyError::TurnedBack(_)));
    bench.assert_rolled_back(bench.roll_back());
    assert!(matches!(refused(bench.roll_back()), ApplyError::Over { outcome: Outcome::RolledBack, .. }));
    assert!(matches!(refused(bench.resume()), ApplyError::Over { outcome: Outcome::RolledBack, .. }));
}

#[test]
fn going_on_when_somebody_changed_what_was_done_or_what_is_to_be_done() {
    let bench = Bench::thirty();
    bench.world.fault("s014", Direction::Forward, &[Fault::Refuse("AccessDenied")]);
    assert!(bench.apply().expect("not killed").is_ok());
    let policy = bench.subject("s007");
    let was = bench.world.truth()[&policy].clone();
    bench.world.meddle(&policy, json!({"Statement": []}));
    let own = bench.subject("s020");
    let own_was = bench.world.truth()[&own].clone();
    bench.world.meddle(&own, Value::Null);
    let lines = bench.journal_text();
    let error = refused(bench.resume());
    let ApplyError::Stale(stale) = &error else { panic!("{error}") };
    let found: Vec<(&str, &Staleness)> = stale.iter().map(|stale| (stale.step.as_str(), &stale.staleness)).collect();
    let changed = Staleness::Changed(json!({"Statement": []}));
    assert_eq!(found, [("s007", &changed), ("s020", &Staleness::Moved(Value::Null))]);
    assert_eq!(bench.journal_text(), lines, "nothing is written");
    bench.world.meddle(&policy, was);
    bench.world.meddle(&own, own_was);
    bench.assert_applied(bench.resume());
}

#[test]
fn what_cannot_be_seen_just_before_its_call_is_not_touched() {
    let bench = Bench::thirty();
    // It mentions what another step creates, or is created by it, and so cannot be looked at before the run.
    let logging = bench.subject("s010");
    bench.world.with(|state| state.gaps.insert(logging, 1));
    let report = bench.apply().expect("not killed").expect("ends");
    assert!(matches!(&report.steps["s010"], Fate::Failed { code, .. } if code == "AccessDenied"), "{report:?}");
    bench.assert_applied(bench.resume());
}

#[test]
fn asked_to_stop_the_steps_under_way_are_finished_and_no_other_begun() {
    let bench = Bench::thirty();
    *bench.world.stop_at.lock().unwrap() = Some("s003".to_owned());
    let report = bench.apply().expect("not killed").expect("ends");
    *bench.world.stop_at.lock().unwrap() = None;
    assert_eq!(report.outcome, Outcome::Incomplete);
    assert_eq!(report.steps["s003"], Fate::Done { already: false });
    assert_eq!(report.steps["s004"], Fate::Stopped);
    assert_eq!(report.steps.len(), 30);
    let run = bench.files().run;
    assert!(run.steps.values().all(|standing| matches!(standing, trailwarden_model::journal::Standing::Done { .. })));
    bench.assert_applied(bench.resume());
}
