//! Reading the members of a JSON object as elements of a policy.

use crate::json::{Node, Value};
use crate::span::{Malformed, Span, Spanned};

pub(super) type Members = [(Spanned<String>, Node)];

pub(super) fn object<'a>(node: &'a Node, what: &str) -> Result<&'a Members, Malformed> {
    match &node.value {
        Value::Object(members) => Ok(members),
        _ => Err(Malformed::new(format!("{what} is not an object"), node.span)),
    }
}

pub(super) fn string<'a>(node: &'a Node, what: &str) -> Result<&'a str, Malformed> {
    match &node.value {
        Value::String(text) => Ok(text),
        _ => Err(Malformed::new(format!("{what} is not a string"), node.span)),
    }
}

pub(super) fn get<'a>(members: &'a Members, name: &str) -> Option<&'a Node> {
    members.iter().find(|(key, _)| key.value == name).map(|(_, node)| node)
}

/// Refuses elements that AWS does not know.
pub(super) fn only(members: &Members, known: &[&str]) -> Result<(), Malformed> {
    match members.iter().find(|(key, _)| !known.contains(&key.value.as_str())) {
        Some((key, _)) => Err(Malformed::new(format!("unknown element {:?}", key.value), key.span)),
        None => Ok(()),
    }
}

/// Which of an element and its `Not` form is there. Both at once, AWS refuses.
pub(super) fn either<'a>(members: &'a Members, name: &str, whole: Span) -> Result<Option<(bool, &'a Node)>, Malformed> {
    match (get(members, name), get(members, &format!("Not{name}"))) {
        (Some(_), Some(_)) => Err(Malformed::new(format!("both {name} and Not{name}"), whole)),
        (Some(node), None) => Ok(Some((false, node))),
        (None, Some(node)) => Ok(Some((true, node))),
        (None, None) => Ok(None),
    }
}

/// An element that may be alone or in a list; an empty list is none.
pub(super) fn one_or_many<'a>(node: &'a Node, what: &str) -> Result<&'a [Node], Malformed> {
    match &node.value {
        Value::Array(items) if items.is_empty() => Err(Malformed::new(format!("empty {what}"), node.span)),
        Value::Array(items) => Ok(items),
        _ => Ok(std::slice::from_ref(node)),
    }
}

/// A string, or a list of strings, each read by `parse`, whose error says why AWS would refuse it.
pub(super) fn parse_all<T>(
    node: &Node,
    what: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<Spanned<T>>, Malformed> {
    let mut all = Vec::new();
    for node in one_or_many(node, what)? {
        let value = parse(string(node, what)?).map_err(|reason| Malformed::new(reason, node.span))?;
        all.push(Spanned { value, span: node.span });
    }
    Ok(all)
}
