//! From what was read of an organization to what binds an account.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{
    Account, AccountState, AuthorizationPolicy, FeatureSet, Organization, RESOURCE_CONTROL_POLICY, Root,
    SERVICE_CONTROL_POLICY, Unit,
};

use super::*;
use crate::context::Context;
use crate::request::{Principal, Request};

const MANAGEMENT: &str = "999988887777";
const MEMBER: &str = "111122223333";
const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Sid":"Guard","Effect":"Deny","Action":"cloudtrail:*","Resource":"*"}}"#;

const ALLOW_RCP: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
const DENY_RCP: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"Bucket","Effect":"Deny","Principal":"*",
    "Action":["s3:DeleteBucketPolicy","cloudtrail:*"],"Resource":"*"}}"#;
const ALL: &[&str] = &["r-ab12", "ou-top", "ou-deep", MEMBER, MANAGEMENT];

fn id(text: &str) -> AccountId {
    text.parse().expect("an account id")
}

fn scp(name: &str, text: &str, targets: &[&str]) -> (String, AuthorizationPolicy) {
    let policy = AuthorizationPolicy {
        id: name.to_owned(),
        name: name.to_owned(),
        aws_managed: false,
        content: Observed::Known(text.to_owned()),
        targets: Observed::Known(targets.iter().map(|target| (*target).to_owned()).collect()),
    };
    (name.to_owned(), policy)
}

fn organization(policies: &[(String, AuthorizationPolicy)]) -> Organization {
    let account = |account: &str, parent: &str| {
        let account = Account {
            id: id(account),
            name: account.to_owned(),
            state: AccountState::Active,
            joined_method: None,
            parent: Observed::Known(parent.to_owned()),
        };
        (account.id.clone(), account)
    };
    let unit = |id: &str, parent: &str| {
        (id.to_owned(), Unit { id: id.to_owned(), name: id.to_owned(), parent: parent.to_owned() })
    };
    Organization {
        id: "o-a1b2c3d4e5".to_owned(),
        arn: "arn:aws:organizations::999988887777:organization/o-a1b2c3d4e5".parse().expect("an ARN"),
        management_account: id(MANAGEMENT),
        feature_set: FeatureSet::All,
        root: Observed::Known(Root {
            id: "r-ab12".to_owned(),
            enabled_policy_types: [SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY].map(str::to_owned).into(),
        }),
        units: Observed::Known(BTreeMap::from([unit("ou-top", "r-ab12"), unit("ou-deep", "ou-top")])),
        accounts: BTreeMap::from([account(MANAGEMENT, "r-ab12"), account(MEMBER, "ou-deep")]),
        service_control_policies: Observed::Known(policies.iter().cloned().collect()),
        resource_control_policies: Observed::Known(BTreeMap::from([scp("p-RCPFullAWSAccess", ALLOW_RCP, ALL)])),
        trusted_services: Observed::Known(BTreeSet::new()),
        delegated_administrators: Observed::Known(Vec::new()),
    }
}

fn full() -> (String, AuthorizationPolicy) {
    scp("p-FullAWSAccess", ALLOW, ALL)
}

fn stop_logging(organization: &Organization, account: &str, principal: &str) -> ChainVerdict {
    let chain = Chains::new(organization).expect("read").of(&id(account)).expect("read");
    chain.evaluate(&Request {
        principal: Principal::Aws(format!("arn:aws:iam::{account}:{principal}")),
        action: "cloudtrail:StopLogging".to_owned(),
        resource: format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/main"),
        context: Context::new(),
    })
}

