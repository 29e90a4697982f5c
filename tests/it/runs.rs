//! Runs that are kept, rendered again, compared and removed; and which findings are shown and decide.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Run, acme, program, trailwarden};

pub fn in_folder(folder: &Path, arguments: &[&str]) -> Run {
    program(arguments).current_dir(folder).output().expect("the program runs").into()
}

/// A folder with the run of a snapshot, and its name.
pub fn kept(more: &[&str]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let run =
        in_folder(folder.path(), &[&["audit", "--snapshot", acme(), "--keep", "-o", "json:a.json"], more].concat());
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    let name =
        run.stderr.strip_prefix("kept as run ").and_then(|rest| rest.split(' ').next()).expect("a name").to_owned();
    (folder, name)
}

/// The same assessment as if it were collected this many days earlier, as a kept run.
pub fn earlier(folder: &Path, name: &str, day: &str) {
    let runs = folder.join("trailwarden-runs");
    let other = runs.join(format!("{name}-{day}"));
    fs::create_dir(&other).expect("a folder");
    for file in ["run.json", "assessment.json"] {
        let mut kept: Value =
            serde_json::from_str(&fs::read_to_string(runs.join(name).join(file)).expect("kept")).expect("JSON");
        kept["collected_at"] = format!("{day}T00:00:00Z").into();
        if file == "run.json" {
            kept["name"] = format!("{name}-{day}").into();
        }
        fs::write(other.join(file), kept.to_string()).expect("writes");
    }
}

#[test]
fn a_kept_run_is_rendered_as_the_audit_rendered_it() {
    let (folder, name) = kept(&["-o", "csv:a.csv", "-o", "sarif:a.sarif", "-o", "table:a.txt"]);
    let outputs = ["-o", "csv:b.csv", "-o", "sarif:b.sarif", "-o", "table:b.txt", "-o", "json:b.json"];
    let run = in_folder(folder.path(), &[&["report", &name][..], &outputs].concat());
    assert_eq!((run.code, run.stdout.as_str()), (Some(10), ""), "{}", run.stderr);
    let read = |file: &str| fs::read(folder.path().join(file)).expect("a report");
    for kind in ["csv", "sarif", "txt", "json"] {
        assert!(read(&format!("a.{kind}")) == read(&format!("b.{kind}")), "{kind} differs");
    }
    for named in ["latest", "a.json", &format!("trailwarden-runs/{name}")] {
        assert_eq!(in_folder(folder.path(), &["report", named, "-q"]).code, Some(10), "{named}");
    }
    in_folder(folder.path(), &["report", "nonsense"]).assert_refused("there is no run nonsense");
    in_folder(folder.path(), &["report", "previous"]).assert_refused("keeps only one run of an audit");
}

