//! Elements of a statement that work against each other.

use std::collections::BTreeMap;

use super::{LintRule, Lints};
use crate::compare::{literal, parse_bool};
use crate::condition::Condition;
use crate::context::Context;
use crate::document::{Actions, Document, Effect, ResourcePattern, Statement};
use crate::operator::Comparison;
use crate::pattern::{ArnPattern, Pattern, witness};
use crate::span::Spanned;
use crate::variable::Template;

/// Values compared with each other; more are taken to agree.
const MAX_VALUES: usize = 32;

/// Beginnings of actions that take something away.
const DESTRUCTIVE: &[&str] = &["delete", "stop", "disable", "remove", "deregister", "leave", "close"];

pub(super) fn lint(_: &Document, statement: &Statement, lints: &mut Lints) {
    let mut by_key: BTreeMap<String, Vec<&Condition>> = BTreeMap::new();
    for condition in &statement.conditions {
        by_key.entry(condition.key.to_ascii_lowercase()).or_default().push(condition);
    }
    for conditions in by_key.values() {
        contradiction(conditions, lints);
    }
    if statement.effect == Effect::Deny {
        not_action(statement, lints);
        not_resource(statement, lints);
    }
}

/// A Deny that spares nothing but what takes something away was meant to deny just that.
fn not_action(statement: &Statement, lints: &mut Lints) {
    if let Some(first) = statement.actions.patterns.first()
        && statement.actions.is_negated
        && is_destructive(&statement.actions)
    {
        let reason = format!("the statement denies everything but {}", first.value.text());
        lints.add(LintRule::NotActionSpares, first.span, reason, Some("Action, to deny just these".to_owned()));
    }
}

/// A Deny of taking something away that spares single resources was meant to protect them.
fn not_resource(statement: &Statement, lints: &mut Lints) {
    let Some(resources) = statement.resources.as_ref().filter(|resources| resources.is_negated) else { return };
    let is_exact = |pattern: &Spanned<ResourcePattern>| {
        let shape = pattern.value.template().shape();
        let name = shape.splitn(6, ':').nth(5).unwrap_or("*");
        !name.contains(['*', '?', Template::VARIABLE])
    };
    if let Some(first) = resources.patterns.first()
        && !statement.actions.is_negated
        && is_destructive(&statement.actions)
        && resources.patterns.iter().all(is_exact)
    {
        let reason = format!("the statement protects everything but {:?}", first.value.template().source());
        lints.add(LintRule::NotResourceSpares, first.span, reason, Some("Resource, to protect just these".to_owned()));
    }
}

fn is_destructive(actions: &Actions) -> bool {
    actions.patterns.iter().all(|pattern| {
        let text = pattern.value.text();
        let name = text.split_once(':').map_or(text, |(_, name)| name).to_ascii_lowercase();
        DESTRUCTIVE.iter().any(|verb| name.starts_with(verb))
    })
}

/// Conditions on one key that no value meets together.
fn contradiction(conditions: &[&Condition], lints: &mut Lints) {
    let is_plain = |condition: &&&Condition| condition.operator.set_form.is_none();
    let plain: Vec<&Condition> = conditions.iter().filter(is_plain).copied().collect();
    let wants = |absent: bool| {
        move |condition: &&&Condition| {
            condition.operator.comparison == Comparison::Null
                && condition.values.iter().all(|value| parse_bool(value.value.source()) == Some(absent))
        }
    };
    let needs_value = |condition: &&&Condition| {
        let operator = condition.operator;
        operator.comparison != Comparison::Null && !operator.is_negated && !operator.if_exists
    };
    let Some(needed) = plain.iter().find(needs_value) else { return };
    if let Some(absent) = plain.iter().find(wants(true)) {
        let reason = format!("{} must be absent, and {} needs a value", absent.key, needed.operator_name);
        return lints.add(
            LintRule::Contradiction,
            absent.span,
            reason,
            Some("\"false\", when the key must be there".to_owned()),
        );
    }
    if !is_met_by_some_value(&plain) {
        let reason =
            format!("no value of {} meets all conditions on it, so that the statement never matches", needed.key);
        lints.add(LintRule::Contradiction, needed.span, reason, None);
    }
}

/// False only when it is certain that no value meets all conditions.
fn is_met_by_some_value(conditions: &[&Condition]) -> bool {
    let mut outside = Vec::new();
    let mut choices: Vec<Vec<Pattern>> = vec![Vec::new()];
    for condition in conditions {
        let patterns: Option<Vec<Pattern>> =
            condition.values.iter().map(|value| pattern(condition.operator.comparison, value)).collect();
        // What is no set of texts may be anything.
        let Some(patterns) = patterns else { continue };
        if condition.operator.is_negated {
            outside.extend(patterns);
            continue;
        }
        choices = choices
            .iter()
            .flat_map(|chosen| patterns.iter().map(|one| [chosen.as_slice(), std::slice::from_ref(one)].concat()))
            .collect();
        if choices.len() > MAX_VALUES || outside.len() > MAX_VALUES {
            return true;
        }
    }
    let outside: Vec<&Pattern> = outside.iter().collect();
    choices.iter().any(|chosen| {
        let inside: Vec<&Pattern> = chosen.iter().collect();
        inside.is_empty() || witness(&inside, &outside).map_or(true, |found| found.is_some())
    })
}

/// The texts that a value of a condition stands for; none when it has variables or is no text.
fn pattern(comparison: Comparison, value: &Spanned<Template>) -> Option<Pattern> {
    let template = &value.value;
    if template.variables().next().is_some() {
        return None;
    }
    let pieces = template.resolve(&Context::new()).ok().flatten()?;
    match comparison {
        Comparison::StringEquals => Some(literal(pieces)),
        Comparison::StringEqualsIgnoreCase => Some(literal(pieces).ignoring_case()),
        Comparison::StringLike => Some(Pattern::from_pieces(pieces)),
        Comparison::ArnLike => Some(ArnPattern::from_pieces(&pieces).widest().clone()),
        _ => None,
    }
}
