//! Single conditions that cannot mean what they seem to.

use super::{LintRule, Lints};
use crate::compare::parse_bool;
use crate::condition::Condition;
use crate::document::{Document, Statement};
use crate::operator::{Comparison, SetForm};
use crate::reference::{KnownKey, reference};

pub(super) fn lint(_: &Document, statement: &Statement, lints: &mut Lints) {
    for condition in &statement.conditions {
        let known = reference().key(&condition.key);
        unknown_key(condition, known, lints);
        literal_wildcard(condition, lints);
        boolean(condition, known, lints);
        set_form(statement, condition, known, lints);
    }
}

fn unknown_key(condition: &Condition, known: KnownKey, lints: &mut Lints) {
    if known != KnownKey::No {
        return;
    }
    let suggestion = reference().key_like(&condition.key).map(|like| like.replace('*', "…"));
    let reason = format!("AWS has no condition key {:?}, so that it is always absent", condition.key);
    lints.add(LintRule::UnknownKey, condition.span, reason, suggestion);
}

fn literal_wildcard(condition: &Condition, lints: &mut Lints) {
    let comparison = condition.operator.comparison;
    if !matches!(comparison, Comparison::StringEquals | Comparison::StringEqualsIgnoreCase) {
        return;
    }
    for value in &condition.values {
        if value.value.shape().contains(['*', '?']) {
            let like = condition.operator_name.replace("EqualsIgnoreCase", "Like").replace("Equals", "Like");
            // Of an ARN each part is to match: the star of StringLike runs past colons, which paths of roles may hold too.
            let like = if value.value.source().starts_with("arn:") { like.replace("String", "Arn") } else { like };
            let reason = format!(
                "{} takes the wildcard in {:?} for the character itself",
                condition.operator_name,
                value.value.source()
            );
            lints.add(LintRule::LiteralWildcard, value.span, reason, Some(like));
        }
    }
}

fn boolean(condition: &Condition, known: KnownKey, lints: &mut Lints) {
    let operator = &condition.operator_name;
    let other = condition.values.iter().find(|value| parse_bool(value.value.source()).is_none());
    match (condition.operator.comparison, other) {
        (Comparison::Null, Some(value)) => {
            let reason = format!("Null asks for true or false, not {:?}", value.value.source());
            lints.add(LintRule::NullWithoutBoolean, value.span, reason, None);
        }
        (Comparison::Bool, Some(value)) => {
            let reason = format!("{operator} is never met by {:?}", value.value.source());
            lints.add(LintRule::BoolOnNonBoolean, value.span, reason, None);
        }
        (Comparison::Bool, None) => {
            if let KnownKey::Typed(key_type) = known
                && key_type != "Bool"
            {
                let reason = format!("{operator} is never met, because {} holds no boolean", condition.key);
                lints.add(LintRule::BoolOnNonBoolean, condition.span, reason, None);
            }
        }
        _ => {}
    }
}

fn set_form(statement: &Statement, condition: &Condition, known: KnownKey, lints: &mut Lints) {
    let operator = &condition.operator_name;
    let is_many = matches!(known, KnownKey::Typed(key_type) if key_type.starts_with("ArrayOf"));
    match condition.operator.set_form {
        None if is_many && condition.operator.comparison != Comparison::Null => {
            let reason =
                format!("{} may have several values, of which AWS asks for ForAnyValue or ForAllValues", condition.key);
            lints.add(LintRule::MultivaluedKey, condition.span, reason, Some(format!("ForAnyValue:{operator}")));
        }
        Some(SetForm::ForAllValues) if !demands_presence(statement, &condition.key) => {
            let reason = format!("{operator} is met when {} is absent", condition.key);
            let suggestion = format!("\"Null\": {{\"{}\": \"false\"}} besides", condition.key);
            lints.add(LintRule::ForAllValuesOnAbsentKey, condition.span, reason, Some(suggestion));
        }
        _ => {}
    }
}

/// True when another condition of the statement fails without the key.
fn demands_presence(statement: &Statement, key: &str) -> bool {
    statement.conditions.iter().filter(|condition| condition.key.eq_ignore_ascii_case(key)).any(|condition| {
        let operator = condition.operator;
        match operator.comparison {
            Comparison::Null => condition.values.iter().all(|value| parse_bool(value.value.source()) == Some(false)),
            _ => match operator.set_form {
                Some(SetForm::ForAllValues) => false,
                Some(SetForm::ForAnyValue) => !operator.if_exists,
                None => !operator.if_exists && !operator.is_negated,
            },
        }
    })
}
