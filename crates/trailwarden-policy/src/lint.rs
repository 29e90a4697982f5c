//! Lints: what AWS accepts and that cannot do what it seems to. Each rule has an id, and says where, why and what to write.

mod action;
mod carried;
mod condition;
mod exemption;
mod resource;
mod statement;
mod text;

use std::fmt;

use crate::document::{Document, Statement};
use crate::span::Span;

/// Something in a document that cannot do what it seems to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// The rule.
    pub rule: LintRule,
    /// The place.
    pub span: Span,
    /// Why, as a lowercase fragment.
    pub reason: String,
    /// What to write instead, when it can be told.
    pub suggestion: Option<String>,
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.span, self.reason, self.rule)
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident = $id:literal,)*) => {
        /// The rules. [`LintRule::id`] is the name that people use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LintRule {
            $($(#[$doc])* $rule,)*
        }

        impl LintRule {
            /// Every rule, in order of the ids.
            pub const ALL: &[Self] = &[$(Self::$rule,)*];

            /// The id, in kebab-case.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$rule => $id,)*
                }
            }
        }
    };
}

rules! {
    /// An action that no resource of its statement fits.
    ActionWithoutResource = "action-without-resource",
    /// A part of an ARN is empty that never is, or filled that always is empty.
    ArnPart = "arn-part",
    /// `Bool` where nothing boolean is compared.
    BoolOnNonBoolean = "bool-on-non-boolean",
    /// Conditions of which no request meets all.
    Contradiction = "contradiction",
    /// `ForAllValues` without a demand that the key is there.
    ForAllValuesOnAbsentKey = "for-all-values-on-absent-key",
    /// An operator that has no wildcards, with a wildcard.
    LiteralWildcard = "literal-wildcard",
    /// A log group named without what AWS appends to it.
    LogGroupWithoutStar = "log-group-without-star",
    /// A key of many values under an operator for one.
    MultivaluedKey = "multivalued-key",
    /// `NotAction` that spares just what should be denied.
    NotActionSpares = "not-action-spares",
    /// `NotResource` that spares just what should be protected.
    NotResourceSpares = "not-resource-spares",
    /// `Null` with something other than `true` and `false`.
    NullWithoutBoolean = "null-without-boolean",
    /// A placeholder that was never filled in.
    Placeholder = "placeholder",
    /// An action that resource control policies have no say in.
    ResourceControlNotCovered = "resource-control-not-covered",
    /// A resource that no action of its statement is authorized on.
    ResourceNeverCarried = "resource-never-carried",
    /// An exemption of service-linked roles, which need none.
    ServiceLinkedRoleExempted = "service-linked-role-exempted",
    /// The ARN of a session, where AWS puts that of its role.
    SessionArn = "session-arn",
    /// An ARN pattern of fewer than six parts.
    ShortArn = "short-arn",
    /// Two exemptions on different keys in one statement, each of which lifts it alone.
    TwoExemptions = "two-exemptions",
    /// No action is called so.
    UnknownAction = "unknown-action",
    /// No condition key is called so.
    UnknownKey = "unknown-key",
    /// No resource of the service has this form.
    UnknownResource = "unknown-resource",
    /// No service is called so.
    UnknownService = "unknown-service",
    /// A variable that AWS does not fill in.
    UnknownVariable = "unknown-variable",
}

impl fmt::Display for LintRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Collects what the rules find.
struct Lints(Vec<Lint>);

impl Lints {
    fn add(&mut self, rule: LintRule, span: Span, reason: impl Into<String>, suggestion: Option<String>) {
        self.0.push(Lint { rule, span, reason: reason.into(), suggestion });
    }
}

/// Everything in a document that cannot do what it seems to, in order of place.
pub fn lint(document: &Document) -> Vec<Lint> {
    let rules: [fn(&Document, &Statement, &mut Lints); 7] =
        [action::lint, carried::lint, condition::lint, exemption::lint, resource::lint, statement::lint, text::lint];
    let mut lints = Lints(Vec::new());
    for statement in &document.statements {
        for rule in rules {
            rule(document, statement, &mut lints);
        }
    }
    lints.0.sort_by_key(|lint| (lint.span, lint.rule));
    lints.0
}

#[cfg(test)]
mod tests;
