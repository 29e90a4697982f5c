//! The server as a client meets it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

fn clock() -> Clock {
    Arc::new(|| "2026-11-20T12:00:00Z".parse().expect("valid"))
}

async fn exchange(sandbox: &Sandbox, request: &str) -> String {
    let mut stream = TcpStream::connect(sandbox.address).await.expect("listening");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    answer
}

#[tokio::test]
async fn a_request_without_a_signature_or_with_a_foreign_key_is_refused() {
    let sandbox = Sandbox::start(Options::new(World::default()), clock()).await.expect("starts");
    let head = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\ncontent-type: application/x-amz-json-1.1\r\n";
    let answer = exchange(&sandbox, &format!("{head}\r\n{{}}")).await;
    assert!(answer.contains("MissingAuthenticationTokenException"), "{answer}");
    let signed = "authorization: AWS4-HMAC-SHA256 Credential=AKIA0/20261120/us-east-1/organizations/aws4_request, \
                  SignedHeaders=host, Signature=00\r\nx-amz-target: AWSOrganizationsV20161128.ListAccounts\r\n";
    let answer = exchange(&sandbox, &format!("{head}{signed}\r\n{{}}")).await;
    assert!(answer.contains("UnrecognizedClientException"), "{answer}");
    assert_eq!(sandbox.stats().get("organizations:ListAccounts"), Some(&1));
    sandbox.inject(Fault::on("organizations", "ListAccounts", crate::faults::Effect::Drop));
    assert_eq!(exchange(&sandbox, &format!("{head}{signed}\r\n{{}}")).await, "");
    sandbox.shutdown().await.expect("stops");
}

#[tokio::test]
async fn a_port_in_use_is_an_error_of_its_own() {
    let first = Sandbox::start(Options::new(World::default()), clock()).await.expect("starts");
    let port = first.address.port();
    let second = Sandbox::start(Options { port, ..Options::new(World::default()) }, clock()).await;
    assert!(matches!(second.err(), Some(SandboxError::PortInUse { port: used }) if used == port));
}

#[tokio::test]
async fn the_state_file_outlives_the_sandbox_and_a_broken_one_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.json");
    let options = || Options { state: Some(path.clone()), ..Options::new(World::default()) };
    let sandbox = Sandbox::start(options(), clock()).await.expect("starts");
    sandbox.change(|world| world.entry = "AKIAKEPT".to_owned());
    sandbox.shutdown().await.expect("saves");
    let sandbox = Sandbox::start(options(), clock()).await.expect("starts again");
    assert_eq!(sandbox.world().entry, "AKIAKEPT");
    drop(sandbox);
    for foreign in ["{", "{}", r#"{"format": "trailwarden.snapshot/1", "world": {}}"#] {
        std::fs::write(&path, foreign).expect("written");
        let broken = Sandbox::start(options(), clock()).await.err().expect("refused");
        assert!(matches!(broken, SandboxError::State { .. }) && broken.hint().is_some());
    }
}

