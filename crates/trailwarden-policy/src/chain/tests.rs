//! From what was read of an organization to what binds an account.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{
    Account, AccountState, AuthorizationPolicy, FeatureSet, Organization, Root, SERVICE_CONTROL_POLICY, Unit,
};

use super::*;
use crate::context::Context;
use crate::request::Principal;

const MANAGEMENT: &str = "999988887777";
const MEMBER: &str = "111122223333";
const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Sid":"Guard","Effect":"Deny","Action":"cloudtrail:*","Resource":"*"}}"#;

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
            enabled_policy_types: BTreeSet::from([SERVICE_CONTROL_POLICY.to_owned()]),
        }),
        units: Observed::Known(BTreeMap::from([unit("ou-top", "r-ab12"), unit("ou-deep", "ou-top")])),
        accounts: BTreeMap::from([account(MANAGEMENT, "r-ab12"), account(MEMBER, "ou-deep")]),
        service_control_policies: Observed::Known(policies.iter().cloned().collect()),
        resource_control_policies: Observed::Known(BTreeMap::new()),
        trusted_services: Observed::Known(BTreeSet::new()),
        delegated_administrators: Observed::Known(Vec::new()),
    }
}

fn full() -> (String, AuthorizationPolicy) {
    scp("p-FullAWSAccess", ALLOW, &["r-ab12", "ou-top", "ou-deep", MEMBER, MANAGEMENT])
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
