//! Audits of the sandbox's scenarios through the real SDK over HTTP: every finding equals the scenario's ground truth.

use std::collections::BTreeSet;
use std::fs;

use trailwarden_model::finding::Finding;
use trailwarden_sandbox::scenario::{self, Truth};

use crate::served::Served;
use crate::support::{Run, root, trailwarden};

fn audit(scenario: &str) -> Run {
    trailwarden(&["audit", &format!("--sandbox={scenario}"), "-o", "json"])
}

fn findings(run: &Run) -> Vec<Finding> {
    serde_json::from_value(run.json()["findings"].take()).expect("findings")
}

fn assert_true(scenario: &str, code: i32) {
    assert_as_truth(&audit(scenario), scenario, code);
}

/// The exit code and every finding of an audit must be those of the scenario's ground truth, and every exception that
/// the truth makes must be found.
fn assert_as_truth(run: &Run, scenario: &str, code: i32) {
    assert_that(run, &scenario::truth(scenario).expect("a scenario"), code);
}

fn assert_that(run: &Run, truth: &Truth, code: i32) {
    assert_eq!(run.code, Some(code), "{}", run.stderr);
    let findings = findings(run);
    let ids: BTreeSet<String> = findings.iter().map(Finding::id).collect();
    assert_eq!(ids.len(), findings.len(), "two findings have the same id");
    let mut wrong: Vec<String> = vec![];
    for finding in &findings {
        let expected = truth.expected(finding);
        if expected != Some(finding.outcome) {
            let Finding { control, outcome, account, region, resource, reason, .. } = finding;
            wrong.push(format!(
                "{control} {account} {region:?} {resource:?}: {outcome:?}, truth {expected:?}: {reason}"
            ));
        }
    }
    for (control, expected) in &truth.controls {
        let of_control: Vec<&Finding> = findings.iter().filter(|finding| finding.control == *control).collect();
        if of_control.len() != expected.findings {
            wrong.push(format!("{control}: {} findings, truth {}", of_control.len(), expected.findings));
        }
        let unused =
            expected.except.iter().filter(|exception| !of_control.iter().any(|finding| exception.applies(finding)));
        wrong.extend(unused.map(|exception| format!("{control}: nothing is {exception:?}")));
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn acme_has_every_planted_flaw_and_no_other() {
    assert_true("acme", 10);
}

#[test]
fn acme_under_a_demanding_baseline_has_what_only_a_baseline_asks_for() {
    let (baseline, truth) = scenario::demanding().expect("a baseline and a truth");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("baseline.toml");
    fs::write(&path, baseline).expect("written");
    let mut arguments = vec!["audit", "--sandbox=acme", "-o", "json", "--baseline", path.to_str().expect("UTF-8")];
    arguments.extend(truth.controls.keys().flat_map(|control| ["--control", control.as_str()]));
    assert_that(&trailwarden(&arguments), &truth, 10);
}

#[test]
fn clean_passes() {
    assert_true("clean", 0);
}

#[test]
fn blank_fails_every_best_practice_and_names_the_remedy() {
    assert_true("blank", 10);
    let run = trailwarden(&["audit", "--sandbox=blank", "-o", "json"]);
    let assessment = run.json();
    let practices = assessment["summary"]["practices"].as_array().expect("practices").clone();
    assert_eq!(practices.len(), 7);
    for practice in practices {
        assert_ne!(practice["accounts"]["fail"], 0, "{practice}");
        assert!(practice["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{practice}");
    }
}

#[test]
fn every_other_scenario_is_as_its_truth_says() {
    let others = scenario::list().into_iter().map(|(name, _)| if name == "fleet:N" { "fleet:5" } else { name });
    for name in others.filter(|name| !["acme", "clean", "blank"].contains(name)) {
        assert_true(name, 10);
    }
}

#[test]
fn the_published_permissions_are_all_that_an_audit_needs() {
    let policy = |name: &str| fs::read_to_string(root().join("policies/roles").join(name)).expect("a policy");
    for (scenario, code) in [("acme", 10), ("clean", 0)] {
        let served = Served::changed(scenario, |world| {
            for iam in world.iam.values_mut() {
                if let Some(role) = iam.roles.get_mut("OrganizationAccountAccessRole") {
                    role.attached.clear();
                    role.inline = [("audit".to_owned(), policy("audit-member.json"))].into();
                }
                if let Some(user) = iam.users.get_mut("auditor") {
                    user.attached.clear();
                    user.inline = [("audit".to_owned(), policy("audit.json"))].into();
                }
            }
        });
        let run: Run = served.program(&["audit", "-o", "json"]).output().expect("the program runs").into();
        assert_as_truth(&run, scenario, code);
    }
}

#[test]
fn the_same_snapshot_gives_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("snapshot.json");
    let path = path.to_str().expect("UTF-8");
    let collected = trailwarden(&["collect", "--sandbox", "-o", path]);
    assert_eq!((collected.code, collected.stdout.as_str()), (Some(0), ""), "{}", collected.stderr);
    let [first, second] = [(); 2].map(|()| trailwarden(&["audit", "--snapshot", path, "-o", "json"]));
    assert_eq!(first.stdout, second.stdout);
    assert_eq!(findings(&first).len(), findings(&audit("acme")).len());
}

#[test]
fn several_outputs_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.json");
    let run = trailwarden(&["audit", "--sandbox", "-o", "table", "-o", &format!("json:{}", path.display())]);
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    assert!(run.stdout.contains("SANDBOX"), "{}", run.stdout);
    let json = std::fs::read_to_string(path).expect("the file");
    assert!(json.ends_with("}\n") && json.contains("trailwarden.assessment/1.3"));
}

#[test]
fn selected_controls_read_only_what_they_need() {
    let run = trailwarden(&["collect", "--sandbox", "--control", "log-file-validation-enabled"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.json()["needs"], serde_json::json!(["trails"]));
}

#[test]
fn resource_control_policies_are_read_where_a_control_needs_them_and_their_type_is_enabled() {
    let collected = |scenario: &str, control: &str| {
        let run = trailwarden(&["collect", &format!("--sandbox={scenario}"), "--control", control]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.json()["organization"]["resource_control_policies"].take()
    };
    let policies = collected("clean", "kms-key-usable");
    let attached = |policy: &str| policies["known"][policy]["targets"]["known"].as_array().map(Vec::len);
    // The root, two OUs, six accounts.
    assert_eq!((attached("p-RCPFullAWSAccess"), attached("p-cl3nperim")), (Some(9), Some(1)), "{policies}");
    let content = policies["known"]["p-cl3nperim"]["content"]["known"].as_str().expect("read");
    assert!(content.contains("aws:PrincipalOrgID"), "{content}");
    assert_eq!(collected("lapsed", "kms-key-usable"), serde_json::json!({"known": {}}));
    assert_eq!(collected("clean", "trail-is-logging")["gap"]["kind"], "not-collected");
}

#[test]
fn a_filtered_run_says_what_it_left_out() {
    let run = trailwarden(&["audit", "--sandbox", "--ou", "Security", "--region", "eu-west-1"]);
    let words = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for note in ["; 12 accounts were left out by the filters", "left only eu-west-1:"] {
        assert!(words.contains(note), "{note}: {}", run.stdout);
    }
}
