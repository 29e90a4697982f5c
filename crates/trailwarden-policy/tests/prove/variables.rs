//! Variables: followed where that is exact, and never counted on where it is not.

use super::{ACCOUNT, Answer, TRAIL, ask, assert_denied, chain, deny, one, opened, stop};

fn on(resource: &str) -> String {
    format!(r#"{{"Effect":"Deny","Action":"*","Resource":"{resource}"}}"#)
}

fn not_on(resource: &str) -> String {
    format!(r#"{{"Effect":"Deny","Action":"*","NotResource":"{resource}"}}"#)
}

fn conditions(of: &[&str]) -> String {
    let all: Vec<String> = of.iter().map(|one| deny(&format!(r#","Condition":{{{one}}}"#))).collect();
    all.join(",")
}

#[track_caller]
fn assert_undecided(answer: &Answer, because: &str) {
    assert!(matches!(answer, Answer::Undecided(reason) if reason.contains(because)), "{answer:?}");
}

#[test]
fn a_resource_with_a_variable_is_closed_where_every_value_is() {
    let of_team = "arn:aws:cloudtrail:*:*:trail/${aws:PrincipalTag/team}";
    assert_denied(&stop(&format!("{},{}", on(of_team), not_on(of_team)), &[]));
    let found = opened(stop(&not_on(of_team), &[]));
    assert_eq!(one(&found, "aws:PrincipalTag/team").as_deref(), Some("main"));
    // Whoever wears another tag than `main` is caught by the second, and `main` by the first.
    let others = conditions(&[r#""StringNotEquals":{"aws:PrincipalTag/team":"main"}"#]);
    assert_denied(&stop(&format!("{},{others}", on(of_team)), &[]));
    let others = conditions(&[r#""StringNotLike":{"aws:PrincipalTag/team":["main","m?in"]}"#]);
    let found = opened(stop(&format!("{},{others}", on(of_team)), &[]));
    assert!(
        one(&found, "aws:PrincipalTag/team").is_some_and(|team| team.starts_with('m') && team != "main"),
        "{found:?}"
    );
}

#[test]
fn two_variables_in_one_resource_are_weighed_together() {
    let both = "arn:aws:cloudtrail:*:*:${aws:PrincipalTag/kind}/${aws:PrincipalTag/team}";
    let kind = conditions(&[r#""StringNotEquals":{"aws:PrincipalTag/kind":"trail"}"#]);
    let team = conditions(&[r#""StringNotEquals":{"aws:PrincipalTag/team":"main"}"#]);
    assert_denied(&stop(&format!("{},{kind},{team}", on(both)), &[]));
    let found = opened(stop(&format!("{},{kind}", on(both)), &[]));
    assert_ne!(one(&found, "aws:PrincipalTag/team").as_deref(), Some("main"));
}

#[test]
fn a_default_stands_in_where_the_tag_is_absent() {
    let with_default = "arn:aws:cloudtrail:*:*:trail/${aws:PrincipalTag/team, 'main'}";
    let others = conditions(&[r#""StringNotEqualsIfExists":{"aws:PrincipalTag/team":"main"}"#]);
    let absent = conditions(&[r#""Null":{"aws:PrincipalTag/team":"true"}"#]);
    assert!(!stop(&on(with_default), &[]).is_denied());
    assert_denied(&stop(&format!("{},{others}", on(with_default)), &[]));
    let without = with_default.replace(", 'main'", "");
    assert_denied(&stop(&format!("{},{others},{absent}", on(&without)), &[]));
}

#[test]
fn a_user_name_in_a_resource_is_followed_to_the_users_who_bear_it() {
    let own = "arn:aws:cloudtrail:*:*:trail/${aws:username}";
    let found = opened(stop(&not_on(own), &[]));
    assert!(found.request.principal.to_string().ends_with("user/main"), "{found:?}");
    let but_main = r#""ArnLike":{"aws:PrincipalArn":["arn:aws:iam::*:user/main","arn:aws:iam::*:user/*/main"]}"#;
    assert_denied(&stop(&format!("{},{}", not_on(own), conditions(&[but_main])), &[]));
    let but_plain_main = r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/main"}"#;
    let found = opened(stop(&format!("{},{}", not_on(own), conditions(&[but_plain_main])), &[]));
    assert!(found.request.principal.to_string().ends_with("/main"), "a user with a path: {found:?}");
}

#[test]
fn user_names_are_told_apart_by_the_conditions_on_them() {
    let found = opened(stop(&conditions(&[r#""StringNotLike":{"aws:username":"break-*"}"#]), &[]));
    assert!(one(&found, "aws:username").is_some_and(|name| name.starts_with("break-")));
    let users = r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/break-*"}"#;
    let with_path = r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*/break-*"}"#;
    let named = r#""StringNotLike":{"aws:username":"break-*"}"#;
    assert_denied(&stop(&conditions(&[named, users, with_path]), &[]));
    opened(stop(&conditions(&[named, users]), &[]));
}

#[test]
fn two_keys_compared_as_wholes_agree_or_differ() {
    let differ = r#""StringNotEquals":{"aws:PrincipalTag/team":"${aws:PrincipalTag/owner}"}"#;
    let agree = r#""StringEquals":{"aws:PrincipalTag/team":"${aws:PrincipalTag/owner}"}"#;
    assert_denied(&stop(&conditions(&[differ, agree]), &[]));
    let found = opened(stop(&conditions(&[differ]), &[]));
    assert_eq!(one(&found, "aws:PrincipalTag/team"), one(&found, "aws:PrincipalTag/owner"));
    // Who agrees is in `a*` or not; both halves are closed.
    let team = r#""StringLike":{"aws:PrincipalTag/team":"a*"}"#;
    let owner = r#""StringNotLike":{"aws:PrincipalTag/owner":"a*"}"#;
    assert_denied(&stop(&conditions(&[differ, team, owner]), &[]));
    let narrower = r#""StringNotLike":{"aws:PrincipalTag/owner":"ab*"}"#;
    assert_denied(&stop(&conditions(&[differ, team, narrower]), &[]));
    let wider = r#""StringNotLike":{"aws:PrincipalTag/owner":["a*","b"]}"#;
    let found = opened(stop(&conditions(&[differ, team, wider]), &[]));
    assert_eq!(one(&found, "aws:PrincipalTag/team").as_deref(), Some("b"));
}

#[test]
fn three_keys_of_two_values_cannot_all_differ() {
    let same = |one: &str, other: &str| {
        format!(r#""StringEquals":{{"aws:PrincipalTag/{one}":"${{aws:PrincipalTag/{other}}}"}}"#)
    };
    let two = |key: &str| format!(r#""StringNotEquals":{{"aws:PrincipalTag/{key}":["x","y"]}}"#);
    let all = [same("a", "b"), same("b", "c"), same("a", "c"), two("a"), two("b"), two("c")];
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert_denied(&stop(&conditions(&all), &[]));
    opened(stop(&conditions(&all[..5]), &[]));
}

#[test]
fn comparing_keys_without_case_is_exact_only_where_nothing_else_sees_the_case() {
    let differ = r#""StringNotEqualsIgnoreCase":{"aws:PrincipalTag/team":"${aws:PrincipalTag/owner}"}"#;
    let agree = r#""StringEqualsIgnoreCase":{"aws:PrincipalTag/team":"${aws:PrincipalTag/owner}"}"#;
    assert_denied(&stop(&conditions(&[differ, agree]), &[]));
    opened(stop(&conditions(&[differ]), &[]));
    let cased = r#""StringLike":{"aws:PrincipalTag/team":"a*"}"#;
    assert_undecided(&stop(&conditions(&[differ, agree, cased]), &[]), "aws:PrincipalTag/team");
}

#[test]
fn a_tag_compared_with_the_user_name_lets_its_wearer_through() {
    let found = opened(stop(&conditions(&[r#""StringNotEquals":{"aws:PrincipalTag/owner":"${aws:username}"}"#]), &[]));
    assert_eq!(one(&found, "aws:PrincipalTag/owner"), one(&found, "aws:username"));
    let agree = r#""StringEquals":{"aws:PrincipalTag/owner":"${aws:username}"}"#;
    let differ = r#""StringNotEquals":{"aws:PrincipalTag/owner":"${aws:username}"}"#;
    assert_denied(&stop(&conditions(&[agree, differ]), &[]));
}

#[test]
fn text_around_a_variable_is_tried_and_never_counted_on() {
    let around = r#""StringNotLike":{"aws:PrincipalTag/role":"${aws:PrincipalTag/team}-admin"}"#;
    let found = opened(stop(&conditions(&[around]), &[]));
    let value = |key: &str| one(&found, key).unwrap_or_default();
    assert_eq!(value("aws:PrincipalTag/role"), format!("{}-admin", value("aws:PrincipalTag/team")));
    let inside = r#""StringLike":{"aws:PrincipalTag/role":"${aws:PrincipalTag/team}-admin"}"#;
    assert_undecided(&stop(&conditions(&[around, inside]), &[]), "can be listed");
    // Whatever it compares, another Deny closes the call.
    assert_denied(&stop(&format!("{},{}", conditions(&[around]), deny("")), &[]));
}

#[test]
fn a_role_named_after_a_tag_is_found() {
    let statement =
        conditions(&[r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/${aws:PrincipalTag/team}loper"}"#]);
    let found = opened(stop(&statement, &[]));
    assert_eq!(one(&found, "aws:PrincipalTag/team").as_deref(), Some("Deve"));
}

#[test]
fn the_account_of_the_caller_is_known() {
    let own = chain(&on("arn:aws:cloudtrail:*:*:trail/${aws:PrincipalAccount}-*"));
    let trail = |name: &str| format!("arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/{name}");
    assert_denied(&ask(&own, "cloudtrail:StopLogging", &trail("111122223333-main"), &[]));
    opened(ask(&own, "cloudtrail:StopLogging", TRAIL, &[]));
    let tagged = conditions(&[r#""StringNotEquals":{"aws:PrincipalAccount":"${aws:PrincipalTag/account}"}"#]);
    assert_eq!(one(&opened(stop(&tagged, &[])), "aws:PrincipalTag/account").as_deref(), Some(ACCOUNT));
    let named = conditions(&[
        r#""StringNotEquals":{"aws:PrincipalAccount":"${aws:PrincipalTag/account}"}"#,
        r#""StringEquals":{"aws:PrincipalTag/account":"111122223333"}"#,
    ]);
    assert_denied(&stop(&named, &[]));
}
