//! Rolling back: in which order, what is left alone, and what a person is told when it gets stuck.

use std::collections::BTreeSet;

use serde_json::json;
use trailwarden_apply::{Fate, Report};
use trailwarden_model::journal::{Direction, Outcome};
use trailwarden_model::plan::Rollback;

use crate::bench::{Bench, Ended};
use crate::plans::{self, ARCHIVE};
use crate::world::Fault;

fn ended(ended: Ended) -> Report {
    ended.expect("not killed").expect("ends")
}

/// Steps taken back, in order.
fn taken_back(bench: &Bench) -> Vec<String> {
    let performed = bench.world.with(|state| state.performed.clone());
    performed.into_iter().filter(|call| call.direction == Direction::Back).map(|call| call.step).collect()
}

#[test]
fn dependents_first_and_only_what_the_run_changed() {
    let bench = Bench::applied();
    let report = ended(bench.roll_back());
    let order = taken_back(&bench);
    let at = |step: &str| order.iter().position(|one| one == step).unwrap_or_else(|| panic!("{step} in {order:?}"));
    for (earlier, later) in [("s021", "s010"), ("s030", "s010"), ("s010", "s009"), ("s009", "s007"), ("s009", "s001")] {
        assert!(at(earlier) < at(later), "{earlier} before {later} in {order:?}");
    }
    for pair in [["s013", "s014"], ["s002", "s001"], ["s007", "s004"], ["s023", "s022"]] {
        let [low, high] = [pair.iter().min().unwrap(), pair.iter().max().unwrap()];
        assert!(at(high) < at(low), "{pair:?} in {order:?}");
    }
    assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), order.len(), "each once");
    assert!(!order.contains(&"s006".to_owned()), "it was so before the run");
    assert_eq!(report.steps["s006"], Fate::Untouched);
    assert_eq!(report.steps["s005"], Fate::Kept("versions do no harm".to_owned()));
    assert_eq!(report.steps["s001"], Fate::RolledBack);
    assert_eq!(report.instructions, []);
}

#[test]
fn what_somebody_changed_meanwhile_stays_with_what_it_needs_and_the_rest_goes() {
    let bench = Bench::applied();
    let trail = bench.subject("s009");
    let left = bench.world.truth()[&trail].clone();
    let mut changed = left.clone();
    changed["S3KeyPrefix"] = json!("mine");
    bench.world.meddle(&trail, changed.clone());
    let report = ended(bench.roll_back());
    assert_eq!(report.outcome, Outcome::Stuck);
    assert!(matches!(&report.steps["s009"], Fate::Failed { code, .. } if code == "ChangedMeanwhile"));
    for held in ["s001", "s004", "s007", "s008"] {
        assert_eq!(report.steps[held], Fate::Held("s009".to_owned()), "{held}");
    }
    for back in ["s002", "s003", "s010", "s013", "s030"] {
        assert_eq!(report.steps[back], Fate::RolledBack, "{back}");
    }
    let told: Vec<&str> = report.instructions.iter().map(|instruction| instruction.step.as_str()).collect();
    assert_eq!(told, ["s009", "s008", "s007", "s004", "s001"], "in the order to do it in");
    let [trail_call, .., key_call] = report.instructions.as_slice() else { panic!("{report:?}") };
    assert_eq!(trail_call.operation.as_deref(), Some("cloudtrail:DeleteTrail"));
    assert_eq!(trail_call.observed, Some(Ok(changed)));
    assert_eq!(trail_call.restore, json!(null));
    assert_eq!(key_call.place.account.as_str(), ARCHIVE);
    assert_eq!(key_call.input, json!({"KeyId": "key-1", "PendingWindowInDays": 30}));
    assert_eq!(key_call.reason, "step s009 needs it and is not rolled back");

    bench.world.meddle(&trail, left);
    bench.assert_rolled_back(bench.roll_back());
}

#[test]
fn a_refused_undo_is_stuck_and_made_once_it_is_allowed() {
    let steps = plans::thirty().0.steps;
    for step in steps.iter().filter(|step| step.id != "s006" && matches!(step.rollback, Rollback::Undo(_))) {
        let bench = Bench::applied();
        bench.world.fault(&step.id, Direction::Back, &[Fault::Refuse("AccessDenied")]);
        let report = ended(bench.roll_back());
        assert_eq!(report.outcome, Outcome::Stuck);
        let instruction = report.instructions.iter().find(|told| told.step == step.id).expect("told");
        assert!(instruction.reason.starts_with("AccessDenied: "), "{instruction:?}");
        bench.assert_rolled_back(bench.roll_back());
    }
}

#[test]
fn what_is_gone_already_is_rolled_back_without_a_call() {
    let bench = Bench::applied();
    let alias = bench.subject("s002");
    bench.world.meddle(&alias, json!(null));
    bench.assert_rolled_back(bench.roll_back());
    assert!(!taken_back(&bench).contains(&"s002".to_owned()));
}

#[test]
fn what_cannot_be_taken_back_holds_what_it_needs() {
    let (mut plan, _) = plans::thirty();
    let stopped = plan.steps.get_mut(20).unwrap();
    stopped.rollback = Rollback::Irreversible("as asked".to_owned());
    let bench = Bench::new(plans::sealed(plan), &plans::initial());
    bench.world.with(|state| state.is_guarded = true);
    assert_eq!(ended(bench.apply()).outcome, Outcome::Applied);
    let report = ended(bench.roll_back());
    assert_eq!(report.outcome, Outcome::Stuck);
    assert_eq!(report.steps["s021"], Fate::Irreversible("as asked".to_owned()));
    for held in ["s010", "s009", "s007", "s001"] {
        assert_eq!(report.steps[held], Fate::Held("s021".to_owned()), "the other trail must go on: {held}");
    }
    assert_eq!(report.steps["s030"], Fate::RolledBack);
    assert_eq!(report.instructions[0].operation, None);
    let again = ended(bench.roll_back());
    assert_eq!((again.outcome, again.steps), (report.outcome, report.steps));
}

#[test]
fn asked_to_stop_rolling_back_goes_on_later() {
    let bench = Bench::applied();
    *bench.world.stop_at.lock().unwrap() = Some("s009".to_owned());
    let report = ended(bench.roll_back());
    *bench.world.stop_at.lock().unwrap() = None;
    assert_eq!(report.outcome, Outcome::Incomplete);
    assert_eq!((&report.steps["s009"], &report.steps["s007"]), (&Fate::RolledBack, &Fate::Stopped));
    bench.assert_rolled_back(bench.roll_back());
}
