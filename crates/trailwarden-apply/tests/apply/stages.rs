//! Plans with stages: nothing of a later one before the earlier ones are shown to hold and have soaked, wherever a run is
//! interrupted. The small AWS itself insists on that at every call.

use std::time::Duration;

use trailwarden_apply::{ApplyError, Fate, Options, Report, Staleness};
use trailwarden_model::journal::{Direction, Outcome, Standing};
use trailwarden_model::plan::bind;

use crate::bench::{Bench, Ended};
use crate::staged::{self, STAGES, assert_after, assert_applied, assert_rolled_back};
use crate::world::{Fault, Kill};

const NO_SOAK: Duration = Duration::ZERO;
const HOUR: Duration = Duration::from_secs(3_600);
const UNDONE: [&str; 6] = ["s002", "s003", "s004", "s005", "s006", "s007"];

fn report(ended: Ended) -> Report {
    ended.expect("not killed").expect("ends")
}

fn made(bench: &Bench) -> Vec<String> {
    bench.world.with(|state| state.performed.iter().map(|call| call.step.clone()).collect())
}

/// A stage does not hold for so many questions.
fn unshown(bench: &Bench, stage: &str, n: u32) {
    let reason = "arn:aws:iam::333333333333:user/eve still gets through".to_owned();
    bench.world.with(|state| state.unshown.insert(stage.to_owned(), (n, reason)));
}

fn pass(bench: &Bench, time: Duration) {
    bench.world.time.set(bench.world.time.passed() + time);
}

/// Goes on, hour after hour, until no stage soaks any more.
fn go_on(bench: &Bench, ended: Ended) -> Ended {
    let mut ended = ended;
    while matches!(&ended, Some(Ok(report)) if report.outcome == Outcome::Soaking) {
        pass(bench, HOUR);
        ended = bench.resume();
    }
    ended
}

/// With the plan applied.
fn applied() -> Bench {
    let bench = staged::bench(NO_SOAK);
    assert_applied(&bench, bench.apply());
    bench
}

/// The lines of a journal that nothing disturbed.
fn n_lines() -> u64 {
    applied().files().run.n_lines
}

#[test]
fn each_stage_is_shown_before_the_next_begins() {
    let bench = applied();
    assert_eq!(made(&bench), ["s001", "s002", "s004", "s005", "s003", "s006", "s007"]);
    let asked = bench.world.with(|state| state.asked.clone());
    let [canary, production, root] = STAGES;
    let expected = [
        format!("reach {canary}"),
        format!("show {canary}"),
        format!("show {canary}"),
        format!("reach {production}"),
        format!("show {production}"),
        format!("show {canary}"),
        format!("show {production}"),
        format!("reach {root}"),
        format!("show {root}"),
    ];
    assert_eq!(asked, expected);
    let run = bench.files().run;
    assert_eq!(run.shown.keys().collect::<Vec<_>>(), [&1, &2, &3]);
    assert_eq!((run.not_shown, run.outcome), (None, Some(Outcome::Applied)));
}

#[test]
fn a_stage_that_is_not_shown_holds_back_the_next_until_it_is() {
    let bench = staged::bench(NO_SOAK);
    unshown(&bench, STAGES[0], u32::MAX);
    let ended = report(bench.apply());
    assert_eq!(ended.outcome, Outcome::Incomplete);
    assert_eq!(made(&bench), ["s001", "s002", "s004"]);
    assert!(bench.world.time.passed() >= Options::default().effect, "reads may lag, so it is asked for a while");
    let run = bench.files().run;
    let (stage, reason) = run.not_shown.expect("not shown");
    assert_eq!((stage, reason.as_str()), (1, "arn:aws:iam::333333333333:user/eve still gets through"));
    assert!(run.shown.is_empty());

    assert_eq!(report(bench.resume()).outcome, Outcome::Incomplete);
    assert_eq!(made(&bench).len(), 3, "nothing more is made while it does not hold");
    unshown(&bench, STAGES[0], 0);
    assert_applied(&bench, bench.resume());
    assert_eq!(bench.files().run.not_shown, None);
}

#[test]
fn a_stage_that_is_reported_late_is_waited_for() {
    let bench = staged::bench(NO_SOAK);
    unshown(&bench, STAGES[1], 3);
    assert_applied(&bench, bench.apply());
    let waits = bench.world.with(|state| state.heard.iter().filter(|said| said.contains(STAGES[1])).count());
    assert_eq!(waits, 1, "said once, however often it is asked");
}

#[test]
fn the_next_stage_waits_for_the_soak_and_the_run_ends_meanwhile() {
    let bench = staged::bench(HOUR);
    assert_eq!(report(bench.apply()).outcome, Outcome::Soaking);
    assert_eq!(made(&bench), ["s001", "s002", "s004"]);
    assert_eq!(report(bench.resume()).outcome, Outcome::Soaking);
    pass(&bench, HOUR / 2);
    assert_eq!(report(bench.resume()).outcome, Outcome::Soaking);
    assert_eq!(made(&bench).len(), 3);
    pass(&bench, HOUR / 2);
    assert_eq!(report(bench.resume()).outcome, Outcome::Soaking);
    assert_eq!(made(&bench), ["s001", "s002", "s004", "s005"]);
    pass(&bench, HOUR);
    // The last stage soaks for nobody.
    assert_applied(&bench, bench.resume());
}

