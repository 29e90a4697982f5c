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
    pub(crate) fn matches(&self, request: &Request) -> Truth {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;
    use crate::document::Kind;
    use crate::request::Principal;

    const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";

    fn bucket(statements: &str) -> Document {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        Document::parse(Kind::Resource, &text).expect("valid")
    }

    /// The statement of the CloudTrail user guide for log files.
    fn write(condition: &str) -> String {
        format!(
            r#"{{"Sid":"Write","Effect":"Allow","Principal":{{"Service":"cloudtrail.amazonaws.com"}},"Action":"s3:PutObject",
            "Resource":"arn:aws:s3:::logs/AWSLogs/111122223333/*","Condition":{{"StringEquals":{{{condition}}}}}}}"#
        )
    }

    fn delivery(source: &str) -> Request {
        Request {
            principal: Principal::Service("cloudtrail.amazonaws.com".to_owned()),
            action: "s3:PutObject".to_owned(),
            resource: "arn:aws:s3:::logs/AWSLogs/111122223333/CloudTrail/eu-west-1/x.json.gz".to_owned(),
            context: Context::new()
                .with("aws:SourceArn", source)
                .with("s3:x-amz-acl", "bucket-owner-full-control")
                .with("aws:SecureTransport", "true")
                .with("aws:PrincipalIsAWSService", "true"),
        }
    }

    fn pinned() -> String {
        write(&format!(r#""s3:x-amz-acl":"bucket-owner-full-control","aws:SourceArn":"{TRAIL}""#))
    }

    #[test]
    fn a_pinned_bucket_policy_takes_logs_of_its_own_trail_only() {
        let policy = bucket(&pinned());
        match evaluate_resource_policy(&policy, &delivery(TRAIL)) {
            Verdict::Allowed(statement) => assert_eq!(statement.sid.as_deref(), Some("Write")),
            other => panic!("{other:?}"),
        }
        let foreign = delivery("arn:aws:cloudtrail:eu-west-1:444455556666:trail/main");
        assert_eq!(evaluate_resource_policy(&policy, &foreign), Verdict::ImplicitDeny);
    }

    #[test]
    fn a_deny_for_everyone_catches_services_too() {
        let deny = |condition: &str| {
            format!(
                r#"{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::logs/*","Condition":{condition}}}"#
            )
        };
        let insecure = format!("{},{}", pinned(), deny(r#"{"Bool":{"aws:SecureTransport":"false"}}"#));
        assert!(evaluate_resource_policy(&bucket(&insecure), &delivery(TRAIL)).is_allowed());
        let encrypted =
            format!("{},{}", pinned(), deny(r#"{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}"#));
        assert!(matches!(evaluate_resource_policy(&bucket(&encrypted), &delivery(TRAIL)), Verdict::ExplicitDeny(_)));
        let unclear = format!("{},{}", pinned(), deny(r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/99"}}"#));
        assert!(evaluate_resource_policy(&bucket(&unclear), &delivery(TRAIL)).is_allowed(), "the key is absent");
        let mut with_address = delivery(TRAIL);
        with_address.context.set("aws:SourceIp", "10.0.0.1");
        assert!(matches!(evaluate_resource_policy(&bucket(&unclear), &with_address), Verdict::Undecided(_)));
    }

    #[test]
    fn an_account_stands_for_its_principals_and_a_role_for_its_sessions() {
        let allow = |principal: &str| {
            bucket(&format!(
                r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"s3:GetObject","Resource":"*"}}"#
            ))
        };
        let role = "arn:aws:iam::111122223333:role/audit/Reader";
        let request = Request {
            principal: Principal::Aws("arn:aws:sts::111122223333:assumed-role/Reader/me".to_owned()),
            action: "s3:GetObject".to_owned(),
            resource: "arn:aws:s3:::logs/x".to_owned(),
            context: Context::new().with("aws:PrincipalArn", role),
        };
        for principal in [
            "111122223333",
            "arn:aws:iam::111122223333:root",
            role,
            "*",
            "arn:aws:sts::111122223333:assumed-role/Reader/me",
        ] {
            assert!(evaluate_resource_policy(&allow(principal), &request).is_allowed(), "{principal}");
        }
        for principal in
            ["444455556666", "arn:aws:iam::111122223333:role/Reader", "arn:aws:iam::111122223333:user/Reader"]
        {
            assert_eq!(evaluate_resource_policy(&allow(principal), &request), Verdict::ImplicitDeny, "{principal}");
        }
    }

    #[test]
    fn not_principal_spares_the_service_it_names_and_catches_others() {
        let deny = bucket(&format!(
            r#"{},{{"Effect":"Deny","NotPrincipal":{{"Service":"cloudtrail.amazonaws.com"}},"Action":"s3:PutObject","Resource":"*"}}"#,
            pinned()
        ));
        assert!(evaluate_resource_policy(&deny, &delivery(TRAIL)).is_allowed());
        let other = Request { principal: Principal::Service("config.amazonaws.com".to_owned()), ..delivery(TRAIL) };
        assert!(matches!(evaluate_resource_policy(&deny, &other), Verdict::ExplicitDeny(_)));
    }

    #[test]
    fn identity_policies_speak_together() {
        let parse = |text: &str| Document::parse(Kind::Identity, text).expect("valid");
        let stream = "arn:aws:logs:eu-west-1:111122223333:log-group:trail:log-stream:111122223333_CloudTrail_eu-west-1";
        let create = parse(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:CreateLogStream","Resource":"arn:aws:logs:eu-west-1:111122223333:log-group:trail:log-stream:111122223333_CloudTrail_*"}}"#,
        );
        let put =
            parse(r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:Put*","Resource":"*"}}"#);
        let request = |action: &str| Request {
            principal: Principal::Aws("arn:aws:iam::111122223333:role/Delivery".to_owned()),
            action: action.to_owned(),
            resource: stream.to_owned(),
            context: Context::new(),
        };
        let both = [create, put];
        assert!(evaluate_identity_policies(&both, &request("logs:CreateLogStream")).is_allowed());
        assert!(evaluate_identity_policies(&both, &request("logs:PutLogEvents")).is_allowed());
        assert_eq!(evaluate_identity_policies(&both, &request("logs:DeleteLogStream")), Verdict::ImplicitDeny);
    }
}
