//! Whether policies deny a request whatever its caller chooses to send with it.

use std::collections::BTreeSet;

use crate::admission::is_settled;
use crate::condition::Condition;
use crate::context::{Context, Values};
use crate::document::{Document, Effect, PrincipalKind, Statement};
use crate::evaluate::StatementRef;
use crate::pattern::{Pattern, witness};
use crate::request::Request;
use crate::truth::Truth;

/// What the Deny statements of some policies do to every request like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// This statement catches it, whatever else the request carries.
    Certain(StatementRef),
    /// It gets past them, with the right choice of what else it carries.
    Escapable,
    /// It depends on something that cannot be understood, for this reason.
    Undecided(String),
}

/// Whether the Deny statements of some policies catch a request whatever the keys have that the request does not settle: the
/// caller chooses them so that a statement misses it.
pub fn refuses<'a>(documents: impl IntoIterator<Item = &'a Document>, request: &Request) -> Refusal {
    let mut undecided = None;
    let mut chosen = BTreeSet::new();
    let statements = documents.into_iter().flat_map(|document| &document.statements);
    for statement in statements.filter(|statement| statement.effect == Effect::Deny) {
        let (open, settled) = statement.conditions.iter().cloned().partition::<Vec<Condition>, _>(|condition| {
            !is_settled(condition, &request.context) && !is_absent(&condition.key, &request.context)
        });
        match (Statement { conditions: settled, ..statement.clone() }.matches(request), open.as_slice()) {
            (Truth::No, _) => {}
            (Truth::Undecided(reason), _) => undecided = undecided.or(Some(reason)),
            (Truth::Yes, []) => return Refusal::Certain(StatementRef::new(statement)),
            // Two statements may leave no value of the same key that both of them miss.
            (Truth::Yes, open) => {
                let keys: BTreeSet<String> = open.iter().map(|condition| condition.key.to_ascii_lowercase()).collect();
                if let Some(shared) = keys.iter().find(|key| chosen.contains(*key)) {
                    let reason = format!("several statements decide by {shared} whether {} is denied", request.action);
                    undecided = undecided.or(Some(reason));
                }
                chosen.extend(keys);
            }
        }
    }
    undecided.map_or(Refusal::Escapable, Refusal::Undecided)
}

/// True when a request without TLS lacks the key, which only its version of TLS could give it.
fn is_absent(key: &str, context: &Context) -> bool {
    let is_plain = matches!(context.get("aws:SecureTransport"), Some(Values::One(value)) if value == "false");
    is_plain && key.eq_ignore_ascii_case("s3:TlsVersion")
}

/// Callers that the policies tell apart, by ARN: those their principals name, and of an account those that conditions on
/// `aws:PrincipalArn` speak of. Accounts stand for themselves, as twelve digits.
pub fn callers_named<'a>(
    documents: impl IntoIterator<Item = &'a Document>,
    partition: &str,
    account: &str,
) -> BTreeSet<String> {
    let own = Pattern::parse(&format!("arn:{partition}:iam::{account}:?*"));
    let mut callers = BTreeSet::new();
    for statement in documents.into_iter().flat_map(|document| &document.statements) {
        let principals = statement.principals.iter().flat_map(|principals| &principals.patterns);
        let named = principals.map(|pattern| &pattern.value).filter(|pattern| pattern.kind == PrincipalKind::Aws);
        callers.extend(named.map(|pattern| pattern.text.clone()));
        let conditions = statement.conditions.iter();
        let on_caller = conditions.filter(|condition| condition.key.eq_ignore_ascii_case("aws:PrincipalArn"));
        let texts = on_caller.flat_map(|condition| &condition.values).map(|value| value.value.source());
        callers.extend(texts.filter_map(|text| witness(&[&own, &Pattern::parse(text)], &[]).ok().flatten()));
    }
    callers.retain(|caller| !caller.contains(['*', '?', '$']));
    callers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Kind;
    use crate::request::Principal;

    const ROLE: &str = "arn:aws:iam::111122223333:role/reader";

    fn document(statements: &str) -> Document {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        Document::parse(Kind::Resource, &text).expect("valid")
    }

    fn deny(condition: &str) -> String {
        format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::logs/*","Condition":{{{condition}}}}}"#
        )
    }

    fn read() -> Request {
        Request {
            principal: Principal::Aws(ROLE.to_owned()),
            action: "s3:GetObject".to_owned(),
            resource: "arn:aws:s3:::logs/a".to_owned(),
            context: Context::new()
                .with("aws:SecureTransport", "false")
                .with("aws:PrincipalArn", ROLE)
                .with("aws:PrincipalIsAWSService", "false"),
        }
    }

    fn refusal(statements: &str) -> Refusal {
        refuses([&document(statements)], &read())
    }

    const PLAIN: &str = r#""Bool":{"aws:SecureTransport":"false"}"#;

    #[test]
    fn a_deny_of_plain_requests_is_certain_whatever_its_spelling() {
        for condition in [
            PLAIN,
            r#""BoolIfExists":{"AWS:securetransport":"FALSE"}"#,
            r#""StringNotEquals":{"aws:SecureTransport":"true"}"#,
            r#""NumericLessThanIfExists":{"s3:TlsVersion":"1.2"}"#,
            r#""Null":{"s3:TlsVersion":"true"}"#,
        ] {
            assert!(matches!(refusal(&deny(condition)), Refusal::Certain(_)), "{condition}");
        }
        assert_eq!(refusal(&deny(r#""NumericLessThan":{"s3:TlsVersion":"1.2"}"#)), Refusal::Escapable);
    }

    #[test]
    fn what_the_caller_chooses_lets_it_escape() {
        let elsewhere = r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#;
        assert_eq!(refusal(&deny(&format!("{PLAIN},{elsewhere}"))), Refusal::Escapable);
        let encrypted = r#""StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}"#;
        assert_eq!(refusal(&format!("{},{}", deny(elsewhere), deny(encrypted))), Refusal::Escapable);
    }

    #[test]
    fn two_statements_on_one_key_may_leave_no_way() {
        let inside = deny(r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#);
        let outside = deny(r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#);
        assert!(matches!(refusal(&format!("{inside},{outside}")), Refusal::Undecided(_)));
        assert!(matches!(refusal(&format!("{inside},{outside},{}", deny(PLAIN))), Refusal::Certain(_)));
    }

    #[test]
    fn callers_are_named_by_principals_and_conditions() {
        let policy = document(&format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":["{ROLE}","444455556666"]}},"Action":"s3:*","Resource":"*"}},{}"#,
            deny(
                r#""ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:user/admin","arn:aws:iam::999999999999:role/x"]}"#
            )
        ));
        let named = callers_named([&policy], "aws", "111122223333");
        let expected = [ROLE, "444455556666", "arn:aws:iam::111122223333:user/admin"];
        assert_eq!(named, expected.iter().map(|&name| name.to_owned()).collect());
    }
}
