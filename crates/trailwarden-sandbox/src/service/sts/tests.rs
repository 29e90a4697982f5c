//! Who may assume what, and for how long.

use serde_json::{Value, json};

use super::*;
use crate::reply::Body;
use crate::request::{Caller, Http};
use crate::world::iam::{ADMINISTRATOR, Iam, Role};

const OWN: &str = "111111111111";
const OTHER: &str = "222222222222";

fn trust(condition: &str) -> String {
    format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{OWN}:root"}},"Action":"sts:AssumeRole"{condition}}}]}}"#
    )
}

fn world() -> World {
    let inline = [("all".to_owned(), ADMINISTRATOR.to_owned())].into();
    let caller = Role { inline, ..Role::default() };
    let plain = Role { trust: trust(""), id: "AROA1".to_owned(), max_session_seconds: 7200, ..Role::default() };
    let external =
        Role { trust: trust(r#","Condition":{"StringEquals":{"sts:ExternalId":"acme-audit"}}"#), ..Role::default() };
    let roles = [("plain".to_owned(), plain), ("external".to_owned(), external)].into();
    World {
        iam: [
            (OWN.parse().expect("valid"), Iam { roles: [("caller".to_owned(), caller)].into(), ..Iam::default() }),
            (OTHER.parse().expect("valid"), Iam { roles, ..Iam::default() }),
        ]
        .into(),
        ..World::default()
    }
}

fn assume(world: &mut World, kind: CallerKind, region: &str, input: Value) -> Result<Element, AwsError> {
    let request = Request {
        id: "id".to_owned(),
        operation: "AssumeRole".to_owned(),
        caller: Caller {
            access_key: "ASIA1".to_owned(),
            account: OWN.parse().expect("valid"),
            kind,
            name: "caller".to_owned(),
            arn: format!("arn:aws:sts::{OWN}:assumed-role/caller/me"),
            principal_arn: format!("arn:aws:iam::{OWN}:role/caller"),
            user_id: "AROA0:me".to_owned(),
        },
        region: region.parse().expect("valid"),
        now: "2026-11-20T12:00:00Z".parse().expect("valid"),
        input,
        http: Http::default(),
    };
    match handle(&request, world)?.body {
        Body::Xml(element) => Ok(element),
        other => unreachable!("{other:?}"),
    }
}

fn role(name: &str) -> Value {
    json!({"RoleArn": format!("arn:aws:iam::{OTHER}:role/{name}"), "RoleSessionName": "audit"})
}

fn with(mut input: Value, member: &str, value: &str) -> Value {
    input[member] = Value::from(value);
    input
}

#[test]
fn a_trusted_caller_gets_credentials_that_expire() {
    let mut world = world();
    let result = assume(&mut world, CallerKind::Role, "eu-west-1", role("plain")).expect("assumed");
    let credentials = result.child("Credentials").expect("credentials");
    assert_eq!(credentials.child_text("Expiration"), Some("2026-11-20T13:00:00Z"));
    let held = &world.credentials[credentials.child_text("AccessKeyId").expect("a key")];
    assert_eq!(held.account.as_str(), OTHER);
    let session = held.session.as_ref().expect("temporary");
    assert_eq!(Some(session.token.as_str()), credentials.child_text("SessionToken"));
}

#[test]
fn a_missing_role_and_a_wrong_external_id_are_refused_alike() {
    let mut world = world();
    for input in [role("absent"), role("external"), with(role("external"), "ExternalId", "wrong")] {
        let error = assume(&mut world, CallerKind::Role, "eu-west-1", input).expect_err("refused");
        assert_eq!((error.code.as_str(), error.status), ("AccessDenied", 403));
    }
    let input = with(role("external"), "ExternalId", "acme-audit");
    assert!(assume(&mut world, CallerKind::Role, "eu-west-1", input).is_ok());
}

#[test]
fn chaining_caps_a_session_at_an_hour_and_the_role_caps_the_rest() {
    let mut world = world();
    let mut ask =
        |kind, seconds| assume(&mut world, kind, "eu-west-1", with(role("plain"), "DurationSeconds", seconds));
    assert!(ask(CallerKind::Role, "3600").is_ok());
    for seconds in ["3601", "899", "43201"] {
        assert_eq!(ask(CallerKind::Role, seconds).expect_err(seconds).code, "ValidationError");
    }
}

#[test]
fn the_region_must_be_enabled_in_the_target_and_root_may_not_assume() {
    let mut world = world();
    let error = assume(&mut world, CallerKind::Role, "eu-south-1", role("plain")).expect_err("refused");
    assert_eq!(error.code, "RegionDisabledException");
    let error = assume(&mut world, CallerKind::Root, "eu-west-1", role("plain")).expect_err("refused");
    assert_eq!(error.message, "Roles may not be assumed by root accounts.");
}

#[test]
fn managed_session_policies_narrow_the_session() {
    let mut world = world();
    let named = |arn: &str| json!({"RoleArn": format!("arn:aws:iam::{OTHER}:role/plain"), "RoleSessionName": "me", "PolicyArns.member.1.arn": arn});
    let own = format!("arn:aws:iam::{OTHER}:policy/none");
    let refused = assume(&mut world, CallerKind::Role, "eu-west-1", named(&own)).expect_err("not served");
    assert_eq!(refused.code, "NotImplemented");
    assume(&mut world, CallerKind::Role, "eu-west-1", named("arn:aws:iam::aws:policy/AdministratorAccess"))
        .expect("known");
    let session = world.credentials.values().find_map(|credential| credential.session.as_ref()).expect("a session");
    assert_eq!(session.policies, [ADMINISTRATOR]);
}

#[test]
fn input_is_refused_before_the_role_is_looked_for() {
    for (member, value) in [
        ("RoleArn", "abc"),
        ("ExternalId", "x"),
        ("ExternalId", "not one!"),
        ("DurationSeconds", "899"),
        ("DurationSeconds", "soon"),
    ] {
        let mut input = json!({"RoleArn": format!("arn:aws:iam::{OTHER}:role/nobody"), "RoleSessionName": "me"});
        input[member] = json!(value);
        let refused = assume(&mut world(), CallerKind::Role, "eu-west-1", input).expect_err("refused");
        assert_eq!(refused.code, "ValidationError", "{member} {value}");
    }
}
