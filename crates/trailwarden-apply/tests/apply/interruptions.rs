//! Killed at every point of every step, forward and back: going on ends as if nothing had happened, and rolling back as if
//! nothing had begun.

use std::fs::OpenOptions;
use std::io::Write;

use trailwarden_model::journal::Direction;
use trailwarden_model::plan::Rollback;

use crate::bench::Bench;
use crate::plans;
use crate::world::Kill;

/// After each call; before each, a kill is one after the line that intends it.
fn calls(direction: Direction) -> Vec<Kill> {
    let steps = plans::thirty().0.steps.into_iter().filter(|step| step.id != "s006");
    let called = steps.filter(|step| direction == Direction::Forward || matches!(step.rollback, Rollback::Undo(_)));
    called.map(|step| Kill::AfterCall(step.id, direction)).collect()
}

#[test]
fn nothing_disturbs_and_every_step_is_made_once() {
    let bench = Bench::thirty();
    bench.assert_applied(bench.apply());
    let performed = bench.world.with(|state| state.performed.clone());
    assert_eq!(performed.len(), 29, "one each, and s006 is so already");
    assert!(performed.iter().all(|performed| performed.is_effective));
    bench.assert_rolled_back(bench.roll_back());
}

#[test]
fn killed_after_any_call_a_run_is_resumed() {
    for point in calls(Direction::Forward) {
        let bench = Bench::thirty();
        bench.world.kill_at(Some(point.clone()));
        assert!(bench.apply().is_none(), "killed at {point:?}");
        bench.assert_applied(bench.resume());
    }
}

#[test]
fn killed_after_any_call_a_run_is_rolled_back() {
    for point in calls(Direction::Forward) {
        let bench = Bench::thirty();
        bench.world.kill_at(Some(point.clone()));
        assert!(bench.apply().is_none(), "killed at {point:?}");
        bench.assert_rolled_back(bench.roll_back());
    }
}

#[test]
fn killed_at_any_point_back_rolling_back_goes_on() {
    // After the 61 lines forward: resumed, two for each undo, one for each of two that are kept, ended.
    let lines = (62..=62 + 2 * 26 + 2).map(Kill::AfterLine);
    for point in calls(Direction::Back).into_iter().chain(lines) {
        let bench = Bench::applied();
        bench.world.kill_at(Some(point.clone()));
        assert!(bench.roll_back().is_none(), "killed at {point:?}");
        bench.assert_rolled_back(bench.roll_back());
    }
}

#[test]
fn killed_after_any_line_a_run_is_resumed_or_rolled_back() {
    // Began, two for each step but s006, one for that, ended.
    for line in 1..=61 {
        for is_back in [false, true] {
            let bench = Bench::thirty();
            bench.world.kill_at(Some(Kill::AfterLine(line)));
            assert!(bench.apply().is_none(), "killed after line {line}");
            match (is_back, line) {
                (true, _) => bench.assert_rolled_back(bench.roll_back()),
                // Its end is on disk: there is nothing to resume.
                (false, 61) => assert!(bench.resume().expect("not killed").is_err()),
                (false, _) => bench.assert_applied(bench.resume()),
            }
        }
    }
}

#[test]
fn a_line_torn_by_the_kill_counts_as_not_written() {
    for line in [1, 2, 3, 20, 60] {
        let bench = Bench::thirty();
        bench.world.kill_at(Some(Kill::AfterLine(line)));
        assert!(bench.apply().is_none());
        let whole = bench.journal_text();
        let torn = r#"{"number":7,"at":"2026-11-28T00:00:00Z","event":{"done":{"step":"s0"#;
        OpenOptions::new().append(true).open(bench.journal()).unwrap().write_all(torn.as_bytes()).unwrap();
        bench.assert_applied(bench.resume());
        assert!(bench.journal_text().starts_with(&whole));
        assert!(!bench.journal_text().contains(torn));
    }
}

#[test]
fn killed_again_and_again_it_still_ends() {
    let bench = Bench::thirty();
    bench.world.kill_at(Some(Kill::AfterLine(2)));
    let mut ended = bench.apply();
    for line in 3..200 {
        if ended.is_some() {
            break;
        }
        bench.world.kill_at(Some(Kill::AfterLine(line)));
        ended = bench.resume();
        bench.check();
    }
    let ended = ended.map_or_else(|| bench.resume(), Some);
    bench.assert_applied(ended);
}
