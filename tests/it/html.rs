//! HTML reports in a browser without a network: what is listed, filtered, sorted, expanded and printed, for whom, and that
//! nothing is asked of anybody.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Run, acme, root, trailwarden};
use crate::venv::tool;

/// An account's name that wants to be markup, script and a style.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&<style>*{display:none}</style>";

/// The snapshot of `acme` with an account of a hostile name.
fn snapshot(folder: &Path) -> String {
    let text = fs::read_to_string(acme()).expect("a snapshot");
    let mut snapshot: Value = serde_json::from_str(&text).expect("JSON");
    snapshot["organization"]["accounts"]["523908114477"]["name"] = HOSTILE.into();
    let path = folder.join("snapshot.json");
    fs::write(&path, snapshot.to_string()).expect("writes");
    path.display().to_string()
}

/// What a browser saw of a page.
fn seen(page: &Path, search: &str) -> Value {
    let browser = std::env::var("TRAILWARDEN_TEST_BROWSER")
        .expect("TRAILWARDEN_TEST_BROWSER names a browser; run the tests by `cargo xtask test`");
    let mut reader = tool("python");
    reader.arg(root().join("tests/clients/html_page.py")).args([
        browser.as_str(),
        page.to_str().expect("UTF-8"),
        search,
    ]);
    let run: Run = reader.output().expect("python runs").into();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).expect("what was seen")
}

#[test]
fn a_page_lists_filters_sorts_expands_and_prints_without_a_network() {
    let folder = tempfile::tempdir().expect("a folder");
    let (page, json) = (folder.path().join("report.html"), folder.path().join("a.json"));
    let (html, json) = (format!("html:{}", page.display()), format!("json:{}", json.display()));
    let runs = folder.path().join("runs");
    let keep = ["--keep", "--runs", runs.to_str().expect("UTF-8")];
    let snapshot = snapshot(folder.path());
    let audit = ["audit", "--snapshot", &snapshot, "-o", &html, "-o", &json];
    let run = trailwarden(&[&audit[..], &keep].concat());
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    let again = trailwarden(&["report", "latest", keep[1], keep[2], "-o", "html"]);
    assert!(again.stdout == fs::read_to_string(&page).expect("a page"), "a kept run gives another page");
    let text = fs::read_to_string(folder.path().join("a.json")).expect("JSON");
    let assessment: Value = serde_json::from_str(&text).expect("JSON");
    let findings = assessment["findings"].as_array().expect("findings");
    let n = |fits: &dyn Fn(&Value) -> bool| findings.iter().filter(|finding| fits(finding)).count();
    let seen = seen(&page, "523908114477");
    for outcome in ["fail", "unknown", "pass", "not-applicable"] {
        assert_eq!(seen[outcome], n(&|finding| finding["outcome"] == outcome), "{outcome}");
    }
    assert_eq!(seen["all"], findings.len());
    let speaks_of = |finding: &Value| finding.to_string().contains("523908114477");
    assert_eq!(seen["search"], n(&speaks_of));
    let (paper, header) = (seen["paper"].as_str().expect("text"), seen["header"].as_str().expect("text"));
    assert!(paper.contains(HOSTILE) && paper.contains("To mend it:"), "{paper}");
    assert!(header.contains("of 7 best practices hold: 7 fail") && !header.contains("exit code"), "{header}");
    let gaps: Vec<u64> = seen["gaps"].as_array().expect("gaps").iter().filter_map(Value::as_u64).collect();
    assert!(gaps.len() > 1 && gaps.is_sorted_by(|before, after| before >= after), "{gaps:?}");
    assert_eq!(seen["points"], 0, "one run is no trend");
    let plain = seen["without script"].as_str().expect("text");
    assert!(plain.contains("Read and write management events are recorded"), "{plain}");
    assert!(plain.contains(HOSTILE), "{plain}");
}
