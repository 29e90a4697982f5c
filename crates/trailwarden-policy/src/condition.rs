//! Conditions of a statement: operator, key, values, and whether a context satisfies them.

use crate::compare::{compare, parse_bool};
use crate::context::{Context, Values};
use crate::operator::{Comparison, Operator, SetForm};
use crate::span::{Span, Spanned};
use crate::truth::Truth;
use crate::variable::Template;

/// One key under one operator. All conditions of a statement must hold; of the values one is enough (for negated operators: none).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The operator.
    pub operator: Operator,
    /// The operator as spelt.
    pub operator_name: String,
    /// The condition key as spelt; compared without case.
    pub key: String,
    /// The values as written.
    pub values: Vec<Spanned<Template>>,
    /// From the key to the end of the values.
    pub span: Span,
}

impl Condition {
    /// Whether a context satisfies the condition. Absent keys, several values and negation follow the IAM reference
    /// (condition operators; single-valued and multivalued context keys).
    pub fn holds(&self, context: &Context) -> Truth {
        if self.values.is_empty() {
            return Truth::undecided(format!("{} on {} has no value", self.operator_name, self.key));
        }
        let present = context.get(&self.key);
        if self.operator.comparison == Comparison::Null {
            return self.is_null(present.is_none());
        }
        match (present, self.operator.set_form) {
            (None, Some(SetForm::ForAllValues)) => Truth::Yes,
            (None, Some(SetForm::ForAnyValue)) if self.operator.if_exists => {
                Truth::undecided(format!("{} on an absent {} is not documented", self.operator_name, self.key))
            }
            (None, Some(SetForm::ForAnyValue)) => Truth::No,
            (None, None) => (self.operator.if_exists || self.operator.is_negated).into(),
            (Some(values), Some(SetForm::ForAllValues)) => {
                Truth::all(values.as_slice().iter().map(|value| self.matches(value, context)))
            }
            (Some(values), Some(SetForm::ForAnyValue)) => {
                Truth::any(values.as_slice().iter().map(|value| self.matches(value, context)))
            }
            (Some(Values::One(value)), None) => self.matches(value, context),
            (Some(Values::Many(values)), None) => self.matches_several(values, context),
        }
    }

    /// One value of the request against all values of the condition.
    fn matches(&self, value: &str, context: &Context) -> Truth {
        let compared = |wanted: &Spanned<Template>| compare(self.operator.comparison, &wanted.value, value, context);
        let is_any = Truth::any(self.values.iter().map(compared));
        if self.operator.is_negated { !is_any } else { is_any }
    }

    /// A multivalued key without a set form is not documented; it is decided only where every reading agrees.
    fn matches_several(&self, values: &[String], context: &Context) -> Truth {
        let each = || values.iter().map(|value| self.matches(value, context));
        match (Truth::all(each()), Truth::any(each())) {
            (all, any) if all == any => all,
            _ => Truth::undecided(format!("{} on the several values of {}", self.operator_name, self.key)),
        }
    }

    fn is_null(&self, is_absent: bool) -> Truth {
        Truth::any(self.values.iter().map(|wanted| match parse_bool(wanted.value.source()) {
            Some(wanted) => (wanted == is_absent).into(),
            None => Truth::undecided(format!("Null with {:?}", wanted.value.source())),
        }))
    }
}
