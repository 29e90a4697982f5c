//! Rules of Organizations that clients run into.

use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;

use super::*;
use crate::request::{Caller, CallerKind, Http};
use crate::world::organizations::{FULL_AWS_ACCESS, Member, RCP, SCP};

const MANAGEMENT: &str = "111111111111";
const MEMBER: &str = "222222222222";

fn world() -> World {
    let member = |name: &str| Member {
        name: name.to_owned(),
        email: format!("{name}@example.com"),
        state: "ACTIVE".to_owned(),
        joined_method: "CREATED".to_owned(),
        joined: "2024-01-01T00:00:00Z".parse().expect("valid"),
        parent: "r-ab12".to_owned(),
    };
    let account = |id: &str| id.parse::<AccountId>().expect("valid");
    let organization = Organization {
        id: "o-exampleorg1".to_owned(),
        management_account: account(MANAGEMENT),
        feature_set: "ALL".to_owned(),
        root: "r-ab12".to_owned(),
        units: [].into(),
        accounts: [(account(MANAGEMENT), member("main")), (account(MEMBER), member("app"))].into(),
        policies: [].into(),
        attachments: [].into(),
        policy_types: [].into(),
        trusted_services: [].into(),
        delegated: [].into(),
        tags: [].into(),
    };
    World { organization: Some(organization), ..World::default() }
}

fn call(world: &mut World, account: &str, operation: &str, input: Value) -> Result<Value, AwsError> {
    let caller = Caller {
        access_key: String::new(),
        account: account.parse().expect("valid"),
        kind: CallerKind::Root,
        name: String::new(),
        arn: String::new(),
        principal_arn: String::new(),
        user_id: String::new(),
    };
    let request = Request {
        id: "id".to_owned(),
        operation: operation.to_owned(),
        caller,
        region: "us-east-1".parse().expect("valid"),
        now: "2026-11-20T12:00:00Z".parse().expect("valid"),
        input,
        http: Http::default(),
    };
    handle(&request, world).map(|reply| match reply.body {
        crate::reply::Body::Json(value) => value,
        _ => Value::Null,
    })
}

fn code(result: Result<Value, AwsError>) -> (String, Option<String>) {
    let error = result.expect_err("refused");
    let reason = error.fields.iter().find(|(name, _)| name == "Reason").map(|(_, reason)| reason.clone());
    (error.code, reason)
}

const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

#[test]
fn a_member_sees_the_organization_and_nothing_else_until_it_is_delegated() {
    let mut world = world();
    assert!(call(&mut world, MEMBER, "DescribeOrganization", json!({})).is_ok());
    assert_eq!(code(call(&mut world, MEMBER, "ListAccounts", json!({}))).0, "AccessDeniedException");
    let register = json!({"AccountId": MEMBER, "ServicePrincipal": "cloudtrail.amazonaws.com"});
    let refused = call(&mut world, MANAGEMENT, "RegisterDelegatedAdministrator", register.clone());
    assert_eq!(code(refused).1.as_deref(), Some("SERVICE_ACCESS_NOT_ENABLED"));
    let trust = json!({"ServicePrincipal": "cloudtrail.amazonaws.com"});
    call(&mut world, MANAGEMENT, "EnableAWSServiceAccess", trust).expect("trusted");
    call(&mut world, MANAGEMENT, "RegisterDelegatedAdministrator", register).expect("registered");
    assert!(call(&mut world, MEMBER, "ListAccounts", json!({})).is_ok());
    assert!(call(&mut world, MEMBER, "CreatePolicy", json!({})).is_err(), "reading is not writing");
    assert_eq!(
        code(call(&mut world, "333333333333", "DescribeOrganization", json!({}))).0,
        "AWSOrganizationsNotInUseException"
    );
}

