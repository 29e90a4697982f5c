//! What the JSON services share: typed inputs, answers without unset members, pages.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;

/// The input as a type; members of the wrong type are refused as AWS's parsers refuse them.
pub fn input<T: DeserializeOwned>(request: &Request) -> Result<T, AwsError> {
    let body = if request.input.is_null() { Value::Object(serde_json::Map::new()) } else { request.input.clone() };
    serde_json::from_value(body).map_err(|error| AwsError::bad("SerializationException", error.to_string()))
}

/// An answer; members that are null are left out, as AWS leaves out what is not set.
pub fn answer(mut value: Value) -> Reply {
    drop_nulls(&mut value);
    Reply::json(value)
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// One page of a list, and the token of the next; none when the token is not one that the sandbox gave.
pub fn page<T>(items: Vec<T>, token: Option<&str>, limit: usize) -> Option<(Vec<T>, Option<String>)> {
    let start = match token {
        Some(token) => token.strip_prefix("page-")?.parse().ok().filter(|start| *start <= items.len())?,
        None => 0,
    };
    let end = start.saturating_add(limit);
    let next = (end < items.len()).then(|| format!("page-{end}"));
    Some((items.into_iter().skip(start).take(limit).collect(), next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_the_list_once() {
        let items: Vec<u8> = (0..7).collect();
        let (mut seen, mut token) = page(items.clone(), None, 3).expect("first");
        while let Some(next) = token {
            let (more, after) = page(items.clone(), Some(&next), 3).expect("next");
            seen.extend(more);
            token = after;
        }
        assert_eq!(seen, items);
        assert_eq!(page(items, Some("made-up"), 3), None);
    }
}
