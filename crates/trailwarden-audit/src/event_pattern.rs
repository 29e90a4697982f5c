//! Event patterns of EventBridge, held against an event of which only some fields are known.
//!
//! Sources: EventBridge User Guide, "Creating Amazon EventBridge event patterns" and "Comparison operators for use in event
//! patterns".

use serde_json::{Map, Value};

/// Whether a pattern matches events that agree in the known fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Match {
    /// All of them.
    Always,
    /// None of them.
    Never,
    /// It depends on this field, which is not known.
    Depends(String),
    /// It uses something that this version does not know.
    Undecided(String),
}

impl Match {
    fn of(holds: bool) -> Self {
        if holds { Self::Always } else { Self::Never }
    }

    /// One that never matches settles it, then one that depends, then one that cannot be decided.
    fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().max_by_key(|part| part.rank([0, 3, 2, 1])).unwrap_or(Self::Always)
    }

    /// One that always matches settles it.
    fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().max_by_key(|part| part.rank([3, 0, 2, 1])).unwrap_or(Self::Never)
    }

    fn rank(&self, [always, never, depends, undecided]: [u8; 4]) -> u8 {
        match self {
            Self::Always => always,
            Self::Never => never,
            Self::Depends(_) => depends,
            Self::Undecided(_) => undecided,
        }
    }
}

/// Holds a pattern, as stored, against an event. What is no pattern matches nothing: AWS refuses it.
pub(crate) fn matches(pattern: &str, event: &Value) -> Match {
    match serde_json::from_str(pattern) {
        Ok(Value::Object(fields)) => fields_match(&fields, Some(event), ""),
        _ => Match::Never,
    }
}

fn fields_match(pattern: &Map<String, Value>, event: Option<&Value>, path: &str) -> Match {
    Match::all(pattern.iter().map(|(name, wanted)| {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match wanted {
            Value::Array(choices) if name == "$or" => either(choices, event, &path),
            Value::Array(choices) => value_matches(choices, event.and_then(|event| event.get(name)), &path),
            Value::Object(inner) => match event.and_then(|event| event.get(name)) {
                Some(Value::Object(_)) | None => fields_match(inner, event.and_then(|event| event.get(name)), &path),
                Some(_) => Match::Never,
            },
            _ => Match::Never,
        }
    }))
}

fn either(choices: &[Value], event: Option<&Value>, path: &str) -> Match {
    let outer = path.strip_suffix("$or").unwrap_or_default().trim_end_matches('.');
    Match::any(choices.iter().map(|choice| match choice {
        Value::Object(fields) => fields_match(fields, event, outer),
        _ => Match::Never,
    }))
}

fn value_matches(choices: &[Value], value: Option<&Value>, path: &str) -> Match {
    match value {
        Some(value) => Match::any(choices.iter().map(|choice| one_matches(choice, value))),
        // Whatever is asked of a field that is not known, some events have it and some do not.
        None => Match::Depends(path.to_owned()),
    }
}

fn one_matches(choice: &Value, value: &Value) -> Match {
    let Value::Object(operator) = choice else { return Match::of(choice == value) };
    let Some((name, operand)) = operator.iter().next().filter(|_| operator.len() == 1) else { return Match::Never };
    match (name.as_str(), operand) {
        ("exists", Value::Bool(exists)) => Match::of(*exists),
        ("anything-but", Value::Object(inner)) => match inner.iter().next() {
            Some((name, operand)) => except(operands(operand).iter().map(|operand| text_matches(name, operand, value))),
            None => Match::Never,
        },
        ("anything-but", operand) => except(operands(operand).iter().map(|operand| Match::of(*operand == value))),
        // Events of CloudTrail hold neither numbers nor addresses where these fields are known.
        ("numeric" | "cidr", _) => Match::Never,
        (name, operand) => text_matches(name, operand, value),
    }
}

fn except(parts: impl Iterator<Item = Match>) -> Match {
    match Match::any(parts) {
        Match::Always => Match::Never,
        Match::Never => Match::Always,
        other => other,
    }
}

fn operands(operand: &Value) -> Vec<&Value> {
    match operand {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    }
}

fn text_matches(operator: &str, operand: &Value, value: &Value) -> Match {
    let Value::String(text) = value else { return Match::Never };
    let blind = |operand: &Value| operand.get("equals-ignore-case").and_then(Value::as_str).map(str::to_lowercase);
    let holds = match (operator, operand) {
        ("prefix", Value::String(start)) => text.starts_with(start),
        ("prefix", operand) => blind(operand).is_some_and(|start| text.to_lowercase().starts_with(&start)),
        ("suffix", Value::String(end)) => text.ends_with(end),
        ("suffix", operand) => blind(operand).is_some_and(|end| text.to_lowercase().ends_with(&end)),
        ("equals-ignore-case", Value::String(same)) => text.to_lowercase() == same.to_lowercase(),
        ("wildcard", Value::String(wildcard)) => is_like(wildcard, text),
        (other, _) => return Match::Undecided(other.to_owned()),
    };
    Match::of(holds)
}

