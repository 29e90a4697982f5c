//! Conditions of a statement: operator, key, values, and whether a context satisfies them.
//!
//! Not settled by the IAM user guide, and therefore undecided where it matters:
//! - `ForAnyValue:…IfExists` on an absent key: `IfExists` says true, `ForAnyValue` says false;
//! - an operator without set form on several values: the guide demands a set form, and implementations take one match, all, or
//!   none for an answer;
//! - a number or an address that cannot be read, on either side, and a date of the request: AWS may take them for no match or
//!   fail;
//! - a date that is a year alone, which may be seconds as well, and a time without its zone;
//! - `Null` with anything but `true` and `false`, and a condition without values.

use crate::compare::{compare, parse_bool};
use crate::context::{Context, Values};
use crate::operator::{Comparison, Operator, SetForm};
use crate::span::{Span, Spanned};
use crate::truth::Truth;
use crate::variable::Template;

/// One key under one operator. All conditions of a statement must hold; of the values one is enough (for negated operators: none).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    /// The operator.
    pub(crate) operator: Operator,
    /// The operator as spelt.
    pub(crate) operator_name: String,
    /// The condition key as spelt; compared without case.
    pub(crate) key: String,
    /// The values as written.
    pub(crate) values: Vec<Spanned<Template>>,
    /// From the key to the end of the values.
    pub(crate) span: Span,
}

