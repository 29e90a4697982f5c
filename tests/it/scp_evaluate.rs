//! `scp evaluate`: a verdict for every case of a file, and what is wrong with a file that has none.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Run, root, trailwarden};

fn cases() -> PathBuf {
    root().join("tests/cases/scp.json")
}

fn evaluate(path: &std::path::Path, more: &[&str]) -> Run {
    let mut arguments = vec!["scp", "evaluate", "--cases", path.to_str().expect("UTF-8")];
    arguments.extend(more);
    trailwarden(&arguments)
}

/// The cases with something changed, in a folder of their own.
fn changed(change: impl FnOnce(&mut Value)) -> (tempfile::TempDir, PathBuf) {
    let mut cases = serde_json::from_str(&fs::read_to_string(cases()).expect("the cases")).expect("JSON");
    change(&mut cases);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cases.json");
    fs::write(&path, cases.to_string()).expect("writes");
    (folder, path)
}

#[test]
fn every_case_has_its_verdict_in_order() {
    let run = evaluate(&cases(), &["--format", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let file: Value = serde_json::from_str(&fs::read_to_string(cases()).expect("the cases")).expect("JSON");
    let expected = file["cases"].as_array().expect("cases").iter();
    let expected: Vec<Value> = expected.map(|case| json!({"id": case["id"], "verdict": case["expected"]})).collect();
    let mut printed = run.json().as_array().expect("an array").clone();
    let undecided = printed.last_mut().and_then(Value::as_object_mut).expect("a case");
    let reason = undecided.remove("undecided").expect("the reason why the last is not certain");
    assert!(reason.as_str().is_some_and(|reason| reason.contains("10.0.0.0/99")), "{reason}");
    assert_eq!(printed, expected);
}

/// Our own cases, and the further files of the same format that `TRAILWARDEN_TEST_SCP_CASES` lists as `PATH` lists folders.
#[test]
fn every_file_comes_out_as_expected() {
    let further = std::env::var_os("TRAILWARDEN_TEST_SCP_CASES").unwrap_or_default();
    for path in std::iter::once(cases()).chain(std::env::split_paths(&further).filter(|path| path.is_file())) {
        let run = evaluate(&path, &[]);
        let n_cases = evaluate(&path, &["--format", "json"]).json().as_array().map_or(0, Vec::len);
        let last = format!("{n_cases} of {n_cases} as expected\n");
        assert!(n_cases > 0 && run.stdout.ends_with(&last), "{}: {}", path.display(), run.stdout);
    }
}

#[test]
fn the_table_counts_and_says_what_is_not_certain() {
    let run = evaluate(&cases(), &[]);
    assert_eq!(run.code, Some(11), "{run:?}");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(
        &lines[1..],
        ["12 cases: 7 allowed, 3 explicitDeny, 1 implicitDeny, 1 invalidDocument", "12 of 12 as expected"]
    );
    assert!(lines[0].starts_with("? a-deny-that-may-not-match-does-not-count  not certain: "), "{}", lines[0]);
}

#[test]
fn the_table_lists_differences() {
    let (_folder, path) = changed(|cases| cases["cases"][0]["expected"] = json!("allowed"));
    let run = evaluate(&path, &[]);
    assert_eq!(run.code, Some(10), "{run:?}");
    let line = "✗ a-deny-at-the-root-binds-a-member  explicitDeny, expected allowed  inheritance\n";
    assert!(run.stdout.contains(line) && run.stdout.ends_with("11 of 12 as expected\n"), "{}", run.stdout);
}

#[test]
fn without_expectations_the_table_lists_the_verdicts() {
    let (_folder, path) = changed(|cases| {
        let cases = cases["cases"].as_array_mut().expect("cases");
        cases.truncate(2);
        cases.iter_mut().for_each(|case| drop(case.as_object_mut().expect("a case").remove("expected")));
    });
    let run = evaluate(&path, &[]);
    let wanted = "a-deny-at-the-root-binds-a-member  explicitDeny\nan-exempt-role-gets-through  allowed\n\
                  2 cases: 1 allowed, 1 explicitDeny\n";
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), wanted), "{}", run.stderr);
}

#[test]
fn files_that_are_no_cases_are_refused() {
    evaluate(&root().join("tests/cases/none.json"), &[]).assert_refused("none.json");
    evaluate(&root().join("tests/corpus/clean/snapshot.json"), &[]).assert_refused("not a scp-cases/1 file");
    for (change, says) in [
        (json!({"organization": "two"}), "organization \"two\", which the file does not hold"),
        (json!({"request": {"principal": "arn:aws:iam::1:root"}}), "missing field `action`"),
    ] {
        let (_folder, path) = changed(|cases| {
            let case = cases["cases"][0].as_object_mut().expect("a case");
            case.extend(change.as_object().expect("a change").clone());
        });
        evaluate(&path, &["--format", "json"]).assert_refused(says);
    }
    let (_folder, path) = changed(|cases| cases["organizations"]["one"]["root"]["policies"] = json!(["lost"]));
    evaluate(&path, &[]).assert_refused("r-one1 has policy \"lost\" attached, which the file does not hold");
}
