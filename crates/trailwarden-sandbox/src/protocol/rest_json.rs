//! REST with JSON: the operation by method and path, errors by the header `x-amzn-ErrorType`.

use serde_json::Value;

use super::{Encoded, json};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Http;
use crate::service::Definition;

const CONTENT_TYPE: &str = "application/json";

pub(super) fn decode(service: &Definition, http: &Http) -> Result<(String, Value), AwsError> {
    let operation = (service.route)(http).ok_or_else(|| {
        AwsError::new(501, "NotImplemented", format!("no operation of {}: {} {}", service.name, http.method, http.path))
    })?;
    Ok((operation, json::parse(http)?))
}

pub(super) fn reply(reply: Reply, id: &str) -> Encoded {
    let headers = json::headers(id, CONTENT_TYPE, reply.headers);
    Encoded { status: reply.status, headers, body: json::body(reply.body) }
}

pub(super) fn error(error: AwsError, id: &str) -> Encoded {
    let body = Value::Object(json::members(&error)).to_string().into_bytes();
    let mut headers = json::headers(id, CONTENT_TYPE, error.headers);
    headers.push(("x-amzn-errortype".to_owned(), error.code));
    Encoded { status: error.status, headers, body }
}
