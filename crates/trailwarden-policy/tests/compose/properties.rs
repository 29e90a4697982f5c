//! Whatever is to be guarded and however small the quota: the documents fit, are accepted, and deny call by call.

use std::sync::Arc;

use proptest::prelude::*;
use trailwarden_policy::{
    AttachedPolicy, Attachment, Call, Chain, ChainNode, ChainVerdict, ComposeError, Composition, Context, Document,
    Guarded, Kind, Limits, Owner, Principal, Profile, Request, Resource, ResourceKind, compose, lint, tamper,
};

use super::{ARCHIVE, GUARDIAN, MANAGEMENT, WORKLOAD, account};

const FULL: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

fn arn(kind: ResourceKind, owner: &str, name: u16) -> String {
    match kind {
        ResourceKind::Bucket => format!("arn:aws:s3:::logs-{owner}-{name}"),
        ResourceKind::Key => format!("arn:aws:kms:eu-west-1:{owner}:key/{name:08x}"),
        ResourceKind::LogGroup => format!("arn:aws:logs:eu-west-1:{owner}:log-group:trail/{name}"),
        ResourceKind::Role => format!("arn:aws:iam::{owner}:role/service-role/Delivery{name}"),
        ResourceKind::Alarm => format!("arn:aws:cloudwatch:eu-west-1:{owner}:alarm:Tampering {name}*"),
        ResourceKind::Rule => format!("arn:aws:events:eu-west-1:{owner}:rule/tampering-{name}"),
    }
}

fn resources(up_to: usize) -> impl Strategy<Value = Vec<(Resource, Owner)>> {
    use ResourceKind::{Alarm, Bucket, Key, LogGroup, Role, Rule};
    let kind = prop::sample::select(vec![Bucket, Key, LogGroup, Role, Alarm, Rule]);
    let owner = prop::sample::select(vec![MANAGEMENT, ARCHIVE, WORKLOAD]);
    let one = (kind, owner, any::<u16>()).prop_map(|(kind, owner, name)| {
        (Resource { kind, arn: arn(kind, owner, name) }, Owner::Account(account(owner)))
    });
    prop::collection::vec(one, 0..up_to)
}

fn exceptions() -> impl Strategy<Value = Vec<String>> {
    let other = prop::sample::select(vec![
        "arn:aws:iam::*:role/break-glass/*",
        "arn:aws:iam::111122223333:user/carol",
        "arn:aws:iam::2222*:role/Archive?",
    ]);
    prop::collection::vec(other, 0..4)
        .prop_map(|others| others.into_iter().chain([GUARDIAN]).map(str::to_owned).collect())
}

fn guarded(resources: impl IntoIterator<Item = (Resource, Owner)>, exceptions: &[String]) -> Guarded {
    Guarded {
        resources: resources.into_iter().collect(),
        exceptions: exceptions.iter().cloned().collect(),
        ..super::guarded(&[])
    }
}

pub(super) fn attached(kind: Kind, name: &str, text: &str) -> Arc<AttachedPolicy> {
    let document = Document::parse(kind, text);
    assert!(document.is_ok(), "{name} is refused: {document:?}");
    Arc::new(AttachedPolicy { id: name.to_owned(), name: name.to_owned(), document })
}

/// The account with the composed policies where they belong.
fn chain(composition: &Composition, account: &str) -> Chain {
    let node = |id: &str, holds: &dyn Fn(&Attachment) -> bool| {
        let composed = composition.policies.iter().filter(|policy| policy.kind == Kind::ServiceControl);
        let composed = composed.filter(|policy| holds(&policy.attach_to));
        let composed = composed.map(|policy| attached(policy.kind, &policy.name, &policy.text));
        let full = attached(Kind::ServiceControl, "p-FullAWSAccess", FULL);
        let policies = std::iter::once(full).chain(composed).collect();
        Arc::new(ChainNode { id: id.to_owned(), kind: Kind::ServiceControl, policies, gaps: Vec::new() })
    };
    let is_own = |at: &Attachment| matches!(at, Attachment::Account(id) if id.as_str() == account);
    Chain {
        account: account.to_owned(),
        organization: Some("o-a1b2c3d4e5".to_owned()),
        unbound: None,
        nodes: vec![node("r-ab12", &|at| *at == Attachment::Root), node(account, &is_own)],
    }
}

/// SCPs of this length, and any number of policies.
fn unlimited(characters: usize) -> Limits {
    Limits { characters, policies_per_node: usize::MAX, rcp_policies_per_node: usize::MAX, ..Limits::default() }
}

fn calls(resource: &Resource) -> Vec<Call> {
    let arn = &resource.arn;
    match resource.kind {
        ResourceKind::Bucket => tamper::on_bucket(arn, &[format!("{arn}/p/AWSLogs/o-a1b2c3d4e5/x")]),
        ResourceKind::Key => tamper::on_key(arn),
        ResourceKind::LogGroup => tamper::on_log_group(arn),
        ResourceKind::Role => tamper::on_role(arn),
        ResourceKind::Alarm => vec![Call { action: "cloudwatch:DeleteAlarms".to_owned(), resource: arn.clone() }],
        ResourceKind::Rule => vec![Call { action: "events:DisableRule".to_owned(), resource: arn.clone() }],
    }
}

