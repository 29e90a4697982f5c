//! What the JSON services share: typed inputs, answers without unset members.

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
