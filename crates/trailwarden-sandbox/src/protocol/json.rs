//! AWS JSON 1.1: the operation in `X-Amz-Target`, JSON in and out, errors by `__type`.

use serde_json::{Map, Value};

use super::Encoded;
use crate::error::AwsError;
use crate::reply::{Body, Reply};
use crate::request::Http;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

pub(super) fn decode(prefix: &str, http: &Http) -> Result<(String, Value), AwsError> {
    let operation = http
        .headers
        .get("x-amz-target")
        .and_then(|target| target.rsplit_once('.'))
        .filter(|(service, operation)| is_service(service, prefix) && !operation.is_empty())
        .ok_or_else(|| AwsError::bad("UnknownOperationException", "X-Amz-Target names no operation of this service"))?;
    Ok((operation.1.to_owned(), parse(http)?))
}

/// SDKs write the service's name alone, or with the package before it (`com.amazonaws.….CloudTrail_20131101`).
fn is_service(named: &str, service: &str) -> bool {
    named.strip_suffix(service).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The body as a JSON object; an empty body is an empty object.
pub(super) fn parse(http: &Http) -> Result<Value, AwsError> {
    if http.body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(&http.body)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| AwsError::bad("SerializationException", "the body is not a JSON object"))
}

pub(super) fn body(reply: Body) -> Vec<u8> {
    match reply {
        Body::Json(value) => value.to_string().into_bytes(),
        Body::Empty => b"{}".to_vec(),
        Body::Xml(element) => element.to_document().into_bytes(),
        Body::Bytes(bytes) => bytes,
    }
}

pub(super) fn headers(id: &str, content_type: &str, extra: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut headers =
        vec![("content-type".to_owned(), content_type.to_owned()), ("x-amzn-requestid".to_owned(), id.to_owned())];
    headers.extend(extra);
    headers
}

pub(super) fn reply(reply: Reply, id: &str) -> Encoded {
    Encoded { status: reply.status, headers: headers(id, CONTENT_TYPE, reply.headers), body: body(reply.body) }
}

/// The members of an error: message first, then what the code adds.
pub(super) fn members(error: &AwsError) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("message".to_owned(), Value::from(error.message.clone()));
    members.extend(error.fields.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))));
    members
}

pub(super) fn error(error: AwsError, id: &str) -> Encoded {
    let mut members = members(&error);
    members.insert("__type".to_owned(), Value::from(error.code));
    let body = Value::Object(members).to_string().into_bytes();
    Encoded { status: error.status, headers: headers(id, CONTENT_TYPE, error.headers), body }
}
