//! Reports in formats for machines: checked against the published schemas and read by tools that are not ours, also when
//! names and reasons want to break out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Run, acme, root, trailwarden};
use crate::venv::{moto, tool};

/// A name that means something in every format.
const HOSTILE: &str = "=cmd|' /C calc'!A0<script>\"&]]>\u{1b}[2J\u{202e}\n,;ログ保管";

const WAIVERS: &str = r#"
[[waiver]]
control = "log-file-validation-enabled"
scope = "organization"
reason = "<b>Validated</b> by hand, \"for now\" & later; =1+1"
owner = "@platform, security"
expires = 2099-12-31
"#;

/// The snapshot of `acme` with an account of a hostile name.
fn snapshot(folder: &Path) -> String {
    let mut snapshot: Value = serde_json::from_str(&fs::read_to_string(acme()).expect("a snapshot")).expect("JSON");
    let accounts = snapshot["organization"]["accounts"].as_object_mut().expect("accounts");
    let name = &mut accounts.get_mut("523908114477").expect("an account")["name"];
    assert_eq!(*name, "payments-prod");
    *name = HOSTILE.into();
    let path = folder.join("snapshot.json");
    fs::write(&path, snapshot.to_string()).expect("writes");
    path.display().to_string()
}

/// What other tools read of reports in all formats, and the findings in the JSON of the same run.
fn read_by_others(formats: &[&str]) -> (Vec<BTreeMap<String, usize>>, Vec<Value>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    fs::write(file("waivers.toml"), WAIVERS).expect("writes");
    let outputs: Vec<String> =
        formats.iter().chain(&["json"]).map(|format| format!("{format}:{}", file(format))).collect();
    let (snapshot, waivers) = (snapshot(folder.path()), file("waivers.toml"));
    let mut arguments = vec!["audit", "--snapshot", &snapshot, "--waivers", &waivers];
    arguments.extend(outputs.iter().flat_map(|output| ["-o", output.as_str()]));
    let run = trailwarden(&arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(10), ""), "{}", run.stderr);
    let (_server, endpoint) = moto();
    let read = formats.iter().map(|format| {
        let mut reader = tool("python");
        reader.arg(root().join("tests/clients/reports.py")).args([*format, &file(format)]);
        if *format == "asff" {
            reader.arg(&endpoint);
        }
        let keys = [("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "testing")];
        let read: Run = reader.envs(keys).env_remove("AWS_PROFILE").output().expect("python runs").into();
        assert_eq!(read.code, Some(0), "{format}: {}", read.stderr);
        serde_json::from_str(&read.stdout).expect("counts")
    });
    let read = read.collect();
    let json: Value = serde_json::from_str(&fs::read_to_string(file("json")).expect("JSON")).expect("JSON");
    (read, json["findings"].as_array().expect("findings").clone())
}

/// How many findings have each outcome, in the words of a format.
fn counted(findings: &[Value], word: impl Fn(&str, bool) -> &'static str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        let word = word(finding["outcome"].as_str().expect("an outcome"), !finding["waiver"].is_null());
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn code_scanning_and_ci_read_what_was_found() {
    let (read, findings) = read_by_others(&["sarif", "junit"]);
    let n_waived = findings.iter().filter(|finding| !finding["waiver"].is_null()).count();
    assert!(n_waived > 0, "the waiver accepts something");
    let sarif = counted(&findings, |outcome, is_waived| match outcome {
        "pass" => "passed",
        "not-applicable" => "not_applicable",
        _ if is_waived => "waived",
        "unknown" => "open",
        _ => "fail",
    });
    let junit = counted(&findings, |outcome, is_waived| match outcome {
        "pass" => "passed",
        "not-applicable" => "skipped",
        _ if is_waived => "skipped",
        "fail" => "failure",
        _ => "error",
    });
    assert_eq!(read, [sarif, junit]);
}

#[test]
fn security_hub_and_data_lakes_read_what_was_found() {
    let (read, findings) = read_by_others(&["asff", "ocsf"]);
    let asff = counted(&findings, |outcome, _| match outcome {
        "pass" => "PASSED",
        "fail" => "FAILED",
        "unknown" => "WARNING",
        _ => "NOT_AVAILABLE",
    });
    let ocsf = counted(&findings, |outcome, _| match outcome {
        "pass" => "Pass",
        "fail" => "Fail",
        "unknown" => "Warning",
        _ => "not-applicable",
    });
    assert_eq!(read, [asff, ocsf]);
}

#[test]
fn data_frames_read_what_was_found() {
    let (read, findings) = read_by_others(&["csv", "ndjson"]);
    let words = |outcome: &str, _| match outcome {
        "pass" => "pass",
        "fail" => "fail",
        "unknown" => "unknown",
        _ => "not-applicable",
    };
    assert_eq!(read, [counted(&findings, words), counted(&findings, words)]);
}

#[test]
fn a_report_says_what_it_was_made_from() {
    let [first, second] = [(); 2].map(|()| trailwarden(&["audit", "--snapshot", acme(), "-o", "json"]).json());
    let provenance = &first["provenance"];
    assert_eq!(*provenance, second["provenance"]);
    assert!(provenance["snapshot"].as_str().is_some_and(|digest| digest.len() == 64), "{provenance}");
    let folder = tempfile::tempdir().expect("a folder");
    let baseline = folder.path().join("baseline.toml");
    fs::write(&baseline, "retention_days = 4000\n").expect("writes");
    let baseline = baseline.to_str().expect("UTF-8");
    let other = trailwarden(&["audit", "--snapshot", acme(), "--baseline", baseline, "-o", "json"]).json();
    assert_eq!(other["provenance"]["snapshot"], provenance["snapshot"]);
    assert_ne!(other["provenance"]["baseline"], provenance["baseline"]);
    let made_up = trailwarden(&["audit", "--sandbox=clean", "-o", "json"]).json();
    assert_eq!(made_up["provenance"]["sandbox"], json!("clean"));
}

#[test]
fn outputs_that_cannot_be_are_refused() {
    let refused = |outputs: &[&str]| {
        let mut arguments = vec!["audit", "--snapshot", acme()];
        arguments.extend(outputs.iter().flat_map(|output| ["-o", output]));
        trailwarden(&arguments)
    };
    refused(&["sarf:x.sarif"]).assert_refused("did you mean sarif?");
    refused(&["csv", "ndjson"]).assert_refused("two outputs go to standard output");
    refused(&["csv:same", "json:same"]).assert_refused("two outputs go to same");
    refused(&["junit:/nonexistent/folder/report.xml"]).assert_refused("writing /nonexistent/folder/report.xml");
}
