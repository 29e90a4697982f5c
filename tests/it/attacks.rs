//! Attacks on a running sandbox between two audits: the second names what was done, where and to what, and nothing else
//! turns worse without a reason. Four are those of Stratus Red Team on CloudTrail, one its leaving of an organization.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use trailwarden_model::difference::{Difference, Kind};
use trailwarden_model::finding::{Finding, Outcome};

use crate::support::{program, root, trailwarden};
use crate::venv::{sandbox, tool};

const MANAGEMENT: &str = "116622338844";
const ARCHIVE: &str = "227733449955";
const VICTIM: &str = "661177883399";
const TRAIL: &str = "arn:aws:cloudtrail:eu-central-1:116622338844:trail/org-trail";
const BUCKET: &str = "arn:aws:s3:::clean-org-cloudtrail-227733449955";
const KEY: &str = "arn:aws:kms:eu-central-1:227733449955:key/5d0f8a52-2b7c-4b7e-9d0a-6c1f0e4a9b31";
const GROUP: &str = "arn:aws:logs:eu-central-1:116622338844:log-group:org-trail";

/// What must be found: the control, the end of the subject, and words of the reason.
type Found<'a> = (&'a str, &'a str, &'a str);

/// What an audit found, by control and subject.
type Findings = BTreeMap<(String, String), Finding>;

/// Audits, and keeps the assessment in a file.
fn audit(exports: &[(String, String)], path: &Path) -> Findings {
    let mut command = program(&["audit", "-o", &format!("json:{}", path.display())]);
    command.envs(exports.iter().map(|(name, value)| (name, value)));
    let run: crate::support::Run = command.output().expect("the program runs").into();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let findings: Vec<Finding> = trailwarden_report::json::read(&text).expect("an assessment").findings;
    findings.into_iter().map(|finding| ((finding.control.clone(), subject(&finding)), finding)).collect()
}

fn subject(finding: &Finding) -> String {
    let region = finding.region.as_ref().map(|region| format!(" {region}")).unwrap_or_default();
    let resource = finding.resource.as_ref().map(|resource| format!(" {resource}")).unwrap_or_default();
    format!("{}{region}{resource}", finding.account)
}

/// Performs an attack between two audits. `found` must be failures of the second with these words; besides them only these
/// controls may have turned worse, and each must have.
fn attack(name: &str, found: &[Found<'_>], besides: &[&str]) {
    let (_server, exports) = sandbox(&["--scenario", "clean"]);
    let folder = tempfile::tempdir().expect("a folder");
    let files = ["before.json", "after.json"].map(|name| folder.path().join(name));
    let before = audit(&exports, &files[0]);
    let flaws: Vec<&Finding> = before.values().filter(|finding| !is_sound(finding.outcome)).collect();
    assert!(flaws.is_empty(), "not clean before the attack: {}", list(&flaws));
    let script = root().join("tests/clients/attacks.py");
    let attacked = tool("python").arg(script).arg(name).envs(exports.clone()).output().expect("boto3 runs");
    assert!(attacked.status.success(), "{}", String::from_utf8_lossy(&attacked.stderr));
    let after = audit(&exports, &files[1]);
    let worse: Vec<&Finding> = after.values().filter(|finding| !is_sound(finding.outcome)).collect();
    for (control, end, words) in found {
        let told = worse.iter().any(|finding| {
            finding.control == *control
                && finding.outcome == Outcome::Fail
                && subject(finding).ends_with(end)
                && finding.reason.contains(words)
        });
        assert!(told, "{control} of {end} does not say {words:?}: {}", list(&worse));
    }
    let turned: BTreeSet<&str> = worse.iter().map(|finding| finding.control.as_str()).collect();
    let expected = found.iter().map(|(control, ..)| control).chain(besides).copied().collect();
    assert_eq!(turned, expected, "{}", list(&worse));
    let worse: BTreeSet<String> = worse.iter().map(|finding| finding.id()).collect();
    is_what_changed(name, &files, &worse);
}

/// `diff` shows exactly what turned worse, the trail where it was deleted, and the account where it left.
fn is_what_changed(name: &str, files: &[PathBuf; 2], worse: &BTreeSet<String>) {
    let [before, after] = files.each_ref().map(|file| file.to_str().expect("UTF-8"));
    let run = trailwarden(&["diff", before, after, "-o", "json", "--fail-on", "new"]);
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    let found: Difference = serde_json::from_value(run.json()).expect("a difference");
    let kinds: BTreeSet<Kind> = found.changes.iter().map(|change| change.kind).collect();
    assert!(kinds.is_subset(&BTreeSet::from([Kind::New, Kind::Unread])), "{kinds:?}");
    let changed: BTreeSet<String> = found.changes.iter().map(|change| change.id.clone()).collect();
    assert_eq!(changed, *worse);
    let gone = if name == "delete" { BTreeSet::from([TRAIL.to_owned()]) } else { BTreeSet::new() };
    assert_eq!(
        (found.trails_gone, found.trails_unread, found.trails_appeared),
        (gone, BTreeSet::new(), BTreeSet::new())
    );
    let left: Vec<&str> = found.accounts_vanished.iter().map(|account| account.as_str()).collect();
    assert_eq!(left, if name == "leave" { vec![VICTIM] } else { vec![] });
    assert!(found.accounts_appeared.is_empty() && found.owners.is_empty() && found.not_compared.is_empty());
}

fn is_sound(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Pass | Outcome::NotApplicable)
}