#[test]
fn a_policy_attaches_only_after_its_type_is_enabled_and_the_last_one_stays() {
    let mut world = world();
    let create = json!({"Type": SCP, "Name": "guard", "Description": "", "Content": DENY});
    let created = call(&mut world, MANAGEMENT, "CreatePolicy", create.clone()).expect("created");
    let id = created["Policy"]["PolicySummary"]["Id"].as_str().expect("an id").to_owned();
    assert_eq!(code(call(&mut world, MANAGEMENT, "CreatePolicy", create)).0, "DuplicatePolicyException");
    let attach = json!({"PolicyId": id, "TargetId": MEMBER});
    assert_eq!(code(call(&mut world, MANAGEMENT, "AttachPolicy", attach.clone())).0, "PolicyTypeNotEnabledException");
    let enabled = call(&mut world, MANAGEMENT, "EnablePolicyType", json!({"RootId": "r-ab12", "PolicyType": SCP}));
    assert_eq!(enabled.expect("enabled")["Root"]["PolicyTypes"][0]["Status"], "PENDING_ENABLE");
    call(&mut world, MANAGEMENT, "AttachPolicy", attach.clone()).expect("attached");
    assert_eq!(
        code(call(&mut world, MANAGEMENT, "AttachPolicy", attach.clone())).0,
        "DuplicatePolicyAttachmentException"
    );
    let full = json!({"PolicyId": FULL_AWS_ACCESS, "TargetId": MEMBER});
    call(&mut world, MANAGEMENT, "DetachPolicy", full).expect("detached");
    let last = code(call(&mut world, MANAGEMENT, "DetachPolicy", attach));
    assert_eq!(last.1.as_deref(), Some("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"));
    let immutable = call(&mut world, MANAGEMENT, "UpdatePolicy", json!({"PolicyId": FULL_AWS_ACCESS, "Name": "x"}));
    assert_eq!(code(immutable).1.as_deref(), Some("IMMUTABLE_POLICY"));
}

