//! Proofs that calls are denied to everyone in an account, and counterexamples: a principal and a context with which a call gets past
//! the SCPs.
//!
//! The values of every condition key fall into finitely many classes that the statements tell apart; one of each class is enough.
//! Keys that AWS sets itself keep the value that goes with the caller and the resource. The values are searched key by key; a
//! branch ends as soon as a Deny certainly matches or a node certainly does not allow, and a proof names what ended its branches.
//! A request that gets through is evaluated again on the whole chain. What cannot be listed never helps to prove anything.

mod callers;
mod classes;
mod element;
mod facts;
mod find;
mod mention;
mod problem;
mod prover;
mod search;
mod sets;
mod survey;
mod values;
mod view;
mod worth;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::chain::{Chain, Place, place};
use crate::context::Values;
use crate::document::Effect;
use crate::pattern::Pattern;
use crate::request::Request;
pub(crate) use classes::{Union, Universe, members};
pub use facts::facts_of;
pub(crate) use facts::is_of_services;
pub(crate) use find::Finding;
pub(crate) use problem::Problem;
pub use prover::Prover;
pub(crate) use values::pattern;
use view::reads;
pub(crate) use view::{View, views};

/// One call that should be denied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    /// `service:Action`.
    pub action: String,
    /// The ARN of a resource of the organization, as the service authorizes it, or `*`.
    pub resource: String,
}

/// Who can still make some calls in an account?
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The SCPs of the account.
    pub chain: &'a Chain,
    /// The partition of its ARNs, for example `aws`.
    pub partition: &'a str,
    /// The calls that should be denied.
    pub calls: &'a [Call],
    /// Principals that may make them: patterns over ARNs with `*` and `?`.
    pub exceptions: &'a [String],
}

/// A request that gets past the SCPs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterexample {
    /// The request. It, or one that no statement tells apart from it, was evaluated again on the whole chain.
    pub request: Request,
    /// The keys that the statements read, with their values in the request; those that are absent in it are left out.
    pub deciding: Vec<(String, Values)>,
    /// The highest node where a Deny would close it; none when SCPs do not bind the account.
    pub close_at: Option<String>,
    /// Deny statements that name the action and miss this request.
    pub missed_by: Vec<Miss>,
}

/// A Deny statement that does not catch a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The statement.
    pub place: Place,
    /// What lets the request slip by.
    pub because: Missing,
}

/// The element of a Deny statement that does not match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The resource is not among its resources.
    Resource,
    /// A condition does not hold.
    Condition {
        /// The operator as spelt.
        operator: String,
        /// The condition key as spelt.
        key: String,
    },
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.because {
            Missing::Resource => write!(f, "{} names other resources", self.place),
            Missing::Condition { operator, key } => write!(f, "{} spares it by {operator} on {key}", self.place),
        }
    }
}

/// The answer for one call of a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The call is denied to everyone but the exceptions.
    Denied {
        /// What the proof rests on, in order: whoever calls is stopped by one of these. Empty when the exceptions leave nobody.
        by: Vec<By>,
    },
    /// The call gets through.
    Open(Counterexample),
    /// No counterexample was found, and it cannot be told that there is none, for this reason.
    Undecided(String),
}

impl Answer {
    /// True only for [`Answer::Denied`].
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Denied { .. })
    }
}

/// What stops a caller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// This Deny statement.
    Statement(Place),
    /// No statement allows the call at this node.
    NoAllow {
        /// The root, OU or account.
        node: String,
    },
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statement(place) => write!(f, "{place}"),
            Self::NoAllow { node } => write!(f, "nothing at {node} allows it"),
        }
    }
}

/// Proves each call denied, or finds a counterexample to it. One answer for each call, in the order of the calls.
pub fn prove(question: &Question<'_>) -> Vec<Answer> {
    let exceptions: Vec<Pattern> = question.exceptions.iter().map(|text| Pattern::parse(text)).collect();
    prove_except(question, &exceptions)
}

/// [`prove`] with other exceptions than the question's own.
pub(crate) fn prove_except(question: &Question<'_>, exceptions: &[Pattern]) -> Vec<Answer> {
    let views = views(question);
    let closed = views.closed.into_iter();
    let mut answers: BTreeMap<usize, Answer> =
        closed.map(|(index, place)| (index, Answer::Denied { by: vec![By::Statement(place)] })).collect();
    for view in &views.open {
        let problem = Problem::new(question, view, exceptions, &[]);
        let finding = problem.map_or_else(Finding::Undecided, |problem| problem.find(&[]));
        match finding {
            Finding::Nothing(by) => {
                let by: Vec<By> = by.into_iter().collect();
                answers.extend(view.indices().map(|index| (index, Answer::Denied { by: by.clone() })));
            }
            Finding::Undecided(reason) => {
                answers.extend(view.indices().map(|index| (index, Answer::Undecided(reason.clone()))));
            }
            Finding::Request(request) => {
                for (index, request) in view.requests(&request) {
                    answers.insert(index, open(question.chain, request));
                }
            }
        }
    }
    answers.into_values().collect()
}

/// A counterexample, once it was evaluated on the whole chain.
fn open(chain: &Chain, request: Request) -> Answer {
    match chain.evaluate(&request) {
        verdict if verdict.lets_through() => Answer::Open(counterexample(chain, request)),
        _ => Answer::Undecided("a way through was found and not confirmed".to_owned()),
    }
}

fn counterexample(chain: &Chain, request: Request) -> Counterexample {
    Counterexample {
        close_at: chain.nodes.first().map(|node| node.id.clone()).filter(|_| chain.unbound.is_none()),
        deciding: deciding(chain, &request),
        missed_by: misses(chain, &request),
        request,
    }
}

/// The keys that the statements naming the action read, with the values they have in a request.
fn deciding(chain: &Chain, request: &Request) -> Vec<(String, Values)> {
    let statements = chain.statements().map(|(_, _, statement)| statement);
    let speaking = statements.filter(|statement| !statement.actions.contain(&request.action).is_no());
    let keys: BTreeSet<String> =
        speaking.flat_map(|statement| reads(statement, &request.resource)).map(str::to_ascii_lowercase).collect();
    let is_read = |key: &str| keys.contains(&key.to_ascii_lowercase());
    let entries = request.context.iter().filter(|(key, _)| is_read(key));
    entries.map(|(key, values)| (key.to_owned(), values.clone())).collect()
}

fn misses(chain: &Chain, request: &Request) -> Vec<Miss> {
    let mut misses = Vec::new();
    for (node, policy, statement) in chain.statements() {
        if chain.unbound.is_some() || chain.binds(node.kind, request).is_some() {
            continue;
        }
        if statement.effect == Effect::Allow || !statement.actions.contain(&request.action).is_yes() {
            continue;
        }
        let spares =
            |resources: &crate::document::Resources| resources.contain(&request.resource, &request.context).is_no();
        let condition = statement.conditions.iter().find(|condition| condition.holds(&request.context).is_no());
        let because = match condition {
            _ if statement.resources.as_ref().is_some_and(spares) => Missing::Resource,
            Some(condition) => {
                Missing::Condition { operator: condition.operator_name.clone(), key: condition.key.clone() }
            }
            None => continue,
        };
        misses.push(Miss { place: place(node, policy, statement), because });
    }
    misses
}
