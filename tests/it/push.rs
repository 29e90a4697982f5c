//! Findings sent to Security Hub: from each account and region, with what was refused, what is not enabled and who may not,
//! and read back as they were sent.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use trailwarden_sandbox::faults::Fault;
use trailwarden_sandbox::world::World;

use crate::served::Served;
use crate::support::{Run, acme, program};

/// Where Security Hub is enabled: both regions that matter of two accounts, and one of a third.
const ENABLED: [(&str, &[&str]); 3] = [
    ("210987654321", &["us-east-1", "eu-central-1"]),
    ("523908114477", &["us-east-1", "eu-central-1"]),
    ("534417720098", &["eu-central-1"]),
];

fn enable(world: &mut World, places: &[(&str, &[&str])]) {
    for (account, regions) in places {
        let hubs: Value = regions.iter().map(|region| ((*region).to_owned(), json!({}))).collect();
        let held = serde_json::from_value(json!({ "hubs": hubs })).expect("a hub");
        world.securityhub.insert(account.parse().expect("an account"), held);
    }
}

/// A folder with an assessment of acme as `a.json`, as if it were not of a made-up organization.
fn assessed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.json");
    let arguments = ["audit", "--snapshot", acme(), "-q", "-o", &format!("json:{}", path.display())];
    let audited: Run = program(&arguments).output().expect("the program runs").into();
    assert_eq!(audited.code, Some(10), "{}", audited.stderr);
    folder
}

fn push(served: &Served, folder: &Path, more: &[&str]) -> Run {
    let arguments = [&["report", "push", "securityhub", "a.json"], more].concat();
    served.program(&arguments).current_dir(folder).output().expect("the program runs").into()
}

/// The findings of an assessment by account and region, and the outcome of each by its id.
fn wanted(folder: &Path, place: (&str, &str)) -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder.join("a.json")).expect("reads");
    let assessment: Value = serde_json::from_str(&text).expect("JSON");
    let of_place = |finding: &&Value| {
        finding["account"] == place.0 && finding["region"].as_str().unwrap_or("us-east-1") == place.1
    };
    let findings = assessment["findings"].as_array().expect("findings").iter().filter(of_place);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    findings.map(|one| (format!("o-acme7f3k2q/{}", text(&one["id"])), text(&one["outcome"]))).collect()
}

/// What each hub holds: the compliance status of each finding by its id.
fn held(served: &Served) -> BTreeMap<(String, String), BTreeMap<String, String>> {
    let world = served.sandbox().world();
    let mut held = BTreeMap::new();
    for (account, hubs) in &world.securityhub {
        for (region, hub) in &hubs.hubs {
            let status = |finding: &serde_json::Map<String, Value>| {
                finding["Compliance"]["Status"].as_str().expect("a status").to_owned()
            };
            let findings = hub.findings.iter().map(|(id, finding)| (id.clone(), status(finding))).collect();
            held.insert((account.to_string(), region.to_string()), findings);
        }
    }
    held
}

#[test]
fn every_hub_gets_the_findings_of_its_account_and_region_and_is_told_when_they_pass() {
    let folder = assessed();
    let served = Served::changed("acme", |world| enable(world, &ENABLED));
    let sent = push(&served, folder.path(), &[]);
    assert_eq!(sent.code, Some(30), "an account cannot be entered: {}{}", sent.stdout, sent.stderr);
    let status = |outcome: &str| match outcome {
        "pass" => "PASSED",
        "fail" => "FAILED",
        "unknown" => "WARNING",
        _ => "NOT_AVAILABLE",
    };
    let mut n_taken = 0;
    for ((account, region), findings) in held(&served) {
        let wanted = wanted(folder.path(), (&account, &region));
        let wanted: BTreeMap<String, String> =
            wanted.into_iter().map(|(id, outcome)| (id, status(&outcome).to_owned())).collect();
        assert!(!wanted.is_empty() && findings == wanted, "{account} {region}");
        n_taken += findings.len();
    }
    assert!(sent.stdout.contains(&format!("for Security Hub: {n_taken} taken, 0 refused\n")), "{}", sent.stdout);
    assert!(sent.stdout.contains("not sent, because Security Hub is not enabled:\n"), "{}", sent.stdout);
    assert!(
        sent.stdout.contains("globex-logistics (835702946618)") && sent.stdout.contains("sts:AssumeRole"),
        "{}",
        sent.stdout
    );
    let suspended = "because no control applies to the account:\n  legacy-crm (846119375520) in us-east-1: 1\n";
    assert!(sent.stdout.contains(suspended), "{}", sent.stdout);
    assert_eq!(push(&served, folder.path(), &[]).stdout, sent.stdout, "sending again changes nothing");

    let path = folder.path().join("a.json");
    let mut later: Value = serde_json::from_str(&fs::read_to_string(&path).expect("reads")).expect("JSON");
    later["collected_at"] = "2099-01-01T00:00:00Z".into();
    for finding in later["findings"].as_array_mut().expect("findings") {
        finding["outcome"] = "pass".into();
    }
    fs::write(&path, later.to_string()).expect("writes");
    push(&served, folder.path(), &[]);
    let statuses: BTreeSet<String> = held(&served).into_values().flatten().map(|(_, status)| status).collect();
    assert_eq!(statuses, BTreeSet::from(["PASSED".to_owned()]));
}