#[test]
fn size_number_and_syntax_of_policies_are_limited() {
    let mut world = world();
    call(&mut world, MANAGEMENT, "EnablePolicyType", json!({"RootId": "r-ab12", "PolicyType": SCP})).expect("enabled");
    let create = |world: &mut World, name: &str, content: &str| {
        call(world, MANAGEMENT, "CreatePolicy", json!({"Type": SCP, "Name": name, "Content": content}))
    };
    let padded = |length: usize| format!("{DENY}{}", " ".repeat(length - DENY.len()));
    assert!(create(&mut world, "just", &padded(10_240)).is_ok());
    let over = code(create(&mut world, "over", &padded(10_241)));
    assert_eq!(over.1.as_deref(), Some("POLICY_CONTENT_LIMIT_EXCEEDED"));
    let principal = DENY.replace(r#""Effect""#, r#""Principal":"*","Effect""#);
    assert_eq!(code(create(&mut world, "principal", &principal)).0, "MalformedPolicyDocumentException");
    for n in 0..9 {
        let created = create(&mut world, &format!("n{n}"), DENY).expect("created");
        let id = created["Policy"]["PolicySummary"]["Id"].clone();
        call(&mut world, MANAGEMENT, "AttachPolicy", json!({"PolicyId": id, "TargetId": "r-ab12"})).expect("attached");
    }
    let created = create(&mut world, "eleventh", DENY).expect("created");
    let attach = json!({"PolicyId": created["Policy"]["PolicySummary"]["Id"], "TargetId": "r-ab12"});
    let full = code(call(&mut world, MANAGEMENT, "AttachPolicy", attach));
    assert_eq!(full.1.as_deref(), Some("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"));
}

const DENY_OUTSIDERS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorg1"}}}]}"#;

#[test]
fn rcps_have_their_own_quotas_beside_those_of_scps() {
    let mut world = world();
    for of in [SCP, RCP] {
        call(&mut world, MANAGEMENT, "EnablePolicyType", json!({"RootId": "r-ab12", "PolicyType": of}))
            .expect("enabled");
    }
    let create = |world: &mut World, name: &str, content: &str| {
        let input = json!({"Type": RCP, "Name": name, "Content": content});
        let created = call(world, MANAGEMENT, "CreatePolicy", input)?;
        Ok::<_, AwsError>(created["Policy"]["PolicySummary"]["Id"].as_str().expect("an id").to_owned())
    };
    let padded = |length: usize| format!("{DENY_OUTSIDERS}{}", " ".repeat(length - DENY_OUTSIDERS.len()));
    let over = create(&mut world, "over", &padded(5_121)).map(|_| Value::Null);
    assert_eq!(code(over).1.as_deref(), Some("POLICY_CONTENT_LIMIT_EXCEEDED"));
    for n in 0..4 {
        let id = create(&mut world, &format!("n{n}"), &padded(5_120)).expect("created");
        call(&mut world, MANAGEMENT, "AttachPolicy", json!({"PolicyId": id, "TargetId": MEMBER})).expect("attached");
    }
    let id = create(&mut world, "sixth", DENY_OUTSIDERS).expect("created");
    let full = code(call(&mut world, MANAGEMENT, "AttachPolicy", json!({"PolicyId": id, "TargetId": MEMBER})));
    assert_eq!(full.1.as_deref(), Some("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"));
    let scp = json!({"Type": SCP, "Name": "n0", "Content": DENY});
    let scp = call(&mut world, MANAGEMENT, "CreatePolicy", scp).expect("a name is free in each type");
    let attach = json!({"PolicyId": scp["Policy"]["PolicySummary"]["Id"], "TargetId": MEMBER});
    call(&mut world, MANAGEMENT, "AttachPolicy", attach).expect("five RCPs take no slot of the SCPs");
}

#[test]
fn an_rcp_denies_everybody_named_actions_and_nothing_else() {
    let mut world = world();
    let mut create = |content: &str| {
        code(call(&mut world, MANAGEMENT, "CreatePolicy", json!({"Type": RCP, "Name": "x", "Content": content}))).0
    };
    for (right, wrong) in [
        (r#""Effect":"Deny""#, r#""Effect":"Allow""#),
        (r#""Principal":"*""#, r#""Principal":{"AWS":"111111111111"}"#),
        (r#""Principal":"*","#, ""),
        (r#""Action":"s3:*""#, r#""Action":"*""#),
        (r#""Action":"s3:*""#, r#""NotAction":"s3:*""#),
        (r#""Action":"s3:*""#, r#""Action":["s3:*","*"]"#),
        ("2012-10-17", "2008-10-17"),
    ] {
        assert!(DENY_OUTSIDERS.contains(right), "{right}");
        assert_eq!(create(&DENY_OUTSIDERS.replace(right, wrong)), "MalformedPolicyDocumentException", "{wrong}");
    }
}

#[test]
fn enabling_rcps_attaches_awss_own_everywhere_for_good_and_disabling_takes_all_away() {
    let mut world = world();
    let of_root = json!({"RootId": "r-ab12", "PolicyType": RCP});
    call(&mut world, MANAGEMENT, "EnablePolicyType", of_root.clone()).expect("enabled");
    let unit = json!({"ParentId": "r-ab12", "Name": "Prod"});
    let unit = call(&mut world, MANAGEMENT, "CreateOrganizationalUnit", unit).expect("made");
    let listed = |world: &mut World, target: &Value| -> Vec<Value> {
        let input = json!({"TargetId": target, "Filter": RCP});
        let answer = call(world, MANAGEMENT, "ListPoliciesForTarget", input).expect("listed");
        answer["Policies"].as_array().expect("a list").iter().map(|policy| policy["Id"].clone()).collect()
    };
    let nodes = [json!("r-ab12"), json!(MEMBER), json!(MANAGEMENT), unit["OrganizationalUnit"]["Id"].clone()];
    for node in &nodes {
        assert_eq!(listed(&mut world, node), ["p-RCPFullAWSAccess"], "{node}");
    }
    let detach = json!({"PolicyId": "p-RCPFullAWSAccess", "TargetId": MEMBER});
    let refused = code(call(&mut world, MANAGEMENT, "DetachPolicy", detach));
    assert_eq!(refused, ("InvalidInputException".to_owned(), Some("NON_DETACHABLE_POLICY".to_owned())));
    call(&mut world, MANAGEMENT, "DisablePolicyType", of_root).expect("disabled");
    for node in &nodes {
        assert!(listed(&mut world, node).is_empty(), "{node}");
    }
}

#[test]
fn pages_hold_at_most_twenty() {
    let mut world = world();
    let error = code(call(&mut world, MANAGEMENT, "ListAccounts", json!({"MaxResults": 21})));
    assert_eq!(error.0, "InvalidInputException");
    let token = code(call(&mut world, MANAGEMENT, "ListAccounts", json!({"NextToken": "x"})));
    assert_eq!(token.1.as_deref(), Some("INVALID_NEXT_TOKEN"));
}

#[test]
fn tags_are_kept_from_the_beginning_and_limited() {
    let mut world = world();
    let tags = json!([{"Key": "team", "Value": "a"}]);
    let input = json!({"ParentId": "r-ab12", "Name": "Prod", "Tags": tags});
    let unit = call(&mut world, MANAGEMENT, "CreateOrganizationalUnit", input).expect("made");
    let id = unit["OrganizationalUnit"]["Id"].clone();
    let listed = call(&mut world, MANAGEMENT, "ListTagsForResource", json!({"ResourceId": id})).expect("listed");
    assert_eq!(listed["Tags"], tags);
    let missing = call(&mut world, MANAGEMENT, "ListTagsForResource", json!({"ResourceId": "p-none"}));
    assert_eq!(code(missing).0, "TargetNotFoundException");
    let system = json!({"ResourceId": id, "Tags": [{"Key": "aws:x", "Value": ""}]});
    assert_eq!(code(call(&mut world, MANAGEMENT, "TagResource", system)).0, "InvalidInputException");
    let many: Vec<Value> = (0..50).map(|n| json!({"Key": format!("k{n}"), "Value": ""})).collect();
    let refused = call(&mut world, MANAGEMENT, "TagResource", json!({"ResourceId": id, "Tags": many}));
    assert_eq!(code(refused).1.as_deref(), Some("MAX_TAG_LIMIT_EXCEEDED"));
    let same = json!({"OrganizationalUnitId": id, "Name": "Prod"});
    call(&mut world, MANAGEMENT, "UpdateOrganizationalUnit", same).expect("its own name is free to it");
}

#[test]
fn a_member_may_leave_and_the_management_account_hears_of_it() {
    let mut world = world();
    let stays = call(&mut world, MANAGEMENT, "LeaveOrganization", json!({}));
    assert_eq!(code(stays).0, "MasterCannotLeaveOrganizationException");
    call(&mut world, MEMBER, "LeaveOrganization", json!({})).expect("left");
    let left = call(&mut world, MEMBER, "DescribeOrganization", json!({}));
    assert_eq!(code(left).0, "AWSOrganizationsNotInUseException");
    let accounts = call(&mut world, MANAGEMENT, "ListAccounts", json!({})).expect("listed");
    assert_eq!(accounts["Accounts"].as_array().map(Vec::len), Some(1));
    let management: AccountId = MANAGEMENT.parse().expect("valid");
    let history = &world.cloudtrail.get(&management).expect("a history").history;
    let told = history.last().expect("an event");
    assert_eq!((told.name.as_str(), told.caller.as_deref()), ("AccountDepartedOrganization", None));
    assert_eq!(told.service_event_details.as_ref().map(|details| &details["accountId"]), Some(&json!(MEMBER)));
}

#[test]
fn a_delegated_administrator_may_not_leave() {
    let mut world = world();
    call(&mut world, MANAGEMENT, "EnableAWSServiceAccess", json!({"ServicePrincipal": "config.amazonaws.com"}))
        .expect("trusted");
    let input = json!({"ServicePrincipal": "config.amazonaws.com", "AccountId": MEMBER});
    call(&mut world, MANAGEMENT, "RegisterDelegatedAdministrator", input).expect("registered");
    let refused = call(&mut world, MEMBER, "LeaveOrganization", json!({}));
    assert_eq!(code(refused).1.as_deref(), Some("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"));
}
