//! `Resource` and `NotResource`.

use super::Kind;
use crate::context::Context;
use crate::pattern::ArnPattern;
use crate::span::Spanned;
use crate::truth::Truth;
use crate::variable::Template;

/// The resources of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resources {
    /// True for `NotResource`.
    pub(crate) is_negated: bool,
    /// The patterns; one is enough.
    pub(crate) patterns: Vec<Spanned<ResourcePattern>>,
}

/// One pattern such as `arn:aws:cloudtrail:*:*:trail/${aws:PrincipalTag/team}-*`, or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourcePattern {
    template: Template,
    /// The pattern it is whatever the context, when it holds no variable.
    fixed: Option<ArnPattern>,
    /// True with a variable before the fifth colon, where AWS documents none.
    has_early_variable: bool,
}

/// The parts of an ARN.
const PARTS: usize = 6;

impl ResourcePattern {
    /// Reads a pattern; the error says why AWS would refuse it.
    pub(super) fn parse(kind: Kind, template: Template) -> Result<Self, String> {
        let shape = template.shape();
        if shape != "*" {
            check(kind, template.source(), &shape)?;
        }
        let has_early_variable = shape.split(':').take(PARTS - 1).any(|part| part.contains(Template::VARIABLE));
        let is_fixed = template.variables().next().is_none();
        let pieces = template.resolve(&Context::new()).ok().flatten().filter(|_| is_fixed);
        Ok(Self { fixed: pieces.map(|pieces| ArnPattern::of_resource(&pieces)), template, has_early_variable })
    }

    /// The pattern as written, variables included.
    pub(crate) fn template(&self) -> &Template {
        &self.template
    }

    /// Whether an ARN, or the `*` of an action without resources, is in the set.
    pub(crate) fn matches(&self, resource: &str, context: &Context) -> Truth {
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
            Ok(Some(pieces)) => self.matches_arn(&ArnPattern::of_resource(&pieces), resource),
            Ok(None) => Truth::No,
            Err(reason) => Truth::Undecided(reason),
        }
    }

    fn matches_arn(&self, pattern: &ArnPattern, resource: &str) -> Truth {
        match pattern.matches(resource) {
            Truth::Yes if self.has_early_variable => Truth::undecided(format!(
                "{:?} has a variable before its last part, where AWS fills none in",
                self.template.source()
            )),
            answer => answer,
        }
    }
}

/// The form that AWS demands of an ARN pattern.
///
/// The service is always named in full (IAM user guide, resource element: no wildcard in the service part). In SCPs AWS refuses
/// fewer than six parts unless the last ends in `*`, in RCPs always.
fn check(kind: Kind, text: &str, shape: &str) -> Result<(), String> {
    let parts: Vec<&str> = shape.splitn(PARTS, ':').collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    if part(0) != "arn" || parts.len() < 2 {
        return Err(format!("resource {text:?} is neither an ARN nor `*`"));
    }
    if part(1).is_empty() {
        return Err(format!("resource {text:?} names no partition"));
    }
    if part(2).is_empty() {
        return Err(format!("resource {text:?} names no service"));
    }
    if part(2).contains(['*', '?', Template::VARIABLE]) {
        return Err(format!("resource {text:?} has a wildcard in the service"));
    }
    let may_be_short = match kind {
        Kind::ServiceControl => shape.ends_with('*'),
        Kind::ResourceControl => false,
        Kind::Resource | Kind::Trust | Kind::Identity => true,
    };
    if parts.len() < PARTS && !may_be_short {
        return Err(format!("resource {text:?} has fewer than six parts"));
    }
    Ok(())
}

impl Resources {
    /// True when a variable has a say in what is among them.
    pub(crate) fn have_variables(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.value.template.variables().next().is_some())
    }

    /// Whether an ARN, or the `*` of an action without resources, is among them.
    pub(crate) fn contain(&self, resource: &str, context: &Context) -> Truth {
        let is_listed = Truth::any(self.patterns.iter().map(|pattern| pattern.value.matches(resource, context)));
        if self.is_negated { !is_listed } else { is_listed }
    }
}
