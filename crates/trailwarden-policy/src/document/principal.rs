//! `Principal` and `NotPrincipal` of resource and trust policies.

use crate::context::Context;
use crate::request::Principal;
use crate::span::Spanned;
use crate::truth::Truth;

/// The principals of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principals {
    /// True for `NotPrincipal`.
    pub(crate) is_negated: bool,
    /// The entries; one is enough.
    pub(crate) patterns: Vec<Spanned<PrincipalPattern>>,
}

/// The type of a principal entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PrincipalKind {
    /// `"Principal": "*"` or `{"AWS": "*"}`: everyone, AWS services and anonymous callers included.
    Everyone,
    /// An account, role, user or session.
    Aws,
    /// An AWS service.
    Service,
    /// An identity provider.
    Federated,
    /// An S3 canonical user id.
    CanonicalUser,
}

/// One entry of a principal element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrincipalPattern {
    /// Its type.
    pub(crate) kind: PrincipalKind,
    /// Its text.
    pub(crate) text: String,
}

impl PrincipalPattern {
    /// Reads one entry; the error says why AWS would refuse it.
    pub(super) fn parse(kind: PrincipalKind, text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("empty principal".to_owned());
        }
        if text == "*" && matches!(kind, PrincipalKind::Aws | PrincipalKind::Everyone) {
            return Ok(Self { kind: PrincipalKind::Everyone, text: text.to_owned() });
        }
        if text.contains(['*', '?']) {
            return Err(format!("principal {text:?} has a wildcard in a name"));
        }
        Ok(Self { kind, text: text.to_owned() })
    }

    fn matches(&self, principal: &Principal, context: &Context) -> Truth {
        match (self.kind, principal) {
            (PrincipalKind::Everyone, _) => Truth::Yes,
            (PrincipalKind::Aws, Principal::Aws(_)) => self.matches_aws(principal, context).into(),
            (PrincipalKind::Service, Principal::Service(name))
            | (PrincipalKind::Federated, Principal::Federated(name)) => (self.text == *name).into(),
            (PrincipalKind::CanonicalUser, Principal::Aws(_)) => {
                Truth::undecided(format!("whose canonical user id {} is", self.text))
            }
            _ => Truth::No,
        }
    }

    fn matches_aws(&self, principal: &Principal, context: &Context) -> bool {
        let account = principal.account();
        let is_account = account.is_some_and(|account| self.text == account || self.account_root() == Some(account));
        let (arn, identity) = (principal.arn(), principal.identity(context));
        is_account || arn == Some(self.text.as_str()) || identity == Some(self.text.as_str())
    }

    /// The account of `arn:…:iam::ACCOUNT:root`, which stands for all its principals.
    fn account_root(&self) -> Option<&str> {
        let mut parts = self.text.splitn(6, ':').skip(2);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("iam"), Some(""), Some(account), Some("root")) => Some(account),
            _ => None,
        }
    }
}

impl Principals {
    /// Whether the caller is among them.
    ///
    /// `NotPrincipal` spares an AWS principal only when account, role and session are all named, which is seldom so:
    /// such a match is undecided.
    pub(crate) fn contain(&self, principal: &Principal, context: &Context) -> Truth {
        let is_listed = Truth::any(self.patterns.iter().map(|pattern| pattern.value.matches(principal, context)));
        match (self.is_negated, &is_listed, principal) {
            (false, ..) => is_listed,
            (true, Truth::Yes, Principal::Aws(arn)) => Truth::undecided(format!("whether NotPrincipal spares {arn}")),
            (true, ..) => !is_listed,
        }
    }
}
