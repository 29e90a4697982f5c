//! Whatever goes wrong with a call, of any step, forward and back.

use std::time::Duration;

use serde_json::json;
use trailwarden_apply::{ApplyError, Fate};
use trailwarden_model::journal::{Direction, Outcome, Standing};
use trailwarden_model::plan::Rollback;

use crate::bench::Bench;
use crate::plans;
use crate::world::{Fault, Kill};

/// Steps whose call is made.
fn called() -> Vec<String> {
    plans::thirty().0.steps.into_iter().map(|step| step.id).filter(|id| id != "s006").collect()
}

fn undone() -> Vec<String> {
    let steps = plans::thirty().0.steps.into_iter();
    let undone = steps.filter(|step| step.id != "s006" && matches!(step.rollback, Rollback::Undo(_)));
    undone.map(|step| step.id).collect()
}

fn n_calls(bench: &Bench, step: &str) -> usize {
    bench.world.with(|state| state.performed.iter().filter(|performed| performed.step == step).count())
}

#[test]
fn faults_that_pass_do_not_show_in_the_end() {
    let passing: &[&[Fault]] = &[
        &[Fault::Throttle, Fault::Throttle, Fault::Late(Duration::from_secs(10))],
        &[Fault::LoseCall, Fault::Throttle, Fault::LoseAnswer],
    ];
    for step in called() {
        for faults in passing {
            let bench = Bench::thirty();
            bench.world.fault(&step, Direction::Forward, faults);
            bench.assert_applied(bench.apply());
            assert_eq!(n_calls(&bench, &step), 1, "{step} with {faults:?}");
        }
    }
}

#[test]
fn faults_that_pass_do_not_keep_anything_from_being_rolled_back() {
    for step in undone() {
        let bench = Bench::applied();
        bench.world.fault(&step, Direction::Back, &[Fault::LoseCall, Fault::Throttle, Fault::LoseAnswer]);
        bench.assert_rolled_back(bench.roll_back());
    }
}

#[test]
fn a_refused_step_stops_its_account_and_what_needs_it_and_nothing_else() {
    let bench = Bench::thirty();
    bench.world.fault("s014", Direction::Forward, &[Fault::Refuse("AccessDenied")]);
    let report = bench.apply().expect("not killed").expect("ends");
    assert_eq!(report.outcome, Outcome::Incomplete);
    let Fate::Failed { code, reason } = &report.steps["s014"] else { panic!("{report:?}") };
    assert_eq!((code.as_str(), reason.as_str()), ("AccessDenied", "AccessDenied says the small AWS"));
    for (id, fate) in &report.steps {
        match id.as_str() {
            "s014" => {}
            "s006" => assert_eq!(*fate, Fate::Done { already: true }),
            "s015" | "s016" | "s017" | "s018" | "s019" | "s020" | "s021" => {
                assert_eq!(*fate, Fate::Held("s014".to_owned()));
            }
            _ => assert_eq!(*fate, Fate::Done { already: false }, "{id}"),
        }
    }
}

#[test]
fn any_refused_step_is_made_when_resumed_or_everything_is_rolled_back() {
    for step in called() {
        for is_back in [false, true] {
            let bench = Bench::thirty();
            bench.world.fault(&step, Direction::Forward, &[Fault::Refuse("AccessDenied")]);
            let report = bench.apply().expect("not killed").expect("ends");
            assert_eq!(report.outcome, Outcome::Incomplete);
            assert!(matches!(report.steps[&step], Fate::Failed { .. }), "{step}");
            match is_back {
                true => bench.assert_rolled_back(bench.roll_back()),
                false => bench.assert_applied(bench.resume()),
            }
        }
    }
}

#[test]
fn a_step_without_any_answer_stays_in_doubt_until_it_is_looked_at_again() {
    for step in called() {
        let bench = Bench::thirty();
        bench.world.fault(&step, Direction::Forward, &[Fault::LoseCall, Fault::LoseCall]);
        let report = bench.apply().expect("not killed").expect("ends");
        assert_eq!(report.outcome, Outcome::Incomplete);
        assert!(matches!(report.steps[&step], Fate::InDoubt { .. }), "{step}");
        assert!(matches!(bench.files().run.steps[&step], Standing::InDoubt { .. }));
        bench.assert_applied(bench.resume());
    }
}

