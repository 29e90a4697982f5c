//! A composed set with a hole in it does not pass.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::chain::{AttachedPolicy, Chain, ChainNode};
use crate::compose::{Limits, Owner, Resource, ResourceKind, compose, promised};
use crate::document::Document;

const ARCHIVE: &str = "222233334444";
const GUARDIAN: &str = "arn:aws:iam::*:role/TrailAdministrator";

fn guarded() -> Guarded {
    let account = |id: &str| id.parse().expect("an account id");
    let bucket = Resource { kind: ResourceKind::Bucket, arn: "arn:aws:s3:::acme-trail".to_owned() };
    Guarded {
        partition: "aws".to_owned(),
        organization: "o-a1b2c3d4e5".to_owned(),
        management_account: account("999988887777"),
        members: [account(ARCHIVE)].into(),
        trails: ["arn:aws:cloudtrail:eu-west-1:999988887777:trail/org".parse().expect("an ARN")].into(),
        resources: [(bucket, Owner::Account(account(ARCHIVE)))].into(),
        unread: BTreeMap::new(),
        exceptions: [GUARDIAN.to_owned()].into(),
    }
}

/// What becomes of the strict profile when a text of its policies is replaced by another.
fn with(written: &str, instead: &str) -> Result<usize, ComposeError> {
    let guarded = guarded();
    let mut policies = compose(Profile::Strict, &guarded, Limits::default()).expect("composed").policies;
    assert!(policies.iter().any(|policy| policy.text.contains(written)), "{written} is nowhere");
    for policy in &mut policies {
        policy.text = policy.text.replace(written, instead);
    }
    let exceptions = Exceptions::new(&guarded.exceptions, &guarded.partition).expect("expressible");
    check(Profile::Strict, &guarded, &exceptions, &policies)
}

#[test]
fn an_unchanged_set_is_proved() {
    assert!(with("acme-trail", "acme-trail").is_ok_and(|n_proved| n_proved > 0));
}

#[test]
fn a_hole_is_found_and_named() {
    for (written, instead, action, account) in [
        (r#""cloudtrail:UpdateTrail""#, r#""cloudtrail:UpdateTrial""#, "cloudtrail:UpdateTrail", "000000000001"),
        (
            r#""Resource":"arn:aws:s3:::acme-trail/*""#,
            r#""Resource":"arn:aws:s3:::acme-trail""#,
            "s3:BypassGovernanceRetention",
            ARCHIVE,
        ),
        (
            r#""organizations:LeaveOrganization","Resource":"*""#,
            r#""organizations:LeaveOrganization","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/TrailAdministrator"}}"#,
            "organizations:LeaveOrganization",
            "000000000001",
        ),
        ("role/TrailAdministrator", "role/Trail*", "", ""),
        (r#"role/TrailAdministrator"}"#, r#"role/Trailadministrator"}"#, "", ""),
        ("ArnNotLike", "ArnLike", "", ""),
    ] {
        let outcome = with(written, instead);
        let Err(ComposeError::NotProved { action: found, account: place, .. }) = &outcome else {
            panic!("{instead} passes: {outcome:?}");
        };
        assert!(action.is_empty() || (found.as_str(), place.as_str()) == (action, account), "{outcome:?}");
    }
}

#[test]
fn a_lock_without_a_key_is_refused() {
    // A star is literal for this operator: nobody is spared.
    assert!(matches!(with("ArnNotLike", "StringNotEquals"), Err(ComposeError::NotSpared { .. })));
}

#[test]
fn a_document_that_aws_refuses_is_no_policy() {
    assert!(matches!(with(r#""Effect":"Deny""#, r#""Effect":"deny""#), Err(ComposeError::Malformed { .. })));
}

/// How many of the promised calls of the minimal profile get past a policy that denies all of CloudTrail on a resource.
fn n_open(resource: &str) -> usize {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","Action":"cloudtrail:*","Resource":"{resource}"}}]}}"#
    );
    let document = Document::parse(Kind::ServiceControl, &text);
    let policies = vec![Arc::new(AttachedPolicy { id: "p-x".to_owned(), name: "x".to_owned(), document })];
    let node = ChainNode { id: "r-x".to_owned(), kind: Kind::ServiceControl, policies, gaps: Vec::new() };
    let chain = Chain { account: ARCHIVE.to_owned(), organization: None, unbound: None, nodes: vec![Arc::new(node)] };
    let promise = promised(Profile::Minimal, &guarded(), &chain).expect("promised");
    let calls = &promise.but_exceptions;
    assert!(!calls.is_empty());
    let answers = prove(&Question { chain: &chain, partition: "aws", calls, exceptions: &[] });
    answers.iter().filter(|answer| !answer.is_denied()).count()
}

#[test]
fn a_guard_of_some_trails_is_not_taken_for_one_of_all() {
    assert_eq!(n_open("*"), 0);
    assert_eq!(n_open("arn:aws:cloudtrail:*:*:trail/*"), 0);
    for some in ["eu-west-1:*:trail/*", "us-east-1:*:trail/*", "*:*:trail/any-trail", "*:*:trail/any*", "*:*:trail/org"]
    {
        assert!(n_open(&format!("arn:aws:cloudtrail:{some}")) > 0, "{some}");
    }
}