#[test]
fn a_run_that_waits_goes_through_in_one_process() {
    let mut bench = staged::bench(HOUR);
    bench.options.waits_for_soak = true;
    assert_applied(&bench, bench.apply());
    assert!(bench.world.time.passed() >= 2 * HOUR);
}

#[test]
fn asked_to_stop_a_run_that_waits_ends_soaking() {
    let mut bench = staged::bench(HOUR);
    bench.options.waits_for_soak = true;
    *bench.world.stop_at.lock().expect("the lock") = Some("s004".to_owned());
    assert_eq!(report(bench.apply()).outcome, Outcome::Soaking);
    assert!(bench.world.time.passed() < HOUR);
    *bench.world.stop_at.lock().expect("the lock") = None;
    assert_applied(&bench, bench.resume());
}

#[test]
fn what_held_before_the_soak_must_hold_after_it() {
    let bench = staged::bench(HOUR);
    assert_eq!(report(bench.apply()).outcome, Outcome::Soaking);
    pass(&bench, HOUR);
    unshown(&bench, STAGES[0], u32::MAX);
    assert_eq!(report(bench.resume()).outcome, Outcome::Incomplete);
    assert_eq!(made(&bench).len(), 3);
    assert_eq!(bench.files().run.not_shown.map(|(stage, _)| stage), Some(1));
    unshown(&bench, STAGES[0], 0);
    assert_applied(&bench, go_on(&bench, bench.resume()));
}

#[test]
fn a_stage_that_did_not_hold_soaks_anew_once_it_does() {
    let bench = staged::bench(HOUR);
    assert_eq!(report(bench.apply()).outcome, Outcome::Soaking);
    pass(&bench, HOUR);
    unshown(&bench, STAGES[0], u32::MAX);
    assert_eq!(report(bench.resume()).outcome, Outcome::Incomplete);
    unshown(&bench, STAGES[0], 0);
    assert_eq!(report(bench.resume()).outcome, Outcome::Soaking);
    assert_eq!(made(&bench), ["s001", "s002", "s004"], "nobody knows how long it did not hold");
    pass(&bench, HOUR);
    assert_applied(&bench, go_on(&bench, bench.resume()));
}

#[test]
fn an_account_that_moved_between_stages_holds_back_the_stage_that_it_came_to() {
    let bench = staged::bench(NO_SOAK);
    let reason = "account 333333333333 has come below OU Production since the plan was made: plan again".to_owned();
    bench.world.with(|state| state.moved.insert(STAGES[1].to_owned(), reason.clone()));
    assert_eq!(report(bench.apply()).outcome, Outcome::Incomplete);
    assert_eq!(made(&bench), ["s001", "s002", "s004"]);
    assert_eq!(bench.files().run.not_shown, Some((2, reason)));
    bench.world.with(|state| state.moved.clear());
    assert_applied(&bench, bench.resume());
}

#[test]
fn what_somebody_detached_during_the_soak_is_said_and_nothing_is_made() {
    let bench = staged::bench(HOUR);
    assert_eq!(report(bench.apply()).outcome, Outcome::Soaking);
    let bindings = bench.files().run.bindings;
    let subject = serde_json::to_value(bench.subject("s004")).expect("writes");
    let attachment = serde_json::from_value(bind(&subject, &bindings).expect("is bound")).expect("reads");
    bench.world.meddle(&attachment, serde_json::Value::Null);
    pass(&bench, HOUR);
    let lines = bench.journal_text();
    let error = bench.resume().expect("not killed").expect_err("refused");
    let ApplyError::Stale(stale) = &error else { panic!("{error}") };
    assert_eq!((stale.len(), stale[0].step.as_str()), (1, "s004"));
    assert_eq!(stale[0].staleness, Staleness::Changed(false.into()));
    assert!(error.to_string().contains("s004 (organizations:AttachPolicy) left true, which is now false"), "{error}");
    assert_eq!((bench.journal_text(), made(&bench).len()), (lines, 3));
    bench.world.meddle(&attachment, true.into());
    assert_applied(&bench, go_on(&bench, bench.resume()));
}

#[test]
fn a_step_that_fails_holds_back_every_later_stage() {
    let bench = staged::bench(NO_SOAK);
    bench.world.fault("s005", Direction::Forward, &[Fault::Refuse("AccessDeniedException")]);
    let ended = report(bench.apply());
    assert_eq!(ended.outcome, Outcome::Incomplete);
    assert!(matches!(&ended.steps["s005"], Fate::Failed { code, .. } if code == "AccessDeniedException"));
    assert_eq!(made(&bench), ["s001", "s002", "s004"]);
    assert_eq!(
        bench.world.with(|state| state.asked.iter().filter(|asked| **asked == format!("show {}", STAGES[1])).count()),
        0
    );
    assert_applied(&bench, bench.resume());
}

