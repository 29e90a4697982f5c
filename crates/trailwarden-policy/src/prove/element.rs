//! The elements of statements that are not settled before a caller is known, and the keys that they read.

use std::fmt;

use super::Call;
use crate::condition::Condition;
use crate::context::Context;
use crate::document::{Actions, Principals, Resources, Statement};
use crate::operator::Comparison;
use crate::request::Principal;
use crate::truth::Truth;
use crate::variable::Template;

/// One element of a statement; all must hold for the statement to match.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Element<'a> {
    Actions(&'a Actions),
    Condition(&'a Condition),
    Resources(&'a Resources),
    Principals(&'a Principals),
}

/// The elements of a statement.
pub(crate) fn elements(statement: &Statement) -> impl Iterator<Item = Element<'_>> {
    let principals = statement.principals.iter().map(Element::Principals);
    let resources = statement.resources.iter().map(Element::Resources);
    std::iter::once(Element::Actions(&statement.actions))
        .chain(principals)
        .chain(resources)
        .chain(statement.conditions.iter().map(Element::Condition))
}

impl<'a> Element<'a> {
    /// Whether the element holds for a caller who makes a call.
    pub(super) fn holds(self, caller: &str, call: &Call, context: &Context) -> Truth {
        match self {
            Self::Actions(actions) => actions.contain(&call.action),
            Self::Condition(condition) => condition.holds(context),
            Self::Resources(resources) => resources.contain(&call.resource, context),
            Self::Principals(principals) => principals.contain(&Principal::Aws(caller.to_owned()), context),
        }
    }

    /// The keys that the element reads of a request on a resource, as spelt.
    pub(super) fn keys(self, resource: &str) -> Vec<&'a str> {
        match self {
            Self::Condition(condition) => reads(condition).collect(),
            Self::Resources(resources) if resource != "*" => {
                resources.patterns.iter().flat_map(|pattern| pattern.value.template().variables()).collect()
            }
            Self::Resources(_) | Self::Actions(_) => Vec::new(),
            Self::Principals(_) => vec!["aws:PrincipalArn"],
        }
    }
}

impl fmt::Display for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition(condition) => write!(f, "{} on {}", condition.operator_name, condition.key),
            Self::Actions(_) => f.write_str("the actions"),
            Self::Resources(_) => f.write_str("the resources"),
            Self::Principals(_) => f.write_str("the principals"),
        }
    }
}

/// The keys that a condition reads.
pub(super) fn reads(condition: &Condition) -> impl Iterator<Item = &str> {
    std::iter::once(condition.key.as_str()).chain(templates(condition).flat_map(Template::variables))
}

/// The values of a condition in which variables are filled in.
pub(super) fn templates(condition: &Condition) -> impl Iterator<Item = &Template> {
    let values = condition.values.iter().map(|value| &value.value);
    values.filter(|_| compares_text(condition.operator.comparison))
}

/// True for the operators that fill in variables.
fn compares_text(comparison: Comparison) -> bool {
    matches!(
        comparison,
        Comparison::StringEquals | Comparison::StringEqualsIgnoreCase | Comparison::StringLike | Comparison::ArnLike
    )
}
