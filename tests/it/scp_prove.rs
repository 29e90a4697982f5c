//! `scp prove`: who can still blind which trail in which account, and why, in words and in JSON.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Run, acme, trailwarden};

fn prove(scenario: &str, more: &[&str]) -> Run {
    let scenario = format!("--sandbox={scenario}");
    trailwarden(&[&["scp", "prove", &scenario], more].concat())
}

fn prove_snapshot(path: &str, more: &[&str]) -> Run {
    trailwarden(&[&["scp", "prove", "--snapshot", path], more].concat())
}

fn prove_acme(more: &[&str]) -> Run {
    prove_snapshot(acme(), more)
}

/// The accounts by name with their verdicts.
fn verdicts(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let json = run.json();
    let accounts = json["accounts"].as_array().expect("accounts").iter();
    accounts.map(|account| (text(&account["name"]), text(&account["verdict"]))).collect()
}

#[test]
fn acme_is_explained_in_words_a_manager_understands() {
    let run = prove("acme", &[]);
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    let lines: Vec<&str> = run.stdout.lines().filter(|line| !line.contains(" UTC")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn acme_has_seven_open_accounts() {
    let run = prove_acme(&["--format", "json"]);
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    assert_eq!(run.json()["format"], "trailwarden.scp-proof/1");
    assert_eq!(run.json()["summary"], json!({"open": 7, "undecided": 0, "proved": 5, "unbound": 1}));
    let open = ["orders-prod", "payments-prod", "warehouse-prod", "data-platform-prod"];
    let open = open.into_iter().chain(["sandbox-ana", "sandbox-ci", "globex-logistics"]);
    let found = verdicts(&run).into_iter().filter(|(_, verdict)| verdict == "open").map(|(name, _)| name);
    assert_eq!(found.collect::<Vec<_>>(), open.collect::<Vec<_>>());
}

#[test]
fn one_account_in_json() {
    let run = prove_acme(&["--account", "512340987611", "--action", "cloudtrail:StopLogging", "--format", "json"]);
    let is_of_the_run = |line: &&str| line.contains("\"collected_at\"") || line.contains("\"tool_version\"");
    let lines: Vec<&str> = run.stdout.lines().filter(|line| !is_of_the_run(line)).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_guard_that_holds_is_proved() {
    let run = prove("clean", &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("nobody can stop, delete or change a trail that records them"), "{}", run.stdout);
    assert!(run.stdout.contains("the management account"), "{}", run.stdout);
}

#[test]
fn disabled_policies_bind_nobody() {
    let run = prove("blank", &[]);
    assert_eq!(run.code, Some(10), "{run:?}");
    assert!(run.stdout.contains("service control policies are disabled on the root"), "{}", run.stdout);
}

#[test]
fn declared_exceptions_are_left_out_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("baseline.toml");
    fs::write(&path, "tamper_exceptions = [\"arn:aws:iam::*:role/platform-admin*\"]\n").expect("writes");
    let baseline = ["--baseline", path.to_str().expect("UTF-8"), "--account", "512340987611"];
    let run = prove_acme(&baseline);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("declared exceptions: arn:aws:iam::*:role/platform-admin*"), "{}", run.stdout);
    assert!(run.stdout.contains("nobody but the declared exceptions can stop"), "{}", run.stdout);
}

#[test]
fn other_calls_are_asked_about_when_their_resource_is_named() {
    let bucket = ["--action", "s3:PutBucketPolicy", "--resource", "arn:aws:s3:::acme-org-cloudtrail"];
    let run = prove_acme(&[&bucket[..], &["--account", "310245871102"]].concat());
    assert_eq!(run.code, Some(10), "{run:?}");
    assert!(run.stdout.contains("call s3:PutBucketPolicy"), "{}", run.stdout);
    prove_acme(&bucket[..2]).assert_refused("none of the actions that change a trail");
}

#[test]
fn accounts_out_of_scope_are_refused() {
    prove_acme(&["--account", "846119375520"]).assert_refused("not in scope");
}

/// The snapshot of acme with another guard, as a file in a folder.
fn with_guard(change: impl FnOnce(&mut Value)) -> (tempfile::TempDir, String) {
    let mut snapshot: Value = serde_json::from_str(&fs::read_to_string(acme()).expect("the snapshot")).expect("JSON");
    change(&mut snapshot["organization"]["service_control_policies"]["known"]["p-acg1guard"]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("changed.json");
    fs::write(&path, snapshot.to_string()).expect("writes");
    let path = path.to_str().expect("UTF-8").to_owned();
    (folder, path)
}

#[test]
fn an_account_that_was_not_entered_is_not_proved_by_a_guard_of_some_trails() {
    let guarded = |resources: Value| {
        let text = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Action": "cloudtrail:*", "Resource": resources},
            {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]});
        let (_folder, path) = with_guard(|guard| {
            guard["content"] = json!({"known": text.to_string()});
            guard["targets"]["known"].as_array_mut().expect("targets").push("ou-ac7f-acquired".into());
        });
        prove_snapshot(&path, &["--account", "835702946618"])
    };
    assert_eq!(guarded(json!("*")).code, Some(0));
    let some =
        guarded(json!(["arn:aws:cloudtrail:*:*:trail/acme-org-trail", "arn:aws:cloudtrail:us-east-1:*:trail/*"]));
    assert_eq!(some.code, Some(11), "{some:?}");
    assert!(some.stdout.contains("sts:AssumeRole answered AccessDenied"), "{}", some.stdout);
}

#[test]
fn a_policy_that_was_not_read_leaves_its_accounts_undecided() {
    let (_folder, path) = with_guard(|guard| {
        guard["content"] = json!({"gap": {"kind": "access-denied", "call": "organizations:DescribePolicy",
            "account": "210987654321", "region": null, "code": "AccessDeniedException", "reason": "not authorized"}});
    });
    let path = path.as_str();
    let run = prove_snapshot(path, &["--account", "310245871102"]);
    assert_eq!(run.code, Some(11), "{run:?}");
    assert!(run.stdout.contains("? undecided  1 account") && run.stdout.contains("DescribePolicy"), "{}", run.stdout);
    let shown = trailwarden(&["scp", "show", "--snapshot", path]);
    assert_eq!(shown.code, Some(11), "{shown:?}");
    assert!(shown.stdout.contains("? not read: p-acg1guard was not read: "), "{}", shown.stdout);
}

#[test]
fn a_fleet_folds_into_a_page() {
    let run = prove("fleet:60", &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.lines().count() < 40, "{}", run.stdout);
    assert!(run.stdout.contains("more accounts"), "{}", run.stdout);
}
