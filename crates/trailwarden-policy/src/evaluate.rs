//! What one policy, or the policies of one identity, say about a request.

use std::fmt;

use crate::document::{Document, Effect, Statement};
use crate::request::Request;
use crate::span::Span;
use crate::truth::Truth;

/// Names a statement of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatementRef {
    /// Position in the document, counted from 0.
    pub index: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Its place.
    pub span: Span,
}

impl StatementRef {
    pub(crate) fn new(statement: &Statement) -> Self {
        Self { index: statement.index, sid: statement.sid.clone(), span: statement.span }
    }
}

impl fmt::Display for StatementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sid {
            Some(sid) => write!(f, "statement {sid:?} ({})", self.span),
            None => write!(f, "statement {} ({})", self.index + 1, self.span),
        }
    }
}

/// What policies say about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This statement allows and none denies.
    Allowed(StatementRef),
    /// This statement denies.
    ExplicitDeny(StatementRef),
    /// No statement allows. A statement that might deny makes no difference then.
    ImplicitDeny,
    /// It depends on something that cannot be understood, for this reason.
    Undecided(String),
}

impl Verdict {
    /// True only for [`Verdict::Allowed`].
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

impl Statement {
    /// Whether the statement speaks of the request, whatever its effect.
    pub fn matches(&self, request: &Request) -> Truth {
        let actions = self.actions.contain(&request.action);
        if actions.is_no() {
            return actions;
        }
        let context = &request.context;
        let principals = self.principals.iter().map(|principals| principals.contain(&request.principal, context));
        let resources = self.resources.iter().map(|resources| resources.contain(&request.resource, context));
        let conditions = self.conditions.iter().map(|condition| condition.holds(context));
        Truth::all(std::iter::once(actions).chain(principals).chain(resources).chain(conditions))
    }
}

/// What a bucket, key or trust policy says about a request.
///
/// `Allowed` by a statement that names a whole account means that the account may delegate; its own identity policies still
/// have a say. For service principals it is the whole answer.
pub fn evaluate_resource_policy(document: &Document, request: &Request) -> Verdict {
    evaluate(document.statements.iter(), request)
}

/// What the policies of one role or user say together.
pub fn evaluate_identity_policies(documents: &[Document], request: &Request) -> Verdict {
    evaluate(documents.iter().flat_map(|document| &document.statements), request)
}

fn evaluate<'a>(statements: impl Iterator<Item = &'a Statement> + Clone, request: &Request) -> Verdict {
    let deny = decide(statements.clone(), Effect::Deny, request);
    let allow = decide(statements, Effect::Allow, request);
    match (deny, allow) {
        (Found::Statement(statement), _) => Verdict::ExplicitDeny(StatementRef::new(statement)),
        (_, Found::Nothing) => Verdict::ImplicitDeny,
        (Found::Undecided(reason), _) | (Found::Nothing, Found::Undecided(reason)) => Verdict::Undecided(reason),
        (Found::Nothing, Found::Statement(statement)) => Verdict::Allowed(StatementRef::new(statement)),
    }
}

/// What a search for a matching statement of one effect came to.
pub(crate) enum Found<'a> {
    Statement(&'a Statement),
    Undecided(String),
    Nothing,
}

/// The first statement of this effect that matches for certain; else the reason why one might.
pub(crate) fn decide<'a>(
    statements: impl Iterator<Item = &'a Statement>,
    effect: Effect,
    request: &Request,
) -> Found<'a> {
    let mut found = Found::Nothing;
    for statement in statements.filter(|statement| statement.effect == effect) {
        match statement.matches(request) {
            Truth::Yes => return Found::Statement(statement),
            Truth::Undecided(reason) if matches!(found, Found::Nothing) => found = Found::Undecided(reason),
            Truth::Undecided(_) | Truth::No => {}
        }
    }
    found
}
