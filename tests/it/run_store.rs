//! What a folder of kept runs stands: entries that lie, are damaged or of other versions, files of others, outputs that would
//! replace what is kept; and which runs are compared.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::runs::{earlier, in_folder, kept};
use crate::support::acme;

fn store(folder: &Path) -> PathBuf {
    folder.join("trailwarden-runs")
}

fn read(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).expect("reads")).expect("JSON")
}

/// Changes a member of an entry.
fn alter(folder: &Path, name: &str, member: &str, value: impl Into<Value>) {
    let file = store(folder).join(name).join("run.json");
    let mut entry = read(&file);
    entry[member] = value.into();
    fs::write(file, entry.to_string()).expect("writes");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    for file in fs::read_dir(from).expect("lists") {
        let file = file.expect("a file");
        fs::copy(file.path(), to.join(file.file_name())).expect("copies");
    }
}

#[test]
fn only_the_folder_says_which_run_it_is() {
    let (folder, name) = kept(&[]);
    let (path, runs) = (folder.path(), store(folder.path()));
    let victim = path.join("victim");
    copy(&runs.join(&name), &victim);
    copy(&runs.join(&name), &runs.join("backup"));
    copy(&runs.join(&name), &runs.join("liar"));
    alter(path, "liar", "name", "../victim");
    let listed = in_folder(path, &["runs", "list"]);
    for said in ["cannot be read: 2\n", "  backup: run.json is of a run ", "  liar: run.json is of a run ../victim: "] {
        assert!(listed.stderr.contains(said), "{said}: {}", listed.stderr);
    }
    assert_eq!(listed.code, Some(0));
    let pruned = in_folder(path, &["runs", "prune", "--keep", "0"]);
    assert_eq!((pruned.code, pruned.stdout.as_str()), (Some(0), format!("removed {name}\n").as_str()));
    assert_eq!(fs::read_dir(&victim).expect("lists").count(), 3);
    assert!(runs.join("backup/assessment.json").is_file() && runs.join("liar/run.json").is_file());
    let shown = in_folder(path, &["runs", "show", "trailwarden-runs/backup"]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
}

#[test]
fn entries_that_cannot_be_read_are_named_and_stand_in_nobodys_way() {
    let (folder, name) = kept(&[]);
    let path = folder.path();
    for day in ["2020-01-01", "2020-02-01"] {
        earlier(path, &name, day);
    }
    let (damaged, newer) = (format!("{name}-2020-01-01"), format!("{name}-2020-02-01"));
    fs::write(store(path).join(&damaged).join("run.json"), "{\"format\": \"trailwarden.ru").expect("writes");
    alter(path, &newer, "format", "trailwarden.run/2.0");
    let audited = in_folder(path, &["audit", "--snapshot", acme(), "--keep", "-o", "html:a.html", "-o", "json:b.json"]);
    assert_eq!(audited.code, Some(10), "{}", audited.stderr);
    assert!(path.join("a.html").is_file() && path.join("b.json").is_file());
    for said in [&format!("{damaged}: run.json: not complete JSON"), "format trailwarden.run/2.0 is newer than"] {
        assert!(audited.stderr.contains(said) && !audited.stderr.contains("remove the folder"), "{}", audited.stderr);
    }
    let rendered = in_folder(path, &["report", "latest", "-o", "html:c.html"]);
    assert_eq!(rendered.code, Some(10), "{}", rendered.stderr);
    let listed = in_folder(path, &["runs", "list"]);
    assert!(listed.stdout.contains(&name) && listed.stderr.contains("cannot be read: 2\n"), "{listed:?}");
    let pruned = in_folder(path, &["runs", "prune", "--keep", "0"]);
    assert_eq!(pruned.stdout, format!("removed {name}\n"), "{}", pruned.stderr);
    assert!(store(path).join(&damaged).is_dir() && store(path).join(&newer).is_dir());
}

#[test]
fn no_output_replaces_what_is_read_or_kept() {
    let (folder, name) = kept(&[]);
    let path = folder.path();
    let whole = fs::read(path.join("a.json")).expect("reads");
    let refused = |arguments: &[&str], says: &str| in_folder(path, arguments).assert_refused(says);
    let replaces = "which is read or kept";
    refused(&["report", "a.json", "-o", "html:a.json"], replaces);
    refused(&["report", "a.json", "-o", "html:./trailwarden-runs/../a.json"], replaces);
    refused(&["report", "a.json", "-o", "html:a.json.sig"], replaces);
    refused(&["diff", "a.json", "latest", "-o", "markdown:./a.json"], replaces);
    for file in ["assessment.json", "run.json", "snapshot.json.gz", "assessment.json.sig"] {
        refused(&["report", "a.json", "-o", &format!("csv:trailwarden-runs/{name}/{file}")], replaces);
    }
    refused(&["report", "a.json", "-o", "json:x", "-o", "html:./x"], "two outputs go to ./x");
    fs::copy(acme(), path.join("s.json")).expect("copies");
    refused(&["audit", "--snapshot", "s.json", "-o", "json:./s.json"], replaces);
    assert!(fs::read(path.join("a.json")).expect("reads") == whole);
    let elsewhere = ["report", "a.json", "-q", "-o", "json:run.json"];
    assert_eq!((in_folder(path, &elsewhere).code, in_folder(path, &elsewhere).code), (Some(10), Some(10)));
}

#[test]
fn a_run_with_files_of_others_stays_whole_and_the_rest_goes() {
    let (folder, name) = kept(&[]);
    let path = folder.path();
    earlier(path, &name, "2020-01-01");
    let held = store(path).join(&name);
    fs::write(held.join("report.html"), "mine").expect("writes");
    let dry = in_folder(path, &["runs", "prune", "--keep", "0", "--dry-run"]);
    let said = format!("would leave {name}: it also holds report.html\nwould remove {name}-2020-01-01\n");
    assert_eq!((dry.code, dry.stdout), (Some(0), said));
    let pruned = in_folder(path, &["runs", "prune", "--keep", "0"]);
    let said = format!("left {name}: it also holds report.html\nremoved {name}-2020-01-01\n");
    assert_eq!((pruned.code, pruned.stdout), (Some(2), said));
    assert!(pruned.stderr.contains("were left where they are: 1\nhint: "), "{}", pruned.stderr);
    assert_eq!(fs::read_dir(&held).expect("lists").count(), 4);
    assert!(!store(path).join(format!("{name}-2020-01-01")).exists());
}

#[cfg(unix)]
#[test]
fn reports_honour_the_umask_and_runs_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    let folder = tempfile::tempdir().expect("a folder");
    let script = format!(
        "umask 027; '{}' audit --snapshot '{}' -q --keep -o csv:a.csv",
        env!("CARGO_BIN_EXE_trailwarden"),
        acme()
    );
    let audited = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().expect("sh runs");
    assert_eq!(audited.status.code(), Some(10), "{}", String::from_utf8_lossy(&audited.stderr));
    let mode = |file: &Path| fs::metadata(file).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("a.csv")), 0o640);
    let mut runs = fs::read_dir(store(folder.path())).expect("lists");
    let run = runs.next().expect("a run").expect("a run").path();
    assert!(runs.next().is_none(), "nothing unfinished is left");
    assert_eq!(mode(&run), 0o700);
    let files: Vec<u32> = fs::read_dir(&run).expect("lists").map(|file| mode(&file.expect("a file").path())).collect();
    assert_eq!(files, [0o600; 3]);
}

