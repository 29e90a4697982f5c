//! `scp lint`: problems of policy files with their places, and what cannot be read.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::support::{Run, program, trailwarden};

/// Lints files with these texts, named `0.json`, `1.json` and so on.
fn lint(texts: &[&str], more: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let mut arguments = vec!["scp".to_owned(), "lint".to_owned()];
    arguments.extend(more.iter().map(|&text| text.to_owned()));
    for (index, text) in texts.iter().enumerate() {
        fs::write(folder.path().join(format!("{index}.json")), text).expect("writes");
        arguments.push(format!("{index}.json"));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    program(&arguments).current_dir(folder.path()).output().expect("the program runs").into()
}

const MISSPELT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Deny", "Action": "cloudtrail:StopLoging", "Resource": "*"}
  ]
}
"#;

const GOOD: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"*"}]}"#;

#[test]
fn a_problem_is_one_line_with_place_rule_and_suggestion() {
    let run = lint(&[MISSPELT, GOOD], &[]);
    assert_eq!(run.code, Some(10), "{run:?}");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("0.json:4:34: ! suspicious: "), "{}", run.stdout);
    assert!(lines[0].ends_with(" [unknown-action]"), "{}", run.stdout);
    assert!(lines[1].contains("→") && lines[1].contains("StopLogging"), "{}", run.stdout);
    assert_eq!(lines.last(), Some(&"2 files: 1 problem found"));
}

#[test]
fn a_document_that_aws_refuses_is_told_from_a_suspicious_one() {
    let run = lint(&[&GOOD.replace("Deny", "Denny")], &["--format", "json"]);
    assert_eq!(run.code, Some(10), "{run:?}");
    let json = run.json();
    assert_eq!(json["format"], "trailwarden.policy-lint/1");
    let problem = &json["files"][0]["problems"][0];
    assert_eq!((&problem["rule"], &problem["is_refused"]), (&"malformed".into(), &true.into()));
    assert_eq!((&problem["line"], &problem["column"]), (&1.into(), &48.into()));
}

#[test]
fn nothing_found_is_said() {
    let run = lint(&[GOOD], &[]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "✓ 1 file: nothing found\n"), "{}", run.stderr);
}

#[test]
fn a_policy_of_another_kind_is_recognised() {
    let bucket = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::logs"}]}"#;
    let run = lint(&[bucket], &[]);
    assert!(run.stdout.contains("--kind rcp") || run.stdout.contains("--kind resource"), "{}", run.stdout);
    assert_eq!(lint(&[bucket], &["--kind", "bucket"]).code, Some(0));
}

#[test]
fn a_document_over_the_quota_is_refused_and_one_near_it_suspicious() {
    let of_length = |n: usize| GOOD.replace("\"Resource\"", &format!("{}\"Resource\"", " ".repeat(n - GOOD.len())));
    for (length, rule) in [(10_241, Some("over-quota")), (10_240, Some("near-quota")), (9_215, None)] {
        let run = lint(&[&of_length(length)], &[]);
        assert_eq!(run.code, Some(if rule.is_some() { 10 } else { 0 }), "{run:?}");
        assert!(rule.is_none_or(|rule| run.stdout.contains(rule)), "{rule:?}: {}", run.stdout);
        assert_eq!(run.stdout.contains("without white space"), rule.is_some(), "{}", run.stdout);
    }
}

#[test]
fn standard_input_is_a_file_too() {
    let mut child = program(&["scp", "lint", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("piped").write_all(MISSPELT.as_bytes()).expect("writes");
    let run: Run = child.wait_with_output().expect("ends").into();
    assert_eq!(run.code, Some(10), "{run:?}");
    assert!(run.stdout.starts_with("-:4:34: "), "{}", run.stdout);
}

#[test]
fn files_that_cannot_be_read_and_kinds_that_are_none_are_refused() {
    trailwarden(&["scp", "lint"]).assert_refused("<FILE>");
    trailwarden(&["scp", "lint", "/nonexistent.json"]).assert_refused("reading /nonexistent.json");
    trailwarden(&["scp", "lint", "--kind", "acl", "x.json"]).assert_refused("acl");
}
