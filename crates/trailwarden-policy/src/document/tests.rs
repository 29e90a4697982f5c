//! What is read and what is refused.

use super::*;
use crate::truth::Truth;

fn scp(statement: &str) -> Result<Document, Malformed> {
    Document::parse(Kind::ServiceControl, &format!("{{\"Version\":\"2012-10-17\",\n\"Statement\":[{statement}]}}"))
}

fn reason(found: Result<Document, Malformed>) -> String {
    found.expect_err("AWS would refuse it").to_string()
}

#[test]
fn every_element_may_be_alone_or_in_a_list() {
    let alone = scp(r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#).expect("valid");
    let listed = scp(r#"{"Effect":"Deny","Action":["s3:*"],"Resource":["*"]}"#).expect("valid");
    assert_eq!(alone.statements[0].actions.patterns[0].value, listed.statements[0].actions.patterns[0].value);
    let bare = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","NotResource":"*"}}"#;
    let bare = Document::parse(Kind::ServiceControl, bare).expect("valid");
    assert!(bare.statements[0].actions.is_negated);
}

#[test]
fn a_statement_points_at_its_place() {
    let found = scp(r#"{"Sid":"Guard","Effect":"Deny","Action":"s3:*","Resource":"*"}"#).expect("valid");
    assert_eq!(found.statements[0].span.to_string(), "line 2, column 14");
    assert_eq!(found.statements[0].sid.as_deref(), Some("Guard"));
    let broken = scp(r#"{"Effect":"Dney","Action":"s3:*","Resource":"*"}"#);
    assert_eq!(
        reason(broken),
        r#"malformed policy document at line 2, column 24: Effect "Dney" is neither Allow nor Deny"#
    );
}

#[test]
fn what_aws_refuses_is_malformed_with_the_reason() {
    let refused = [
        (r#"{"Effect":"deny","Action":"s3:*","Resource":"*"}"#, "neither Allow nor Deny"),
        (r#"{"Action":"s3:*","Resource":"*"}"#, "no Effect"),
        (r#"{"Effect":"Deny","Resource":"*"}"#, "neither Action nor NotAction"),
        (r#"{"Effect":"Deny","Action":"s3:*"}"#, "neither Resource nor NotResource"),
        (r#"{"Effect":"Deny","Action":"s3:*","NotAction":"iam:*","Resource":"*"}"#, "both Action and NotAction"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","NotResource":"*"}"#, "both Resource and NotResource"),
        (r#"{"Effect":"Deny","Action":"*:Stop*","Resource":"*"}"#, "wildcard in the service"),
        (r#"{"Effect":"Deny","Action":"StopLogging","Resource":"*"}"#, "names no service"),
        (r#"{"Effect":"Deny","Action":[],"Resource":"*"}"#, "empty Action"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"my-bucket"}"#, "neither an ARN nor"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":""}"#, "neither an ARN nor"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"ARN:aws:s3:::b"}"#, "neither an ARN nor"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn::s3:::b"}"#, "names no partition"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws"}"#, "names no service"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:*:::b"}"#, "wildcard in the service"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:${aws:x}:::b"}"#, "wildcard in the service"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3::b"}"#, "fewer than six parts"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:${aws:a}"}"#, "fewer than six parts"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":null}"#, "Resource is not a string"),
        (r#"{"Effect":"Deny","Action":"s3:Get Object","Resource":"*"}"#, "no valid name"),
        (r#"{"Effect":"Deny","Action":"s3:a:b","Resource":"*"}"#, "no valid name"),
        (r#"{"Effect":"Deny","Action":["s3:*",7],"Resource":"*"}"#, "Action is not a string"),
        (r#"{"Effect":"Deny","action":"s3:*","Resource":"*"}"#, "unknown element \"action\""),
        (r#"{"Sid":"a-b","Effect":"Deny","Action":"s3:*","Resource":"*"}"#, "more than letters and digits"),
        (r#"{"Sid":7,"Effect":"Deny","Action":"s3:*","Resource":"*"}"#, "Sid is not a string"),
        (
            r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"soon"}}}"#,
            "not a date",
        ),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":null}"#, "Condition is not an object"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":["a:b"]}}"#, "not an object"),
        (
            r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a:b":{"c":"d"}}}}"#,
            "condition value",
        ),
        (
            r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"NullIfExists":{"a:b":"true"}}}"#,
            "unknown condition",
        ),
        (r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#, "Principal"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Note":"x"}"#, "unknown element \"Note\""),
        (r#"{"Effect":"Deny","Effect":"Deny","Action":"s3:*","Resource":"*"}"#, "duplicate key"),
        (
            r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringIs":{"a:b":"c"}}}"#,
            "unknown condition operator",
        ),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a:b":null}}}"#, "condition value"),
    ];
    for (statement, wanted) in refused {
        let found = reason(scp(statement));
        assert!(found.contains(wanted), "{statement}: {found}");
    }
}

#[test]
fn what_aws_accepts_is_read() {
    let accepted = [
        r#"{"Sid":"","Effect":"Deny","Action":"s3:*","Resource":["arn:aws:s3:*","arn:*:s3:::b","*"]}"#,
        r#"{"Effect":"Deny","Action":["*","S3:Put*Object?"],"Resource":"arn:aws:s3:::${aws:username, 'a:b'}/*"}"#,
        r#"{"Effect":"Allow","NotAction":"iam:*","NotResource":"*","Condition":{}}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a:b":true},"NumericEquals":{"a:c":[1,"2"]}}}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":["2026","2026-11-20T10:00Z",7]}}}"#,
    ];
    for statement in accepted {
        assert!(scp(statement).is_ok(), "{statement}: {}", reason(scp(statement)));
    }
}

#[test]
fn the_text_around_the_document_is_no_part_of_it() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
    let parse = |text: &str| Document::parse(Kind::ServiceControl, text);
    assert!(parse(&format!("\r\n\t {text} \n")).is_ok());
    for text in [format!("\u{feff}{text}"), format!("{text},"), format!("{text}{text}"), format!("// why\n{text}")] {
        assert!(parse(&text).is_err(), "{text:?}");
    }
}

#[test]
fn not_principal_goes_with_deny_in_resource_policies_only() {
    let statement = |kind: Kind, effect: &str, resource: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Sid":"a b","Effect":"{effect}","NotPrincipal":{{"AWS":"111122223333"}},"Action":"s3:GetObject"{resource}}}}}"#
        );
        Document::parse(kind, &text)
    };
    let resource = r#","Resource":"*""#;
    assert!(statement(Kind::Resource, "Deny", resource).is_ok());
    assert!(reason(statement(Kind::Resource, "Allow", resource)).contains("NotPrincipal with Allow"));
    assert!(reason(statement(Kind::Trust, "Deny", "")).contains("NotPrincipal in a trust policy"));
}

#[test]
fn an_scp_has_the_version_of_2012_and_others_may_be_older() {
    let text =
        |version: &str| format!(r#"{{{version}"Statement":{{"Effect":"Deny","Action":"s3:*","Resource":"*"}}}}"#);
    assert!(reason(Document::parse(Kind::ServiceControl, &text(""))).contains("no Version"));
    assert!(reason(Document::parse(Kind::ServiceControl, &text(r#""Version":"2008-10-17","#))).contains("2008-10-17"));
    assert!(Document::parse(Kind::Identity, &text("")).is_ok());
}

#[test]
fn sids_of_an_scp_are_unique() {
    let twice = r#"{"Sid":"A","Effect":"Deny","Action":"s3:*","Resource":"*"}"#;
    assert!(reason(scp(&format!("{twice},{twice}"))).contains("two statements with the Sid"));
}

#[test]
fn a_principal_names_its_type_and_a_trust_policy_no_resource() {
    let trust = |principal: &str, more: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"{more}}}}}"#
        );
        Document::parse(Kind::Trust, &text)
    };
    assert!(trust(r#"{"Service":["a.amazonaws.com","b.amazonaws.com"],"AWS":"111122223333"}"#, "").is_ok());
    assert!(reason(trust(r#""111122223333""#, "")).contains("has no type"));
    assert!(reason(trust(r#"{"AWS":"arn:aws:iam::111122223333:role/*"}"#, "")).contains("wildcard"));
    assert!(reason(trust(r#""*""#, r#","Resource":"*""#)).contains("Resource in a trust policy"));
}

fn rcp(statement: &str) -> Result<Document, Malformed> {
    Document::parse(Kind::ResourceControl, &format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#))
}

#[test]
fn a_resource_control_policy_denies_everyone_named_actions() {
    let perimeter = r#"{"Sid":"Perimeter","Effect":"Deny","Principal":"*","Action":["s3:*","kms:Decrypt"],"NotResource":"arn:aws:s3:::public/*",
        "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}"#;
    assert!(rcp(perimeter).is_ok());
    assert!(rcp(r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#).is_ok(), "RCPFullAWSAccess");
    let refused = [
        (r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#, "Allow in a resource control policy"),
        (
            r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#,
            "action \"*\" in a resource control policy",
        ),
        (
            r#"{"Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*"}"#,
            "NotAction in a resource control policy",
        ),
        (r#"{"Effect":"Deny","NotPrincipal":"*","Action":"s3:*","Resource":"*"}"#, "NotPrincipal"),
        (r#"{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*"}"#, "a Principal other than"),
        (r#"{"Effect":"Deny","Principal":["*"],"Action":"s3:*","Resource":"*"}"#, "a Principal other than"),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#, "no Principal"),
        (r#"{"Effect":"Deny","Principal":"*","Action":"s3:*"}"#, "neither Resource nor NotResource"),
    ];
    for (statement, wanted) in refused {
        let found = reason(rcp(statement));
        assert!(found.contains(wanted), "{statement}: {found}");
    }
}

#[test]
fn a_resource_control_policy_reaches_the_services_it_covers() {
    let policy =
        rcp(r#"{"Effect":"Deny","Principal":"*","Action":["s3:*","cloudtrail:*","kms:*","events:*"],"Resource":"*"}"#);
    let actions = &policy.expect("valid").statements[0].actions;
    assert_eq!(actions.contain("S3:PutObject"), Truth::Yes);
    assert_eq!(actions.contain("cloudtrail:StopLogging"), Truth::No);
    assert_eq!(actions.contain("kms:RetireGrant"), Truth::No);
    assert_eq!(actions.contain("events:DisableRule"), Truth::No);
}
