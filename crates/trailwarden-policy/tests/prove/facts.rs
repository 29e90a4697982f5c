//! What AWS puts into a call: a value wrongly taken for fixed is a wrong proof, one wrongly taken for free a counterexample that
//! cannot happen.

use trailwarden_policy::{Answer, LEAVE_ORGANIZATION};

use super::{TRAIL, ask, assert_denied, chain, deny, deny_unless, one, opened, stop};

const BUCKET: &str = "arn:aws:s3:::acme-trail";

/// A Deny of everything unless a condition holds.
fn deny_all_unless(operator: &str, key: &str, value: &str) -> String {
    deny_unless(operator, key, value).replace("cloudtrail:StopLogging", "*")
}

#[test]
fn s3_takes_plain_http_and_cloudtrail_does_not() {
    let over_tls = chain(&deny_all_unless("Bool", "aws:SecureTransport", r#""true""#));
    let found = opened(ask(&over_tls, "s3:DeleteBucket", BUCKET, &[]));
    assert_eq!(one(&found, "aws:SecureTransport").as_deref(), Some("false"));
    opened(ask(&over_tls, "cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:trail", &[]));
    assert_denied(&ask(&over_tls, "cloudtrail:StopLogging", TRAIL, &[]));
    let either = chain(&deny_all_unless("Bool", "aws:SecureTransport", r#"["true","false"]"#));
    assert_denied(&ask(&either, "s3:DeleteBucket", BUCKET, &[]));
}

#[test]
fn iam_and_organizations_answer_in_one_region() {
    let elsewhere = chain(&deny_all_unless("StringNotEquals", "aws:RequestedRegion", r#""eu-west-1""#));
    let role = "arn:aws:iam::111122223333:role/CloudTrailDelivery";
    assert_denied(&ask(&elsewhere, "iam:DeleteRole", role, &[]));
    assert_denied(&ask(&elsewhere, &LEAVE_ORGANIZATION.to_uppercase(), "*", &[]));
    opened(ask(&elsewhere, "s3:DeleteBucket", BUCKET, &[]));
    let there = chain(&deny_all_unless("StringNotEquals", "aws:RequestedRegion", r#""us-east-1""#));
    opened(ask(&there, "iam:DeleteRole", role, &[]));
}

#[test]
fn only_a_role_session_comes_from_an_instance() {
    let instance = r#""arn:aws:ec2:eu-west-1:111122223333:instance/i-1""#;
    let statement = deny_unless("ArnNotEquals", "ec2:SourceInstanceARN", instance);
    assert!(opened(stop(&statement, &[])).request.principal.to_string().contains(":role/"));
    assert_denied(&stop(&statement, &["arn:aws:iam::*:role/*"]));
}

#[test]
fn an_endpoint_of_an_organization_may_have_several_paths() {
    let statements = [
        deny(r#","Condition":{"Null":{"aws:VpceOrgPaths":"true"}}"#),
        deny_unless("ForAllValues:StringLike", "aws:VpceOrgPaths", r#""o-a1b2c3d4e5/*""#),
        deny_unless("ForAllValues:StringNotLike", "aws:VpceOrgPaths", r#""o-a1b2c3d4e5/*""#),
    ];
    opened(stop(&statements.join(","), &[]));
}

#[test]
fn nobody_gets_through_by_a_key_that_aws_does_not_have() {
    let misspelt = deny_unless("ArnNotLike", "aws:PrincipleArn", r#""arn:aws:iam::*:role/Guardian""#);
    let Answer::Undecided(reason) = stop(&misspelt, &[]) else { panic!("a key may be newer than what is known") };
    assert!(reason.contains("aws:PrincipleArn"), "{reason}");
    assert_denied(&stop(&format!("{misspelt},{}", deny("")), &[]));
    // It is absent, as far as is known.
    opened(stop(&deny_unless("ArnLike", "aws:PrincipleArn", r#""arn:aws:iam::*:role/Guardian""#), &[]));
}
