//! An organization of three accounts, what it guards, and events of its history.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::history::PastEvent;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Observed;
use trailwarden_model::organization::{
    Account, AccountState, AuthorizationPolicy, FULL_AWS_ACCESS, FeatureSet, Organization, Root,
    SERVICE_CONTROL_POLICY, Unit,
};
use trailwarden_model::usage::PlaceUsage;
use trailwarden_policy::{Composition, Guarded, Limits, Owner, Profile, Resource, ResourceKind, compose};

pub const MANAGEMENT: &str = "999988887777";
pub const ARCHIVE: &str = "222233334444";
pub const WORKLOAD: &str = "111122223333";
pub const OU: &str = "ou-1-workload";
pub const GUARDIAN: &str = "arn:aws:iam::*:role/TrailAdministrator";

const FULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

pub fn account(id: &str) -> AccountId {
    id.parse().expect("an account id")
}

/// The log archive below the root, the workload in an OU; full access everywhere, and these policies (id, text, node).
pub fn organization(policies: &[(&str, &str, &str)]) -> Organization {
    let policy = |id: &str, text: &str, targets: &[&str]| {
        let policy = AuthorizationPolicy {
            id: id.to_owned(),
            name: id.to_owned(),
            aws_managed: id == FULL_AWS_ACCESS,
            content: Observed::Known(text.to_owned()),
            targets: Observed::Known(targets.iter().map(|node| (*node).to_owned()).collect()),
        };
        (id.to_owned(), policy)
    };
    let full = policy(FULL_AWS_ACCESS, FULL, &["r-1", OU, MANAGEMENT, ARCHIVE, WORKLOAD]);
    let member = |id: &str, parent: &str| {
        let (id, parent) = (account(id), Observed::Known(parent.to_owned()));
        (id.clone(), Account { id, name: String::new(), state: AccountState::Active, joined_method: None, parent })
    };
    let unit = Unit { id: OU.to_owned(), name: "Workload".to_owned(), parent: "r-1".to_owned() };
    Organization {
        id: "o-a1b2c3d4e5".to_owned(),
        arn: format!("arn:aws:organizations::{MANAGEMENT}:organization/o-a1b2c3d4e5").parse().expect("an ARN"),
        management_account: account(MANAGEMENT),
        feature_set: FeatureSet::All,
        root: Observed::Known(Root {
            id: "r-1".to_owned(),
            enabled_policy_types: [SERVICE_CONTROL_POLICY.to_owned()].into(),
        }),
        units: Observed::Known([(OU.to_owned(), unit)].into()),
        accounts: [member(MANAGEMENT, "r-1"), member(ARCHIVE, "r-1"), member(WORKLOAD, OU)].into(),
        service_control_policies: Observed::Known(
            policies.iter().map(|(id, text, node)| policy(id, text, &[node])).chain([full]).collect(),
        ),
        resource_control_policies: Observed::Known(BTreeMap::new()),
        trusted_services: Observed::Known(BTreeSet::new()),
        delegated_administrators: Observed::Known(Vec::new()),
    }
}

/// A bucket and key in the log archive, a log group and its role in the workload; one exception.
pub fn composed(profile: Profile) -> Composition {
    let resource = |kind, arn: &str, owner| (Resource { kind, arn: arn.to_owned() }, Owner::Account(account(owner)));
    let guarded = Guarded {
        partition: "aws".to_owned(),
        organization: "o-a1b2c3d4e5".to_owned(),
        management_account: account(MANAGEMENT),
        members: [ARCHIVE, WORKLOAD].map(account).into(),
        trails: BTreeSet::new(),
        resources: BTreeMap::from([
            resource(ResourceKind::Bucket, "arn:aws:s3:::acme-trail", ARCHIVE),
            resource(ResourceKind::Key, "arn:aws:kms:eu-west-1:222233334444:key/1a2b", ARCHIVE),
            resource(ResourceKind::LogGroup, "arn:aws:logs:eu-west-1:111122223333:log-group:own", WORKLOAD),
            resource(ResourceKind::Role, "arn:aws:iam::111122223333:role/service-role/Delivery", WORKLOAD),
        ]),
        unread: BTreeMap::new(),
        exceptions: [GUARDIAN.to_owned()].into(),
    };
    compose(profile, &guarded, Limits::default()).expect("composed")
}

/// An event of November 2026 in eu-west-1; of a service of its own accord when no role is given.
#[derive(Clone)]
pub struct Event<'a> {
    pub service: &'a str,
    pub name: &'a str,
    pub role: &'a str,
    pub day: u32,
    pub error: bool,
    pub via: Option<&'a str>,
    pub resources: Vec<&'a str>,
}

impl<'a> Event<'a> {
    pub fn of(service: &'a str, name: &'a str) -> Self {
        Self { service, name, role: "any", day: 1, error: false, via: None, resources: Vec::new() }
    }

    fn past(&self, account: &str) -> PastEvent {
        let issuer = (!self.role.is_empty()).then(|| format!("arn:aws:iam::{account}:role/{}", self.role));
        let name = self.role.rsplit('/').next().unwrap_or_default();
        PastEvent {
            id: String::new(),
            time: format!("2026-11-{:02}T00:00:00Z", self.day).parse().expect("a time"),
            source: format!("{}.amazonaws.com", self.service),
            name: self.name.to_owned(),
            region: "eu-west-1".parse().expect("a region"),
            principal: issuer.as_ref().map(|_| format!("arn:aws:sts::{account}:assumed-role/{name}/jo")),
            invoked_by: self.via.map(str::to_owned).or(issuer.is_none().then(|| "config.amazonaws.com".to_owned())),
            session_issuer: issuer,
            source_ip: None,
            resources: self.resources.iter().map(|name| (*name).to_owned()).collect(),
            error_code: self.error.then(|| "AccessDenied".to_owned()),
        }
    }
}

/// What one account answered.
pub fn place(of: &str, events: &[Event<'_>]) -> PlaceUsage {
    PlaceUsage {
        account: account(of),
        region: "eu-west-1".parse().ok(),
        n_requests: 1,
        gap: None,
        events: events.iter().map(|event| event.past(of)).collect(),
    }
}
