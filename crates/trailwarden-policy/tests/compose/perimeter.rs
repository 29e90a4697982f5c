//! The composed RCPs of the log archive: no stranger gets past them, and whoever belongs there always does, whatever else the
//! requests carry and whatever else is attached.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use trailwarden_policy::{
    Call, Chain, ChainNode, ChainVerdict, Composition, Context, Kind, Principal, Profile, Request, Values,
};

use super::properties::attached;
use super::{ARCHIVE, GUARDIAN, MANAGEMENT, WORKLOAD, composed};

const ORGANIZATION: &str = "o-a1b2c3d4e5";
const BUCKET: &str = "arn:aws:s3:::acme-trail";
const KEY: &str = "arn:aws:kms:eu-west-1:222233334444:key/1a2b";
const COLLECTOR: &str = "arn:aws:iam::555566667777:role/Collector";
const FULL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;

/// RCPs that an organization may have besides, none of which stops requests by TLS on what the archive holds.
const OTHERS: [&str; 3] = [
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":["s3:*","kms:*"],"Resource":"*","Condition":{"BoolIfExists":{"aws:SecureTransport":"false"}}}}"#,
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}}"#,
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}}"#,
];

/// What is composed, once for all cases.
static SET: LazyLock<Composition> = LazyLock::new(|| composed(Profile::Strict, &[GUARDIAN, COLLECTOR]));

/// The RCPs of the archive, with some others at the root.
fn chain(others: &[&str]) -> Chain {
    let own = SET.policies.iter().filter(|policy| policy.kind == Kind::ResourceControl);
    let own = own.map(|policy| attached(policy.kind, &policy.name, &policy.text));
    let others = others.iter().map(|text| attached(Kind::ResourceControl, "other", text));
    let full = || attached(Kind::ResourceControl, "p-RCPFullAWSAccess", FULL);
    let node = |id: &str, policies| {
        Arc::new(ChainNode { id: id.to_owned(), kind: Kind::ResourceControl, policies, gaps: Vec::new() })
    };
    Chain {
        account: ARCHIVE.to_owned(),
        organization: Some(ORGANIZATION.to_owned()),
        unbound: None,
        nodes: vec![
            node("r-ab12", std::iter::once(full()).chain(others).collect()),
            node(ARCHIVE, std::iter::once(full()).chain(own).collect()),
        ],
    }
}

fn calls() -> impl Strategy<Value = Call> {
    let on_key = prop::sample::select(vec![
        "kms:Decrypt",
        "kms:CreateGrant",
        "kms:ScheduleKeyDeletion",
        "kms:PutKeyPolicy",
        "kms:GenerateDataKey",
        "kms:DescribeKey",
    ]);
    let on_bucket = prop::sample::select(vec![
        "s3:ListBucket",
        "s3:GetBucketAcl",
        "s3:PutBucketPolicy",
        "s3:PutLifecycleConfiguration",
        "s3:DeleteBucket",
    ]);
    let on_object = prop::sample::select(vec![
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutObjectAcl",
        "s3:BypassGovernanceRetention",
    ]);
    let call = |action: &str, resource: String| Call { action: action.to_owned(), resource };
    prop_oneof![
        on_key.prop_map(move |action| call(action, KEY.to_owned())),
        on_bucket.prop_map(move |action| call(action, BUCKET.to_owned())),
        (on_object, "[a-zA-Z0-9/_.-]{1,30}").prop_map(move |(action, key)| call(action, format!("{BUCKET}/{key}"))),
    ]
}

/// What a request may carry besides who calls.
fn besides() -> impl Strategy<Value = Context> {
    let pairs = prop::sample::select(vec![
        ("aws:SourceIp", "203.0.113.9"),
        ("aws:SourceVpce", "vpce-0a1b2c3d"),
        ("aws:PrincipalTag/team", "security"),
        ("aws:ViaAWSService", "true"),
        ("aws:PrincipalType", "AssumedRole"),
        ("aws:RequestedRegion", "eu-west-1"),
        ("aws:ResourceOrgID", ORGANIZATION),
        ("kms:ViaService", "s3.eu-west-1.amazonaws.com"),
        ("s3:x-amz-acl", "bucket-owner-full-control"),
        ("aws:userid", "AROA1:me"),
    ]);
    prop::collection::vec(pairs, 0..6).prop_map(|pairs| {
        let tls = Context::new().with("aws:SecureTransport", "true");
        pairs.into_iter().fold(tls, |context, (key, value)| context.with(key, value))
    })
}

fn outside_account() -> impl Strategy<Value = String> {
    "[0-9]{12}"
        .prop_filter("of nobody we know", |id| ![ARCHIVE, MANAGEMENT, WORKLOAD, "555566667777"].contains(&id.as_str()))
}

fn outside_organization() -> impl Strategy<Value = Option<String>> {
    prop::option::of("o-[a-z0-9]{10,32}".prop_filter("another", |id| id != ORGANIZATION))
}

fn inside_account() -> impl Strategy<Value = String> {
    prop::sample::select(vec![ARCHIVE, MANAGEMENT, WORKLOAD, "121212121212"]).prop_map(str::to_owned)
}

/// A role, user, root user or federated user, by the name of the exempt too.
fn principal(account: &str, shape: usize, name: &str) -> String {
    match shape {
        0 => format!("arn:aws:iam::{account}:role/{name}"),
        1 => format!("arn:aws:iam::{account}:user/{name}"),
        2 => format!("arn:aws:iam::{account}:root"),
        3 => format!("arn:aws:sts::{account}:federated-user/{name}"),
        4 => format!("arn:aws:iam::{account}:role/TrailAdministrator"),
        _ => format!("arn:aws:iam::{account}:role/Collector"),
    }
}

