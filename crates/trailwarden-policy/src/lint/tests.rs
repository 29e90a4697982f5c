//! Every rule finds what it is for, and leaves well-made statements alone.

use std::collections::BTreeSet;

use super::*;
use crate::document::Kind;

fn found(kind: Kind, statement: &str) -> Vec<Lint> {
    let text = format!("{{\"Version\":\"2012-10-17\",\n\"Statement\":[{statement}]}}");
    match Document::parse(kind, &text) {
        Ok(document) => lint(&document),
        Err(malformed) => panic!("{statement}: {malformed}"),
    }
}

fn scp(statement: &str) -> Vec<Lint> {
    found(Kind::ServiceControl, statement)
}

fn deny(action: &str, resource: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Deny","Action":{action},"Resource":{resource},"Condition":{{{condition}}}}}"#)
}

/// What each rule finds: a statement, and a piece of the reason or the suggestion.
fn cases() -> Vec<(LintRule, String, &'static str)> {
    let on_all = |condition: &str| deny(r#""s3:*""#, r#""*""#, condition);
    let on = |action: &str, resource: &str| deny(&format!("\"{action}\""), &format!("\"{resource}\""), "");
    vec![
        (LintRule::UnknownService, on("clodtrail:StopLogging", "*"), "cloudtrail:StopLogging"),
        (LintRule::UnknownAction, on("cloudtrail:StopLoging", "*"), "cloudtrail:StopLogging"),
        (LintRule::UnknownAction, on("s3:Delete*PublicAccessBlock", "*"), "no action of s3 matches"),
        (LintRule::ArnPart, on("cloudtrail:*", "arn:aws:cloudtrail:::trail/*"), "arn:aws:cloudtrail:*:*:trail/*"),
        (LintRule::ArnPart, on("logs:*", "arn:aws:logs:::log-group:*"), "an empty region and an empty account"),
        (LintRule::ArnPart, on("s3:*", "arn:aws:s3::111122223333:logs"), "arn:aws:s3:::logs"),
        (LintRule::ArnPart, on("iam:*", "arn:aws:iam:eu-west-1:111122223333:role/x"), "has a region"),
        (LintRule::UnknownResource, on("cloudtrail:*", "arn:aws:cloudtrail:*:*:trails/*"), "no resource of cloudtrail"),
        (LintRule::ShortArn, on("s3:*", "arn:aws:s3:*"), "fewer than the six parts"),
        (LintRule::ShortArn, on("logs:*", "arn:aws:logs:*:log-group:x:*"), "arn:aws:logs:*:*:log-group:x:*"),
        (LintRule::ResourceNeverCarried, on("cloudtrail:StopLogging", "arn:aws:s3:::logs"), "authorized on"),
        (LintRule::ResourceNeverCarried, on("s3:DeleteObject", "arn:aws:s3:::logs"), "arn:aws:s3:::logs/*"),
        (LintRule::ResourceNeverCarried, on("s3:PutBucketPolicy", "arn:aws:s3:::logs/*"), "arn:aws:s3:::logs"),
        (
            LintRule::ActionWithoutResource,
            deny(
                r#"["organizations:LeaveOrganization","cloudtrail:StopLogging"]"#,
                r#""arn:aws:cloudtrail:*:*:trail/main""#,
                "",
            ),
            "organizations:LeaveOrganization is authorized on no resource",
        ),
        (
            LintRule::LogGroupWithoutStar,
            on("logs:DeleteLogGroup", "arn:aws:logs:*:*:log-group:trail"),
            "arn:aws:logs:*:*:log-group:trail:*",
        ),
        (
            LintRule::LiteralWildcard,
            on_all(r#""StringNotEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/Guard"}"#),
            "ArnNotLike",
        ),
        (LintRule::LiteralWildcard, on_all(r#""StringEquals":{"aws:PrincipalTag/team":"guard-*"}"#), "StringLike"),
        (LintRule::UnknownKey, on_all(r#""StringLike":{"aws:PrincipleArn":"x"}"#), "aws:PrincipalArn"),
        (
            LintRule::UnknownKey,
            on_all(r#""StringLike":{"s3:x-amz-server-side-encription":"x"}"#),
            "s3:x-amz-server-side-encryption",
        ),
        (LintRule::UnknownKey, on_all(r#""StringLike":{"principalArn":"x"}"#), "aws:PrincipalArn"),
        (LintRule::BoolOnNonBoolean, on_all(r#""Bool":{"s3:x-amz-server-side-encryption":"false"}"#), "no boolean"),
        (LintRule::BoolOnNonBoolean, on_all(r#""Bool":{"aws:SecureTransport":"no"}"#), "never met by"),
        (LintRule::NullWithoutBoolean, on_all(r#""Null":{"aws:SourceVpc":"yes"}"#), "true or false"),
        (LintRule::MultivaluedKey, on_all(r#""StringEquals":{"aws:TagKeys":"owner"}"#), "ForAnyValue:StringEquals"),
        (
            LintRule::ForAllValuesOnAbsentKey,
            on_all(r#""ForAllValues:StringEquals":{"aws:TagKeys":"owner"}"#),
            "\"Null\": {\"aws:TagKeys\": \"false\"}",
        ),
        (
            LintRule::Contradiction,
            on_all(r#""Null":{"aws:RequestedRegion":"true"},"StringEquals":{"aws:RequestedRegion":"eu-west-1"}"#),
            "must be absent",
        ),
        (
            LintRule::Contradiction,
            on_all(
                r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/A*"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}"#,
            ),
            "no value of aws:PrincipalArn",
        ),
        (
            LintRule::Contradiction,
            on_all(
                r#""StringEquals":{"aws:RequestedRegion":"eu-west-1"},"StringNotLike":{"aws:RequestedRegion":"eu-*"}"#,
            ),
            "never matches",
        ),
        (
            LintRule::ServiceLinkedRoleExempted,
            on_all(r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/AWSServiceRoleForConfig"}"#),
            "whoever takes the name",
        ),
        (
            LintRule::SessionArn,
            on_all(r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:sts::*:assumed-role/Guard/*"}"#),
            "arn:aws:iam::*:role/Guard",
        ),
        (
            LintRule::TwoExemptions,
            on_all(
                r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/A"},"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}"#,
            ),
            "each lift the Deny alone",
        ),
        (
            LintRule::NotActionSpares,
            r#"{"Effect":"Deny","NotAction":["cloudtrail:StopLogging","cloudtrail:Delete*"],"Resource":"*"}"#
                .to_owned(),
            "everything but cloudtrail:StopLogging",
        ),
        (
            LintRule::NotResourceSpares,
            r#"{"Effect":"Deny","Action":"cloudtrail:Stop*","NotResource":"arn:aws:cloudtrail:*:*:trail/main"}"#
                .to_owned(),
            "protects everything but",
        ),
        (LintRule::Placeholder, on("s3:*", "arn:aws:s3:::${Bucket}/*"), "${Bucket}"),
        (LintRule::Placeholder, on("iam:*", "arn:aws:iam::${Account}:role/x"), "${Account}"),
        (LintRule::Placeholder, on("iam:*", "arn:aws:iam::<ACCOUNT>:role/x"), "<ACCOUNT>"),
        (LintRule::Placeholder, on("iam:*", "arn:aws:iam::*:role/[ROLE]"), "[ROLE]"),
        (LintRule::Placeholder, on("iam:*", "arn:aws:iam::*:role/{{name}}"), "{{name}}"),
        (LintRule::Placeholder, on("iam:*", "arn:aws:iam::ACCOUNT_ID:role/x"), "ACCOUNT_ID"),
        (LintRule::UnknownVariable, on("iam:*", "arn:aws:iam::*:role/${aws:usernme}"), "${aws:username}"),
        (
            LintRule::UnknownVariable,
            on("iam:*", "arn:aws:iam::${aws:PrincipalAccount}:role/x"),
            "after the fifth colon",
        ),
    ]
}

#[test]
fn every_rule_finds_what_it_is_for_and_nothing_else_does() {
    for (rule, statement, wanted) in cases() {
        let lints = scp(&statement);
        assert_eq!(lints.iter().map(|lint| lint.rule).collect::<Vec<_>>(), [rule], "{statement}: {lints:?}");
        let text = format!("{} {}", lints[0].reason, lints[0].suggestion.as_deref().unwrap_or_default());
        assert!(text.contains(wanted), "{statement}: {text}");
    }
}

#[test]
fn every_rule_has_a_case() {
    let mut rules: BTreeSet<LintRule> = cases().into_iter().map(|(rule, ..)| rule).collect();
    rules.insert(LintRule::ResourceControlNotCovered);
    assert_eq!(rules, LintRule::ALL.iter().copied().collect());
    let ids: Vec<&str> = LintRule::ALL.iter().map(|rule| rule.id()).collect();
    assert!(ids.is_sorted());
}

#[test]
fn a_resource_control_policy_is_told_what_it_has_no_say_in() {
    let perimeter = r#"{"Effect":"Deny","Principal":"*","Action":["s3:*","cloudtrail:*"],"Resource":"*"}"#;
    let lints = found(Kind::ResourceControl, perimeter);
    assert_eq!(lints.iter().map(|lint| lint.rule).collect::<Vec<_>>(), [LintRule::ResourceControlNotCovered]);
}

#[test]
fn well_made_statements_are_left_alone() {
    let fine = [
        r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.to_owned(),
        deny(
            r#"["cloudtrail:StopLogging","cloudtrail:DeleteTrail"]"#,
            r#""arn:aws:cloudtrail:*:111122223333:trail/main""#,
            r#""ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/Guard","arn:aws:iam::111122223333:role/team/*"]}"#,
        ),
        deny(r#"["s3:PutBucketPolicy","s3:DeleteObject"]"#, r#"["arn:aws:s3:::logs","arn:aws:s3:::logs/*"]"#, ""),
        deny(
            r#"["logs:DeleteLogGroup","logs:TagResource"]"#,
            r#"["arn:aws:logs:*:*:log-group:trail","arn:aws:logs:*:*:log-group:trail:*"]"#,
            "",
        ),
        deny(r#""logs:*""#, r#""arn:aws:logs:*:*:log-group:trail*""#, ""),
        deny(r#""iam:*""#, r#""arn:aws:iam::*:role/${aws:PrincipalTag/team}/*""#, ""),
        deny(
            r#""kms:ScheduleKeyDeletion""#,
            r#""arn:aws:kms:*:*:key/*""#,
            r#""ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/trail*"},
               "NumericLessThan":{"kms:ScheduleKeyDeletionPendingWindowInDays":"30"}"#,
        ),
        deny(
            r#"["ec2:RunInstances","iam:PassRole"]"#,
            r#"["arn:aws:ec2:*:*:instance/*","arn:aws:iam::*:role/*"]"#,
            r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#,
        ),
        deny(
            r#""s3:*""#,
            r#""*""#,
            r#""StringNotEqualsIfExists":{"aws:SourceVpc":["vpc-1"],"aws:PrincipalTag/exempt":"yes"},
               "NotIpAddressIfExists":{"aws:SourceIp":"192.0.2.0/24"},"Null":{"aws:PrincipalOrgID":"true"}"#,
        ),
        deny(
            r#""ec2:CreateTags""#,
            r#""*""#,
            r#""ForAllValues:StringEquals":{"aws:TagKeys":["owner"]},"Null":{"aws:TagKeys":"false"}"#,
        ),
        r#"{"Effect":"Deny","Action":"s3:Delete*","NotResource":"arn:aws:s3:::scratch-*"}"#.to_owned(),
        r#"{"Effect":"Deny","NotAction":["iam:*","organizations:*","support:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1"]}}}"#
            .to_owned(),
    ];
    for statement in fine {
        assert_eq!(scp(&statement), [], "{statement}");
    }
}

#[test]
fn a_lint_points_at_its_place() {
    let lints = scp(r#"{"Effect":"Deny","Action":["s3:*","s3:Putt"],"Resource":"*"}"#);
    assert_eq!(lints[0].to_string(), "line 2, column 48: s3 has no action \"Putt\" [unknown-action]");
}
