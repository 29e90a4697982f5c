//! Policy documents: statements with effect, principals, actions, resources and conditions, each with its place.

mod action;
mod parse;
mod principal;
mod resource;
mod resource_control;

pub(crate) use action::{ActionPattern, Actions};
pub(crate) use principal::{PrincipalKind, PrincipalPattern, Principals};
pub(crate) use resource::{ResourcePattern, Resources};
pub(crate) use resource_control::covered_by_resource_control;

use crate::condition::Condition;
use crate::span::{Malformed, Span};

/// What a document is attached to, which decides the elements it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A service control policy: no principal, version 2012-10-17.
    ServiceControl,
    /// A resource control policy: principal `*`, Deny only (but for what AWS attaches itself), version 2012-10-17.
    ResourceControl,
    /// A bucket, key or topic policy: principal and resource.
    Resource,
    /// The trust policy of a role: principal, no resource.
    Trust,
    /// A policy of a role or user: no principal.
    Identity,
}

impl Kind {
    /// True for the policies that AWS Organizations attaches.
    pub(crate) fn is_of_organization(self) -> bool {
        matches!(self, Self::ServiceControl | Self::ResourceControl)
    }

    /// True where a `Sid` holds letters and digits only, and is unique (IAM user guide, Sid).
    fn has_plain_sids(self) -> bool {
        self.is_of_organization() || self == Self::Identity
    }
}

/// `Allow` or `Deny`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// The statement allows.
    Allow,
    /// The statement denies, whatever others allow.
    Deny,
}

/// A policy document that AWS would accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is attached to.
    pub kind: Kind,
    /// The statements in order.
    pub(crate) statements: Vec<Statement>,
}

impl Document {
    /// Reads a document in the IAM grammar. What AWS would refuse is [`Malformed`], with the reason and the place.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, Malformed> {
        parse::document(kind, text)
    }

    /// How many statements it has.
    pub fn n_statements(&self) -> usize {
        self.statements.len()
    }
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Its position in the document, counted from 0.
    pub(crate) index: usize,
    /// Its `Sid`.
    pub(crate) sid: Option<String>,
    /// Allow or deny.
    pub(crate) effect: Effect,
    /// Whom it speaks of; none in SCPs and identity policies.
    pub(crate) principals: Option<Principals>,
    /// What it speaks of doing.
    pub(crate) actions: Actions,
    /// On what; none in trust policies.
    pub(crate) resources: Option<Resources>,
    /// Under which conditions.
    pub(crate) conditions: Vec<Condition>,
    /// Its place.
    pub(crate) span: Span,
}

impl Statement {
    /// True for the statement of `FullAWSAccess` and `RCPFullAWSAccess`, and others that say the same.
    pub(crate) fn allows_everything(&self) -> bool {
        let all_actions = || self.actions.patterns.iter().all(|pattern| pattern.value.text() == "*");
        let all_resources = |resources: &Resources| {
            !resources.is_negated && resources.patterns.iter().all(|pattern| pattern.value.template().source() == "*")
        };
        self.effect == Effect::Allow
            && !self.actions.is_negated
            && all_actions()
            && self.resources.as_ref().is_some_and(all_resources)
            && self.conditions.is_empty()
    }
}

#[cfg(test)]
mod tests;
