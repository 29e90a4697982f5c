//! The `Condition` block: operators, keys, values.

use super::Version;
use super::element::{Members, get, object};
use crate::compare::is_date_like;
use crate::condition::Condition;
use crate::json::{Node, Value};
use crate::operator::Operator;
use crate::span::{Malformed, Span, Spanned};

pub(super) fn conditions(version: Version, members: &Members) -> Result<Vec<Condition>, Malformed> {
    let Some(block) = get(members, "Condition") else { return Ok(Vec::new()) };
    let mut conditions = Vec::new();
    for (name, keys) in object(block, "Condition")? {
        let Some(operator) = Operator::parse(&name.value) else {
            return Err(Malformed::new(format!("unknown condition operator {:?}", name.value), name.span));
        };
        for (key, values) in object(keys, "a condition")? {
            if key.value.is_empty() {
                return Err(Malformed::new("empty condition key", key.span));
            }
            let mut read = Vec::new();
            for (text, span) in scalars(values)? {
                if operator.comparison.is_of_dates() && !is_date_like(&text) {
                    return Err(Malformed::new(format!("{text:?} is not a date"), span));
                }
                read.push(Spanned { value: version.template(&text), span });
            }
            conditions.push(Condition {
                operator,
                operator_name: name.value.clone(),
                key: key.value.clone(),
                values: read,
                span: Span { end: values.span.end, ..key.span },
            });
        }
    }
    Ok(conditions)
}

/// Condition values: strings, numbers and booleans, alone or in a list.
fn scalars(node: &Node) -> Result<Vec<(String, Span)>, Malformed> {
    let nodes = match &node.value {
        Value::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let scalar = |node: &Node| match &node.value {
        Value::String(text) | Value::Number(text) => Ok((text.clone(), node.span)),
        Value::Bool(value) => Ok((value.to_string(), node.span)),
        _ => Err(Malformed::new("a condition value that is no string, number or boolean", node.span)),
    };
    nodes.iter().map(scalar).collect()
}
