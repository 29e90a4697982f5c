//! A small IAM policy evaluator of the sandbox's own, so that the audit is checked by another reading of the language.

use std::collections::BTreeMap;

use serde_json::Value;
use trailwarden_model::ids::AccountId;

mod condition;
pub mod grammar;
mod pattern;
pub mod principals;

pub use pattern::matches;

/// Condition keys of a request, by lower-case name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// No keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key to one value.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.0.insert(key.to_ascii_lowercase(), vec![value.into()]);
    }

    /// The same context with one more key.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.set(key, value);
        self
    }

    /// The values of a key; none when the request does not carry it.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }

    /// Adds the keys of another context, which win.
    pub fn extend(&mut self, other: &Context) {
        self.0.extend(other.0.iter().map(|(key, values)| (key.clone(), values.clone())));
    }
}

/// Who asks, as a resource policy sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// A principal of an account.
    Principal {
        /// Its account.
        account: AccountId,
        /// The value of `aws:PrincipalArn`.
        arn: String,
        /// The session ARN, where it differs.
        session_arn: String,
    },
    /// An AWS service, for example `cloudtrail.amazonaws.com`.
    Service(String),
}

/// One question to a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<'a> {
    /// Who asks.
    pub asker: &'a Asker,
    /// The IAM action.
    pub action: &'a str,
    /// The resource ARN, or `*`.
    pub resource: &'a str,
    /// Condition keys.
    pub context: &'a Context,
}

/// What one document says to one question, strongest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// No statement matches.
    Silent,
    /// Allowed to the account of the asker as a whole; its own policies must allow too.
    AllowedToAccount,
    /// Allowed to the asker itself.
    Allowed,
    /// Denied.
    Denied,
}

/// Whether the document names principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Attached to a principal or a node of the organization.
    Identity,
    /// Attached to a resource.
    Resource,
}

/// What the document says. A document that is not a policy says nothing.
pub fn decide(document: &str, kind: Kind, question: &Question<'_>) -> Decision {
    let Ok(document) = serde_json::from_str::<Value>(document) else { return Decision::Silent };
    one_or_many(document.get("Statement"))
        .into_iter()
        .map(|statement| decide_statement(statement, kind, question))
        .max()
        .unwrap_or(Decision::Silent)
}

/// What several documents say together.
pub fn decide_all<'a>(documents: impl IntoIterator<Item = &'a str>, kind: Kind, question: &Question<'_>) -> Decision {
    documents.into_iter().map(|document| decide(document, kind, question)).max().unwrap_or(Decision::Silent)
}

fn decide_statement(statement: &Value, kind: Kind, question: &Question<'_>) -> Decision {
    let who = match kind {
        Kind::Identity => Decision::Allowed,
        Kind::Resource => principal(statement, question.asker),
    };
    let applies = who != Decision::Silent
        && action(statement, question.action)
        && (kind == Kind::Resource && statement.get("Resource").or(statement.get("NotResource")).is_none()
            || resource(statement, question))
        && condition::holds(statement.get("Condition"), question.context);
    match statement.get("Effect").and_then(Value::as_str) {
        Some("Deny") if applies => Decision::Denied,
        Some("Allow") if applies => who,
        _ => Decision::Silent,
    }
}

fn action(statement: &Value, action: &str) -> bool {
    let any = |key: &str| texts(statement.get(key)).any(|p| matches(&p.to_lowercase(), &action.to_lowercase()));
    if statement.get("NotAction").is_some() { !any("NotAction") } else { any("Action") }
}

fn resource(statement: &Value, question: &Question<'_>) -> bool {
    let any = |key: &str| {
        texts(statement.get(key)).any(|p| {
            pattern::substitute(p, question.context).is_some_and(|pattern| matches(&pattern, question.resource))
        })
    };
    if statement.get("NotResource").is_some() { !any("NotResource") } else { any("Resource") }
}

/// How the statement's Principal reaches the asker: `Allowed` by name, `AllowedToAccount` through its account.
fn principal(statement: &Value, asker: &Asker) -> Decision {
    if let Some(not) = statement.get("NotPrincipal") {
        return if reach(not, asker) == Decision::Silent { Decision::Allowed } else { Decision::Silent };
    }
    statement.get("Principal").map_or(Decision::Silent, |principal| reach(principal, asker))
}

fn reach(principal: &Value, asker: &Asker) -> Decision {
    if principal.as_str() == Some("*") {
        return Decision::Allowed;
    }
    let (key, test): (&str, fn(&str, &Asker) -> Decision) = match asker {
        Asker::Service(_) => ("Service", reach_service),
        Asker::Principal { .. } => ("AWS", reach_principal),
    };
    texts(principal.get(key)).map(|pattern| test(pattern, asker)).max().unwrap_or(Decision::Silent)
}

fn reach_service(named: &str, asker: &Asker) -> Decision {
    match asker {
        Asker::Service(name) if name == named => Decision::Allowed,
        _ => Decision::Silent,
    }
}

fn reach_principal(named: &str, asker: &Asker) -> Decision {
    match asker {
        Asker::Principal { arn, session_arn, .. } if named == "*" || named == arn || named == session_arn => {
            Decision::Allowed
        }
        Asker::Principal { account, .. }
            if named == account.as_str() || (named.ends_with(":root") && named.contains(&format!("::{account}:"))) =>
        {
            Decision::AllowedToAccount
        }
        _ => Decision::Silent,
    }
}

fn one_or_many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

/// The texts in a value that is a text or a list.
pub fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    one_or_many(value).into_iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests;
