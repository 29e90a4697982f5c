//! `Action` and `NotAction`.
//!
//! Not settled, and undecided: `*:*`. AWS refuses wildcards in the service ("action vendors must not contain wildcards") and
//! takes a bare `*`; which of the two `*:*` is, no page says.

use super::resource_control::covered_by_resource_control;
use crate::pattern::Pattern;
use crate::span::Spanned;
use crate::truth::Truth;

/// The actions of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actions {
    /// True for `NotAction`.
    pub(crate) is_negated: bool,
    /// The patterns; one is enough.
    pub(crate) patterns: Vec<Spanned<ActionPattern>>,
    /// True for a Deny of a resource control policy, which reaches no further than these policies do.
    pub(super) only_resource_control: bool,
}

/// One pattern such as `cloudtrail:Stop*`; compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActionPattern {
    text: String,
    pattern: Pattern,
}

/// The one pattern with a wildcard for the service that is not refused.
const EVERY_SERVICE: &str = "*:*";

impl ActionPattern {
    /// Reads a pattern; the error says why AWS would refuse it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::new(text));
        }
        let Some((service, name)) = text.split_once(':') else {
            return Err(format!("action {text:?} names no service"));
        };
        if text == EVERY_SERVICE {
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
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn matches(&self, action: &str) -> Truth {
        match self.pattern.matches(action) {
            true if self.text == EVERY_SERVICE => {
                Truth::undecided("whether AWS takes *:* for every action is not settled")
            }
            is_matched => is_matched.into(),
        }
    }
}

impl Actions {
    /// Whether an action such as `cloudtrail:StopLogging` is among them.
    pub(crate) fn contain(&self, action: &str) -> Truth {
        if self.only_resource_control && !covered_by_resource_control(action) {
            return Truth::No;
        }
        let is_listed = Truth::any(self.patterns.iter().map(|pattern| pattern.value.matches(action)));
        if self.is_negated { !is_listed } else { is_listed }
    }
}