/// The findings, two of each control: a dead trail fails everywhere.
fn list(findings: &[&Finding]) -> String {
    let mut lines = String::new();
    for of_control in findings.chunk_by(|a, b| a.control == b.control) {
        for finding in of_control.iter().take(2) {
            let (outcome, reason) = (finding.outcome.as_str(), &finding.reason);
            lines += &format!("\n{} {}: {outcome}: {reason}", finding.control, subject(finding));
        }
        lines += &format!("\n  {} in all", of_control.len());
    }
    lines
}

/// What follows when no trail records any more.
const NOTHING_RECORDED: [&str; 5] = [
    "global-service-events-recorded",
    "logs-centralized",
    "management-events-recorded",
    "multi-region-trail-enabled",
    "organization-trail-enabled",
];

/// What follows when a trail goes on and nothing of it arrives in the bucket.
const NOTHING_ARRIVES: [&str; 6] = [
    "digest-delivery-healthy",
    "global-service-events-recorded",
    "log-delivery-healthy",
    "logs-centralized",
    "management-events-recorded",
    "multi-region-trail-enabled",
];

fn tampering<'a>(place: &'a str, words: &'a str) -> Found<'a> {
    ("no-recent-tampering", place, words)
}

#[test]
fn stopping_the_trail() {
    let home = format!("{MANAGEMENT} eu-central-1");
    let found = [
        ("trail-is-logging", TRAIL, "does not log everywhere it should"),
        tampering(&home, "StopLogging by arn:aws:iam::116622338844:user"),
    ];
    attack("stop", &found, &[&NOTHING_RECORDED[..], &["management-account-guarded"]].concat());
}

#[test]
fn deleting_the_trail() {
    let home = format!("{MANAGEMENT} eu-central-1");
    let found = [
        ("organization-trail-enabled", MANAGEMENT, "organization trail"),
        tampering(&home, "DeleteTrail by arn:aws:iam::116622338844:user"),
    ];
    let missing = [
        "cloudwatch-logs-delivery-healthy",
        "log-bucket-lifecycle-configured",
        "log-file-validation-enabled",
        "trail-encrypted-with-kms",
    ];
    attack("delete", &found, &[&NOTHING_RECORDED[..], &missing].concat());
}

#[test]
fn recording_nothing() {
    let home = format!("{MANAGEMENT} eu-central-1");
    let found = [
        ("management-events-recorded", "661177883399 us-east-1", "would not be recorded"),
        tampering(&home, "PutEventSelectors by arn:aws:iam::116622338844:user"),
    ];
    let besides = ["global-service-events-recorded", "logs-centralized", "management-account-guarded"];
    attack("record_nothing", &found, &besides);
}