/// How many runs the trend of a page shows.
fn trend(folder: &Path, arguments: &[&str]) -> usize {
    let run = in_folder(folder, &[arguments, &["-o", "html"]].concat());
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    let numbers = run.stdout.split("Findings by run").nth(1).and_then(|rest| rest.split("</table>").next());
    numbers.map_or(1, |rows| rows.matches("<th scope=\"row\">").count())
}

#[test]
fn only_runs_that_looked_at_the_same_are_a_trend_and_follow_each_other() {
    let (folder, name) = kept(&[]);
    let path = folder.path();
    for day in ["2020-01-01", "2020-02-01", "2020-03-01", "2020-04-01"] {
        earlier(path, &name, day);
    }
    let run = |day: &str| format!("{name}-{day}");
    assert_eq!(trend(path, &["report", "latest"]), 5);
    assert_eq!(trend(path, &["audit", "--snapshot", acme()]), 5, "the folder is looked at without --keep too");
    let whole = read(&store(path).join(&name).join("run.json"))["scope"].clone();
    assert_eq!(whole, serde_json::json!({"controls": [], "excluded": [], "regions": []}));
    let with = |member: &str, value: &str| {
        let mut scope = whole.clone();
        scope[member] = serde_json::json!([value]);
        scope
    };
    alter(path, &run("2020-02-01"), "scope", with("controls", "trail-is-logging"));
    alter(path, &run("2020-03-01"), "scope", with("excluded", "523908114477"));
    alter(path, &run("2020-04-01"), "scope", with("regions", "eu-central-1"));
    assert_eq!(trend(path, &["report", "latest"]), 2);
    let previous = in_folder(path, &["runs", "show", "previous"]).stdout;
    assert!(previous.contains("collected 2020-01-01"), "{previous}");
    let told = previous.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("for an audit with these findings, exit code 10: at least one finding fails"), "{previous}");
    let listed = in_folder(path, &["runs", "list"]).stdout;
    for said in ["trail-is-logging", "1 account left out", "eu-central-1", "everything"] {
        assert!(listed.contains(said), "{said}: {listed}");
    }
    let mut made = read(&store(path).join(run("2020-01-01")).join("run.json"))["provenance"].clone();
    made["baseline"] = "0".into();
    alter(path, &run("2020-01-01"), "provenance", made);
    assert_eq!(trend(path, &["report", "latest"]), 1);
    alter(path, &run("2020-01-01"), "scope", Value::Null);
    alter(path, &run("2020-01-01"), "format", "trailwarden.run/1.0");
    in_folder(path, &["report", "previous"]).assert_refused("no earlier run that looked at the same as the latest");
    assert!(in_folder(path, &["runs", "list"]).stdout.contains("scope not stated"));
}

