//! What a user did wrong is said in one line with a hint and exit code 2; nothing panics.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use trailwarden_sandbox::world::{Credential, Principal};

use crate::served::Served;
use crate::support::{Run, program, trailwarden};

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("writes");
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn arguments_that_make_no_sense() {
    trailwarden(&[]).assert_refused("no command");
    trailwarden(&["audti"]).assert_refused("audti");
    trailwarden(&["audit", "--snapshot", "x.json", "-o", "xml"]).assert_refused("the formats are table, json");
    trailwarden(&["audit", "--snapshot", "x.json", "-o", "json", "-o", "table"]).assert_refused("standard output");
    trailwarden(&["controls", "show", "nonsense"]).assert_refused("nonsense");
}

#[test]
fn a_misspelt_control_is_answered_with_the_nearest() {
    let run = trailwarden(&["controls", "show", "trails-logging"]);
    run.assert_refused("trails-logging");
    assert!(run.stderr.contains("did you mean trail-is-logging?"), "{}", run.stderr);
    trailwarden(&["audit", "--snapshot", "x.json", "--control", "trail-is-loging"]).assert_refused("trail-is-loging");
}

#[test]
fn snapshots_that_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, says) in [
        (r#"{"format":"trailwarden.snapshot/1","tool_ver"#, "not complete JSON"),
        (r#"{"Records":[]}"#, "not a trailwarden.snapshot/1.2 file"),
        (r#"{"format":"trailwarden.assessment/1"}"#, "not a trailwarden.snapshot/1.2 file"),
        (r#"{"format":"trailwarden.snapshot/2"}"#, "newer"),
        (r#"{"format":"trailwarden.snapshot/1"}"#, "does not fit"),
        ("", "not complete JSON"),
    ] {
        let path = write(folder.path(), "snapshot.json", text);
        trailwarden(&["audit", "--snapshot", &path]).assert_refused(says);
    }
    trailwarden(&["audit", "--snapshot", "/nonexistent/snapshot.json"]).assert_refused("reading /nonexistent");
}

#[test]
fn baselines_with_mistakes_name_line_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, says) in [
        ("retention_days = 90\nretentoin = 1\n", "baseline.toml:2:1: unknown field `retentoin`"),
        ("retention_days = 0\n", "baseline.toml:1:18:"),
        ("freshness_hours = -1\n", "baseline.toml:1:19:"),
        ("retention_days = ", "baseline.toml:1:18:"),
    ] {
        let path = write(folder.path(), "baseline.toml", text);
        trailwarden(&["audit", "--snapshot", "x.json", "--baseline", &path]).assert_refused(says);
    }
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_anything_is_read() {
    for output in ["json:/nonexistent/folder/out.json", "json:/"] {
        trailwarden(&["audit", "--snapshot", "x.json", "-o", output]).assert_refused("writing /");
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let mut child =
        program(&["controls"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut stderr).expect("UTF-8");
    assert_eq!((child.wait().expect("ends").code(), stderr.as_str()), (Some(0), ""));
}

fn run(served: &Served, arguments: &[&str]) -> Run {
    served.program(arguments).output().expect("the program runs").into()
}

#[test]
fn without_credentials_or_with_wrong_ones() {
    trailwarden(&["audit"]).assert_refused("no credentials");
    let served = Served::scenario("blank");
    let run: Run =
        served.program(&["audit"]).env("AWS_ACCESS_KEY_ID", "AKIANOBODYKNOWSME").output().expect("runs").into();
    run.assert_refused("credentials refused");
    let nowhere: Run = served
        .program(&["audit"])
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .env("AWS_MAX_ATTEMPTS", "1")
        .output()
        .expect("runs")
        .into();
    nowhere.assert_refused("unreachable");
}

#[test]
fn an_account_that_may_not_ask() {
    let alone = Served::changed("blank", |world| world.organization = None);
    run(&alone, &["audit"]).assert_refused("not in an organization");
    let member = Served::changed("blank", |world| {
        let entry = world.credentials.get(&world.entry).expect("the entry").account.clone();
        let organization = world.organization.as_ref().expect("an organization");
        let account = organization.accounts.keys().find(|id| **id != entry).expect("a member").clone();
        let secret = "secret".to_owned();
        let root = Credential { account, principal: Principal::Root, secret, session: None };
        world.credentials.insert(world.entry.clone(), root);
    });
    run(&member, &["audit"]).assert_refused("may not list the accounts");
}

#[test]
fn filters_that_name_what_is_not_there() {
    trailwarden(&["audit", "--sandbox", "--account", "999999999999"]).assert_refused("999999999999");
    trailwarden(&["audit", "--sandbox", "--account", "12345"]).assert_refused("twelve digits");
    trailwarden(&["audit", "--sandbox", "--ou", "ou-none-00000000"]).assert_refused("ou-none-00000000");
    trailwarden(&["audit", "--sandbox", "--region", "eu-nowhere-9"]).assert_refused("eu-nowhere-9");
    trailwarden(&["audit", "--sandbox", "--ou", "Suspended"]).assert_refused("no active account");
    trailwarden(&["audit", "--sandbox=acmee"]).assert_refused("acmee");
    trailwarden(&["audit", "--profile", "nobody"])
        .assert_refused("profile \"nobody\" gives no credentials: it is not defined");
}

#[test]
fn a_profile_that_is_named_is_not_replaced_by_keys_of_the_environment() {
    let served = Served::scenario("clean");
    run(&served, &["audit", "--profile", "nobody"]).assert_refused("profile \"nobody\"");
}

#[test]
fn a_state_file_that_cannot_be_written_is_refused_before_serving() {
    trailwarden(&["sandbox", "serve", "--state", "/nonexistent/state.json"]).assert_refused("/nonexistent/state.json");
}

#[test]
fn a_port_in_use() {
    let served = Served::scenario("blank");
    let endpoint = served.sandbox().endpoint();
    let port = endpoint.rsplit(':').next().expect("a port");
    trailwarden(&["sandbox", "serve", "--port", port]).assert_refused("in use");
}