#[test]
fn what_is_refused_not_allowed_or_nowhere_enabled_is_told() {
    let folder = assessed();
    let nowhere = Served::scenario("acme");
    let sent = push(&nowhere, folder.path(), &["--min-severity", "critical"]);
    assert!(sent.code == Some(30) && sent.stdout.contains(": 0 taken, 0 refused"), "{}{}", sent.stdout, sent.stderr);

    let served = Served::changed("acme", |world| enable(world, &ENABLED));
    let fault = Fault::error("securityhub", "BatchImportFindings", "AccessDeniedException");
    let fault = Fault { account: Some("523908114477".to_owned()), ..fault };
    served.sandbox().inject(fault);
    let sent = push(&served, folder.path(), &["--min-severity", "high"]);
    assert!(sent.code == Some(30) && sent.stdout.contains("not sent, because a call failed:\n"), "{}", sent.stdout);
    assert!(sent.stdout.contains("  payments-prod (523908114477) in 17 regions: "), "{}", sent.stdout);

    let dry = push(&served, folder.path(), &["--dry-run"]);
    assert_eq!((dry.code, dry.stderr.as_str()), (Some(0), ""));
    assert!(
        dry.stdout.starts_with("2324 findings of 206 account-regions for Security Hub\nwould send:\n"),
        "{}",
        dry.stdout
    );
}

#[test]
fn findings_that_security_hub_refuses_one_by_one_are_named_and_the_others_taken() {
    let folder = assessed();
    let place = ("523908114477", "eu-central-1");
    let path = folder.path().join("a.json");
    let mut assessment: Value = serde_json::from_str(&fs::read_to_string(&path).expect("reads")).expect("JSON");
    let findings = assessment["findings"].as_array_mut().expect("findings");
    findings.retain(|finding| finding["account"] == place.0);
    let one = findings.iter().position(|finding| finding["region"] == place.1).expect("a finding");
    fs::write(&path, assessment.to_string()).expect("writes");
    let served = || Served::changed("acme", |world| enable(world, &[("523908114477", &["eu-central-1"])]));
    let whole = push(&served(), folder.path(), &[]);
    assert_eq!(whole.code, Some(0), "{}{}", whole.stdout, whole.stderr);

    // No control has so long a name; Security Hub takes 512 characters.
    assessment["findings"][one]["control"] = "x".repeat(600).into();
    fs::write(&path, assessment.to_string()).expect("writes");
    let served = served();
    let sent = push(&served, folder.path(), &[]);
    let held = held(&served).remove(&(place.0.to_owned(), place.1.to_owned())).expect("the hub");
    let n_wanted = wanted(folder.path(), place).len();
    assert_eq!((sent.code, held.len()), (Some(30), n_wanted - 1), "{}{}", sent.stdout, sent.stderr);
    let counts = format!("for Security Hub: {} taken, 1 refused\n", n_wanted - 1);
    assert!(sent.stdout.contains(&counts), "{}", sent.stdout);
    let listed = sent.stdout.split("\nrefused:\n  ").nth(1).expect("what was refused");
    assert!(listed.starts_with("o-acme7f3k2q/") && listed.lines().count() == 1, "{listed}");
    assert!(listed.contains(": InvalidInput: Finding does not adhere to Amazon Finding Format."), "{listed}");
}

#[test]
fn a_made_up_organization_is_sent_to_the_sandbox_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let in_folder = |arguments: &[&str]| -> Run {
        program(arguments).current_dir(folder.path()).output().expect("the program runs").into()
    };
    assert_eq!(in_folder(&["audit", "--sandbox=clean", "--keep", "-q"]).code, Some(0));
    in_folder(&["report", "push", "securityhub", "latest"]).assert_refused("made-up organization \"clean\"");
    let sent = in_folder(&["report", "push", "securityhub", "latest", "--sandbox=clean", "-q"]);
    assert!(
        sent.code == Some(30) && sent.stdout.contains("Security Hub is not enabled"),
        "{}{}",
        sent.stdout,
        sent.stderr
    );
}
