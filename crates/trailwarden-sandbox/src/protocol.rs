//! Wire formats, one file each: how an operation and its input arrive, and how answers and errors leave.

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use serde_json::Value;

use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Http;
use crate::service::{Definition, Wire};

mod cbor;
mod compatible;
mod ec2;
mod json;
mod query;
mod rest_json;
mod rest_xml;

/// What goes back over HTTP.
pub type HttpResponse = Response<Full<Bytes>>;

/// An answer's status, headers and body, encoded.
pub(crate) struct Encoded {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The operation and the input of a request. The error names what could not be understood.
pub fn decode(service: &Definition, http: &Http) -> Result<(String, Value), AwsError> {
    match service.wire {
        Wire::Json(prefix) => json::decode(prefix, http),
        Wire::Query(_) | Wire::Ec2(_) => query::decode(http),
        Wire::QueryCompatible { target, .. } => compatible::decode(target, http),
        Wire::RestXml { .. } => rest_xml::decode(service, http),
        Wire::RestJson => rest_json::decode(service, http),
    }
}

/// Encodes what the service answered.
pub fn encode(wire: Wire, operation: &str, id: &str, http: &Http, result: Result<Reply, AwsError>) -> HttpResponse {
    let encoded = match (wire, result) {
        (Wire::Json(_), Ok(reply)) => json::reply(reply, id),
        (Wire::Json(_), Err(error)) => json::error(error, id),
        (Wire::Query(namespace), Ok(reply)) => query::reply(namespace, operation, reply, id),
        (Wire::Query(namespace), Err(error)) => query::error(namespace, error, id),
        (Wire::Ec2(namespace), Ok(reply)) => ec2::reply(namespace, operation, reply, id),
        (Wire::Ec2(_), Err(error)) => ec2::error(error, id),
        (Wire::QueryCompatible { namespace, .. }, Ok(reply)) => {
            compatible::reply(namespace, operation, http, reply, id)
        }
        (Wire::QueryCompatible { namespace, .. }, Err(error)) => compatible::error(namespace, http, error, id),
        (Wire::RestXml { .. }, Ok(reply)) => rest_xml::reply(reply, id),
        (Wire::RestXml { wrapped }, Err(error)) => rest_xml::error(wrapped, error, id),
        (Wire::RestJson, Ok(reply)) => rest_json::reply(reply, id),
        (Wire::RestJson, Err(error)) => rest_json::error(error, id),
    };
    respond(encoded, http.method == "HEAD")
}

fn respond(encoded: Encoded, is_head: bool) -> HttpResponse {
    let mut response = Response::builder().status(encoded.status);
    for (name, value) in &encoded.headers {
        response = response.header(name, value);
    }
    let body = if is_head { Vec::new() } else { encoded.body };
    response.body(Full::new(Bytes::from(body))).unwrap_or_else(|_| {
        let mut broken = Response::new(Full::new(Bytes::from_static(b"a reply had an unusable header")));
        *broken.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}

/// A JSON answer that belongs to no AWS service.
pub fn plain_json(status: u16, value: &Value) -> HttpResponse {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    respond(Encoded { status, headers, body: value.to_string().into_bytes() }, false)
}

#[cfg(test)]
mod tests;
