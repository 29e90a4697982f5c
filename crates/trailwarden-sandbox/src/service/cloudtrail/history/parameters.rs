//! The parameters of a call as its record spells them: names begin in lower case, and each wire format has its habits.

use serde_json::{Map, Value, json};

use crate::request::Request;
use crate::service::{self, Wire};
use crate::xml::Element;

/// Operations of EC2 whose parameters stand in an element of their own.
const WRAPPED: [&str; 2] = ["CreateFlowLogs", "DeleteFlowLogs"];

/// The parameters of a request; none when it has none.
pub fn of(request: &Request, service: &str) -> Option<Value> {
    let wire = service::ALL.iter().find(|definition| definition.name == service).map(|definition| definition.wire)?;
    let value = match wire {
        Wire::Json(_) | Wire::RestJson | Wire::QueryCompatible { .. } => lower(request.input.clone()),
        Wire::Query(_) => lower(nested(request)),
        Wire::Ec2(_) if WRAPPED.contains(&request.operation.as_str()) => {
            json!({ format!("{}Request", request.operation): tagged(nested(request)) })
        }
        Wire::Ec2(_) => lower(nested(request)),
        Wire::RestXml { .. } => rest(request),
    };
    Some(value).filter(|value| value.as_object().is_some_and(|members| !members.is_empty()))
}

/// The same with names in lower camel case.
fn lower(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (lower_first(&name), lower(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(lower).collect()),
        other => other,
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// The flat form of a Query request as a tree; numbered members become lists.
fn nested(request: &Request) -> Value {
    let mut root = Map::new();
    for (name, value) in request.input.as_object().into_iter().flatten() {
        if name != "Action" && name != "Version" {
            let parts: Vec<&str> = name.split('.').filter(|part| *part != "member").collect();
            insert(&mut root, &parts, value.clone());
        }
    }
    listed(Value::Object(root))
}

fn insert(node: &mut Map<String, Value>, parts: &[&str], value: Value) {
    match parts {
        [] => {}
        [last] => {
            node.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            let child = node.entry((*first).to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(child) = child {
                insert(child, rest, value);
            }
        }
    }
}

/// Objects whose names are numbers, as lists in the order of the numbers.
fn listed(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let numbers: Option<Vec<(u32, &Value)>> =
        members.iter().map(|(name, value)| name.parse().ok().map(|number| (number, value))).collect();
    match numbers.filter(|numbers| !numbers.is_empty()) {
        Some(mut numbers) => {
            numbers.sort_by_key(|(number, _)| *number);
            Value::Array(numbers.into_iter().map(|(_, value)| listed(value.clone())).collect())
        }
        None => Value::Object(members.into_iter().map(|(name, value)| (name, listed(value))).collect()),
    }
}

/// Lists as EC2's records write them: each item with its number, one item alone without a list.
fn tagged(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, tagged(value))).collect())
        }
        Value::Array(items) => {
            let numbered = items.into_iter().enumerate().map(|(index, item)| match tagged(item) {
                Value::Object(mut members) => {
                    members.insert("tag".to_owned(), json!(index + 1));
                    Value::Object(members)
                }
                text => json!({ "tag": index + 1, "content": text }),
            });
            let mut numbered: Vec<Value> = numbered.collect();
            if numbered.len() == 1 { numbered.remove(0) } else { Value::Array(numbered) }
        }
        other => other,
    }
}

/// Bucket, host, the query string, and the body: a policy as JSON, anything else as its XML says.
fn rest(request: &Request) -> Value {
    let mut members: Map<String, Value> =
        request.http.query.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let bucket = request.http.path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if !bucket.is_empty() && !request.http.path.starts_with("/v20180820/") {
        members.insert("bucketName".to_owned(), json!(bucket));
        members.insert("Host".to_owned(), json!(format!("{bucket}.s3.{}.amazonaws.com", request.region)));
    }
    let body = std::str::from_utf8(&request.http.body).unwrap_or_default();
    if let Ok(policy) = serde_json::from_str::<Value>(body) {
        members.insert("bucketPolicy".to_owned(), policy);
    } else if let Some(root) = Element::parse(body) {
        members.insert(root.name.clone(), of_xml(&root));
    }
    Value::Object(members)
}

/// An element as JSON: text, or its children, of which repeated ones become a list.
fn of_xml(element: &Element) -> Value {
    if element.children.is_empty() {
        return json!(element.text);
    }
    let mut members = Map::new();
    for child in &element.children {
        let value = of_xml(child);
        match members.get_mut(&child.name) {
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = json!([first.clone(), value]),
            None => {
                members.insert(child.name.clone(), value);
            }
        }
    }
    Value::Object(members)
}
