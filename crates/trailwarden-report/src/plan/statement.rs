//! One statement of a policy in one sentence.

use serde_json::Value;

/// `Allow s3:PutObject on arn:… to Service cloudtrail.amazonaws.com if StringEquals aws:SourceArn arn:…`.
pub(super) fn sentence(statement: &Value) -> String {
    let mut words = vec![texts(statement.get("Effect"))];
    let parts = [
        ("Action", ""),
        ("NotAction", "all but "),
        ("Principal", "to "),
        ("NotPrincipal", "to all but "),
        ("Resource", "on "),
        ("NotResource", "on all but "),
    ];
    for (name, before) in parts {
        words.extend(statement.get(name).map(|value| format!("{before}{}", texts(Some(value)))));
    }
    words.extend(statement.get("Condition").map(|value| format!("if {}", conditions(value))));
    words.join(" ")
}

/// How a statement is called: by its Sid, or by its number.
pub(super) fn name(statement: &Value, number: usize) -> String {
    match statement.get("Sid").and_then(Value::as_str) {
        Some(sid) if !sid.is_empty() => format!("statement {sid}"),
        _ => format!("statement {number}"),
    }
}

fn texts(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| texts(Some(item))).collect::<Vec<_>>().join(", "),
        Some(Value::Object(members)) => {
            let each = members.iter().map(|(kind, names)| format!("{kind} {}", texts(Some(names))));
            each.collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    }
}

fn conditions(value: &Value) -> String {
    let Value::Object(operators) = value else { return value.to_string() };
    let each = operators.iter().flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, value)| format!("{operator} {key} {}", texts(Some(value))))
    });
    each.collect::<Vec<_>>().join(" and ")
}
