//! Where in a policy document something stands.

use std::fmt;

/// A stretch of a document, so that a report can point at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Byte offset of the first byte.
    pub start: usize,
    /// Byte offset after the last byte.
    pub end: usize,
    /// Line of the first byte, counted from 1.
    pub line: usize,
    /// Column of the first byte in characters, counted from 1.
    pub column: usize,
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A value with the place it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    /// The value.
    pub(crate) value: T,
    /// Its place.
    pub(crate) span: Span,
}

/// A document that AWS would refuse, or that is no policy at all. It is never in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed policy document at {span}: {reason}")]
pub struct Malformed {
    /// Why, as a lowercase fragment.
    pub reason: String,
    /// The offending place.
    pub span: Span,
}

impl Malformed {
    pub(crate) fn new(reason: impl Into<String>, span: Span) -> Self {
        Self { reason: reason.into(), span }
    }
}
