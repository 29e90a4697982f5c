//! Baselines, waivers and explanations: what an organization decides about its audit, from files to findings.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Run, acme, trailwarden};

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path: PathBuf = folder.join(name);
    fs::write(&path, text).expect("writes");
    path.to_str().expect("UTF-8").to_owned()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn audit(arguments: &[&str]) -> Run {
    trailwarden(&[&["audit", "--snapshot", acme(), "-o", "json"], arguments].concat())
}

/// The only failure of `log-bucket-exists` in acme.
const MISSING: &str = "log-bucket-exists-83cd489db6b6";

fn find<'a>(assessment: &'a Value, id: &str) -> &'a Value {
    let findings = assessment["findings"].as_array().expect("findings");
    findings.iter().find(|finding| finding["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

fn waiver(scope: &str) -> String {
    format!(
        "[[waiver]]\ncontrol = \"log-bucket-exists\"\n{scope}\nreason = \"deleted soon\"\nowner = \"data\"\nexpires = 2999-12-31\n"
    )
}

#[test]
fn a_baseline_is_written_from_what_is_there_and_an_audit_takes_it() {
    let folder = folder();
    let path = folder.path().join("baseline.toml");
    let name = path.to_str().expect("UTF-8");
    let run = trailwarden(&["init", "--snapshot", acme(), "-o", name]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let text = fs::read_to_string(&path).expect("written");
    // What was seen stands there; who could stop trails is only suggested.
    assert!(text.contains("\"310245871102\", # log-archive"), "{text}");
    assert!(text.contains("    # \"arn:aws:iam::*:role/platform-admin*\""), "{text}");
    assert!(text.contains("# [override.ou-ac7f-prodprod] # Workloads / Prod"), "{text}");
    let audited = audit(&["--baseline", name]);
    assert_eq!((audited.code, audited.stderr.as_str()), (Some(10), ""));
    // Uncommented, its suggestions parse as well.
    let accepted: String = text
        .lines()
        .map(|line| {
            line.trim_start().strip_prefix("# ").filter(|rest| rest.starts_with(['"', '{', '[', 'r'])).unwrap_or(line)
        })
        .collect::<Vec<_>>()
        .join("\n");
    let accepted = write(folder.path(), "accepted.toml", &accepted);
    assert_eq!(audit(&["--baseline", &accepted]).code, Some(10), "{accepted}");
}

#[test]
fn init_overwrites_nothing_unasked() {
    let folder = folder();
    let path = write(folder.path(), "baseline.toml", "# mine\n");
    trailwarden(&["init", "--snapshot", acme(), "-o", &path]).assert_refused("exists");
    assert_eq!(fs::read_to_string(&path).expect("still there"), "# mine\n");
    assert_eq!(trailwarden(&["init", "--snapshot", acme(), "-o", &path, "--force"]).code, Some(0));
    assert_ne!(fs::read_to_string(&path).expect("replaced"), "# mine\n");
    assert!(trailwarden(&["init", "--snapshot", acme()]).stdout.contains("retention_days = 365"));
}

#[test]
fn a_baseline_for_nobody_of_the_organization_is_refused() {
    let folder = folder();
    for (text, says) in [
        ("[override.ou-ac7f-prodprox]\nretention_days = 1\n", "override names ou-ac7f-prodprox"),
        ("log_archive_accounts = [\"999999999999\"]\n", "log_archive_accounts names 999999999999"),
        ("delegated_administrators = [\"320781245567\"]\n", "delegated_administrators names 320781245567"),
        ("approved_snapshot = \"missing.json\"\n", "missing.json"),
    ] {
        let path = write(folder.path(), "baseline.toml", text);
        audit(&["--baseline", &path]).assert_refused(says);
    }
    let path = write(folder.path(), "baseline.toml", "[override.ou-ac7f-prodprox]\nretention_days = 1\n");
    assert!(audit(&["--baseline", &path]).stderr.contains("did you mean ou-ac7f-prodprod?"));
}

#[test]
fn an_approved_snapshot_is_found_beside_the_baseline() {
    let folder = folder();
    fs::copy(acme(), folder.path().join("approved.json")).expect("copies");
    let path = write(folder.path(), "baseline.toml", "approved_snapshot = \"approved.json\"\n");
    let run = audit(&["--baseline", &path, "--control", "trails-match-baseline"]);
    assert_eq!(run.json()["summary"]["findings"]["fail"], 0, "{}", run.stderr);
    assert_ne!(run.json()["summary"]["findings"]["pass"], 0);
}

#[test]
fn a_waived_failure_stays_one_and_does_not_decide_the_exit_code() {
    let folder = folder();
    let path = write(folder.path(), "w.toml", &waiver("scope = \"organization\"\naccepts = [\"fail\", \"unknown\"]"));
    assert_eq!(audit(&["--control", "log-bucket-exists"]).code, Some(10));
    let run = audit(&["--control", "log-bucket-exists", "--waivers", &path]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let assessment = run.json();
    let finding = find(&assessment, MISSING);
    assert_eq!((&finding["outcome"], &finding["waiver"]["owner"]), (&"fail".into(), &"data".into()));
    let only_failures = write(folder.path(), "w.toml", &waiver("accounts = [\"534417720098\"]"));
    assert_eq!(audit(&["--control", "log-bucket-exists", "--waivers", &only_failures]).code, Some(11));
    let table = trailwarden(&["audit", "--snapshot", acme(), "--control", "log-bucket-exists", "--waivers", &path]);
    assert!(table.stdout.contains("~ waived") && table.stdout.contains("deleted soon"), "{}", table.stdout);
}

#[test]
fn an_expired_or_unused_waiver_fails_the_audit() {
    let folder = folder();
    let clean = |name: &str, text: &str| {
        let path = write(folder.path(), name, text);
        trailwarden(&["audit", "--sandbox=clean", "--control", "log-bucket-exists", "-o", "json", "--waivers", &path])
    };
    for (text, control) in [
        (waiver("scope = \"organization\""), "waiver-in-use"),
        (waiver("scope = \"organization\"").replace("2999", "2020"), "waiver-not-expired"),
    ] {
        let run = clean("w.toml", &text);
        assert_eq!(run.code, Some(10), "{}", run.stderr);
        assert_eq!(run.json()["summary"]["controls"][control]["fail"], 1, "{}", run.stdout);
    }
}

#[test]
fn waivers_with_mistakes_name_line_and_column() {
    let folder = folder();
    for (text, says) in [
        (waiver(""), "w.toml:1:1: this waiver names no account, OU, region or resource"),
        (waiver("resources = [\"*\"]"), "w.toml:3:14:"),
        (waiver("accounts = [\"5344\"]"), "w.toml:3:13:"),
        (waiver("regions = [\"eu-west-1\"]").replace("bucket-exists", "bucket-exist"), "no control is called"),
    ] {
        let path = write(folder.path(), "w.toml", &text);
        audit(&["--waivers", &path]).assert_refused(says);
    }
    trailwarden(&["audit", "--snapshot", "x", "--control", "waiver-in-use"]).assert_refused("cannot be selected");
}

#[test]
fn a_finding_is_explained_with_its_evidence_and_its_remedy() {
    // The end of an id need not be written.
    let run = trailwarden(&["explain", "log-bucket-exists-83cd", "--snapshot", acme()]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for words in
        [MISSING, "no bucket has this name  (s3:HeadBucket", "Evidence, as read at", "How to fix it", "References"]
    {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    let live = trailwarden(&["explain", MISSING, "--sandbox", "--format", "json"]);
    let explanation = live.json();
    assert_eq!(explanation["format"], "trailwarden.explanation/1");
    assert_eq!(explanation["finding"]["outcome"], "fail", "an id is the same in every run");
    assert!(explanation["inputs"][0]["value"].as_str().is_some_and(|value| value.contains("warehouse-trail-2019")));
}

#[test]
fn an_explanation_shows_thresholds_with_overrides_and_waivers() {
    let folder = folder();
    let baseline = write(folder.path(), "b.toml", "[override.ou-ac7f-prodprod]\nretention_days = 2555\n");
    let waivers = write(folder.path(), "w.toml", &waiver("accounts = [\"534417720098\"]"));
    let run = trailwarden(&["explain", MISSING, "--snapshot", acme(), "--waivers", &waivers]);
    assert!(run.stdout.contains("deleted soon") && run.stdout.contains("~ waived"), "{}", run.stdout);
    let assessment = audit(&["--baseline", &baseline, "--control", "log-bucket-retention-sufficient"]).json();
    let findings = assessment["findings"].as_array().expect("findings");
    let of_payments = findings
        .iter()
        .find(|finding| finding["resource"] == "arn:aws:s3:::acme-payments-cloudtrail")
        .expect("the bucket of payments-prod, which is in OU Prod");
    let id = of_payments["id"].as_str().expect("an id");
    let run = trailwarden(&["explain", id, "--snapshot", acme(), "--baseline", &baseline, "--format", "json"]);
    let input = &run.json()["inputs"][0];
    assert_eq!((&input["name"], &input["value"]), (&"retention_days".into(), &"2555".into()));
    assert_eq!(input["source"], "override of ou-ac7f-prodprod in the baseline");
}

#[test]
fn an_id_that_is_none_or_several_is_answered_with_the_nearest() {
    let explain = |id: &str| trailwarden(&["explain", id, "--snapshot", acme()]);
    explain("trail-is-logging").assert_refused("findings begin with \"trail-is-logging\"");
    explain("trail-is-loging-3f9a2c81d04b").assert_refused("no finding is called");
    explain("nonsense").assert_refused("no finding is called");
    let near = explain("log-bucket-exists-83cd489db6b7");
    near.assert_refused("no finding is called");
    assert!(near.stderr.contains(&format!("did you mean {MISSING}?")), "{}", near.stderr);
}
