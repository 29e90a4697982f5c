//! What a call sends that neither its subject nor the change shows, such as the policy of a new key.

use serde_json::Value;
use trailwarden_model::plan::{Step, normal_document};

/// Members of the input by name, policies parsed.
pub(super) fn unsaid(step: &Step) -> Vec<(String, Value)> {
    let subject = serde_json::to_value(&step.subject).unwrap_or_default();
    let is_said = |value: &Value| contains(&step.after, value) || contains(&subject, value);
    let Value::Object(input) = step.call.input() else { return vec![] };
    let parsed = input.into_iter().map(|(name, value)| match value {
        Value::String(text) if text.starts_with('{') => (name, normal_document(&text)),
        other => (name, other),
    });
    parsed.filter(|(_, value)| !is_said(value) && !value.is_null()).collect()
}

/// True when a value, or every leaf of it, stands in another.
fn contains(whole: &Value, part: &Value) -> bool {
    if whole == part {
        return true;
    }
    match part {
        Value::Object(members) if !members.is_empty() => members.values().all(|member| contains(whole, member)),
        Value::Array(items) if !items.is_empty() => items.iter().all(|item| contains(whole, item)),
        _ => match whole {
            Value::Object(members) => members.values().any(|member| contains(member, part)),
            Value::Array(items) => items.iter().any(|item| contains(item, part)),
            // An ARN holds the name: `trail/t` in a subject says `t`.
            Value::String(text) => part.as_str().is_some_and(|name| is_named(text, name)),
            _ => false,
        },
    }
}

fn is_named(arn: &str, name: &str) -> bool {
    let is_apart = |before: &str| before.ends_with(['/', ':']);
    arn.starts_with("arn:") && arn.strip_suffix(name).is_some_and(is_apart)
}
