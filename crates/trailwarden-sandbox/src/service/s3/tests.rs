//! Who reads a bucket from where, what S3 calls public, and configurations that come back as they were put.

use serde_json::{Value, json};

use super::{SERVICE, is_bucket_name, is_public};
use crate::error::AwsError;
use crate::reply::{Body, Reply};
use crate::request::{Caller, CallerKind, Http, Request};
use crate::world::World;
use crate::xml::Element;

mod lifecycle;
mod protection;

const OWNER: &str = "111111111111";
const STRANGER: &str = "222222222222";

fn world() -> World {
    serde_json::from_value(json!({
        "s3": { OWNER: { "buckets": { "logs-bucket": { "region": "eu-west-1" } } } },
    }))
    .expect("a world")
}

/// `method path?query`, by the root user of an account, who needs no identity policy.
fn call(world: &mut World, account: &str, region: &str, line: &str, body: &str) -> Result<Reply, AwsError> {
    call_with(world, account, region, line, body, &[])
}

fn call_with(
    world: &mut World,
    account: &str,
    region: &str,
    line: &str,
    body: &str,
    headers: &[(&str, &str)],
) -> Result<Reply, AwsError> {
    let (method, target) = line.split_once(' ').expect("method and path");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let http = Http {
        method: method.to_owned(),
        path: path.to_owned(),
        query: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.to_owned().into(),
    };
    let arn = format!("arn:aws:iam::{account}:root");
    let caller = Caller {
        access_key: "AKIATEST".to_owned(),
        account: account.parse().expect("an account"),
        kind: CallerKind::Root,
        name: String::new(),
        arn: arn.clone(),
        principal_arn: arn,
        user_id: account.to_owned(),
    };
    let request = Request {
        id: "00000000-0000-4000-8000-000000000001".to_owned(),
        operation: (SERVICE.route)(&http).expect("a served operation"),
        caller,
        region: region.parse().expect("a region"),
        now: "2026-11-20T12:00:00Z".parse().expect("a time"),
        input: Value::Null,
        http,
    };
    (SERVICE.handle)(&request, world)
}

fn code(result: Result<Reply, AwsError>) -> (u16, String) {
    result.map_or_else(|error| (error.status, error.code), |reply| (reply.status, String::new()))
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn xml(result: Result<Reply, AwsError>) -> Element {
    match result.expect("an answer").body {
        Body::Xml(element) => element,
        other => panic!("not XML: {other:?}"),
    }
}

#[test]
fn a_bucket_answers_only_in_its_region_and_always_names_it() {
    let mut world = world();
    let mut head = |region| call(&mut world, OWNER, region, "HEAD /logs-bucket", "");
    assert_eq!(code(head("eu-west-1")), (200, String::new()));
    for (region, refusal) in
        [("eu-west-2", (301, "PermanentRedirect")), ("us-east-1", (400, "AuthorizationHeaderMalformed"))]
    {
        let error = head(region).expect_err("elsewhere");
        assert_eq!((error.status, error.code.as_str()), refusal);
        assert!(error.headers.contains(&("x-amz-bucket-region".to_owned(), "eu-west-1".to_owned())));
    }
    let error = call(&mut world, STRANGER, "eu-west-1", "HEAD /logs-bucket", "").expect_err("not theirs");
    assert_eq!(error.status, 403);
    assert!(error.headers.contains(&("x-amz-bucket-region".to_owned(), "eu-west-1".to_owned())));
    assert_eq!(code(call(&mut world, OWNER, "eu-west-1", "HEAD /no-such-bucket", "")), refused(404, "NoSuchBucket"));
}

#[test]
fn configuration_belongs_to_the_owners_account_whatever_the_policy_allows() {
    let mut world = world();
    let read = |world: &mut World, line: &str| code(call(world, STRANGER, "eu-west-1", line, ""));
    assert_eq!(read(&mut world, "GET /logs-bucket?policy"), refused(403, "AccessDenied"));
    let open = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*",
        "Principal": { "AWS": "arn:aws:iam::222222222222:root" },
        "Resource": ["arn:aws:s3:::logs-bucket", "arn:aws:s3:::logs-bucket/*"] }] });
    let put = call(&mut world, OWNER, "eu-west-1", "PUT /logs-bucket?policy", &open.to_string());
    assert_eq!(code(put), (204, String::new()));
    assert_eq!(read(&mut world, "GET /logs-bucket?policy"), refused(405, "MethodNotAllowed"));
    assert_eq!(read(&mut world, "GET /logs-bucket?lifecycle"), refused(403, "AccessDenied"));
    assert_eq!(read(&mut world, "GET /logs-bucket?list-type=2"), (200, String::new()));
}