#[test]
fn forgetting_after_a_day() {
    let home = format!("{ARCHIVE} eu-central-1");
    let found = [
        ("log-bucket-retention-sufficient", BUCKET, "housekeeping"),
        tampering(
            &home,
            "PutBucketLifecycle by arn:aws:sts::227733449955:assumed-role/OrganizationAccountAccessRole/intruder",
        ),
    ];
    attack("forget_after_a_day", &found, &[]);
}

/// The rule as Stratus Red Team writes it. Prefixes know no wildcards: it removes nothing, but it took the place of the rule
/// that managed the logs.
#[test]
fn forgetting_what_begins_with_a_star() {
    let home = format!("{ARCHIVE} eu-central-1");
    let found = [
        ("log-bucket-lifecycle-configured", BUCKET, "manages all objects under AWSLogs/o-clean7k3p9/"),
        tampering(&home, "PutBucketLifecycle"),
    ];
    attack("forget_what_begins_with_a_star", &found, &[]);
}

#[test]
fn leaving_the_organization() {
    let leader = format!("{MANAGEMENT} us-east-1");
    attack("leave", &[tampering(&leader, "AccountDepartedOrganization")], &[]);
}

#[test]
fn trying_to_leave_the_organization() {
    let leader = format!("{VICTIM} us-east-1");
    let words = "LeaveOrganization by arn:aws:sts::661177883399:assumed-role/OrganizationAccountAccessRole/intruder";
    attack("try_to_leave", &[tampering(&leader, words)], &[]);
}

#[test]
fn removing_the_guard() {
    let found = [
        ("tampering-denied-by-scp", VICTIM, "StopLogging"),
        ("leaving-organization-denied", VICTIM, "organizations:LeaveOrganization"),
    ];
    attack("remove_the_guard", &found, &[]);
}

#[test]
fn disabling_the_key() {
    let home = format!("{ARCHIVE} eu-central-1");
    let found = [
        ("kms-key-usable", KEY, "its state is Disabled"),
        tampering(&home, "DisableKey by arn:aws:sts::227733449955:assumed-role/OrganizationAccountAccessRole/intruder"),
    ];
    attack("disable_the_key", &found, &NOTHING_ARRIVES);
}

#[test]
fn shutting_cloudtrail_out() {
    let home = format!("{ARCHIVE} eu-central-1");
    let found = [
        ("log-bucket-policy-correct", BUCKET, "PutObject under AWSLogs/o-clean7k3p9/"),
        tampering(
            &home,
            "PutBucketPolicy by arn:aws:sts::227733449955:assumed-role/OrganizationAccountAccessRole/intruder",
        ),
    ];
    attack("shut_cloudtrail_out", &found, &NOTHING_ARRIVES);
}

#[test]
fn deleting_the_log_group() {
    let home = format!("{MANAGEMENT} eu-central-1");
    let found = [
        ("log-group-retained-and-encrypted", GROUP, "does not exist"),
        ("cloudwatch-logs-delivery-healthy", TRAIL, "does not exist"),
        tampering(&home, "DeleteLogGroup by arn:aws:iam::116622338844:user"),
    ];
    attack("delete_the_log_group", &found, &["management-account-guarded", "tamper-alarms-actionable"]);
}

#[test]
fn shrinking_the_retention() {
    let home = format!("{MANAGEMENT} eu-central-1");
    let found = [
        ("log-group-retained-and-encrypted", GROUP, "1 day"),
        tampering(&home, "PutRetentionPolicy by arn:aws:iam::116622338844:user"),
    ];
    attack("shrink_the_retention", &found, &[]);
}

#[test]
fn withdrawing_trust() {
    let leader = format!("{MANAGEMENT} us-east-1");
    let found = [
        ("trusted-access-enabled", MANAGEMENT, "CloudTrail has no trusted access"),
        tampering(&leader, "DisableAWSServiceAccess by arn:aws:iam::116622338844:user"),
    ];
    let missing = [
        "cloudwatch-logs-delivery-healthy",
        "digest-delivery-healthy",
        "log-bucket-lifecycle-configured",
        "log-bucket-policy-correct",
        "log-delivery-healthy",
        "log-file-validation-enabled",
        "trail-encrypted-with-kms",
    ];
    attack("withdraw_trust", &found, &[&NOTHING_RECORDED[..], &missing].concat());
}
