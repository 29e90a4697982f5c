//! Proofs against brute force: small random organizations, every request of a small world, and an evaluator of our own.
//!
//! What is proved denied, no request of the world gets past, and each is stopped by something the proof names. What is open
//! comes with a request that gets past. In the language without variables nothing is left undecided.

mod policies;
mod world;

use std::ops::ControlFlow;

use serde_json::Value;
use trailwarden_policy::{Answer, By, Call, Chain, Counterexample, Principal, Prover, Question, Values, prove};

use super::dice::{Dice, number};
use super::naive::{self, Asked, Context, Statement};
use super::organization::{ACCOUNT, array, chain, text};
use policies::Language;

const N_CASES: usize = 100;
const NEIGHBOUR: &str = "222233334444";

const CALLS: &[(&str, &str)] = &[
    ("cloudtrail:StopLogging", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/ab"),
    ("cloudtrail:DeleteTrail", "arn:aws:cloudtrail:eu-west-1:999988887777:trail/b"),
    ("organizations:LeaveOrganization", "*"),
];

struct Case {
    json: Value,
    nodes: Vec<String>,
    statements: Vec<Statement>,
    exceptions: Vec<String>,
}

impl Case {
    fn new(dice: &mut Dice, language: Language) -> Self {
        let json = policies::organization(dice, language);
        Self {
            nodes: array(&json["nodes"]).iter().map(|node| text(&node["id"])).collect(),
            statements: naive::statements(&json),
            exceptions: if dice.percent(30) { dice.times(1, 2, policies::exception) } else { Vec::new() },
            json,
        }
    }

    /// The statements that may speak of a call.
    fn speaking(&self, (action, resource): (&str, &str)) -> Vec<&Statement> {
        self.statements.iter().filter(|statement| statement.may_match(action, resource)).collect()
    }

    /// Shows every request of the world for a call that no exception covers.
    fn requests(&self, (action, resource): (&str, &str), mut show: impl FnMut(&Asked<'_>) -> ControlFlow<()>) {
        let domains = world::domains(&policies::keys(&self.json));
        for principal in world::principals() {
            if self.exceptions.iter().any(|exception| naive::glob(exception, &principal)) {
                continue;
            }
            let mut context = world::facts(&principal, action, resource);
            let mut each = |context: &Context| show(&Asked { action, resource, context });
            if world::each_context(&domains, &principal, &mut context, &mut each).is_break() {
                return;
            }
        }
    }

    /// Some request that gets past the SCPs.
    fn way_through(&self, call: (&str, &str)) -> Option<Context> {
        let mut found = None;
        let statements = self.speaking(call);
        self.requests(call, |asked| {
            if naive::verdict(&self.nodes, &statements, asked) != "allowed" {
                return ControlFlow::Continue(());
            }
            found = Some(asked.context.clone());
            ControlFlow::Break(())
        });
        found
    }

    /// A request that nothing named by the proof stops.
    fn not_stopped(&self, call: (&str, &str), by: &[By]) -> Option<Context> {
        let mut found = None;
        let statements = self.speaking(call);
        self.requests(call, |asked| {
            let stops = |by: &By| match by {
                By::NoAllow { node } => !naive::node_allows(node, &statements, asked),
                By::Statement(place) => statements.iter().any(|statement| {
                    (statement.node.as_str(), statement.policy.as_str(), statement.index)
                        == (place.node.as_str(), place.policy.as_str(), place.statement.index)
                        && !statement.allows
                        && statement.matches(asked)
                }),
            };
            if by.iter().any(stops) {
                return ControlFlow::Continue(());
            }
            found = Some(asked.context.clone());
            ControlFlow::Break(())
        });
        found
    }

    /// That a counterexample is a request of the world, and gets through.
    fn check(&self, call: (&str, &str), found: &Counterexample) {
        let request = &found.request;
        assert_eq!((request.action.as_str(), request.resource.as_str()), call);
        let Principal::Aws(principal) = &request.principal else { panic!("{request:?} is by nobody of the account") };
        assert!(!self.exceptions.iter().any(|exception| naive::glob(exception, principal)), "{request:?} is excepted");
        let values = |values: &Values| values.as_slice().to_vec();
        let context: Context = request.context.iter().map(|(key, of)| (key.to_ascii_lowercase(), values(of))).collect();
        for (key, value) in world::facts(principal, call.0, call.1) {
            let is_read = context.contains_key(&key) || policies::keys(&self.json).contains(&key);
            assert!(!is_read || context.get(&key) == Some(&value), "{request:?} has a {key} of its own");
        }
        for (key, values) in &context {
            assert!(world::may_be(key, values, principal), "{request:?} cannot have this {key}");
        }
        let asked = Asked { action: call.0, resource: call.1, context: &context };
        assert_eq!(naive::verdict(&self.nodes, &self.speaking(call), &asked), "allowed", "{request:?}");
        assert!(chain(&self.json).evaluate(request).lets_through(), "{request:?}");
    }
}

/// How many answers were denied, open and undecided.
#[derive(Debug, Default)]
struct Counts {
    denied: usize,
    open: usize,
    undecided: usize,
}

fn compare(language: Language, n_cases: usize) -> Counts {
    let mut dice = Dice::new(number("TRAILWARDEN_TEST_SEED", 1) as u64);
    let mut counts = Counts::default();
    let prover = Prover::new();
    for _ in 0..n_cases {
        let case = Case::new(&mut dice, language);
        let chain = chain(&case.json);
        let answers = ask(&case, &chain, &prover);
        // Accounts below the same OU share its nodes, and what was found out about them.
        ask(&case, &Chain { account: NEIGHBOUR.to_owned(), ..chain }, &prover);
        assert_eq!(answers.len(), CALLS.len());
        for (call, answer) in CALLS.iter().zip(answers) {
            told_on_failure(&case, call, &answer, || match &answer {
                Answer::Denied { by } => {
                    counts.denied += 1;
                    assert_eq!(case.way_through(*call), None, "proved denied, but this gets through");
                    assert_eq!(case.not_stopped(*call, by), None, "nothing that the proof names stops this");
                }
                Answer::Open(found) => {
                    counts.open += 1;
                    case.check(*call, found);
                }
                Answer::Undecided(reason) => {
                    counts.undecided += 1;
                    assert_eq!(language, Language::Variables, "undecided: {reason}");
                }
            });
        }
    }
    println!("{language:?}: {counts:?}");
    counts
}

/// The answers of a prover that has answered others before, which are those of one that has not.
fn ask(case: &Case, chain: &Chain, prover: &Prover) -> Vec<Answer> {
    let calls: Vec<Call> = CALLS
        .iter()
        .map(|(action, resource)| Call {
            action: (*action).to_owned(),
            resource: resource.replace(ACCOUNT, &chain.account),
        })
        .collect();
    let question = Question { chain, partition: "aws", calls: &calls, exceptions: &case.exceptions };
    let answers = prover.prove(&question);
    assert_eq!(answers, prove(&question), "{} except {:?}", case.json, case.exceptions);
    answers
}

/// Tells on which case something failed.
fn told_on_failure(case: &Case, call: &(&str, &str), answer: &Answer, run: impl FnOnce()) {
    if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
        println!("{} except {:?}: {call:?}: {answer:?}", case.json, case.exceptions);
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn proofs_without_variables_agree_with_brute_force_and_leave_nothing_undecided() {
    let counts = compare(Language::Plain, number("TRAILWARDEN_TEST_CASES", N_CASES));
    assert!(counts.denied * 4 > counts.open && counts.open * 4 > counts.denied, "{counts:?} says little");
}

#[test]
fn proofs_with_variables_agree_with_brute_force() {
    let counts = compare(Language::Variables, number("TRAILWARDEN_TEST_CASES", N_CASES));
    assert!(counts.denied * 4 > counts.open && counts.open * 4 > counts.denied, "{counts:?} says little");
    assert!(counts.undecided * 10 < counts.denied + counts.open, "{counts:?} leaves much undecided");
}
