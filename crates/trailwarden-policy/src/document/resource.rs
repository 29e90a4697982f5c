//! `Resource` and `NotResource`.

use crate::context::Context;
use crate::pattern::ArnPattern;
use crate::span::Spanned;
use crate::truth::Truth;
use crate::variable::Template;

/// The resources of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// True for `NotResource`.
    pub is_negated: bool,
    /// The patterns; one is enough.
    pub patterns: Vec<Spanned<ResourcePattern>>,
}

/// One pattern such as `arn:aws:cloudtrail:*:*:trail/${aws:PrincipalTag/team}-*`, or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourcePattern {
    template: Template,
}

impl ResourcePattern {
    /// Reads a pattern; the error says why AWS would refuse it.
    pub(super) fn parse(template: Template) -> Result<Self, String> {
        let text = template.source();
        if text != "*" && !text.starts_with("arn:") {
            return Err(format!("resource {text:?} is neither an ARN nor `*`"));
        }
        Ok(Self { template })
    }

    /// The pattern as written, variables included.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Whether an ARN, or the `*` of an action without resources, is in the set.
    pub fn matches(&self, resource: &str, context: &Context) -> Truth {
        if self.template.source() == "*" {
            return Truth::Yes;
        }
        if resource == "*" {
            return Truth::No;
        }
        let service = self.template.source().split(':').nth(2).unwrap_or_default();
        match self.template.resolve(context) {
            Ok(Some(pieces)) => match ArnPattern::from_pieces(&pieces).matches(resource) {
                Truth::Yes if service.contains(['*', '?']) => {
                    Truth::undecided(format!("resource {:?} has a wildcard for the service", self.template.source()))
                }
                answer => answer,
            },
            Ok(None) => Truth::No,
            Err(reason) => Truth::Undecided(reason),
        }
    }
}

impl Resources {
    /// Whether an ARN, or the `*` of an action without resources, is among them.
    pub fn contain(&self, resource: &str, context: &Context) -> Truth {
        let is_listed = Truth::any(self.patterns.iter().map(|pattern| pattern.value.matches(resource, context)));
        if self.is_negated { !is_listed } else { is_listed }
    }
}