#[test]
fn the_list_keeps_to_the_width_and_obeys_no_entry() {
    let (folder, name) = kept(&[]);
    let path = folder.path();
    alter(path, &name, "tool_version", "\u{1b}[2J");
    for (columns, is_table) in [("44", false), ("140", true)] {
        let list = crate::support::program(&["runs", "list"]).current_dir(path).env("COLUMNS", columns).output();
        let list = String::from_utf8(list.expect("runs").stdout).expect("UTF-8");
        assert!(list.lines().all(|line| line.chars().count() <= columns.parse().expect("a number")), "{list}");
        assert!(list.starts_with("Run ") == is_table && list.contains(&name), "{list}");
        assert!(!list.contains('\u{1b}') && list.contains("\\u{1b}[2J"), "{list}");
    }
}

#[test]
fn a_narrower_run_loses_nothing_and_a_trail_that_is_gone_gates() {
    let (folder, name) = kept(&[]);
    let path = folder.path();
    let narrow = ["collect", "--sandbox", "--exclude-account", "523908114477", "-o", "narrow.json"];
    assert_eq!(in_folder(path, &narrow).code, Some(0));
    let audited = in_folder(path, &["audit", "--snapshot", "narrow.json", "-q", "-o", "json:narrow-audit.json"]);
    assert_eq!(audited.code, Some(10), "{}", audited.stderr);
    let all = "gone,trails-gone,accounts-vanished,owners";
    let diff = |after: &str, fail_on: &str| in_folder(path, &["diff", &name, after, "--fail-on", fail_on]);
    let narrower = diff("narrow-audit.json", all);
    let told = narrower.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(narrower.code, Some(0), "{}", narrower.stdout);
    let said =
        "They did not look at the same: before at everything, after without 1 account; open findings that only one";
    assert!(told.contains(said), "{told}");
    assert_eq!(diff("narrow-audit.json", "trails-unread").code, Some(10));

    // The trail of another name in its place: every event is recorded as before.
    let snapshot = fs::read_to_string(acme()).expect("reads").replace("payments-trail", "payments-trai2");
    fs::write(path.join("gone.json"), snapshot).expect("writes");
    let audited = in_folder(path, &["audit", "--snapshot", "gone.json", "-q", "-o", "json:gone-audit.json"]);
    assert_eq!(audited.code, Some(10), "{}", audited.stderr);
    let gone = diff("gone-audit.json", "trails-gone");
    assert_eq!(gone.code, Some(10), "{}", gone.stdout);
    assert!(gone.stdout.contains("payments-trail") && gone.stdout.contains("exit code 10: something changed"));
    assert_eq!(diff("gone-audit.json", "accounts-vanished,owners").code, Some(0));
    diff("gone-audit.json", "trail-gone").assert_refused("did you mean trails-gone?");
}