/// A text in which `*` is anything; a backslash takes the next sign as it is.
fn is_like(wildcard: &str, text: &str) -> bool {
    let mut parts = vec![String::new()];
    let mut signs = wildcard.chars();
    while let Some(sign) = signs.next() {
        match (sign, parts.last_mut()) {
            ('*', _) => parts.push(String::new()),
            ('\\', Some(part)) => part.extend(signs.next()),
            (_, Some(part)) => part.push(sign),
            (_, None) => {}
        }
    }
    let (Some(first), Some((last, middle))) = (parts.first(), parts.get(1..).and_then(<[String]>::split_last)) else {
        return parts.first().is_some_and(|whole| whole == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
        return false;
    };
    for part in middle {
        match rest.split_once(part.as_str()) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn stop() -> Value {
        json!({
            "source": "aws.cloudtrail",
            "detail-type": "AWS API Call via CloudTrail",
            "detail": { "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "readOnly": false },
        })
    }

    fn matched(pattern: &Value) -> Match {
        matches(&pattern.to_string(), &stop())
    }

    #[test]
    fn what_the_event_has_is_matched_by_every_operator() {
        for choice in [
            json!("StopLogging"),
            json!({"prefix": "Stop"}),
            json!({"prefix": {"equals-ignore-case": "stop"}}),
            json!({"suffix": "Logging"}),
            json!({"equals-ignore-case": "stoplogging"}),
            json!({"wildcard": "S*p*ing"}),
            json!({"wildcard": "*"}),
            json!({"exists": true}),
            json!({"anything-but": "StartLogging"}),
            json!({"anything-but": ["StartLogging", "CreateTrail"]}),
            json!({"anything-but": {"prefix": ["Describe", "Get"]}}),
        ] {
            assert_eq!(matched(&json!({"detail": {"eventName": [choice, "Other"]}})), Match::Always, "{choice}");
        }
        for choice in [
            json!("stoplogging"),
            json!({"prefix": "stop"}),
            json!({"suffix": "Trail"}),
            json!({"wildcard": "Stop"}),
            json!({"wildcard": "S\\*"}),
            json!({"wildcard": "StopLog*Logging"}),
            json!({"exists": false}),
            json!({"anything-but": ["StopLogging"]}),
            json!({"anything-but": {"wildcard": "*Logging"}}),
            json!({"numeric": [">", 0]}),
            json!({"cidr": "10.0.0.0/8"}),
        ] {
            assert_eq!(matched(&json!({"detail": {"eventName": [choice]}})), Match::Never, "{choice}");
        }
        assert_eq!(matched(&json!({"detail": {"readOnly": [false]}, "source": ["aws.cloudtrail"]})), Match::Always);
    }

    #[test]
    fn either_of_several_will_do() {
        let either = |first: Value, second: Value| matched(&json!({"detail": {"$or": [first, second]}}));
        let named = |name: &str| json!({"eventName": [name]});
        assert_eq!(either(named("DeleteTrail"), named("StopLogging")), Match::Always);
        assert_eq!(either(named("DeleteTrail"), named("UpdateTrail")), Match::Never);
    }

    #[test]
    fn other_fields_narrow_a_pattern() {
        let narrowed = json!({"detail": {"eventName": ["StopLogging"], "userIdentity": {"type": ["Root"]}}});
        assert_eq!(matched(&narrowed), Match::Depends("detail.userIdentity.type".to_owned()));
        let other = json!({"detail": {"eventName": ["DeleteTrail"], "userIdentity": {"type": ["Root"]}}});
        assert_eq!(matched(&other), Match::Never);
    }

    #[test]
    fn unknown_operators_are_not_guessed_and_nonsense_matches_nothing() {
        let unknown = json!({"detail": {"eventName": [{"sounds-like": "stop"}]}});
        assert_eq!(matched(&unknown), Match::Undecided("sounds-like".to_owned()));
        for pattern in ["", "[]", "{\"source\": \"aws.cloudtrail\"}", "{\"source\": []}"] {
            assert_eq!(matches(pattern, &stop()), Match::Never, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn no_pattern_is_too_odd_to_read(text in "[{}\\[\\]\":,a-z$* ]{0,80}", wildcard in "[a*\\\\]{0,10}", value in "a{0,8}") {
            let _ = matches(&text, &stop());
            let _ = is_like(&wildcard, &value);
        }
    }
}
