//! Query: a form body with `Action`, XML out.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::{Encoded, rest_xml};
use crate::error::AwsError;
use crate::reply::{Body, Reply};
use crate::request::Http;
use crate::xml::Element;

pub(super) fn decode(http: &Http) -> Result<(String, Value), AwsError> {
    let body = std::str::from_utf8(&http.body).map_err(|_| AwsError::bad("MalformedInput", "the body is not text"))?;
    let mut input: Map<String, Value> = body
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (form_decode(name), Value::from(form_decode(value))))
        .collect();
    input.extend(http.query.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))));
    match input.get("Action").and_then(Value::as_str).map(str::to_owned) {
        Some(operation) => Ok((operation, Value::Object(input))),
        None => Err(AwsError::bad("MissingAction", "the request names no Action")),
    }
}

fn form_decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

pub(super) fn reply(namespace: &str, operation: &str, reply: Reply, id: &str) -> Encoded {
    let mut result = Element::new(format!("{operation}Result"));
    if let Body::Xml(element) = reply.body {
        result.children = element.children;
    }
    let document = Element::new(format!("{operation}Response"))
        .attribute("xmlns", namespace)
        .with(result)
        .with(Element::new("ResponseMetadata").leaf("RequestId", id));
    encoded(reply.status, reply.headers, &document, id)
}

pub(super) fn error(namespace: &str, error: AwsError, id: &str) -> Encoded {
    let fault = if error.status >= 500 { "Receiver" } else { "Sender" };
    let mut body = Element::new("Error").leaf("Type", fault);
    body.children.extend(rest_xml::members(&error));
    let document = Element::new("ErrorResponse").attribute("xmlns", namespace).with(body).leaf("RequestId", id);
    encoded(error.status, error.headers, &document, id)
}

pub(super) fn encoded(status: u16, extra: Vec<(String, String)>, document: &Element, id: &str) -> Encoded {
    let mut headers =
        vec![("content-type".to_owned(), "text/xml".to_owned()), ("x-amzn-requestid".to_owned(), id.to_owned())];
    headers.extend(extra);
    Encoded { status, headers, body: document.to_document().into_bytes() }
}
