//! Whom the SCPs spare, whether that was declared, and whether anybody can come to be spared by giving a name.

use trailwarden_policy::{Exemption, Question, exemptions};

use super::{TRAIL, call, chain, deny, deny_unless};

fn found(statements: &str, exceptions: &[&str]) -> Vec<Exemption> {
    let chain = chain(statements);
    let calls = [call("cloudtrail:StopLogging", TRAIL)];
    let exceptions: Vec<String> = exceptions.iter().map(|&text| text.to_owned()).collect();
    exemptions(&Question { chain: &chain, partition: "aws", calls: &calls, exceptions: &exceptions }).expect("decided")
}

fn spares(value: &str) -> String {
    deny_unless("ArnNotLike", "aws:PrincipalArn", &format!(r#""{value}""#))
}

fn nameable(statements: &str, exceptions: &[&str]) -> Option<String> {
    found(statements, exceptions).remove(0).nameable
}

#[test]
fn a_pattern_over_names_can_be_met_by_naming_a_role() {
    let named = nameable(&spares("arn:aws:iam::*:role/*Admin*"), &[]).expect("nameable");
    assert!(named.starts_with("arn:aws:iam::111122223333:role/") && named.contains("Admin"), "{named}");
    let users = nameable(&spares("arn:aws:iam::*:user/ops-*"), &[]).expect("nameable");
    assert!(users.starts_with("arn:aws:iam::111122223333:user/ops-"), "{users}");
    let by_name = nameable(&deny_unless("StringNotLike", "aws:username", r#""ops-*""#), &[]).expect("nameable");
    assert!(by_name.contains("user/") && by_name.contains("ops-"), "{by_name}");
}

#[test]
fn a_fixed_name_and_a_path_of_aws_cannot_be_taken() {
    for fixed in [
        "arn:aws:iam::*:role/security/BreakGlass",
        "arn:aws:iam::111122223333:role/automation",
        "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*",
        "arn:aws:iam::111122223333:root",
    ] {
        assert_eq!(nameable(&spares(fixed), &[]), None, "{fixed}");
    }
}

#[test]
fn a_name_is_out_of_reach_where_its_creation_is_denied() {
    let exempt = "arn:aws:iam::*:role/guard-*";
    let create = |resource: &str| {
        format!(
            r#"{{"Effect":"Deny","Action":"iam:Create*","Resource":"{resource}",
            "Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"{exempt}"}}}}}}"#
        )
    };
    assert_eq!(nameable(&format!("{},{}", spares(exempt), create(exempt)), &[]), None);
    let named = nameable(&format!("{},{}", spares(exempt), create("arn:aws:iam::*:role/guard-a*")), &[]).expect("open");
    assert!(named.contains("role/guard-") && !named.contains("role/guard-a"), "{named}");
    // Only those declared may create such roles.
    let declared = "arn:aws:iam::*:role/pipeline";
    let but_declared = create(exempt).replace(
        &format!(r#""aws:PrincipalArn":"{exempt}""#),
        &format!(r#""aws:PrincipalArn":["{exempt}","{declared}"]"#),
    );
    assert_eq!(nameable(&format!("{},{but_declared}", spares(exempt)), &[declared]), None);
    assert!(nameable(&format!("{},{but_declared}", spares(exempt)), &[]).is_some());
}

#[test]
fn an_exemption_by_tag_tells_no_names() {
    let tagged = found(&deny_unless("StringNotEquals", "aws:PrincipalTag/guard", r#""yes""#), &[]);
    assert_eq!((&tagged[0].arns, &tagged[0].nameable), (&None, &None));
}

#[test]
fn many_exemptions_are_each_found() {
    let roles: Vec<String> = (0..40).map(|number| format!(r#""arn:aws:iam::*:role/*/Deploy{number}*""#)).collect();
    let statement = deny_unless("ArnNotLike", "aws:PrincipalArn", &format!("[{}]", roles.join(",")));
    assert_eq!(found(&statement, &[]).len(), 40);
}

fn exempted(statements: &str) -> Vec<String> {
    found(statements, &[]).into_iter().map(|found| found.value).collect()
}

#[test]
fn exemptions_are_listed_unless_another_deny_catches_them() {
    let spares =
        |role: &str| deny_unless("ArnNotLike", "aws:PrincipalArn", &format!(r#""arn:aws:iam::*:role/{role}""#));
    assert_eq!(exempted(&spares("A*")), ["arn:aws:iam::*:role/A*"]);
    assert!(exempted(&format!("{},{}", spares("A"), spares("B"))).is_empty());
    assert_eq!(
        exempted(&format!("{},{}", spares("A"), spares("A*"))),
        ["arn:aws:iam::*:role/A", "arn:aws:iam::*:role/A*"]
    );
    assert!(exempted(&deny("")).is_empty());
}

#[test]
fn each_negated_condition_of_a_statement_exempts_alone() {
    let statement = deny(
        r#","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/A"},
        "StringNotEqualsIfExists":{"aws:PrincipalTag/guard":"yes","aws:PrincipalAccount":"111122223333"}}"#,
    );
    assert_eq!(
        exempted(&statement),
        ["111122223333"],
        "the whole account is spared, so nobody else is spared from anything"
    );
    let statement = statement.replace("111122223333", "444455556666");
    assert_eq!(exempted(&statement), ["arn:aws:iam::*:role/A", "yes"]);
}
