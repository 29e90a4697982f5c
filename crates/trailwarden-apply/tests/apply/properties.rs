//! Any sequence of faults, kills and decisions ends applied or rolled back, and leaves no trace of the road taken.

use std::time::Duration;

use proptest::prelude::*;
use trailwarden_apply::ApplyError;
use trailwarden_model::journal::{Direction, Outcome};

use crate::bench::{Bench, Ended};
use crate::world::{Fault, Kill};

fn n_cases() -> u32 {
    std::env::var("TRAILWARDEN_TEST_CASES").map_or(64, |text| text.parse().expect("a number"))
}

fn step() -> impl Strategy<Value = String> {
    (1..=30).prop_map(|n| format!("s{n:03}"))
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Forward), Just(Direction::Back)]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Refuse("AccessDenied")),
        Just(Fault::Throttle),
        Just(Fault::LoseAnswer),
        Just(Fault::LoseCall),
        (1..20u64).prop_map(|seconds| Fault::Late(Duration::from_secs(seconds))),
    ]
}

fn kill() -> impl Strategy<Value = Option<Kill>> {
    prop_oneof![
        Just(None),
        (step(), direction()).prop_map(|(step, direction)| Some(Kill::BeforeCall(step, direction))),
        (step(), direction()).prop_map(|(step, direction)| Some(Kill::AfterCall(step, direction))),
        (1..130u64).prop_map(|line| Some(Kill::AfterLine(line))),
    ]
}

/// What happens: faults by step, and after each end of a process, what kills the next one and whether it turns back.
type Story = (Vec<(String, Direction, Vec<Fault>)>, Vec<(Option<Kill>, bool)>, u64);

fn story() -> impl Strategy<Value = Story> {
    (
        prop::collection::vec((step(), direction(), prop::collection::vec(fault(), 1..4)), 0..12),
        prop::collection::vec((kill(), prop::bool::weighted(0.25)), 1..6),
        0..4u64,
    )
}

/// Goes on until it is over, without further kills once the story is told.
fn tell(bench: &Bench, acts: &[(Option<Kill>, bool)]) -> Outcome {
    let mut acts = acts.iter().cloned().chain(std::iter::repeat((None, false)));
    let mut is_back = false;
    let mut ended: Ended = {
        bench.world.kill_at(acts.next().unwrap().0);
        bench.apply()
    };
    for _ in 0..60 {
        bench.check();
        match ended {
            Some(Ok(report)) if matches!(report.outcome, Outcome::Applied | Outcome::RolledBack) => {
                return report.outcome;
            }
            // Killed when its last line was just written.
            Some(Err(ApplyError::Over { outcome, .. })) => return outcome,
            Some(Err(error)) => {
                assert!(matches!(error, ApplyError::NothingBegun(_) | ApplyError::TurnedBack(_)), "{error}");
            }
            Some(Ok(_)) | None => {}
        }
        let (kill, turns) = acts.next().unwrap();
        bench.world.kill_at(kill);
        is_back |= turns;
        let is_begun = bench.journal().exists() && !bench.journal_text().is_empty();
        ended = match (is_begun, is_back) {
            (false, _) => bench.apply(),
            (true, true) => bench.roll_back(),
            (true, false) => bench.resume(),
        };
    }
    panic!("it never ends");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: n_cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_story_ends_applied_or_rolled_back((faults, acts, lag) in story()) {
        let bench = Bench::thirty();
        bench.world.with(|state| state.lag = Duration::from_secs(lag));
        for (step, direction, faults) in &faults {
            bench.world.fault(step, *direction, faults);
        }
        match tell(&bench, &acts) {
            Outcome::Applied => bench.assert_world_after(),
            _ => bench.assert_world_before(),
        }
    }
}