#[test]
fn a_resource_that_appears_after_the_second_try_is_not_taken_for_a_failure() {
    let bench = Bench::thirty();
    bench.world.fault("s004", Direction::Forward, &[Fault::Late(Duration::from_secs(40))]);
    bench.assert_applied(bench.apply());
    assert_eq!(n_calls(&bench, "s004"), 1, "the second one was refused: the bucket is there");
}

#[test]
fn a_policy_that_does_not_count_yet_is_waited_for_and_not_for_ever() {
    let bench = Bench::thirty();
    bench.assert_applied(bench.apply());
    let waited = "wait s009 Propagation(\"InsufficientS3BucketPolicyException\")";
    assert!(bench.world.with(|state| state.heard.iter().any(|said| said == waited)));

    let bench = Bench::thirty();
    bench.world.with(|state| state.spread = Duration::from_secs(100_000));
    let report = bench.apply().expect("not killed").expect("ends");
    let Fate::Failed { code, .. } = &report.steps["s009"] else { panic!("{report:?}") };
    assert_eq!(code, "InsufficientS3BucketPolicyException");
    let passed = bench.world.time.passed().as_secs();
    assert!((120..200).contains(&passed), "{passed} s");
    assert_eq!(report.steps["s021"], Fate::Held("s009".to_owned()), "a member does not stop its trail without another");
}

#[test]
fn aws_that_stays_busy_is_given_up() {
    let bench = Bench::thirty();
    bench.world.fault("s013", Direction::Forward, &vec![Fault::Throttle; 1000]);
    let report = bench.apply().expect("not killed").expect("ends");
    assert!(matches!(&report.steps["s013"], Fate::Failed { code, .. } if code == "ThrottlingException"));
    assert!(bench.world.time.passed() >= Duration::from_secs(300));
}

#[test]
fn what_comes_out_otherwise_needs_a_person() {
    let bench = Bench::thirty();
    // The small AWS shows the retention as a part of the group.
    let group = plans::initial().into_iter().find(|(_, value)| value["logGroupClass"] == "STANDARD").unwrap();
    let mut odd = group.1.clone();
    odd["retentionInDays"] = json!(7);
    bench.world.kill_at(Some(Kill::BeforeCall("s013".to_owned(), Direction::Forward)));
    assert!(bench.apply().is_none());
    bench.world.meddle(&group.0, odd);
    let error = bench.resume().expect("not killed").expect_err("in doubt");
    let ApplyError::InDoubt(doubts) = &error else { panic!("{error}") };
    assert_eq!((doubts[0].step.as_str(), &doubts[0].observed), ("s013", &Ok(json!({"retentionInDays": 7}))));
    assert!(error.to_string().contains("s013 should turn {} into {\"retentionInDays\":365}"), "{error}");

    let report = bench.roll_back().expect("not killed").expect("ends");
    assert_eq!(report.outcome, Outcome::Stuck);
    let [instruction] = report.instructions.as_slice() else { panic!("{report:?}") };
    assert_eq!(instruction.step, "s013");
    assert_eq!(instruction.operation.as_deref(), Some("logs:DeleteRetentionPolicy"));
    assert_eq!(instruction.input, json!({"logGroupName": "app-0"}));
    assert_eq!(instruction.observed, Some(Ok(json!({"retentionInDays": 7}))));
    assert_eq!(instruction.restore, json!({}));

    bench.world.meddle(&group.0, group.1.clone());
    bench.assert_rolled_back(bench.roll_back());
}

#[test]
fn an_accepted_call_without_effect_is_in_doubt() {
    let bench = Bench::thirty();
    bench.world.fault("s020", Direction::Forward, &[Fault::Twist(json!({"TrailARN": "another"}))]);
    let report = bench.apply().expect("not killed").expect("ends");
    let Fate::InDoubt { code, observed, .. } = &report.steps["s020"] else { panic!("{report:?}") };
    assert_eq!((code.as_str(), observed), ("NoEffect", &Ok(json!({"TrailARN": "another"}))));
}

#[test]
fn reads_that_fail_while_waiting_are_repeated() {
    for step in called() {
        let bench = Bench::thirty();
        bench.world.fault(&step, Direction::Forward, &[Fault::Blind(3)]);
        bench.assert_applied(bench.apply());
    }
}
