//! Whether a bucket, key or trust policy lets in a stranger: a caller from an account of whose principals nothing is known, so that
//! their tags and names are as their owner pleases.

use std::collections::BTreeSet;

use crate::condition::Condition;
use crate::context::Context;
use crate::document::{Document, Effect, Statement};
use crate::evaluate::{StatementRef, Verdict, evaluate_resource_policy};
use crate::pattern::{Pattern, witness};
use crate::prove::is_of_services;
use crate::request::Request;

/// Whether a resource policy lets somebody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// This statement does.
    Open(StatementRef),
    /// It does not.
    Closed,
    /// It depends on what is not known about the caller.
    Undecided(String),
}

/// Whether a policy lets a stranger in, whatever the keys have that the request does not settle.
pub fn admits(document: &Document, request: &Request) -> Admission {
    match evaluate_resource_policy(&at_best(document, request, Effect::Allow), request) {
        Verdict::ExplicitDeny(_) | Verdict::ImplicitDeny => return Admission::Closed,
        Verdict::Undecided(reason) => return Admission::Undecided(reason),
        Verdict::Allowed(_) => {}
    }
    match evaluate_resource_policy(&at_best(document, request, Effect::Deny), request) {
        Verdict::Allowed(statement) => Admission::Open(statement),
        Verdict::Undecided(reason) => Admission::Undecided(reason),
        Verdict::ExplicitDeny(_) | Verdict::ImplicitDeny => Admission::Undecided(unsettled_words(document, request)),
    }
}

/// The policy as its statements of one effect have it best: their open conditions hold, those of the others do not. What
/// the stranger chooses is chosen against the policy either way.
fn at_best(document: &Document, request: &Request, effect: Effect) -> Document {
    let read = |statement: &Statement| {
        let is_open = |condition: &Condition| !is_settled(condition, &request.context);
        let is_lost = |condition: &Condition| match is_chosen(condition) {
            true => statement.effect == Effect::Deny,
            false => statement.effect != effect && is_open(condition),
        };
        if statement.conditions.iter().any(is_lost) {
            return None;
        }
        let mut statement = statement.clone();
        statement.conditions.retain(|condition| !is_open(condition) && !is_chosen(condition));
        Some(statement)
    };
    Document { statements: document.statements.iter().filter_map(read).collect(), ..document.clone() }
}

/// True when whoever owns an account gives its principals the value of the key.
fn is_chosen(condition: &Condition) -> bool {
    let key = condition.key.to_ascii_lowercase();
    key.starts_with("aws:principaltag/") || ["aws:multifactorauthpresent", "aws:sourceidentity"].contains(&key.as_str())
}

/// True when the request says all that a condition reads.
pub(crate) fn is_settled(condition: &Condition, context: &Context) -> bool {
    let variables = condition.values.iter().flat_map(|value| value.value.variables());
    std::iter::once(condition.key.as_str()).chain(variables).all(|key| {
        let is_set = context.iter().any(|(known, _)| known.eq_ignore_ascii_case(key));
        is_set || is_of_services(&key.to_ascii_lowercase())
    })
}

fn unsettled_words(document: &Document, request: &Request) -> String {
    let speaking = document.statements.iter().filter(|statement| !statement.actions.contain(&request.action).is_no());
    let open: BTreeSet<&str> = speaking
        .flat_map(|statement| &statement.conditions)
        .filter(|condition| !is_settled(condition, &request.context) && !is_chosen(condition))
        .map(|condition| condition.key.as_str())
        .collect();
    let keys: Vec<&str> = open.into_iter().collect();
    format!("whether strangers may call {} depends on {}", request.action, keys.join(", "))
}

/// Roles of an account: any one, and one that goes by each name the conditions of a policy ask for, since whoever owns
/// the account may take it.
pub fn roles_named(document: &Document, partition: &str, account: &str) -> Vec<String> {
    let roles = Pattern::parse(&format!("arn:{partition}:iam::{account}:role/?*"));
    let conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
    let asked = conditions
        .filter(|condition| condition.key.eq_ignore_ascii_case("aws:PrincipalArn"))
        .flat_map(|condition| &condition.values)
        .filter_map(|value| witness(&[&roles, &Pattern::parse(value.value.source())], &[]).ok().flatten());
    let plain = format!("arn:{partition}:iam::{account}:role/stranger");
    std::iter::once(plain).chain(asked.filter(|arn| !arn.contains(['*', '?', '$']))).collect()
}
