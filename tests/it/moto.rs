//! moto, a back end that is not ours: a seeded organization is audited through `AWS_ENDPOINT_URL` alone, and an account with
//! a flawed CloudTrail is mended by a plan, with boto3 to say whether it is.
//!
//! What a plan would do besides is left out where moto departs from AWS: an organization trail shows in no member account,
//! log groups take no key after they are made, and AWS Config has no recorder for each region that is worth 17 times the same.
//! Event data stores and Object Lock are not planned: moto lists no stores, and locks are planned only when asked for.

use std::process::Command;

use serde_json::Value;

use crate::support::{Run, program, root};
use crate::venv::{moto, moto_put_right, tool};

/// The program, with moto in place of AWS.
fn against(endpoint: &str, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_REGION", "eu-central-1");
    command
}

/// Seeds an organization, audits it, and gives the truth and the findings.
fn seeded() -> (Vec<Value>, Run) {
    let (_server, endpoint) = moto();
    let folder = tempfile::tempdir().expect("a folder");
    let seed = tool("python")
        .arg(root().join("tests/moto/seed.py"))
        .arg(&endpoint)
        .arg(folder.path())
        .output()
        .expect("seeds");
    assert!(seed.status.success(), "{}", String::from_utf8_lossy(&seed.stderr));
    let truth = std::fs::read(folder.path().join("truth.json")).expect("the truth");
    let baseline = folder.path().join("baseline.toml");
    let audit = ["audit", "-o", "json", "--baseline", baseline.to_str().expect("UTF-8")];
    let run = against(&endpoint, &audit).output().expect("the audit runs");
    (serde_json::from_slice(&truth).expect("JSON"), run.into())
}

/// Whether a finding is one that a row of the truth speaks of.
fn is_meant(row: &Value, finding: &Value) -> bool {
    let agrees = |name: &str| row[name].is_null() || row[name] == finding[name];
    row["control"] == finding["control"]
        && row["account"] == finding["account"]
        && agrees("region")
        && agrees("resource")
}

#[test]
fn outcomes_equal_the_planted_truth_and_missing_calls_are_said_aloud() {
    let (truth, run) = seeded();
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    let assessment = run.json();
    let findings = assessment["findings"].as_array().expect("findings");
    let mut wrong = Vec::new();
    for row in &truth {
        let meant: Vec<&Value> = findings.iter().filter(|finding| is_meant(row, finding)).collect();
        if meant.is_empty() {
            wrong.push(format!("no finding for {row}"));
        }
        for finding in meant.iter().filter(|finding| finding["outcome"] != row["outcome"]) {
            wrong.push(format!("wanted {row}, got {}: {}", finding["outcome"], finding["reason"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unknowns = findings.iter().filter(|finding| finding["outcome"] == "unknown");
    assert!(unknowns.clone().all(|finding| finding["gap"]["call"].is_string()), "an unknown without its call");
    // moto does not implement account:ListRegions: regions are assumed, and the report says so for every account.
    assert_eq!(assessment["organization"]["regions_assumed"].as_array().map(Vec::len), Some(7));
}

/// What the plan of the flawed account does, in its order.
const CALLS: [&str; 13] = [
    "s3:CreateBucket",
    "s3:PutPublicAccessBlock",
    "s3:PutBucketVersioning",
    "kms:PutKeyPolicy",
    "kms:EnableKeyRotation",
    "s3:PutBucketPolicy",
    "s3:PutPublicAccessBlock",
    "s3:PutBucketPolicy",
    "s3:PutBucketLifecycleConfiguration",
    "s3:PutBucketLogging",
    "logs:PutRetentionPolicy",
    "cloudtrail:UpdateTrail",
    "cloudtrail:StartLogging",
];

#[test]
fn a_plan_mends_a_flawed_account_and_boto3_sees_it() {
    let (_server, endpoint) = moto_put_right();
    let folder = tempfile::tempdir().expect("a folder");
    let [plan, runs] = ["plan.json", "runs"].map(|name| folder.path().join(name).to_str().expect("UTF-8").to_owned());
    let python = |script: &str, arguments: &[&str]| {
        let script = root().join("tests/moto").join(script);
        tool("python").arg(script).arg(&endpoint).args(arguments).output().expect("Python runs")
    };
    let run = |arguments: &[&str]| -> Run { against(&endpoint, arguments).output().expect("the program runs").into() };
    let seeded = python("flaws.py", &[]);
    assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));

    let planned = run(&["plan", "--exclude", "organization,config", "-o", &format!("json:{plan}")]);
    assert_eq!(planned.code, Some(0), "{}", planned.stderr);
    let text = std::fs::read_to_string(&plan).expect("the plan");
    let written: Value = serde_json::from_str(&text).expect("JSON");
    let calls: Vec<&str> = written["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .filter_map(|step| step["call"]["operation"].as_str())
        .collect();
    assert_eq!(calls, CALLS);
    assert!(!python("mended.py", &[&plan]).status.success(), "all is well before anything is mended");

    let digest = written["digest"].as_str().expect("a digest");
    let applied = run(&["apply", &plan, "--approve", digest, "--runs", &runs]);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let mended = python("mended.py", &[&plan]);
    let said = [mended.stdout, mended.stderr].concat();
    assert!(mended.status.success(), "{}", String::from_utf8_lossy(&said));
}
