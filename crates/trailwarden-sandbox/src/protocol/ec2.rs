//! Query as EC2 speaks it: the same form body, but answers without a `…Result` element and errors in `<Response>`.

use super::{Encoded, query, rest_xml};
use crate::error::AwsError;
use crate::reply::{Body, Reply};
use crate::xml::Element;

pub(super) fn reply(namespace: &str, operation: &str, reply: Reply, id: &str) -> Encoded {
    let mut document = Element::new(format!("{operation}Response")).attribute("xmlns", namespace).leaf("requestId", id);
    if let Body::Xml(element) = reply.body {
        document.children.extend(element.children);
    }
    query::encoded(reply.status, reply.headers, &document, id)
}

pub(super) fn error(error: AwsError, id: &str) -> Encoded {
    let errors = Element::new("Errors").with(Element::new("Error").all(rest_xml::members(&error)));
    let document = Element::new("Response").with(errors).leaf("RequestID", id);
    query::encoded(error.status, error.headers, &document, id)
}
