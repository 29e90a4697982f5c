//! REST with XML: the operation by method, path and query; S3 errors bare, S3 Control errors wrapped.

use serde_json::Value;

use super::Encoded;
use crate::error::AwsError;
use crate::reply::{Body, Reply};
use crate::request::Http;
use crate::service::Definition;
use crate::xml::Element;

pub(super) fn decode(service: &Definition, http: &Http) -> Result<(String, Value), AwsError> {
    let operation = (service.route)(http).ok_or_else(|| {
        AwsError::new(501, "NotImplemented", format!("no operation of {}: {} {}", service.name, http.method, http.path))
    })?;
    Ok((operation, Value::Null))
}

fn headers(id: &str, content_type: Option<&str>, extra: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut headers = vec![
        ("x-amz-request-id".to_owned(), id.to_owned()),
        ("x-amz-id-2".to_owned(), format!("{id}/host")),
        ("server".to_owned(), "AmazonS3".to_owned()),
    ];
    if let Some(content_type) = content_type
        && !extra.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        headers.push(("content-type".to_owned(), content_type.to_owned()));
    }
    headers.extend(extra);
    headers
}

pub(super) fn reply(reply: Reply, id: &str) -> Encoded {
    let (content_type, body) = match reply.body {
        Body::Empty => (None, Vec::new()),
        Body::Xml(element) => (Some("application/xml"), element.to_document().into_bytes()),
        Body::Json(value) => (Some("application/json"), value.to_string().into_bytes()),
        Body::Bytes(bytes) => (Some("binary/octet-stream"), bytes),
    };
    Encoded { status: reply.status, headers: headers(id, content_type, reply.headers), body }
}

/// Code, message and what the code adds, as elements.
pub(super) fn members(error: &AwsError) -> Vec<Element> {
    let mut members = vec![Element::text("Code", &error.code), Element::text("Message", &error.message)];
    members.extend(error.fields.iter().map(|(name, value)| Element::text(name.as_str(), value)));
    members
}

pub(super) fn error(wrapped: bool, error: AwsError, id: &str) -> Encoded {
    let body = Element::new("Error").all(members(&error));
    let document = if wrapped {
        Element::new("ErrorResponse").with(body).leaf("RequestId", id)
    } else {
        body.leaf("RequestId", id).leaf("HostId", format!("{id}/host"))
    };
    // 304 and its kin carry no body, or the client would read it as the next answer.
    let body = if error.status == 304 { Vec::new() } else { document.to_document().into_bytes() };
    Encoded { status: error.status, headers: headers(id, Some("application/xml"), error.headers), body }
}