fn with_organization(context: Context, key: &str, organization: Option<&str>) -> Context {
    match organization {
        Some(id) => context.with(key, id),
        None => context,
    }
}

fn request(principal: Principal, call: &Call, context: Context) -> Request {
    Request { principal, action: call.action.clone(), resource: call.resource.clone(), context }
}

fn of_principal(arn: &str, organization: Option<&str>, call: &Call, context: Context) -> Request {
    let context = context.with("aws:PrincipalArn", arn).with("aws:PrincipalIsAWSService", "false");
    let context = with_organization(context, "aws:PrincipalOrgID", organization);
    request(Principal::Aws(arn.to_owned()), call, context)
}

fn of_service(name: &str, account: Option<&str>, organization: Option<&str>, call: &Call, context: Context) -> Request {
    let context = context.with("aws:PrincipalIsAWSService", "true").with("aws:PrincipalServiceName", name);
    let context = match account {
        Some(account) => context
            .with("aws:SourceAccount", account)
            .with("aws:SourceArn", format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/org")),
        None => context,
    };
    request(Principal::Service(name.to_owned()), call, with_organization(context, "aws:SourceOrgID", organization))
}

fn services() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["cloudtrail.amazonaws.com", "logging.s3.amazonaws.com", "config.amazonaws.com"])
}

fn others() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(OTHERS.to_vec(), 0..=OTHERS.len())
}

fn is_denied(chain: &Chain, request: &Request) -> bool {
    matches!(chain.evaluate(request), ChainVerdict::ExplicitDeny(_))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_principal_outside_gets_past_and_no_principal_inside_is_stopped(
        (outside, elsewhere, inside) in (outside_account(), outside_organization(), inside_account()),
        (shape, name) in (0_usize..6, "[a-zA-Z0-9+=,.@_/-]{1,12}"),
        (call, context, others) in (calls(), besides(), others()),
    ) {
        let chain = chain(&others);
        let stranger = principal(&outside, shape, &name);
        let strange = of_principal(&stranger, elsewhere.as_deref(), &call, context.clone());
        prop_assert!(is_denied(&chain, &strange), "{strange:?}");
        let nobody = request(Principal::Anonymous, &call, context.clone());
        prop_assert!(is_denied(&chain, &nobody), "{nobody:?}");
        let member = of_principal(&principal(&inside, shape, &name), Some(ORGANIZATION), &call, context.clone());
        prop_assert!(chain.evaluate(&member).lets_through(), "{member:?}");
        let collector = of_principal(COLLECTOR, elsewhere.as_deref(), &call, context);
        prop_assert!(chain.evaluate(&collector).lets_through(), "{collector:?}");
    }

    #[test]
    fn no_service_acts_for_a_stranger_and_every_service_for_the_organization(
        (outside, elsewhere, inside) in (outside_account(), outside_organization(), inside_account()),
        (service, call, context, others) in (services(), calls(), besides(), others()),
    ) {
        let chain = chain(&others);
        let strange = of_service(service, Some(&outside), elsewhere.as_deref(), &call, context.clone());
        prop_assert!(is_denied(&chain, &strange), "{strange:?}");
        let own = of_service(service, Some(&inside), Some(ORGANIZATION), &call, context.clone());
        prop_assert!(chain.evaluate(&own).lets_through(), "{own:?}");
        // Some requests name nobody, which is for the policy of the resource to judge.
        let nameless = of_service(service, None, None, &call, context);
        prop_assert!(chain.evaluate(&nameless).lets_through(), "{nameless:?}");
    }
}

/// What CloudTrail asks for, of its user guide: bucket policy, key policy.
#[test]
fn cloudtrail_delivers_whatever_it_says_about_the_source() {
    let log = format!("{BUCKET}/AWSLogs/{ORGANIZATION}/{WORKLOAD}/CloudTrail/eu-west-1/2026/11/20/x.json.gz");
    let digest = log.replace("CloudTrail", "CloudTrail-Digest");
    let asks = [
        ("s3:GetBucketAcl", BUCKET),
        ("s3:PutObject", log.as_str()),
        ("s3:PutObject", digest.as_str()),
        ("kms:GenerateDataKey", KEY),
        ("kms:GenerateDataKeyWithoutPlaintext", KEY),
        ("kms:DescribeKey", KEY),
        ("kms:Decrypt", KEY),
    ];
    let chain = chain(&OTHERS);
    let tls = || Context::new().with("aws:SecureTransport", "true");
    for (action, resource) in asks {
        let call = Call { action: action.to_owned(), resource: resource.to_owned() };
        for account in [Some(MANAGEMENT), None] {
            for organization in [Some(ORGANIZATION), None] {
                let request = of_service("cloudtrail.amazonaws.com", account, organization, &call, tls());
                assert!(chain.evaluate(&request).lets_through(), "{request:?}");
            }
        }
        let paths = Values::Many(vec![format!("{ORGANIZATION}/r-ab12/")]);
        let context = tls().with("aws:SourceOrgPaths", paths);
        let of_member = of_service("cloudtrail.amazonaws.com", Some(WORKLOAD), Some(ORGANIZATION), &call, context);
        assert!(chain.evaluate(&of_member).lets_through(), "{of_member:?}");
    }
}
