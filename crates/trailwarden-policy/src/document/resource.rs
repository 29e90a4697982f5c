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
    /// The pattern it is whatever the context, when it holds no variable.
    fixed: Option<ArnPattern>,
}

impl ResourcePattern {
    /// Reads a pattern; the error says why AWS would refuse it.
    pub(super) fn parse(template: Template) -> Result<Self, String> {
        let text = template.source();
        if text != "*" && !text.starts_with("arn:") {
            return Err(format!("resource {text:?} is neither an ARN nor `*`"));
        }
        let is_fixed = template.variables().next().is_none();
        let pieces = template.resolve(&Context::new()).ok().flatten().filter(|_| is_fixed);
        Ok(Self { fixed: pieces.map(|pieces| ArnPattern::from_pieces(&pieces)), template })
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
        if let Some(pattern) = &self.fixed {
            return self.matches_arn(pattern, resource);
        }
        match self.template.resolve(context) {
            Ok(Some(pieces)) => self.matches_arn(&ArnPattern::from_pieces(&pieces), resource),
            Ok(None) => Truth::No,
            Err(reason) => Truth::Undecided(reason),
        }
    }

    fn matches_arn(&self, pattern: &ArnPattern, resource: &str) -> Truth {
        let service = || self.template.source().split(':').nth(2).unwrap_or_default();
        match pattern.matches(resource) {
            Truth::Yes if service().contains(['*', '?']) => {
                Truth::undecided(format!("resource {:?} has a wildcard for the service", self.template.source()))
            }
            answer => answer,
        }
    }
}

impl Resources {
    /// True when a variable has a say in what is among them.
    pub(crate) fn have_variables(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.value.template.variables().next().is_some())
    }

    /// Whether an ARN, or the `*` of an action without resources, is among them.
    pub fn contain(&self, resource: &str, context: &Context) -> Truth {
        let is_listed = Truth::any(self.patterns.iter().map(|pattern| pattern.value.matches(resource, context)));
        if self.is_negated { !is_listed } else { is_listed }
    }
}
