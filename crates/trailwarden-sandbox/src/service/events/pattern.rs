//! The shape of event patterns: objects of arrays, whose items are values or matchers.

use serde_json::{Map, Value};

use crate::error::AwsError;

/// The longest pattern, in characters.
const LONGEST: usize = 4_096;

/// Refuses what is no event pattern.
pub fn check(text: &str) -> Result<(), AwsError> {
    let invalid = |reason: String| {
        AwsError::bad("InvalidEventPatternException", format!("Event pattern is not valid. Reason: {reason}"))
    };
    if text.chars().count() > LONGEST {
        return Err(invalid(format!("Event pattern is longer than {LONGEST} characters")));
    }
    let pattern: Value = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
    match pattern.as_object().filter(|members| !members.is_empty()) {
        Some(members) => object(members).map_err(invalid),
        None => Err(invalid("Filter is not an object".to_owned())),
    }
}

fn object(members: &Map<String, Value>) -> Result<(), String> {
    if members.is_empty() {
        return Err("Empty objects are not allowed".to_owned());
    }
    for (key, value) in members {
        match value {
            Value::Array(choices) if key == "$or" => alternatives(choices)?,
            Value::Object(inner) => object(inner)?,
            Value::Array(items) if items.is_empty() => return Err("Empty arrays are not allowed".to_owned()),
            Value::Array(items) => items.iter().try_for_each(item)?,
            _ => return Err(format!("\"{key}\" must be an object or an array")),
        }
    }
    Ok(())
}

fn alternatives(choices: &[Value]) -> Result<(), String> {
    let mut objects = choices.iter().filter_map(Value::as_object);
    if choices.len() < 2 || choices.iter().any(|choice| !choice.is_object()) {
        return Err("$or takes an array of two or more objects".to_owned());
    }
    objects.try_for_each(object)
}

fn item(item: &Value) -> Result<(), String> {
    let Value::Object(matcher) = item else {
        return if item.is_array() { Err("Nested arrays are not allowed".to_owned()) } else { Ok(()) };
    };
    let mut members = matcher.iter();
    let (Some((name, value)), None) = (members.next(), members.next()) else {
        return Err("Only one key allowed in match expression".to_owned());
    };
    let fits = match name.as_str() {
        "prefix" | "suffix" => value.is_string() || is_ignore_case(value),
        "equals-ignore-case" | "wildcard" | "cidr" => value.is_string(),
        "exists" => value.is_boolean(),
        "numeric" => is_numeric(value),
        "anything-but" => is_anything_but(value),
        _ => return Err(format!("Unrecognized match type {name}")),
    };
    if fits { Ok(()) } else { Err(format!("Bad value of match type {name}")) }
}

fn is_ignore_case(value: &Value) -> bool {
    value.get("equals-ignore-case").is_some_and(Value::is_string)
}

/// Comparisons and numbers by turns: one pair, or two that make a range.
fn is_numeric(value: &Value) -> bool {
    let is_pair = |pair: &[Value]| match pair {
        [Value::String(comparison), number] => {
            ["<", "<=", "=", ">", ">="].contains(&comparison.as_str()) && number.is_number()
        }
        _ => false,
    };
    value.as_array().is_some_and(|items| matches!(items.len(), 2 | 4) && items.chunks(2).all(is_pair))
}

/// A value, some values, or a matcher on texts.
fn is_anything_but(value: &Value) -> bool {
    let is_plain = |value: &Value| value.is_string() || value.is_number();
    let is_texts = |value: &Value| {
        value.is_string() || value.as_array().is_some_and(|v| !v.is_empty() && v.iter().all(Value::is_string))
    };
    match value {
        Value::Array(items) => !items.is_empty() && items.iter().all(is_plain),
        Value::Object(matcher) => {
            matcher.len() == 1
                && ["prefix", "suffix", "equals-ignore-case", "wildcard"]
                    .iter()
                    .any(|name| matcher.get(*name).is_some_and(is_texts))
        }
        other => is_plain(other),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn patterns_are_objects_of_arrays() {
        for text in [
            r#"{"source": ["aws.cloudtrail"], "detail": {"eventName": ["StopLogging", {"prefix": "Delete"}]}}"#,
            r#"{"detail": {"$or": [{"eventName": ["A"]}, {"errorCode": [{"exists": false}]}]}}"#,
            r#"{"detail": {"n": [{"numeric": [">", 0, "<=", 5]}], "x": [{"anything-but": ["a", "b"]}], "y": [null]}}"#,
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"source": "aws.cloudtrail"}"#,
            r#"{"source": []}"#,
            r#"{"source": [["a"]]}"#,
            r#"{"source": [{"starts": "a"}]}"#,
            r#"{"source": [{"prefix": 1}]}"#,
            r#"{"source": [{"prefix": "a", "suffix": "b"}]}"#,
            r#"{"detail": {"$or": [{"a": ["b"]}]}}"#,
            r#"{"n": [{"numeric": [">"]}]}"#,
        ] {
            assert_eq!(check(text).expect_err(text).code, "InvalidEventPatternException", "{text}");
        }
    }
}
