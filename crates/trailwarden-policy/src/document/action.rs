//! `Action` and `NotAction`.

use super::control::covered_by_resource_control;
use crate::pattern::Pattern;
use crate::span::Spanned;
use crate::truth::Truth;

/// The actions of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actions {
    /// True for `NotAction`.
    pub is_negated: bool,
    /// The patterns; one is enough.
    pub patterns: Vec<Spanned<ActionPattern>>,
    /// True for a Deny of a resource control policy, which reaches no further than these policies do.
    pub(super) only_resource_control: bool,
}

/// One pattern such as `cloudtrail:Stop*`; compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionPattern {
    text: String,
    pattern: Pattern,
}

impl ActionPattern {
    /// Reads a pattern; the error says why AWS would refuse it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::new(text));
        }
        let Some((service, name)) = text.split_once(':') else {
            return Err(format!("action {text:?} names no service"));
        };
        if text == "*:*" {
            return Ok(Self::new(text));
        }
        let is_service = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if service.contains(['*', '?']) {
            return Err(format!("action {text:?} has a wildcard in the service"));
        }
        if service.is_empty() || !service.chars().all(is_service) {
            return Err(format!("action {text:?} names no service"));
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '*' | '?' | '-' | '_' | '.' | '/');
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(format!("action {text:?} has no valid name"));
        }
        Ok(Self::new(text))
    }

    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), pattern: Pattern::parse(text).ignoring_case() }
    }

    /// The pattern as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The set of actions, blind to case.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }
}

impl Actions {
    /// Whether an action such as `cloudtrail:StopLogging` is among them.
    pub fn contain(&self, action: &str) -> Truth {
        let is_listed = self.patterns.iter().any(|pattern| pattern.value.pattern.matches(action));
        let is_among = Truth::from(is_listed != self.is_negated);
        if self.only_resource_control && is_among.is_yes() {
            return covered_by_resource_control(action);
        }
        is_among
    }
}
