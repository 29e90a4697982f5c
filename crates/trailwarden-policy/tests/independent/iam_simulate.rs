//! Random policies and requests, judged by the engine and by `@cloud-copilot/iam-simulate` in a process of its own.
//!
//! `cargo xtask test` installs it. Where the two differ, the AWS documentation decides: what is a known limit of
//! iam-simulate is listed in `limits`, anything else fails the test with the smallest case that still shows it.
//! `TRAILWARDEN_TEST_CASES` and `TRAILWARDEN_TEST_SEED` ask for more and for others.

mod limits;
mod process;
mod shrink;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dice::{Dice, number};
use super::organization::{array, chain, items, request, verdict};
use super::random;
use limits::limit;
use process::Simulator;

/// Paths of nodes with their policies; each gets three requests.
const N_CASES: usize = 1_000;

/// The two answers to one request of a case.
struct Answers {
    ours: String,
    theirs: String,
}

impl Answers {
    fn to(simulator: &mut Simulator, nodes: &Value, asked: &Value) -> Self {
        let case = json!({ "nodes": nodes, "requests": [asked] });
        Self {
            ours: verdict(&chain(&case), &request(asked)),
            theirs: simulator.ask(&case).pop().expect("one answer for one request"),
        }
    }

    /// True when neither refused to judge.
    fn are_verdicts(&self) -> bool {
        !self.ours.starts_with("refused") && !self.theirs.starts_with("error")
    }

    fn differ(&self) -> bool {
        self.ours != self.theirs && !self.ours.starts_with("undecided")
    }
}

/// The nodes without the statements that iam-simulate is known to judge otherwise for this request; and their limits.
fn without_limits(nodes: &Value, asked: &Value) -> (Value, Vec<&'static str>) {
    let mut nodes = nodes.clone();
    let mut found = Vec::new();
    for policy in nodes.as_array_mut().into_iter().flatten().flat_map(|node| node["policies"].as_array_mut()).flatten()
    {
        let statement = &mut policy["policy"]["Statement"];
        let mut kept = items(statement).to_vec();
        kept.retain(|statement| {
            let limit = limit(statement, asked);
            found.extend(limit);
            limit.is_none()
        });
        // A statement that speaks of nothing asked here keeps the document whole.
        kept.push(json!({ "Effect": "Deny", "Action": "nothing:Here", "Resource": "*" }));
        *statement = kept.into();
    }
    (nodes, found)
}

#[test]
fn the_engine_agrees_with_iam_simulate() {
    let mut simulator = Simulator::start();
    let mut dice = Dice::new(number("TRAILWARDEN_TEST_SEED", 1) as u64);
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    let mut limits: BTreeMap<&str, usize> = BTreeMap::new();
    let n_cases = number("TRAILWARDEN_TEST_CASES", N_CASES);
    for _ in 0..n_cases {
        let case = random::case(&mut dice);
        let chain = chain(&case);
        for (asked, theirs) in array(&case["requests"]).iter().zip(simulator.ask(&case)) {
            let answers = Answers { ours: verdict(&chain, &request(asked)), theirs };
            *words.entry(answers.ours.split(':').next().unwrap_or_default().to_owned()).or_default() += 1;
            if !answers.differ() {
                continue;
            }
            let (nodes, found) = without_limits(&case["nodes"], asked);
            if !found.is_empty() && !Answers::to(&mut simulator, &nodes, asked).differ() {
                for limit in found {
                    *limits.entry(limit).or_default() += 1;
                }
                continue;
            }
            let smallest = shrink::smallest(&json!({ "nodes": nodes, "request": asked }), |case| {
                if !case["nodes"].is_array() || !case["request"]["context"].is_object() {
                    return false;
                }
                let (nodes, found) = without_limits(&case["nodes"], &case["request"]);
                let answers = Answers::to(&mut simulator, &nodes, &case["request"]);
                found.is_empty() && answers.are_verdicts() && answers.differ()
            });
            let answers = Answers::to(&mut simulator, &smallest["nodes"], &smallest["request"]);
            panic!("we say {}, iam-simulate says {}: {smallest:#}", answers.ours, answers.theirs);
        }
    }
    println!("{words:?}, known limits: {limits:#?}");
    let n_asked: usize = words.values().sum();
    for word in ["allowed", "explicitDeny", "implicitDeny"] {
        assert!(words.get(word).is_some_and(|n| n * 20 > n_asked), "hardly any case is {word}: {words:?}");
    }
    assert!(words.get("undecided").is_none_or(|n| n * 20 < n_asked), "too much is left undecided: {words:?}");
    assert_eq!(words.get("refused"), None, "every generated document is one that AWS accepts");
    for limit in limits::ALL {
        assert!(n_cases < N_CASES || limits.contains_key(limit), "no longer a limit, or no longer tried: {limit}");
    }
}
