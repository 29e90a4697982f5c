//! Who is bound by what.

use serde_json::Value;

use super::*;
use crate::request::Http;
use crate::world::iam::{ADMINISTRATOR, Iam, Role};
use crate::world::organizations::{FULL_AWS_ACCESS_TEXT, Member, Organization, POLICY_TYPES, Policy, RCP, SCP};

const MANAGEMENT: &str = "111111111111";
const MEMBER: &str = "222222222222";
const DENY_STOP: &str = r#"{"Statement":[{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"*"}]}"#;

fn world(member_policies: &[(&str, &str)]) -> World {
    let now = "2026-11-20T12:00:00Z".parse().expect("valid");
    let member = |parent: &str| Member {
        name: "x".to_owned(),
        email: "x@example.com".to_owned(),
        state: "ACTIVE".to_owned(),
        joined_method: "CREATED".to_owned(),
        joined: now,
        parent: parent.to_owned(),
    };
    let mut policies = vec![("p-full", FULL_AWS_ACCESS_TEXT)];
    policies.extend(member_policies);
    let attach = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    let own: Vec<&str> = member_policies.iter().map(|(id, _)| *id).collect();
    let mut world = World {
        organization: Some(Organization {
            id: "o-exampleorg1".to_owned(),
            management_account: MANAGEMENT.parse().expect("valid"),
            feature_set: "ALL".to_owned(),
            root: "r-ab12".to_owned(),
            units: [].into(),
            accounts: [MANAGEMENT, MEMBER].map(|id| (id.parse().expect("valid"), member("r-ab12"))).into(),
            policies: policies
                .into_iter()
                .map(|(id, content)| {
                    let policy = Policy {
                        name: id.to_owned(),
                        description: String::new(),
                        kind: SCP.to_owned(),
                        content: content.to_owned(),
                        aws_managed: false,
                    };
                    (id.to_owned(), policy)
                })
                .collect(),
            attachments: [
                ("r-ab12".to_owned(), attach(&["p-full"])),
                (MANAGEMENT.to_owned(), attach(&own)),
                (MEMBER.to_owned(), attach(&own)),
            ]
            .into(),
            policy_types: [(SCP.to_owned(), "ENABLED".to_owned())].into(),
            trusted_services: [].into(),
            delegated: [].into(),
            tags: [].into(),
        }),
        ..World::default()
    };
    for account in [MANAGEMENT, MEMBER] {
        let mut iam = Iam::default();
        let inline = [("all".to_owned(), ADMINISTRATOR.to_owned())].into();
        iam.roles.insert("admin".to_owned(), Role { inline, ..Role::default() });
        let path = "/aws-service-role/cloudtrail.amazonaws.com/".to_owned();
        let inline = [("all".to_owned(), ADMINISTRATOR.to_owned())].into();
        iam.roles.insert("AWSServiceRoleForCloudTrail".to_owned(), Role { path, inline, ..Role::default() });
        iam.roles.insert("nobody".to_owned(), Role::default());
        world.iam.insert(account.parse().expect("valid"), iam);
    }
    world
}

fn request(world: &World, account: &str, role: &str) -> Request {
    let account = account.parse().expect("valid");
    let caller = Caller {
        access_key: "ASIA1".to_owned(),
        kind: CallerKind::Role,
        name: role.to_owned(),
        arn: format!("arn:aws:sts::{account}:assumed-role/{role}/me"),
        principal_arn: world.iam[&account].role_arn("aws", &account, role),
        user_id: "AROA1:me".to_owned(),
        account,
    };
    Request {
        id: "id".to_owned(),
        operation: "StopLogging".to_owned(),
        caller,
        region: "eu-west-1".parse().expect("valid"),
        now: "2026-11-20T12:00:00Z".parse().expect("valid"),
        input: Value::Null,
        http: Http::default(),
    }
}

fn ask(world: &World, account: &str, role: &str, access: &Access) -> Result<(), AwsError> {
    authorize(&request(world, account, role), world, access, Wire::Json(""), "AccessDeniedException")
}

#[test]
fn a_deny_binds_members_but_neither_management_nor_service_linked_roles() {
    let world = world(&[("p-deny", DENY_STOP), ("p-own", FULL_AWS_ACCESS_TEXT)]);
    let stop = Access::on("cloudtrail:StopLogging", "*");
    let error = ask(&world, MEMBER, "admin", &stop).expect_err("denied");
    assert_eq!((error.code.as_str(), error.status), ("AccessDeniedException", 400));
    assert!(error.message.ends_with("with an explicit deny in a service control policy"), "{}", error.message);
    assert!(ask(&world, MEMBER, "AWSServiceRoleForCloudTrail", &stop).is_ok());
    assert!(ask(&world, MANAGEMENT, "admin", &stop).is_ok());
    assert!(ask(&world, MEMBER, "admin", &Access::on("cloudtrail:GetTrail", "*")).is_ok());
}

#[test]
fn every_level_must_allow_and_a_disabled_type_binds_nobody() {
    let mut world = world(&[("p-deny", DENY_STOP)]);
    let read = Access::on("cloudtrail:GetTrail", "*");
    let error = ask(&world, MEMBER, "admin", &read).expect_err("no allow on the account");
    assert!(error.message.contains("because no service control policy allows"), "{}", error.message);
    if let Some(organization) = &mut world.organization {
        organization.policy_types.clear();
    }
    assert!(ask(&world, MEMBER, "admin", &read).is_ok());
}