#[test]
fn throttled_and_without_an_answer_every_attachment_is_made_once() {
    let bench = staged::bench(NO_SOAK);
    for step in ["s002", "s004", "s005", "s006", "s007"] {
        bench.world.fault(
            step,
            Direction::Forward,
            &[Fault::Throttle, Fault::LoseCall, Fault::Throttle, Fault::LoseAnswer],
        );
    }
    assert_applied(&bench, bench.apply());
    assert_eq!(made(&bench).len(), 7);
}

#[test]
fn killed_after_any_line_a_run_is_resumed_or_rolled_back() {
    let n_lines = n_lines();
    for line in 1..=n_lines {
        for is_back in [false, true] {
            let bench = staged::bench(NO_SOAK);
            bench.world.kill_at(Some(Kill::AfterLine(line)));
            assert!(bench.apply().is_none(), "killed after line {line}");
            match (is_back, line == n_lines) {
                (true, _) => assert_rolled_back(&bench, bench.roll_back()),
                (false, true) => assert!(bench.resume().expect("not killed").is_err(), "its end is on disk"),
                (false, false) => assert_applied(&bench, bench.resume()),
            }
        }
    }
}

#[test]
fn killed_after_any_line_of_a_run_that_soaks_it_is_resumed_or_rolled_back() {
    for line in 1..=60 {
        for is_back in [false, true] {
            let bench = staged::bench(HOUR);
            bench.world.kill_at(Some(Kill::AfterLine(line)));
            let ended = go_on(&bench, bench.apply());
            match (ended, is_back) {
                (None, true) => assert_rolled_back(&bench, bench.roll_back()),
                (None, false) => match bench.files().run.outcome {
                    Some(Outcome::Applied) => assert_after(&bench),
                    _ => assert_applied(&bench, go_on(&bench, bench.resume())),
                },
                // It has fewer lines.
                (ended, _) => {
                    assert_applied(&bench, ended);
                    assert!(line > bench.files().run.n_lines);
                }
            }
        }
    }
}

#[test]
fn killed_after_any_call_a_run_is_resumed_or_rolled_back() {
    for step in staged::plan(NO_SOAK).0.steps {
        for is_back in [false, true] {
            let bench = staged::bench(NO_SOAK);
            bench.world.kill_at(Some(Kill::AfterCall(step.id.clone(), Direction::Forward)));
            assert!(bench.apply().is_none(), "killed at {}", step.id);
            match is_back {
                true => assert_rolled_back(&bench, bench.roll_back()),
                false => assert_applied(&bench, bench.resume()),
            }
        }
    }
}

#[test]
fn killed_at_any_point_back_rolling_back_goes_on() {
    let forward = n_lines();
    // Resumed, two for each undo, one for the policy type that is kept, ended.
    let lines = (forward + 1..=forward + 2 + 2 * UNDONE.len() as u64).map(Kill::AfterLine);
    let calls = UNDONE.iter().map(|step| Kill::AfterCall((*step).to_owned(), Direction::Back));
    for point in calls.chain(lines) {
        let bench = applied();
        bench.world.kill_at(Some(point.clone()));
        assert!(bench.roll_back().is_none(), "killed at {point:?}");
        assert_rolled_back(&bench, bench.roll_back());
    }
}

#[test]
fn a_run_that_soaks_is_rolled_back_and_asks_for_no_stage() {
    for n_hours in 0..3 {
        let bench = staged::bench(HOUR);
        assert_eq!(report(bench.apply()).outcome, Outcome::Soaking);
        for _ in 0..n_hours {
            pass(&bench, HOUR);
            report(bench.resume());
        }
        let asked = bench.world.with(|state| state.asked.len());
        unshown(&bench, STAGES[0], u32::MAX);
        let back = bench.roll_back();
        assert_eq!(bench.world.with(|state| state.asked.len()), asked);
        assert_rolled_back(&bench, back);
        assert!(matches!(bench.files().run.steps.get("s001"), Some(Standing::Kept(_))));
        assert!(matches!(bench.resume(), Some(Err(ApplyError::Over { outcome: Outcome::RolledBack, .. }))));
    }
}

#[test]
fn a_run_that_was_turned_back_shows_no_stage_any_more() {
    let bench = staged::bench(HOUR);
    assert_eq!(report(bench.apply()).outcome, Outcome::Soaking);
    bench.world.kill_at(Some(Kill::AfterCall("s004".to_owned(), Direction::Back)));
    assert!(bench.roll_back().is_none());
    pass(&bench, HOUR);
    assert!(matches!(bench.resume(), Some(Err(ApplyError::TurnedBack(_)))));
    assert_rolled_back(&bench, bench.roll_back());
}
