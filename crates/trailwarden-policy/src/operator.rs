//! Condition operators: their names, their `IfExists` and set forms.

/// What an operator compares, without its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Comparison {
    /// `StringEquals`: the same text.
    StringEquals,
    /// `StringEqualsIgnoreCase`.
    StringEqualsIgnoreCase,
    /// `StringLike`: wildcards.
    StringLike,
    /// `NumericEquals`.
    NumericEquals,
    /// `NumericLessThan`.
    NumericLessThan,
    /// `NumericLessThanEquals`.
    NumericLessThanEquals,
    /// `NumericGreaterThan`.
    NumericGreaterThan,
    /// `NumericGreaterThanEquals`.
    NumericGreaterThanEquals,
    /// `DateEquals`.
    DateEquals,
    /// `DateLessThan`.
    DateLessThan,
    /// `DateLessThanEquals`.
    DateLessThanEquals,
    /// `DateGreaterThan`.
    DateGreaterThan,
    /// `DateGreaterThanEquals`.
    DateGreaterThanEquals,
    /// `Bool`.
    Bool,
    /// `BinaryEquals`: base64 text.
    BinaryEquals,
    /// `IpAddress`: inside a CIDR block.
    IpAddress,
    /// `ArnEquals` and `ArnLike`, which are the same.
    ArnLike,
    /// `Null`: whether the key is absent.
    Null,
}

impl Comparison {
    /// True where dates are compared.
    pub(crate) fn is_of_dates(self) -> bool {
        matches!(
            self,
            Self::DateEquals
                | Self::DateLessThan
                | Self::DateLessThanEquals
                | Self::DateGreaterThan
                | Self::DateGreaterThanEquals
        )
    }
}

/// How several values of a key are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SetForm {
    /// `ForAllValues:`
    ForAllValues,
    /// `ForAnyValue:`
    ForAnyValue,
}

/// A condition operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Operator {
    /// What is compared.
    pub(crate) comparison: Comparison,
    /// True for the `Not` forms.
    pub(crate) is_negated: bool,
    /// True with the suffix `IfExists`.
    pub(crate) if_exists: bool,
    /// The set form, when there is one.
    pub(crate) set_form: Option<SetForm>,
}

const OPERATORS: &[(&str, Comparison, bool)] = &[
    ("StringEquals", Comparison::StringEquals, false),
    ("StringNotEquals", Comparison::StringEquals, true),
    ("StringEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase, true),
    ("StringLike", Comparison::StringLike, false),
    ("StringNotLike", Comparison::StringLike, true),
    ("NumericEquals", Comparison::NumericEquals, false),
    ("NumericNotEquals", Comparison::NumericEquals, true),
    ("NumericLessThan", Comparison::NumericLessThan, false),
    ("NumericLessThanEquals", Comparison::NumericLessThanEquals, false),
    ("NumericGreaterThan", Comparison::NumericGreaterThan, false),
    ("NumericGreaterThanEquals", Comparison::NumericGreaterThanEquals, false),
    ("DateEquals", Comparison::DateEquals, false),
    ("DateNotEquals", Comparison::DateEquals, true),
    ("DateLessThan", Comparison::DateLessThan, false),
    ("DateLessThanEquals", Comparison::DateLessThanEquals, false),
    ("DateGreaterThan", Comparison::DateGreaterThan, false),
    ("DateGreaterThanEquals", Comparison::DateGreaterThanEquals, false),
    ("Bool", Comparison::Bool, false),
    ("BinaryEquals", Comparison::BinaryEquals, false),
    ("IpAddress", Comparison::IpAddress, false),
    ("NotIpAddress", Comparison::IpAddress, true),
    ("ArnEquals", Comparison::ArnLike, false),
    ("ArnLike", Comparison::ArnLike, false),
    ("ArnNotEquals", Comparison::ArnLike, true),
    ("ArnNotLike", Comparison::ArnLike, true),
    ("Null", Comparison::Null, false),
];

impl Operator {
    /// Reads a name such as `ForAnyValue:StringNotLikeIfExists`; `None` when AWS has no such operator.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (set_form, name) = match name.split_once(':') {
            None => (None, name),
            Some(("ForAllValues", rest)) => (Some(SetForm::ForAllValues), rest),
            Some(("ForAnyValue", rest)) => (Some(SetForm::ForAnyValue), rest),
            Some(_) => return None,
        };
        let (base, if_exists) = match name.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (name, false),
        };
        let (_, comparison, is_negated) = OPERATORS.iter().find(|(known, ..)| *known == base)?;
        let is_plain = !if_exists && set_form.is_none();
        (*comparison != Comparison::Null || is_plain).then_some(Self {
            comparison: *comparison,
            is_negated: *is_negated,
            if_exists,
            set_form,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let operator = Operator::parse("ForAnyValue:StringNotLikeIfExists").expect("known");
        assert_eq!(operator.comparison, Comparison::StringLike);
        assert_eq!(operator.set_form, Some(SetForm::ForAnyValue));
        assert!(operator.is_negated && operator.if_exists);
    }

    #[test]
    fn what_aws_does_not_have_is_no_operator() {
        for name in ["StringMatches", "NullIfExists", "ForSomeValues:StringLike", "IfExists", "stringlike", ""] {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }
}
