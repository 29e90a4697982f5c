//! Documents as IAM takes and gives them, and what protects roles.

use serde_json::{Value, json};

use super::SERVICE;
use crate::error::AwsError;
use crate::reply::Body;
use crate::service::testing;
use crate::world::World;

const ACCOUNT: &str = "111111111111";

fn call(world: &mut World, account: &str, operation: &str, input: Value) -> Result<Body, AwsError> {
    testing::call(&SERVICE, world, account, operation, input)
}

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn code(result: Result<Body, AwsError>) -> (u16, String) {
    result.map_or_else(|error| (error.status, error.code), |_| (200, String::new()))
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn create(world: &mut World, trust: &str) -> Result<Body, AwsError> {
    let input = json!({ "RoleName": "writer", "Path": "/trails/", "AssumeRolePolicyDocument": trust });
    call(world, ACCOUNT, "CreateRole", input)
}

#[test]
fn a_role_shows_its_path_and_its_trust_policy_encoded() {
    let mut world = World::default();
    create(&mut world, TRUST).expect("created");
    let Ok(Body::Xml(result)) = call(&mut world, ACCOUNT, "GetRole", json!({ "RoleName": "writer" })) else {
        panic!("no answer");
    };
    let role = result.child("Role").expect("a role");
    assert_eq!(role.child_text("Arn"), Some("arn:aws:iam::111111111111:role/trails/writer"));
    let trust = role.child_text("AssumeRolePolicyDocument").expect("a trust policy");
    assert!(trust.starts_with("%7B%22Version%22%3A%222012-10-17%22"), "{trust}");
    assert_eq!(code(create(&mut world, TRUST)), refused(409, "EntityAlreadyExists"));
    let missing = call(&mut world, ACCOUNT, "GetRole", json!({ "RoleName": "nobody" }));
    assert_eq!(code(missing), refused(404, "NoSuchEntity"));
}

#[test]
fn trust_policies_name_principals_and_sts_actions_only() {
    for wrong in ["{", "{}", &TRUST.replace("sts:AssumeRole", "s3:*"), &TRUST.replace("Principal", "Resource")] {
        assert_eq!(code(create(&mut World::default(), wrong)), refused(400, "MalformedPolicyDocument"), "{wrong}");
    }
}

#[test]
fn service_linked_roles_and_roles_with_policies_stay() {
    let mut world = World::default();
    let service = json!({ "AWSServiceName": "cloudtrail.amazonaws.com" });
    call(&mut world, ACCOUNT, "CreateServiceLinkedRole", service.clone()).expect("created");
    assert_eq!(code(call(&mut world, ACCOUNT, "CreateServiceLinkedRole", service)), refused(400, "InvalidInput"));
    let linked = json!({ "RoleName": "AWSServiceRoleForCloudTrail" });
    assert_eq!(code(call(&mut world, ACCOUNT, "DeleteRole", linked)), refused(400, "UnmodifiableEntity"));
    create(&mut world, TRUST).expect("created");
    let attach = json!({ "RoleName": "writer", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess" });
    call(&mut world, ACCOUNT, "AttachRolePolicy", attach).expect("attached");
    let delete = call(&mut world, ACCOUNT, "DeleteRole", json!({ "RoleName": "writer" }));
    assert_eq!(code(delete), refused(409, "DeleteConflict"));
    let unknown = json!({ "RoleName": "writer", "PolicyArn": "arn:aws:iam::aws:policy/NoSuchPolicy" });
    assert_eq!(code(call(&mut world, ACCOUNT, "AttachRolePolicy", unknown)), refused(404, "NoSuchEntity"));
}

#[test]
fn tags_of_a_role_come_once_and_a_linked_role_is_made_once() {
    let mut world = World::default();
    let tagged = |keys: [&str; 2]| {
        json!({ "RoleName": "writer", "AssumeRolePolicyDocument": TRUST, "Tags.member.1.Key": keys[0],
            "Tags.member.1.Value": "x", "Tags.member.2.Key": keys[1], "Tags.member.2.Value": "y" })
    };
    assert_eq!(code(call(&mut world, ACCOUNT, "CreateRole", tagged(["a", "a"]))), refused(400, "InvalidInput"));
    call(&mut world, ACCOUNT, "CreateRole", tagged(["a", "b"])).expect("created");
    let Ok(Body::Xml(result)) = call(&mut world, ACCOUNT, "ListRoleTags", json!({ "RoleName": "writer" })) else {
        panic!("no answer");
    };
    assert_eq!(result.child("Tags").map(|tags| tags.children.len()), Some(2));
    let linked = json!({ "AWSServiceName": "config.amazonaws.com" });
    call(&mut world, ACCOUNT, "CreateServiceLinkedRole", linked.clone()).expect("created");
    assert_eq!(code(call(&mut world, ACCOUNT, "CreateServiceLinkedRole", linked)), refused(400, "InvalidInput"));
    let other = json!({ "AWSServiceName": "spot.amazonaws.com" });
    assert_eq!(code(call(&mut world, ACCOUNT, "CreateServiceLinkedRole", other)), refused(501, "NotImplemented"));
}
