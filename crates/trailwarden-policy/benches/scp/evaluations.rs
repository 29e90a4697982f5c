//! The same random questions to the engine and to iam-simulate.

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::Value;
use trailwarden_policy::{Chain, Request};

use crate::dice::Dice;
use crate::organization::{array, chain, request};
use crate::process::Simulator;
use crate::random;

/// Paths of three nodes, each asked three times.
const N_CASES: usize = 400;
/// How often the engine is asked, to have something to measure.
const N_ROUNDS: u32 = 50;

pub fn measure(out: &mut impl Write) -> std::io::Result<()> {
    let mut dice = Dice::new(1);
    let cases: Vec<Value> = (0..N_CASES).map(|_| random::case(&mut dice)).collect();
    let n_asked = cases.iter().map(|case| array(&case["requests"]).len()).sum::<usize>();

    let start = Instant::now();
    let parsed: Vec<(Chain, Vec<Request>)> =
        cases.iter().map(|case| (chain(case), array(&case["requests"]).iter().map(request).collect())).collect();
    let parsing = start.elapsed();
    let evaluating = time(N_ROUNDS, || {
        for (chain, requests) in &parsed {
            for request in requests {
                black_box(chain.evaluate(request));
            }
        }
    });

    let mut simulator = Simulator::start();
    // Once before measuring, so that its data are read and its code is compiled.
    let mut ask_all = || cases.iter().map(|case| simulator.ask(case).len()).sum::<usize>();
    ask_all();
    let simulating = time(1, || assert_eq!(ask_all(), n_asked));

    let rate = |elapsed: Duration| n_asked as f64 / elapsed.as_secs_f64();
    writeln!(out, "| evaluations, policies read before | {:.0} per second |", rate(evaluating))?;
    writeln!(
        out,
        "| evaluations, policies read for every path of three requests | {:.0} per second |",
        rate(parsing + evaluating)
    )?;
    writeln!(
        out,
        "| the same questions to iam-simulate, which reads policies for each | {:.0} per second |",
        rate(simulating)
    )?;
    let ratio = simulating.as_secs_f64() / (parsing + evaluating).as_secs_f64();
    writeln!(out, "| ratio of the last two | {ratio:.0} |")
}

/// The time of one round.
fn time(n_rounds: u32, mut round: impl FnMut()) -> Duration {
    let start = Instant::now();
    (0..n_rounds).for_each(|_| round());
    start.elapsed() / n_rounds
}
