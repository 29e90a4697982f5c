//! What a service handler answers, before a wire format has encoded it.

use serde_json::Value;

use crate::xml::Element;

/// The body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// For the JSON wire formats.
    Json(Value),
    /// For REST-XML the root element; for Query the `…Result` element's children under any root name.
    Xml(Element),
    /// An object's bytes, sent as they are.
    Bytes(Vec<u8>),
}

/// A successful answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status; 200 unless changed.
    pub status: u16,
    /// Extra response headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

impl Reply {
    fn of(body: Body) -> Self {
        Self { status: 200, headers: Vec::new(), body }
    }

    /// An answer in JSON.
    pub fn json(value: Value) -> Self {
        Self::of(Body::Json(value))
    }

    /// An answer in XML; see [`Body::Xml`] for what the element is.
    pub fn xml(element: Element) -> Self {
        Self::of(Body::Xml(element))
    }

    /// An answer without content: an empty result in Query, `{}` in JSON, no body in REST.
    pub fn empty() -> Self {
        Self::of(Body::Empty)
    }

    /// Raw bytes.
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self::of(Body::Bytes(bytes))
    }

    /// The same answer with another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}