#[test]
fn every_resource_of_a_call_must_be_allowed() {
    const DENY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"cloudwatch:DeleteAlarms",
        "Resource":"arn:aws:cloudwatch:*:*:alarm:cis-*"}}"#;
    let world = world(&[("p-deny", DENY), ("p-own", FULL_AWS_ACCESS_TEXT)]);
    let mut delete = Access::on("cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:eu-west-1:1:alarm:other");
    assert!(ask(&world, MEMBER, "admin", &delete).is_ok());
    delete.also.push("arn:aws:cloudwatch:eu-west-1:1:alarm:cis-1".to_owned());
    let error = ask(&world, MEMBER, "admin", &delete).expect_err("denied");
    assert!(error.message.contains("alarm:cis-1 with an explicit deny"), "{}", error.message);
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let world = world(&[("p-own", FULL_AWS_ACCESS_TEXT)]);
    let bucket = |document: Option<&str>| Access {
        resource_policy: Some(ResourcePolicy {
            owner: MANAGEMENT.parse().expect("valid"),
            document: document.map(str::to_owned),
            required: false,
        }),
        ..Access::on("s3:GetObject", "arn:aws:s3:::b/k")
    };
    let open = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}"#;
    assert!(ask(&world, MEMBER, "admin", &bucket(None)).is_err());
    assert!(ask(&world, MEMBER, "admin", &bucket(Some(open))).is_ok());
    assert!(ask(&world, MEMBER, "nobody", &bucket(Some(open))).is_err());
    assert!(ask(&world, MANAGEMENT, "nobody", &bucket(Some(open))).is_ok(), "one side is enough at home");
    assert!(ask(&world, MANAGEMENT, "admin", &bucket(None)).is_ok());
}

/// Members' resources are bound by this RCP of the root.
fn under_rcp(mut world: World, content: &str) -> World {
    let organization = world.organization.as_mut().expect("an organization");
    organization.enable(POLICY_TYPES.iter().find(|of| of.name == RCP).expect("the type"));
    let policy = Policy {
        name: "rcp".to_owned(),
        description: String::new(),
        kind: RCP.to_owned(),
        content: content.to_owned(),
        aws_managed: false,
    };
    organization.policies.insert("p-rcp".to_owned(), policy);
    organization.attachments.entry("r-ab12".to_owned()).or_default().insert("p-rcp".to_owned());
    world
}

const DENY_DELETION: &str =
    r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::b"}]}"#;

fn bucket_of(owner: &str) -> Access {
    let owner = owner.parse().expect("valid");
    Access {
        resource_policy: Some(ResourcePolicy { owner, document: None, required: false }),
        ..Access::on("s3:DeleteBucket", "arn:aws:s3:::b")
    }
}

#[test]
fn an_rcp_binds_whoever_touches_a_members_resource_and_nothing_of_the_management_account() {
    let world = under_rcp(world(&[("p-own", FULL_AWS_ACCESS_TEXT)]), DENY_DELETION);
    for caller in [MEMBER, MANAGEMENT] {
        let error = ask(&world, caller, "admin", &bucket_of(MEMBER)).expect_err("denied");
        assert!(error.message.ends_with("with an explicit deny in a resource control policy"), "{}", error.message);
    }
    assert!(ask(&world, MEMBER, "AWSServiceRoleForCloudTrail", &bucket_of(MEMBER)).is_ok());
    assert!(ask(&world, MANAGEMENT, "admin", &bucket_of(MANAGEMENT)).is_ok());
}

#[test]
fn an_rcp_binds_nothing_while_its_type_is_disabled_and_reaches_only_the_services_that_aws_names() {
    let mut disabled = under_rcp(world(&[("p-own", FULL_AWS_ACCESS_TEXT)]), DENY_DELETION);
    disabled.organization.as_mut().expect("an organization").policy_types.remove(RCP);
    assert!(ask(&disabled, MEMBER, "admin", &bucket_of(MEMBER)).is_ok());
    let everything = DENY_DELETION.replace("s3:DeleteBucket", "cloudtrail:*").replace("arn:aws:s3:::b", "*");
    let world = under_rcp(world(&[("p-own", FULL_AWS_ACCESS_TEXT)]), &everything);
    let trail = "arn:aws:cloudtrail:eu-west-1:222222222222:trail/local";
    assert!(ask(&world, MEMBER, "admin", &Access::on("cloudtrail:StopLogging", trail)).is_ok());
}

#[test]
fn an_rcp_knows_the_account_and_the_organization_of_the_resource() {
    let outsiders = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
        "Condition":{"StringNotEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}}]}"#;
    let world = under_rcp(world(&[("p-own", FULL_AWS_ACCESS_TEXT)]), outsiders);
    assert!(ask(&world, MEMBER, "admin", &bucket_of(MEMBER)).is_ok());
    let paths = outsiders
        .replace("StringNotEquals", "ForAllValues:StringNotLike")
        .replace("aws:ResourceOrgID", "aws:PrincipalOrgPaths")
        .replace("${aws:PrincipalOrgID}", "o-exampleorg1/r-ab12/*");
    let world = under_rcp(world, &paths);
    assert!(ask(&world, MEMBER, "admin", &bucket_of(MEMBER)).is_ok());
    let elsewhere = outsiders.replace("${aws:PrincipalOrgID}", "o-another");
    let world = under_rcp(world, &elsewhere);
    assert!(ask(&world, MEMBER, "admin", &bucket_of(MEMBER)).is_err());
}