/// A world of one account, whose root user calls, with a bucket that CloudTrail may not write to.
fn one_account() -> World {
    let bucket = serde_json::json!({ "region": "eu-west-1" });
    serde_json::from_value(serde_json::json!({
        "entry": "AKIA0",
        "credentials": { "AKIA0": { "account": "111111111111", "principal": "root", "secret": "s", "session": null } },
        "accounts": { "111111111111": { "name": "one" } },
        "s3": { "111111111111": { "buckets": { "logs-bucket": bucket } } },
    }))
    .expect("a world")
}

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::logs-bucket"},
    {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs-bucket/*"}]}"#;

async fn signed(sandbox: &Sandbox, service: &str, line: &str, target: &str, body: &str) -> String {
    let request = format!(
        "{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\
         content-type: application/x-amz-json-1.1\r\nx-amz-target: {target}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=AKIA0/20261120/eu-west-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=00\r\n\r\n{body}",
        body.len()
    );
    exchange(sandbox, &request).await
}

async fn cloudtrail(sandbox: &Sandbox, operation: &str, body: &str) -> String {
    signed(sandbox, "cloudtrail", "POST /", &format!("CloudTrail_20131101.{operation}"), body).await
}

async fn put_policy(sandbox: &Sandbox) {
    let answer = signed(sandbox, "s3", "PUT /logs-bucket?policy", "", POLICY).await;
    assert!(answer.contains(" 204 "), "{answer}");
}

const CREATE: &str = r#"{"Name": "first", "S3BucketName": "logs-bucket"}"#;

#[tokio::test]
async fn what_is_written_counts_for_other_services_only_after_a_while() {
    let seconds = Arc::new(std::sync::atomic::AtomicI64::new(0));
    let ticking = Arc::clone(&seconds);
    let clock: Clock = Arc::new(move || {
        let passed = ticking.load(std::sync::atomic::Ordering::Relaxed);
        Timestamp::from_second(1_795_000_000 + passed).expect("valid")
    });
    let options = Options { propagation: Duration::from_secs(2), throttle: false, ..Options::new(one_account()) };
    let sandbox = Sandbox::start(options, clock).await.expect("starts");
    let wait = |more: i64| seconds.fetch_add(more, std::sync::atomic::Ordering::Relaxed);
    put_policy(&sandbox).await;
    let shown = signed(&sandbox, "s3", "GET /logs-bucket?policy", "", "").await;
    assert!(shown.contains("s3:GetBucketAcl"), "a policy is read as it was put: {shown}");
    wait(1);
    assert!(cloudtrail(&sandbox, "CreateTrail", CREATE).await.contains("InsufficientS3BucketPolicyException"));
    wait(1);
    assert!(cloudtrail(&sandbox, "CreateTrail", CREATE).await.contains(" 200 "));
    for operation in ["GetTrailStatus", "StartLogging"] {
        let answer = cloudtrail(&sandbox, operation, r#"{"Name": "first"}"#).await;
        assert!(answer.contains("TrailNotFoundException"), "{operation}: {answer}");
    }
    assert!(cloudtrail(&sandbox, "CreateTrail", CREATE).await.contains("TrailAlreadyExistsException"));
    wait(2);
    assert!(cloudtrail(&sandbox, "StartLogging", r#"{"Name": "first"}"#).await.contains(" 200 "));
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_deed() {
    let options = Options { throttle: false, ..Options::new(one_account()) };
    let sandbox = Sandbox::start(options, clock()).await.expect("starts");
    put_policy(&sandbox).await;
    let once = |effect| Fault { times: Some(1), ..Fault::on("cloudtrail", "CreateTrail", effect) };
    sandbox.inject(once(crate::faults::Effect::DropAfter));
    assert_eq!(cloudtrail(&sandbox, "CreateTrail", CREATE).await, "");
    assert_eq!(sandbox.world().cloudtrail.values().next().map(|held| held.trails.len()), Some(1));
    sandbox.clear_faults();
    sandbox.inject(once(crate::faults::Effect::ErrorAfter { code: "InternalFailure".to_owned(), status: 500 }));
    let second = CREATE.replace("first", "second");
    let answer = cloudtrail(&sandbox, "CreateTrail", &second).await;
    assert!(answer.contains(" 500 ") && answer.contains("InternalFailure"), "{answer}");
    assert_eq!(sandbox.world().cloudtrail.values().next().map(|held| held.trails.len()), Some(2));
}

#[tokio::test]
async fn a_watch_sees_the_world_after_each_change_that_was_carried_out() {
    let sandbox = Sandbox::start(Options::new(one_account()), clock()).await.expect("starts");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let collected = Arc::clone(&seen);
    sandbox.watch(move |world, operation| {
        let has_policy = world.bucket("logs-bucket").is_some_and(|(_, bucket)| bucket.policy.is_some());
        collected.lock().expect("not poisoned").push((operation.to_owned(), has_policy));
    });
    cloudtrail(&sandbox, "CreateTrail", CREATE).await;
    put_policy(&sandbox).await;
    cloudtrail(&sandbox, "DescribeTrails", "{}").await;
    assert_eq!(*seen.lock().expect("not poisoned"), [("s3:PutBucketPolicy".to_owned(), true)]);
}

#[tokio::test]
async fn a_kept_world_grows_older_and_the_clock_can_run_ahead_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.json");
    assert!(matches!(Options::resume(&path).err(), Some(SandboxError::NoState { .. })));
    let mut world = one_account();
    let trail = serde_json::json!({ "name": "first", "home_region": "eu-west-1", "bucket": "logs-bucket", "started": "20m ago" });
    let held: crate::world::cloudtrail::CloudTrail =
        serde_json::from_value(serde_json::json!({ "trails": [trail] })).expect("a trail");
    world.cloudtrail.insert("111111111111".parse().expect("an account"), held);
    let options = Options { state: Some(path.clone()), ..Options::new(world) };
    let sandbox = Sandbox::start(options, clock()).await.expect("starts");
    put_policy(&sandbox).await;
    sandbox.shutdown().await.expect("saves");
    let options = Options { later: Duration::from_secs(7_200), ..Options::resume(&path).expect("kept") };
    let sandbox = Sandbox::start(options, clock()).await.expect("starts again");
    let status = cloudtrail(&sandbox, "GetTrailStatus", r#"{"Name": "first"}"#).await;
    let (started, delivered) = ("\"TimeLoggingStarted\":\"2026-11-20T11:40:00Z\"", "2026-11-20T14:00:00Z");
    assert!(status.contains(started) && status.contains(delivered), "{status}");
}
