//! Whose regions one may list.

use serde_json::{Value, json};

use super::*;
use crate::reply::Body;
use crate::request::{Caller, CallerKind};
use crate::scenario;

const MANAGEMENT: &str = "210987654321";
const OPTED_IN: &str = "545661209833";
const OTHER: &str = "512340987611";

fn list(world: &mut World, caller: &str, input: Value) -> Result<Value, AwsError> {
    let caller = Caller {
        access_key: String::new(),
        account: caller.parse().expect("valid"),
        kind: CallerKind::Root,
        name: String::new(),
        arn: String::new(),
        principal_arn: String::new(),
        user_id: String::new(),
    };
    let request = Request {
        id: "id".to_owned(),
        operation: "ListRegions".to_owned(),
        caller,
        region: "us-east-1".parse().expect("valid"),
        now: "2026-11-20T12:00:00Z".parse().expect("valid"),
        input,
        http: Http::default(),
    };
    handle(&request, world).map(|reply| match reply.body {
        Body::Json(value) => value,
        other => unreachable!("{other:?}"),
    })
}

fn enabled(member: Option<&str>) -> Value {
    json!({"AccountId": member, "MaxResults": 50, "RegionOptStatusContains": ["ENABLED", "ENABLED_BY_DEFAULT"]})
}

#[test]
fn an_opted_in_region_belongs_to_its_account_alone() {
    let mut world = scenario::world("acme").expect("a world");
    let mut regions = |member: &str| {
        let listed = list(&mut world, MANAGEMENT, enabled(Some(member))).expect("listed");
        listed["Regions"].as_array().expect("a list").clone()
    };
    assert!(regions(OPTED_IN).contains(&json!({"RegionName": "eu-south-1", "RegionOptStatus": "ENABLED"})));
    assert_eq!(regions(OTHER).len(), 17);
}

#[test]
fn management_leaves_its_own_id_out_and_members_name_nobody() {
    let mut world = scenario::world("acme").expect("a world");
    let code = |result: Result<Value, AwsError>| result.expect_err("refused").code;
    assert_eq!(code(list(&mut world, MANAGEMENT, enabled(Some(MANAGEMENT)))), "ValidationException");
    assert_eq!(code(list(&mut world, OTHER, enabled(Some(OPTED_IN)))), "AccessDeniedException");
    assert!(list(&mut world, OTHER, enabled(None)).is_ok());
    world.organization.as_mut().expect("an organization").trusted_services.clear();
    assert_eq!(code(list(&mut world, MANAGEMENT, enabled(Some(OTHER)))), "AccessDeniedException");
}
