//! moto, a back end that is not ours: a seeded organization is audited through `AWS_ENDPOINT_URL` alone.

use serde_json::Value;

use crate::support::{Run, program, root};
use crate::venv::{moto, tool};

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
    let run = program(&["audit", "-o", "json", "--baseline", baseline.to_str().expect("UTF-8")])
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_REGION", "eu-central-1")
        .output()
        .expect("the audit runs");
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