#[test]
fn a_deny_above_reaches_the_account_and_is_named() {
    let organization = organization(&[full(), scp("p-guard", DENY, &["ou-top"])]);
    match stop_logging(&organization, MEMBER, "root") {
        ChainVerdict::ExplicitDeny(place) => {
            assert_eq!(place.to_string(), "statement \"Guard\" (line 1, column 37) of p-guard at ou-top");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        stop_logging(&organization, MANAGEMENT, "role/Admin"),
        ChainVerdict::NotBound(Unbound::ManagementAccount)
    );
    assert_eq!(
        stop_logging(
            &organization,
            MEMBER,
            "role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail"
        ),
        ChainVerdict::NotBound(Unbound::ServiceLinkedRole)
    );
}

#[test]
fn every_node_needs_an_allow_of_its_own() {
    let open = organization(&[full()]);
    assert!(matches!(stop_logging(&open, MEMBER, "root"), ChainVerdict::Allowed(places) if places.len() == 4));
    let list = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#;
    let full = scp("p-FullAWSAccess", ALLOW, &["r-ab12", "ou-top", MEMBER]);
    let listed = organization(&[full, scp("p-list", list, &["ou-deep"])]);
    assert_eq!(stop_logging(&listed, MEMBER, "root"), ChainVerdict::ImplicitDeny { node: "ou-deep".to_owned() });
}

#[test]
fn a_disabled_policy_type_binds_nobody() {
    let mut organization = organization(&[full(), scp("p-guard", DENY, &["r-ab12"])]);
    organization.root = Observed::Known(Root { id: "r-ab12".to_owned(), enabled_policy_types: BTreeSet::new() });
    assert_eq!(stop_logging(&organization, MEMBER, "root"), ChainVerdict::NotBound(Unbound::TypeDisabled));
}

#[test]
fn what_was_not_read_leaves_the_verdict_open_unless_a_deny_is_known() {
    let gap = || Gap::not_collected("organizations:DescribePolicy", None, None);
    let mut unread = scp("p-unread", DENY, &["ou-top"]);
    unread.1.content = Observed::Gap(gap());
    assert!(matches!(
        stop_logging(&organization(&[full(), unread.clone()]), MEMBER, "root"),
        ChainVerdict::Undecided(_)
    ));
    let guarded = organization(&[full(), unread.clone(), scp("p-guard", DENY, &["r-ab12"])]);
    assert!(matches!(stop_logging(&guarded, MEMBER, "root"), ChainVerdict::ExplicitDeny(_)));
    unread.1.content = Observed::Known(DENY.to_owned());
    unread.1.targets = Observed::Gap(gap());
    assert!(matches!(stop_logging(&organization(&[full(), unread]), MEMBER, "root"), ChainVerdict::Undecided(_)));
    assert!(
        matches!(stop_logging(&organization(&[]), MEMBER, "root"), ChainVerdict::Undecided(_)),
        "nothing read anywhere"
    );
}

fn guarded_by_rcp() -> Organization {
    let mut organization = organization(&[full()]);
    let policies = [scp("p-RCPFullAWSAccess", ALLOW_RCP, ALL), scp("p-bucket", DENY_RCP, &["ou-top"])];
    organization.resource_control_policies = Observed::Known(policies.into());
    organization
}

fn on_bucket(principal: Principal) -> Request {
    Request {
        principal,
        action: "s3:DeleteBucketPolicy".to_owned(),
        resource: "arn:aws:s3:::logs".to_owned(),
        context: Context::new(),
    }
}

#[test]
fn an_rcp_binds_whoever_calls_on_the_resources_of_the_account() {
    let organization = guarded_by_rcp();
    let chains = Chains::resource_control(&organization).expect("read");
    let chain = chains.of(&id(MEMBER)).expect("read");
    let callers = [
        Principal::Aws(format!("arn:aws:iam::{MEMBER}:role/Admin")),
        Principal::Aws("arn:aws:iam::444455556666:root".to_owned()),
        Principal::Service("config.amazonaws.com".to_owned()),
        Principal::Anonymous,
    ];
    for caller in callers {
        match chain.evaluate(&on_bucket(caller.clone())) {
            ChainVerdict::ExplicitDeny(place) => {
                assert_eq!((place.node.as_str(), place.policy.as_str()), ("ou-top", "p-bucket"))
            }
            other => panic!("{caller}: {other:?}"),
        }
    }
    let linked = format!("arn:aws:iam::{MEMBER}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig");
    assert_eq!(chain.evaluate(&on_bucket(Principal::Aws(linked))), ChainVerdict::NotBound(Unbound::ServiceLinkedRole));
    let management = chains.of(&id(MANAGEMENT)).expect("read");
    assert_eq!(
        management.evaluate(&on_bucket(Principal::Anonymous)),
        ChainVerdict::NotBound(Unbound::ManagementAccount)
    );
}

#[test]
fn an_rcp_has_no_say_on_services_it_does_not_cover_and_on_resources_of_others() {
    let organization = guarded_by_rcp();
    let chain = Chains::resource_control(&organization).expect("read").of(&id(MEMBER)).expect("read");
    let mut request = on_bucket(Principal::Anonymous);
    request.action = "cloudtrail:StopLogging".to_owned();
    assert_eq!(chain.evaluate(&request), ChainVerdict::NotBound(Unbound::NotCovered));
    request.action = "kms:DisableKey".to_owned();
    request.resource = "arn:aws:kms:eu-west-1:444455556666:key/1".to_owned();
    assert_eq!(chain.evaluate(&request), ChainVerdict::NotBound(Unbound::OtherAccount));
}

#[test]
fn joined_chains_deny_what_either_denies() {
    let mut organization = guarded_by_rcp();
    let both = |organization: &Organization| {
        let scps = Chains::new(organization).expect("read").of(&id(MEMBER)).expect("read");
        scps.joined_with(Chains::resource_control(organization).expect("read").of(&id(MEMBER)).expect("read"))
    };
    let admin = Principal::Aws(format!("arn:aws:iam::{MEMBER}:role/Admin"));
    let stop = Request { action: "cloudtrail:StopLogging".to_owned(), ..on_bucket(admin.clone()) };
    let chain = both(&organization);
    assert!(matches!(chain.evaluate(&on_bucket(admin.clone())), ChainVerdict::ExplicitDeny(_)), "by the RCP");
    assert!(matches!(chain.evaluate(&stop), ChainVerdict::Allowed(places) if places.len() == 4), "no RCP in the way");
    organization.service_control_policies = Observed::Known([full(), scp("p-guard", DENY, &["ou-top"])].into());
    assert!(matches!(both(&organization).evaluate(&stop), ChainVerdict::ExplicitDeny(_)), "by the SCP");
    let types = BTreeSet::from([RESOURCE_CONTROL_POLICY.to_owned()]);
    organization.root = Observed::Known(Root { id: "r-ab12".to_owned(), enabled_policy_types: types });
    let chain = both(&organization);
    assert_eq!(chain.unbound, None);
    assert_eq!(chain.evaluate(&stop), ChainVerdict::NotBound(Unbound::NotCovered));
    assert!(matches!(chain.evaluate(&on_bucket(admin)), ChainVerdict::ExplicitDeny(_)));
}

#[test]
fn an_rcp_that_nobody_can_detach_allows_at_every_node() {
    let mut organization = guarded_by_rcp();
    organization.resource_control_policies = Observed::Known([scp("p-bucket", DENY_RCP, &["ou-top"])].into());
    let chain = Chains::resource_control(&organization).expect("read").of(&id(MEMBER)).expect("read");
    let admin = || Principal::Aws(format!("arn:aws:iam::{MEMBER}:role/Admin"));
    let read = Request { action: "s3:GetBucketPolicy".to_owned(), ..on_bucket(admin()) };
    match chain.evaluate(&read) {
        ChainVerdict::Allowed(places) => assert!(places.iter().all(|place| place.policy == "p-RCPFullAWSAccess")),
        other => panic!("{other:?}"),
    }
    assert!(matches!(chain.evaluate(&on_bucket(admin())), ChainVerdict::ExplicitDeny(_)));
}
