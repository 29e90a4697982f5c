//! Placeholders: what only AWS can name, such as the id of a new key, until the step that creates it is done.

use std::collections::BTreeMap;

use serde_json::Value;

/// What done steps left behind, as observed afterwards, by step.
pub type Bindings = BTreeMap<String, Value>;

/// A placeholder that no done step fills.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing is known of {0}")]
pub struct UnknownOutput(pub String);

/// Replaces every placeholder.
///
/// # Errors
/// When a placeholder names a step that is not done, or a member that it did not leave behind.
pub fn bind(value: &Value, bindings: &Bindings) -> Result<Value, UnknownOutput> {
    replace(value, &|name| output(name, bindings))
}

/// Replaces every placeholder but those of step `own`, which stay: a postcondition speaks of what its own step will leave.
///
/// # Errors
/// When another placeholder names a step that is not done, or a member that it did not leave behind.
pub fn bind_others(value: &Value, own: &str, bindings: &Bindings) -> Result<Value, UnknownOutput> {
    replace(value, &|name| match name.split_once('.') {
        Some((step, _)) if step == own => Ok(format!("${{{name}}}")),
        _ => output(name, bindings),
    })
}

/// What stands for a placeholder's name, such as `s001.Arn`.
fn output(name: &str, bindings: &Bindings) -> Result<String, UnknownOutput> {
    let (step, member) = name.split_once('.').unwrap_or((name, ""));
    let output = bindings.get(step).and_then(|left| left.get(member)).and_then(Value::as_str);
    output.map(str::to_owned).ok_or_else(|| UnknownOutput(name.to_owned()))
}

/// Says what stands for a name.
type Outputs<'a> = dyn Fn(&str) -> Result<String, UnknownOutput> + 'a;

fn replace(value: &Value, outputs: &Outputs<'_>) -> Result<Value, UnknownOutput> {
    Ok(match value {
        Value::String(text) => Value::String(replace_text(text, outputs)?),
        Value::Array(items) => Value::Array(items.iter().map(|item| replace(item, outputs)).collect::<Result<_, _>>()?),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, member)| Ok((replace_text(name, outputs)?, replace(member, outputs)?)))
                .collect::<Result<_, UnknownOutput>>()?,
        ),
        other => other.clone(),
    })
}

fn replace_text(text: &str, outputs: &Outputs<'_>) -> Result<String, UnknownOutput> {
    let mut bound = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = next(rest) {
        bound.push_str(before);
        bound.push_str(&outputs(name)?);
        rest = after;
    }
    bound.push_str(rest);
    Ok(bound)
}

/// The first placeholder of a text: what stands before it, its name, what stands after it. `${aws:…}` and the like are
/// policy variables of IAM and no placeholders of ours.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text.get(from..)?.find("${")?;
        let end = start + text.get(start..)?.find('}')?;
        let name = text.get(start + 2..end)?;
        if is_output(name) {
            return Some((text.get(..start)?, name, text.get(end + 1..)?));
        }
        from = start + 2;
    }
}

/// `s001.Arn`: an `s`, digits, a dot, letters.
fn is_output(name: &str) -> bool {
    let Some((step, member)) = name.strip_prefix('s').and_then(|rest| rest.split_once('.')) else { return false };
    let is = |text: &str, allowed: fn(&u8) -> bool| !text.is_empty() && text.as_bytes().iter().all(allowed);
    is(step, u8::is_ascii_digit) && is(member, u8::is_ascii_alphabetic)
}

/// The steps whose outputs a value mentions.
pub fn mentions(value: &Value) -> Vec<String> {
    let text = value.to_string();
    let mut steps = Vec::new();
    let mut rest = text.as_str();
    while let Some((_, name, after)) = next(rest) {
        steps.extend(name.split('.').next().map(str::to_owned));
        rest = after;
    }
    steps.sort();
    steps.dedup();
    steps
}

/// True when what is observed is what is expected. A text that is a placeholder as a whole is taken as met: the step that
/// it names is the one being looked at, or fills in what it left behind before this is asked.
pub fn matches(expected: &Value, observed: &Value) -> bool {
    match (expected, observed) {
        (Value::String(text), Value::String(_)) if matches!(next(text), Some(("", _, ""))) => true,
        (Value::Array(expected), Value::Array(observed)) => {
            expected.len() == observed.len() && expected.iter().zip(observed).all(|(one, other)| matches(one, other))
        }
        (Value::Object(expected), Value::Object(observed)) => {
            expected.len() == observed.len()
                && expected.iter().all(|(name, one)| observed.get(name).is_some_and(|other| matches(one, other)))
        }
        _ => expected == observed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bindings() -> Bindings {
        Bindings::from([("s004".to_owned(), json!({"Arn": "arn:aws:kms:eu-west-1:111122223333:key/k"}))])
    }

    #[test]
    fn outputs_are_filled_in_and_policy_variables_left_alone() {
        let call = json!({"KmsKeyId": "${s004.Arn}", "Policy": "{\"Resource\":\"${aws:username} ${s004.Arn}\"}"});
        let bound = bind(&call, &bindings()).expect("binds");
        assert_eq!(bound["KmsKeyId"], "arn:aws:kms:eu-west-1:111122223333:key/k");
        assert_eq!(bound["Policy"], "{\"Resource\":\"${aws:username} arn:aws:kms:eu-west-1:111122223333:key/k\"}");
        assert_eq!(mentions(&call), ["s004"]);
    }

    #[test]
    fn an_output_that_nobody_left_behind_is_an_error_that_names_it() {
        let unknown = bind(&json!("${s005.Arn}"), &bindings()).expect_err("unknown");
        assert_eq!(unknown.to_string(), "nothing is known of s005.Arn");
        assert!(bind(&json!("${s004.KeyId}"), &bindings()).is_err());
    }

    #[test]
    fn a_step_keeps_its_own_placeholders_until_it_is_done() {
        let after = json!({"Arn": "${s009.Arn}", "KmsKeyId": "${s004.Arn}"});
        let bound = bind_others(&after, "s009", &bindings()).expect("binds");
        assert_eq!(bound, json!({"Arn": "${s009.Arn}", "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k"}));
        assert!(bind_others(&after, "s004", &bindings()).is_err());
    }

    #[test]
    fn only_a_placeholder_matches_what_it_does_not_spell() {
        let expected = json!({"Arn": "${s001.Arn}", "KeyState": "Enabled"});
        assert!(matches(&expected, &json!({"Arn": "arn:x", "KeyState": "Enabled"})));
        assert!(!matches(&expected, &json!({"Arn": "arn:x", "KeyState": "Disabled"})));
        assert!(!matches(&expected, &json!({"Arn": "arn:x", "KeyState": "Enabled", "More": 1})));
        assert!(!matches(&expected, &json!(null)));
    }
}