impl Condition {
    /// Whether a context satisfies the condition. Absent keys, several values and negation follow the IAM reference
    /// (condition operators; single-valued and multivalued context keys).
    pub(crate) fn holds(&self, context: &Context) -> Truth {
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

    /// Decided only where no value matches: whether one, all or nothing is enough is not settled.
    fn matches_several(&self, values: &[String], context: &Context) -> Truth {
        match Truth::any(values.iter().map(|value| self.matches(value, context))) {
            Truth::No => Truth::No,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(operator: &str, values: &[&str], context: &Context) -> Truth {
        let operator_name = operator.to_owned();
        let operator = Operator::parse(operator).expect("an operator");
        let values =
            values.iter().map(|text| Spanned { value: Template::parse(text), span: Span::default() }).collect();
        Condition { operator, operator_name, key: "AWS:Key".to_owned(), values, span: Span::default() }.holds(context)
    }

    fn one(operator: &str, wanted: &str, value: &str) -> Truth {
        holds(operator, &[wanted], &Context::new().with("aws:key", value))
    }

    fn many(operator: &str, wanted: &[&str], values: &[&str]) -> Truth {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        holds(operator, wanted, &Context::new().with("aws:key", Values::Many(values)))
    }

    #[test]
    fn an_absent_key_fails_positive_operators_and_meets_negated_ones() {
        let absent = |operator: &str| holds(operator, &["true"], &Context::new());
        for operator in [
            "StringEquals",
            "StringLike",
            "Bool",
            "ArnLike",
            "NumericEquals",
            "IpAddress",
            "ForAnyValue:StringNotEquals",
        ] {
            assert_eq!(absent(operator), Truth::No, "{operator}");
        }
        for operator in
            ["StringNotEquals", "ArnNotLike", "NotIpAddress", "BoolIfExists", "Null", "ForAllValues:StringEquals"]
        {
            assert_eq!(absent(operator), Truth::Yes, "{operator}");
        }
        assert!(matches!(absent("ForAnyValue:StringEqualsIfExists"), Truth::Undecided(_)));
    }

    #[test]
    fn values_are_alternatives_and_a_negated_operator_wants_none_of_them() {
        let context = Context::new().with("aws:key", "b");
        assert_eq!(holds("StringEquals", &["a", "b"], &context), Truth::Yes);
        assert_eq!(holds("StringNotEquals", &["a", "b"], &context), Truth::No);
        assert_eq!(holds("StringNotEquals", &["a", "c"], &context), Truth::Yes);
    }

    #[test]
    fn an_empty_list_counts_as_absent() {
        assert_eq!(many("ForAllValues:StringEquals", &["a"], &[]), Truth::Yes);
        assert_eq!(many("ForAnyValue:StringEquals", &["a"], &[]), Truth::No);
        assert_eq!(many("Null", &["true"], &[]), Truth::Yes);
    }

    #[test]
    fn the_set_forms_look_at_every_value() {
        assert_eq!(many("ForAllValues:StringLike", &["a*"], &["a", "ab"]), Truth::Yes);
        assert_eq!(many("ForAllValues:StringLike", &["a*"], &["a", "b"]), Truth::No);
        assert_eq!(many("ForAnyValue:StringNotLike", &["a*"], &["a", "b"]), Truth::Yes);
        for (operator, wanted) in [("StringLike", "a*"), ("StringLike", "?"), ("StringNotLike", "c")] {
            assert!(
                matches!(many(operator, &[wanted], &["a", "b"]), Truth::Undecided(_)),
                "{operator} without set form on several values"
            );
        }
        assert_eq!(many("StringLike", &["c"], &["a", "b"]), Truth::No);
    }

    #[test]
    fn a_star_is_a_wildcard_only_where_the_operator_says_so() {
        assert_eq!(one("StringEquals", "a*", "ab"), Truth::No);
        assert_eq!(one("StringLike", "a*", "ab"), Truth::Yes);
        assert_eq!(one("StringEqualsIgnoreCase", "AB", "ab"), Truth::Yes);
        assert_eq!(one("StringLike", "A*", "ab"), Truth::No);
    }

    #[test]
    fn arns_are_compared_part_by_part() {
        let role = "arn:aws:iam::111122223333:role/team/Admin";
        assert_eq!(one("ArnEquals", "arn:aws:iam::*:role/*/Admin", role), Truth::Yes);
        assert_eq!(one("ArnLike", "arn:*:iam::*:role/*", role), Truth::Yes);
        assert_eq!(one("ArnLike", "arn:aws:iam::*:role/Admin", role), Truth::No);
        assert_eq!(
            one("ArnLike", "arn:aws:cloudtrail:::trail/*", "arn:aws:cloudtrail:us-east-1:111122223333:trail/a"),
            Truth::No
        );
        let stream = "arn:aws:logs:eu-west-1:111122223333:log-group:trail:log-stream:x";
        assert_eq!(one("ArnLike", "arn:aws:logs:*:log-group:trail:log-stream:x", stream), Truth::No, "each by itself");
        assert!(matches!(one("ArnLike", "arn:aws:iam:*", role), Truth::Undecided(_)), "fewer than six parts");
    }

    #[test]
    fn typed_values_are_compared_by_type_and_never_guessed() {
        assert_eq!(one("NumericLessThan", "30", "7"), Truth::Yes);
        assert_eq!(one("NumericEquals", "7", "7.0"), Truth::Yes);
        assert!(matches!(one("NumericLessThan", "thirty", "7"), Truth::Undecided(_)));
        assert_eq!(one("DateLessThan", "2026-11-20T00:00:00Z", "2026-11-19T23:59:59Z"), Truth::Yes);
        assert_eq!(one("DateGreaterThan", "2026-11-20", "1795132801"), Truth::Yes);
        assert_eq!(one("DateLessThan", "2026-11", "2026-10-31T23:59:59Z"), Truth::Yes);
        assert_eq!(one("DateLessThan", "2026-11", "2026-11-01T00:00:00Z"), Truth::No);
        assert!(matches!(one("DateGreaterThan", "2027", "2026-11-20T00:00:00Z"), Truth::Undecided(_)), "or seconds");
        assert!(matches!(one("DateGreaterThan", "2026-11-20T12:00:00", "2026-11-20T06:00:00Z"), Truth::Undecided(_)));
        assert_eq!(one("IpAddress", "203.0.113.0/24", "203.0.113.7"), Truth::Yes);
        assert_eq!(one("NotIpAddress", "2001:db8::/32", "203.0.113.7"), Truth::Yes);
        assert!(matches!(one("IpAddress", "203.0.113.0/99", "203.0.113.7"), Truth::Undecided(_)));
        assert_eq!(one("Bool", "true", "TRUE"), Truth::Yes);
        assert_eq!(one("Bool", "false", "AES256"), Truth::No);
        assert_eq!(one("Bool", "AES256", "AES256"), Truth::No);
    }

    #[test]
    fn a_variable_without_a_value_equals_nothing() {
        assert_eq!(one("StringEquals", "${aws:username}", "alice"), Truth::No);
        assert_eq!(one("StringNotEquals", "${aws:username}", "alice"), Truth::Yes);
    }
}