#[test]
fn a_run_does_not_differ_from_itself() {
    let (folder, name) = kept(&[]);
    let run = in_folder(folder.path(), &["diff", &name, "latest", "-o", "json", "--fail-on", "new,unread,gone,fixed"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let found = run.json();
    let changes = found["changes"].as_array().expect("changes");
    assert!(!changes.is_empty() && changes.iter().all(|change| change["kind"] == "still"), "{found}");
    for member in
        ["accounts_appeared", "accounts_vanished", "trails_appeared", "trails_gone", "trails_unread", "owners"]
    {
        assert_eq!(found[member].as_array().map(Vec::len), Some(0), "{member}");
    }
    let text = in_folder(folder.path(), &["diff", "a.json", &name]).stdout;
    assert!(text.contains("Nothing changed; ") && text.lines().count() < 6, "{text}");
}

#[test]
fn what_fails_anew_gates_a_pipeline() {
    let (folder, name) = kept(&[]);
    let path = folder.path().join("b.json");
    let mut after: Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("a.json")).expect("JSON")).expect("JSON");
    let findings = after["findings"].as_array_mut().expect("findings");
    let passing = findings.iter_mut().find(|finding| finding["outcome"] == "pass").expect("a pass");
    passing["outcome"] = "fail".into();
    passing["reason"] = "Somebody <b>switched</b> it off | for good.".into();
    let id = passing["id"].as_str().expect("an id").to_owned();
    fs::write(&path, after.to_string()).expect("writes");
    let diff = |more: &[&str]| in_folder(folder.path(), &[&["diff", &name, "b.json"], more].concat());
    assert_eq!(
        (diff(&["--fail-on", "new"]).code, diff(&["--fail-on", "fixed"]).code, diff(&[]).code),
        (Some(10), Some(0), Some(0))
    );
    let text = diff(&["--fail-on", "new"]).stdout;
    for line in ["Fails now (new)", &format!("id {id}"), "before pass: ", "exit code 10"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let markdown = diff(&["-o", "markdown"]).stdout;
    assert!(markdown.contains("now fail: Somebody &lt;b&gt;switched&lt;/b&gt; it off \\| for good."), "{markdown}");
    diff(&["--fail-on", "news"]).assert_refused("did you mean new?");
}

#[test]
fn old_runs_are_listed_and_removed_and_runs_of_plans_stay() {
    let (folder, name) = kept(&[]);
    for day in ["2020-01-01", "2020-02-01"] {
        earlier(folder.path(), &name, day);
    }
    let plan = folder.path().join("trailwarden-runs/o-acme7f3k2q-0123456789ab");
    fs::create_dir(&plan).expect("a folder");
    fs::write(plan.join("plan.json"), "{}").expect("writes");
    let run = |arguments: &[&str]| in_folder(folder.path(), arguments);
    let names = || {
        let listed = run(&["runs", "list", "--format", "json"]).json();
        let names =
            listed.as_array().expect("runs").iter().map(|entry| entry["name"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>()
    };
    let all = [format!("{name}-2020-01-01"), format!("{name}-2020-02-01"), name.clone()];
    assert_eq!(names(), all);
    let text = run(&["runs", "list"]).stdout;
    assert!(text.contains(&name) && text.contains("Not shown: 1 of plans"), "{text}");
    assert!(run(&["runs", "show", "previous"]).stdout.contains("collected 2020-02-01"));
    run(&["runs", "prune"]).assert_refused("--keep");
    let dry = run(&["runs", "prune", "--keep", "2", "--dry-run"]);
    assert_eq!(dry.stdout, format!("would remove {name}-2020-01-01\n"));
    assert_eq!(names(), all);
    run(&["runs", "prune", "--keep", "1", "--older-than", "30"]);
    assert_eq!(names(), std::slice::from_ref(&name));
    run(&["runs", "prune", "--keep", "0"]);
    assert!(names().is_empty() && plan.join("plan.json").is_file());
}

#[test]
fn severities_choose_what_is_shown_and_what_decides() {
    let audit = |more: &[&str]| trailwarden(&[&["audit", "--snapshot", acme()], more].concat());
    let lines = |text: &str| text.lines().count();
    let all = audit(&["-o", "ndjson"]);
    let critical = audit(&["-o", "ndjson", "--min-severity", "critical"]);
    let meant = all.stdout.lines().filter(|line| line.contains(r#""severity":"critical""#)).count();
    assert_eq!((lines(&critical.stdout), critical.code), (meant, Some(10)));
    assert!(meant > 0 && meant < lines(&all.stdout));
    let n_less = lines(&all.stdout) - meant;
    let table = audit(&["--min-severity", "critical"]).stdout;
    assert!(words(&table).contains(&format!("{n_less} findings below severity critical")), "{table}");
    assert!(!table.contains("fail  medium"), "{table}");
    let json = audit(&["-o", "json", "--min-severity", "critical"]).json();
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(lines(&all.stdout)));
    audit(&["--min-severity", "hihg"]).assert_refused("did you mean high?");

    let only = ["--control", "log-bucket-replicated,kms-key-rotation-enabled"];
    let medium = audit(&[&only[..], &["-o", "ndjson"]].concat());
    let is_open = |severity: &str| {
        medium.stdout.lines().any(|line| line.contains(r#""outcome":"fail""#) && line.contains(severity))
    };
    assert!(!is_open(r#""severity":"critical""#) && medium.code == Some(10), "{}", medium.stdout);
    let passing = audit(&[&only[..], &["--fail-on", "critical"]].concat());
    let said = "exit code 0: nothing of severity critical fails or is unknown, but for what waivers accept; of lower severity, ";
    assert!(passing.code == Some(0) && words(&passing.stdout).contains(said), "{}", passing.stdout);
    for format in ["html", "markdown"] {
        let passing = audit(&[&only[..], &["--fail-on", "critical", "-o", format]].concat());
        assert!(passing.stdout.contains(said) && !passing.stdout.contains("nothing is unknown"), "{format}");
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn quiet_says_nothing_that_was_not_asked_for() {
    let quiet = trailwarden(&["audit", "--sandbox=blank", "--control", "trail-is-logging", "--quiet"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let asked = trailwarden(&["-q", "audit", "--snapshot", acme(), "-o", "csv"]);
    assert!(asked.stdout.starts_with("id,control,") && asked.stderr.is_empty());
    trailwarden(&["audit", "-q", "--snapshot", "/nonexistent"]).assert_refused("reading /nonexistent");
}

#[test]
fn shells_and_manual_readers_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let completions = trailwarden(&["completions", shell]);
        assert!(completions.code == Some(0) && completions.stdout.contains("min-severity"), "{shell}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("man");
    assert_eq!(trailwarden(&["man", pages.to_str().expect("UTF-8")]).code, Some(0));
    for page in ["trailwarden", "trailwarden-audit", "trailwarden-scp-prove", "trailwarden-runs-prune"] {
        let text = fs::read_to_string(pages.join(format!("{page}.1"))).expect("a page");
        assert!(text.contains(".SH NAME") && text.contains(&page.replace('-', "\\-")), "{page}: {text}");
    }
}

#[test]
fn plans_are_made_for_an_assessment_that_an_audit_wrote() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.json");
    let path = path.to_str().expect("UTF-8");
    let audited = trailwarden(&["audit", "--sandbox", "-q", "-o", &format!("json:{path}")]);
    assert_eq!(audited.code, Some(10), "{}", audited.stderr);
    let planned = trailwarden(&["plan", "--sandbox", "--assessment", path, "-o", "json"]);
    assert_eq!(planned.code, Some(0), "{}", planned.stderr);
    let planned = planned.json();
    assert!(planned["steps"].as_array().is_some_and(|steps| !steps.is_empty()));
    let left = planned["unplanned"].as_array().expect("what is left");
    let of_people = |one: &&Value| one["reason"].as_str().is_some_and(|reason| reason.contains("who did it and why"));
    let places: Vec<&str> = left.iter().filter(of_people).filter_map(|one| one["account"].as_str()).collect();
    assert_eq!(places, ["405118823471", "523908114477", "611208734455"], "{left:#?}");
}
