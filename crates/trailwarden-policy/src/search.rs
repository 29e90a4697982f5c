//! Counterexamples: a principal and a context with which a call that should be denied gets past the SCPs of an account.
//!
//! The values of every condition key fall into finitely many classes that the statements tell apart; one of each class is tried,
//! in every combination. Keys that AWS sets itself keep the value that goes with the principal and the resource.

mod classes;
mod facts;
mod principals;
mod space;
mod values;
mod view;

use std::fmt;

use crate::chain::{Chain, Place, place};
use crate::document::Effect;
use crate::pattern::Pattern;
use crate::request::Request;
pub(crate) use space::{Finding, Space};
pub(crate) use view::{View, views};

/// One call that should be denied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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

/// The answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Every call is denied to everyone but the exceptions.
    Denied,
    /// At least these calls get through; one counterexample for each.
    Open(Vec<Counterexample>),
    /// No counterexample was found, and it cannot be told that there is none, for this reason.
    Undecided(String),
}

/// Looks for a counterexample to every call.
pub fn search(question: &Question<'_>) -> Answer {
    let exceptions: Vec<Pattern> = question.exceptions.iter().map(|text| Pattern::parse(text)).collect();
    let position = |call: &Call| question.calls.iter().position(|asked| asked == call);
    let mut found = Vec::new();
    let mut undecided = None;
    for view in views(question) {
        let space = Space::new(question, &view, &exceptions);
        match space.map_or_else(Finding::Undecided, |space| space.find(|_| true)) {
            Finding::Nothing => {}
            Finding::Request(request) => {
                found.extend(view.requests(&request).map(|(call, request)| (position(call), request)));
            }
            Finding::Undecided(reason) => undecided = undecided.or(Some(reason)),
        }
    }
    found.sort_by_key(|(position, _)| *position);
    match undecided {
        _ if !found.is_empty() => {
            Answer::Open(found.into_iter().map(|(_, request)| counterexample(question.chain, request)).collect())
        }
        Some(reason) => Answer::Undecided(reason),
        None => Answer::Denied,
    }
}

fn counterexample(chain: &Chain, request: Request) -> Counterexample {
    Counterexample {
        close_at: chain.nodes.first().map(|node| node.id.clone()).filter(|_| chain.unbound.is_none()),
        missed_by: misses(chain, &request),
        request,
    }
}

fn misses(chain: &Chain, request: &Request) -> Vec<Miss> {
    let mut misses = Vec::new();
    for (node, policy, statement) in chain.statements() {
        if statement.effect == Effect::Allow || !statement.actions.contain(&request.action).is_yes() {
            continue;
        }
        let spares = |resources: &crate::Resources| resources.contain(&request.resource, &request.context).is_no();
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
