//! `coverage`: what is recorded where, and why one event is or is not.

use serde_json::Value;

use crate::support::{Run, trailwarden};

fn coverage(scenario: &str, more: &[&str]) -> Run {
    let scenario = format!("--sandbox={scenario}");
    trailwarden(&[&["coverage", &scenario][..], more].concat())
}

#[test]
fn acme_loses_what_its_flaws_lose() {
    let run = coverage("acme", &[]);
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    let lines: Vec<&str> = run.stdout.lines().filter(|line| !line.contains(" UTC")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// Whether one class is covered, by account and region.
fn of_class(run: &Run, class: &str) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let document = run.json();
    assert_eq!(document["format"], "trailwarden.coverage/1");
    let rows = document["regions"].as_array().expect("regions").clone();
    rows.iter()
        .map(|row| (text(&row["account"]), text(&row["region"]), text(&row["classes"][class]["coverage"])))
        .collect()
}

#[test]
fn the_matrix_agrees_with_the_audit() {
    let matrix = coverage("acme", &["--format", "json"]);
    let audit = trailwarden(&["audit", "--sandbox", "--control", "management-events-recorded", "-o", "json"]);
    let [reads, writes] = ["management-read", "management-write"].map(|class| of_class(&matrix, class));
    for finding in audit.json()["findings"].as_array().expect("findings") {
        let (account, region) = (finding["account"].as_str(), finding["region"].as_str().unwrap_or_default());
        let at = |class: &[(String, String, String)]| {
            let found = class.iter().find(|(a, r, _)| Some(a.as_str()) == account && r == region);
            found.unwrap_or_else(|| panic!("no row for {finding}")).2.clone()
        };
        let both = [at(&reads), at(&writes)];
        let expected = match both {
            _ if both.contains(&"lost".to_owned()) => "fail",
            _ if both.contains(&"unknown".to_owned()) => "unknown",
            _ => "pass",
        };
        assert_eq!(finding["outcome"], expected, "{finding}");
    }
}

#[test]
fn a_clean_organization_is_covered_and_folds_into_few_lines() {
    let run = coverage("clean", &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.lines().count() < 25 && !run.stdout.contains('✗'), "{}", run.stdout);
    let fleet = coverage("fleet:60", &[]);
    assert!(fleet.stdout.lines().count() < 60, "{}", fleet.stdout);
}

#[test]
fn an_event_that_is_recorded_names_its_trail() {
    let run = coverage("clean", &["--format", "json"]);
    let (account, ..) = of_class(&run, "management-read").remove(0);
    let user = coverage("clean", &["--explain", &account, "eu-west-1", "iam:CreateUser"]);
    assert_eq!(user.code, Some(0), "{user:?}");
    assert!(user.stdout.contains("are recorded in us-east-1, wherever the caller is"), "{}", user.stdout);
    assert!(user.stdout.contains("✓ pass  recorded by"), "{}", user.stdout);
    let object = ["--explain", &account, "eu-west-1", "s3:GetObject arn:aws:s3:::anything/*"];
    let object = coverage("clean", &object);
    assert_eq!(object.code, Some(10), "{object:?}");
    assert!(object.stdout.contains("a data event of s3.amazonaws.com on AWS::S3::Object, that reads"), "{object:?}");
    assert!(object.stdout.contains("has no selector for events of this category"), "{}", object.stdout);
}

#[test]
fn an_event_besides_is_one_more_column() {
    let run = coverage("clean", &["--event", "kms:DisableKey", "--event", "lambda:Invoke", "--format", "json"]);
    assert_eq!(run.code, Some(10), "{run:?}");
    assert!(of_class(&run, "kms:DisableKey").iter().all(|(_, _, answer)| answer == "covered"));
    assert!(of_class(&run, "lambda:Invoke").iter().all(|(_, _, answer)| answer == "lost"));
}

#[test]
fn a_snapshot_is_read_like_the_organization_it_was_taken_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("snapshot.json");
    let path = path.to_str().expect("UTF-8");
    let control = ["--control", "management-events-recorded"];
    let collected = trailwarden(&[&["collect", "--sandbox", "-o", path][..], &control].concat());
    assert_eq!(collected.code, Some(0), "{collected:?}");
    let of = |run: &Run| of_class(run, "kms-write");
    let read = trailwarden(&["coverage", "--snapshot", path, "--format", "json"]);
    assert_eq!(of(&read), of(&coverage("acme", &["--format", "json"])));
}

#[test]
fn what_cannot_be_told_is_asked_for() {
    let account = "111111111111";
    let explain = |event: &str| coverage("clean", &["--explain", account, "eu-west-1", event]);
    explain("glue:Whatever").assert_refused("whether glue:Whatever is a management or a data event is not known here");
    explain("s3:GetObject arn:aws:s3:::bucket").assert_refused("names no object");
    explain("CreateUser").assert_refused("is not an event");
    coverage("clean", &["--explain", account, "EU", "iam:CreateUser"]).assert_refused("is not a region code");
}

#[test]
fn a_region_that_the_account_does_not_have_is_refused() {
    let nowhere = coverage("clean", &["--explain", "550066772288", "mars-north-1", "iam:CreateUser"]);
    assert_eq!((nowhere.code, nowhere.stdout.as_str()), (Some(2), ""));
    let refusal = "error: region mars-north-1 is not enabled in account 550066772288\nhint: its regions are ap-";
    assert!(nowhere.stderr.contains(refusal), "{}", nowhere.stderr);
}