#[test]
fn what_is_not_configured_has_its_own_code() {
    let mut world = world();
    for (subresource, missing) in [
        ("policy", "NoSuchBucketPolicy"),
        ("policyStatus", "NoSuchBucketPolicy"),
        ("lifecycle", "NoSuchLifecycleConfiguration"),
        ("object-lock", "ObjectLockConfigurationNotFoundError"),
        ("replication", "ReplicationConfigurationNotFoundError"),
        ("tagging", "NoSuchTagSet"),
    ] {
        let line = format!("GET /logs-bucket?{subresource}");
        assert_eq!(code(call(&mut world, OWNER, "eu-west-1", &line, "")), refused(404, missing));
    }
    let versioning = xml(call(&mut world, OWNER, "eu-west-1", "GET /logs-bucket?versioning", ""));
    assert_eq!((versioning.child("Status"), versioning.child("MfaDelete")), (None, None));
    for (subresource, missing) in [
        ("publicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
        ("ownershipControls", "OwnershipControlsNotFoundError"),
    ] {
        let line = |method: &str| format!("{method} /logs-bucket?{subresource}");
        assert_eq!(code(call(&mut world, OWNER, "eu-west-1", &line("GET"), "")), (200, String::new()));
        assert_eq!(code(call(&mut world, OWNER, "eu-west-1", &line("DELETE"), "")), (204, String::new()));
        assert_eq!(code(call(&mut world, OWNER, "eu-west-1", &line("GET"), "")), refused(404, missing));
    }
}

#[test]
fn a_foreign_expected_owner_is_refused() {
    let mut world = world();
    let expecting = |world: &mut World, owner: &str| {
        let headers = [("x-amz-expected-bucket-owner", owner)];
        code(call_with(world, OWNER, "eu-west-1", "GET /logs-bucket?acl", "", &headers))
    };
    assert_eq!(expecting(&mut world, OWNER), (200, String::new()));
    assert_eq!(expecting(&mut world, STRANGER), refused(403, "AccessDenied"));
}

#[test]
fn public_means_anyone_without_a_fixed_condition() {
    let policy = |principal: Value, condition: Value| {
        json!({ "Statement": [{ "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::logs-bucket/*", "Condition": condition }] })
        .to_string()
    };
    let anyone = || json!({ "AWS": "*" });
    let fixed = |operator: &str, key: &str, value: &str| json!({ operator: { key: value } });
    assert!(is_public(&policy(json!("*"), json!({}))));
    assert!(is_public(&policy(anyone(), json!({ "Bool": { "aws:SecureTransport": "true" } }))));
    assert!(is_public(&policy(anyone(), fixed("StringLike", "aws:SourceVpce", "vpce-*"))));
    assert!(is_public(&policy(anyone(), fixed("IpAddress", "aws:SourceIp", "0.0.0.0/1"))));
    assert!(is_public(&policy(anyone(), fixed("StringNotEquals", "aws:SourceAccount", "111111111111"))));
    assert!(!is_public(&policy(anyone(), fixed("StringEquals", "aws:PrincipalOrgID", "o-1234567890"))));
    assert!(!is_public(&policy(anyone(), fixed("IpAddress", "aws:SourceIp", "192.0.2.0/24"))));
    assert!(!is_public(&policy(json!({ "Service": "cloudtrail.amazonaws.com" }), json!({}))));
    assert!(!is_public(&policy(json!({ "AWS": "111111111111" }), json!({}))));
}

#[test]
fn block_public_access_refuses_a_public_policy_until_bucket_and_account_allow_it() {
    let mut world = world();
    let public = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": "*",
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs-bucket/*" }] })
    .to_string();
    let put = |world: &mut World| code(call(world, OWNER, "eu-west-1", "PUT /logs-bucket?policy", &public));
    assert_eq!(put(&mut world), refused(403, "AccessDenied"));
    call(&mut world, OWNER, "eu-west-1", "DELETE /logs-bucket?publicAccessBlock", "").expect("deleted");
    let held = world.s3.get_mut(&OWNER.parse().expect("id")).expect("held");
    held.block_public_access = Some(crate::world::s3::PublicAccessBlock::default());
    assert_eq!(put(&mut world), refused(403, "AccessDenied"));
    world.s3.get_mut(&OWNER.parse().expect("id")).expect("held").block_public_access = None;
    assert_eq!(put(&mut world), (204, String::new()));
    let status = xml(call(&mut world, OWNER, "eu-west-1", "GET /logs-bucket?policyStatus", ""));
    assert_eq!(status.child_text("IsPublic"), Some("true"));
}

#[test]
fn versions_keep_what_is_deleted_and_framed_bodies_are_unpacked() {
    let mut world = world();
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    call(&mut world, OWNER, "eu-west-1", "PUT /logs-bucket?versioning", enabled).expect("versioned");
    let framed = "5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=cd\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
    let headers = [("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")];
    call_with(&mut world, OWNER, "eu-west-1", "PUT /logs-bucket/a/b", framed, &headers).expect("put");
    let got = call(&mut world, OWNER, "eu-west-1", "GET /logs-bucket/a/b", "").expect("got");
    assert_eq!(got.body, Body::Bytes(b"hello".to_vec()));
    call(&mut world, OWNER, "eu-west-1", "DELETE /logs-bucket/a/b", "").expect("marked");
    assert_eq!(code(call(&mut world, OWNER, "eu-west-1", "GET /logs-bucket/a/b", "")), refused(404, "NoSuchKey"));
    let versions = xml(call(&mut world, OWNER, "eu-west-1", "GET /logs-bucket?versions", ""));
    assert_eq!(versions.children_named("Version").count(), 1);
    assert_eq!(versions.children_named("DeleteMarker").count(), 1);
    assert_eq!(code(call(&mut world, OWNER, "eu-west-1", "DELETE /logs-bucket", "")), refused(409, "BucketNotEmpty"));
}

#[test]
fn bucket_names_follow_the_rules() {
    for name in ["logs", "a.b-c", "123", "acme-org-cloudtrail"] {
        assert!(is_bucket_name(name), "{name}");
    }
    for name in ["ab", "Logs", "a_b", "-logs", "logs-", "a..b", "192.168.5.4", &"a".repeat(64)] {
        assert!(!is_bucket_name(name), "{name}");
    }
}

#[test]
fn what_is_not_served_or_not_meant_is_refused_and_not_left_out() {
    let mut world = world();
    let mut put = |line: &str, body: &str, headers: &[(&str, &str)]| {
        call_with(&mut world, OWNER, "eu-west-1", line, body, headers).map(|_| ()).map_err(|error| error.code)
    };
    let object = "PUT /logs-bucket/key";
    assert_eq!(put(object, "x", &[("x-amz-storage-class", "GLACIER")]), Err("NotImplemented".to_owned()));
    assert_eq!(put(object, "x", &[("if-none-match", "*")]), Err("NotImplemented".to_owned()));
    assert_eq!(put(object, "x", &[("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")]), Err("BadDigest".to_owned()));
    for setting in ["publicAccessBlock", "logging", "object-lock"] {
        let refused = put(&format!("PUT /logs-bucket?{setting}"), "<Other/>", &[]);
        assert_eq!(refused, Err("MalformedXML".to_owned()), "{setting}");
    }
}