fn verdict(chain: &Chain, role: &str, call: &Call) -> ChainVerdict {
    let arn = format!("arn:aws:iam::{}:role/{role}", chain.account);
    chain.evaluate(&Request {
        context: Context::new().with("aws:PrincipalArn", arn.as_str()),
        principal: Principal::Aws(arn),
        action: call.action.clone(),
        resource: call.resource.clone(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn every_document_fits_and_denies_call_by_call(
        resources in resources(200), exceptions in exceptions(), characters in 350_usize..12_000,
    ) {
        let limits = unlimited(characters);
        let guarded = guarded(resources, &exceptions);
        let composition = compose(Profile::Strict, &guarded, limits);
        let Ok(composition) = composition else {
            // Small quotas may not hold one statement with its exceptions, and nothing else may go wrong.
            prop_assert!(matches!(composition, Err(ComposeError::TooLarge { .. })), "{composition:?}");
            return Ok(());
        };
        for policy in &composition.policies {
            let most = limits.characters_of(policy.kind);
            prop_assert!(policy.characters() <= most, "{} has {}", policy.name, policy.characters());
            let document = Document::parse(policy.kind, &policy.pretty());
            prop_assert_eq!(document.map(|document| lint(&document)), Ok(Vec::new()));
        }
        for (resource, owner) in &guarded.resources {
            let Owner::Account(owner) = owner else { continue };
            if owner.as_str() == MANAGEMENT {
                prop_assert!(composition.left_out.iter().any(|out| out.resource == resource.arn));
                continue;
            }
            let chain = chain(&composition, owner.as_str());
            for call in calls(resource) {
                prop_assert!(matches!(verdict(&chain, "Developer", &call), ChainVerdict::ExplicitDeny(_)), "{call:?}");
                prop_assert!(matches!(verdict(&chain, "TrailAdministrator", &call), ChainVerdict::Allowed(_)), "{call:?}");
            }
        }
    }

    #[test]
    fn equal_inputs_give_equal_bytes_in_any_order(resources in resources(50), exceptions in exceptions()) {
        let reversed = guarded(resources.iter().rev().cloned(), &exceptions.iter().rev().cloned().collect::<Vec<_>>());
        let limits = unlimited(Limits::default().characters);
        let composed = compose(Profile::Strict, &guarded(resources, &exceptions), limits);
        prop_assert!(composed.is_ok(), "{composed:?}");
        prop_assert_eq!(compose(Profile::Strict, &reversed, limits), composed);
    }

    #[test]
    fn twice_the_quota_never_needs_more_policies(resources in resources(50), characters in 1_000_usize..6_000) {
        let guarded = guarded(resources, &[GUARDIAN.to_owned()]);
        let count = |characters| {
            compose(Profile::Strict, &guarded, unlimited(characters)).map_or(usize::MAX, |composition| composition.policies.len())
        };
        prop_assert!(count(characters * 2) <= count(characters));
    }
}

#[test]
fn what_is_not_guarded_stays_allowed() {
    let composition = super::composed(Profile::Strict, &[GUARDIAN]);
    let chain = chain(&composition, ARCHIVE);
    for (action, resource) in [
        ("cloudtrail:DescribeTrails", "*"),
        ("cloudtrail:StartLogging", "arn:aws:cloudtrail:eu-west-1:222233334444:trail/main"),
        ("s3:DeleteObject", "arn:aws:s3:::acme-trail-other/x"),
        ("s3:GetObject", "arn:aws:s3:::acme-trail/x"),
        ("kms:ScheduleKeyDeletion", "arn:aws:kms:eu-west-1:222233334444:key/9z"),
        ("iam:CreateRole", "arn:aws:iam::222233334444:role/Developer"),
    ] {
        let call = Call { action: action.to_owned(), resource: resource.to_owned() };
        assert!(matches!(verdict(&chain, "Developer", &call), ChainVerdict::Allowed(_)), "{call:?}");
    }
}

#[test]
fn nobody_leaves_and_nobody_becomes_the_exempt_role() {
    let composition = super::composed(Profile::Strict, &[GUARDIAN]);
    let chain = chain(&composition, WORKLOAD);
    let leave = Call { action: "organizations:LeaveOrganization".to_owned(), resource: "*".to_owned() };
    let become_it = Call {
        action: "iam:UpdateAssumeRolePolicy".to_owned(),
        resource: format!("arn:aws:iam::{WORKLOAD}:role/TrailAdministrator"),
    };
    assert!(matches!(verdict(&chain, "TrailAdministrator", &leave), ChainVerdict::ExplicitDeny(_)));
    assert!(matches!(verdict(&chain, "Developer", &become_it), ChainVerdict::ExplicitDeny(_)));
    // A path with a colon makes another role of it.
    let guise = Call {
        action: "cloudtrail:StopLogging".to_owned(),
        resource: format!("arn:aws:cloudtrail:eu-west-1:{WORKLOAD}:trail/own"),
    };
    assert!(!verdict(&chain, "x:role/TrailAdministrator", &guise).lets_through());
}
