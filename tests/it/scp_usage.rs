//! `scp usage`: who used lately what a profile denies, and what would become of it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use trailwarden_sandbox::faults::Fault;
use trailwarden_sandbox::scenario;
use trailwarden_sandbox::server::Options;
use trailwarden_sandbox::world::World;
use trailwarden_sandbox::world::organizations::FULL_AWS_ACCESS;

use crate::served::Served;
use crate::support::{Run, root, trailwarden};
use crate::venv::tool;

const SHOP: &str = "550066772288";
const ARCHIVE: &str = "227733449955";
const NETWORK: &str = "449955661177";
const MANAGEMENT: &str = "116622338844";

fn usage(served: &Served, profile: &str, more: &[&str]) -> Run {
    let arguments = [&["scp", "usage", "--profile", profile, "-o", "json"], more].concat();
    served.program(&arguments).output().expect("the program runs").into()
}

/// Lets a role have done something in eu-west-1, so many days ago.
fn did(world: &mut World, account: &str, role: &str, name: &str, days: i64) {
    let session = role.rsplit('/').next().expect("a name");
    let time = Timestamp::now().saturating_sub(SignedDuration::from_hours(24 * days)).expect("a time");
    let event = json!({
        "id": format!("{account}-{session}-{name}"),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": "eu-west-1",
        "source": "cloudtrail.amazonaws.com",
        "name": name,
        "caller": format!("arn:aws:sts::{account}:assumed-role/{session}/me"),
        "session_issuer": format!("arn:aws:iam::{account}:role/{role}"),
    });
    let event = serde_json::from_value(event).expect("an event");
    world.cloudtrail.entry(account.parse().expect("an id")).or_default().history.push(event);
}

/// The organization `clean` without policies that deny anything, where roles have done this.
fn open_world(done: &[(&str, &str, &str, i64)]) -> Served {
    Served::changed("clean", |world| {
        let organization = world.organization.as_mut().expect("an organization");
        organization.policies.retain(|_, policy| policy.aws_managed);
        let left: BTreeSet<String> = organization.policies.keys().cloned().collect();
        organization.attachments.values_mut().for_each(|attached| attached.retain(|id| left.contains(id)));
        done.iter().for_each(|(account, role, name, days)| did(world, account, role, name, *days));
    })
}

fn fates(run: &Run) -> Vec<(String, String, String)> {
    let uses = run.json()["uses"].as_array().cloned().expect("uses");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    uses.iter().map(|used| (text(&used["account"]), text(&used["caller"]), text(&used["fate"]))).collect()
}

#[test]
fn a_role_that_stopped_logging_last_week_would_be_denied_and_what_could_not_be_asked_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let [markdown, json] = ["usage.md", "usage.json"].map(|name| folder.path().join(name));
    let run = trailwarden(&[
        "scp",
        "usage",
        "--sandbox",
        "--profile",
        "standard",
        "-o",
        "table",
        "-o",
        &format!("json:{}", json.display()),
        "-o",
        &format!("markdown:{}", markdown.display()),
    ]);
    assert_eq!(run.code, Some(10), "{run:?}");
    let day = (Timestamp::now() - SignedDuration::from_hours(72)).strftime("%Y-%m-%d").to_string();
    let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "Would be denied ✗ cloudtrail:StopLogging payments-prod (523908114477) arn:aws:iam::‹account›:role/platform-admin-deploy",
        &format!("last {day}: 1 succeeded, in eu-central-1"),
        "Denied already today – cloudtrail:DeleteTrail network (405118823471) arn:aws:iam::‹account›:user/netops",
        "? globex-logistics (835702946618), the account as a whole: sts:AssumeRole: AccessDenied",
        "acme-management (210987654321), the management account: no service control policy binds it",
        "security-tooling (320781245566), delegated administrator",
        "role/OrganizationAccountAccessRole in 3 accounts: plans need cloudtrail:PutEventSelectors",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let report: Value = serde_json::from_str(&fs::read_to_string(json).expect("written")).expect("JSON");
    assert_eq!((&report["is_partial"], &report["n_not_asked"]), (&true.into(), &0.into()));
    assert!(fs::read_to_string(markdown).expect("written").contains("### Would be denied"));
}

#[test]
fn exceptions_are_covered_automation_is_named_and_the_management_account_is_not_bound() {
    let served = open_world(&[
        (SHOP, "incident-response", "StopLogging", 2),
        (SHOP, "AWSControlTowerExecution", "UpdateTrail", 8),
        (NETWORK, "stacksets-exec-0a1b2c3d", "PutEventSelectors", 4),
        (MANAGEMENT, "admin", "StopLogging", 1),
        (NETWORK, "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig", "UpdateTrail", 3),
        (NETWORK, "long-gone", "StopLogging", 60),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let baseline = folder.path().join("baseline.toml");
    fs::write(
        &baseline,
        "tamper_exceptions = [\"arn:aws:iam::*:role/incident-response\", \"arn:aws:iam::*:role/OrganizationAccountAccessRole\"]\n",
    )
    .expect("writes");
    let run = usage(&served, "standard", &["--days", "30", "--baseline", baseline.to_str().expect("UTF-8")]);
    assert_eq!(run.code, Some(10), "{run:?}");
    let role = |account: &str, role: &str| format!("arn:aws:iam::{account}:role/{role}");
    let linked = "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
    let expected = [
        (NETWORK, role(NETWORK, "stacksets-exec-0a1b2c3d"), "denied"),
        (SHOP, role(SHOP, "AWSControlTowerExecution"), "denied"),
        (SHOP, role(SHOP, "incident-response"), "spared"),
        (MANAGEMENT, role(MANAGEMENT, "admin"), "not-bound"),
        (NETWORK, role(NETWORK, linked), "not-bound"),
    ];
    let expected = expected.map(|(account, caller, fate)| (account.to_owned(), caller, fate.to_owned()));
    assert_eq!(fates(&run), expected, "the latest first, and nothing of sixty days ago");
    let report = run.json();
    assert_eq!(report["uses"][0]["automation"], "CloudFormation StackSets");
    assert_eq!(report["uses"][1]["automation"], "AWS Control Tower");
    assert_eq!(report["own_denials"], json!([]), "the tool's role is an exception");
    let asked = served.sandbox().stats()["cloudtrail:LookupEvents"];
    assert_eq!(report["pace"]["n_requests"], asked, "no request was throttled and made again");
    let without = usage(&served, "minimal", &["--account", SHOP, "--region", "eu-west-1"]);
    let own = without.json()["own_denials"].as_array().cloned().expect("denials");
    assert!(own.iter().all(|denial| denial["only_rollback"] == true && denial["account"] != MANAGEMENT), "{own:?}");
    assert!(own.iter().any(|denial| denial["action"] == "cloudtrail:StopLogging"), "{own:?}");
}

#[test]
fn a_region_that_refuses_is_not_known_and_is_asked_again_when_it_may_answer() {
    let served = open_world(&[(SHOP, "deploy", "StopLogging", 2)]);
    let refused = Fault {
        account: Some(SHOP.to_owned()),
        region: Some("eu-west-1".to_owned()),
        times: Some(1),
        ..Fault::error("cloudtrail", "LookupEvents", "AccessDeniedException")
    };
    served.sandbox().inject(refused);
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("usage.jsonl");
    let more = ["--account", SHOP, "--keep", kept.to_str().expect("UTF-8"), "--apply-role", "Nobody"];
    let first = usage(&served, "minimal", &more);
    let report = first.json();
    assert_eq!((report["is_partial"].as_bool(), report["gaps"].as_array().map(Vec::len)), (Some(true), Some(1)));
    assert_eq!(report["gaps"][0]["region"], "eu-west-1");
    assert_eq!(report["gaps"][0]["gap"]["code"], "AccessDeniedException");
    assert_eq!(fates(&first), [], "nothing was found there, and that is not said to be nothing");
    let second = usage(&served, "minimal", &more);
    let report = second.json();
    assert_eq!((report["is_partial"].as_bool(), report["pace"]["n_asked"].as_u64()), (Some(false), Some(1)));
    assert_eq!(fates(&second)[0].2, "denied");
    let other = usage(&served, "standard", &more);
    other.assert_refused("was begun for other events");
    usage(&served, "minimal", &["--days", "7", "--keep", more[3]]).assert_refused("was begun for 90 days, not for 7");
    let elsewhere = Served::scenario("blank");
    usage(&elsewhere, "minimal", &["--keep", more[3]])
        .assert_refused("is of organization o-clean7k3p9, not of o-blank5x8m2");
}

/// The day so many days ago, and a time on it.
fn day_ago(days: i64) -> (String, String) {
    let time = Timestamp::now().saturating_sub(SignedDuration::from_hours(24 * days)).expect("a time");
    (time.strftime("%Y-%m-%d").to_string(), time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A record as a log file has it.
fn record(account: &str, role: &str, name: &str, days: i64) -> Value {
    json!({
        "eventID": format!("{account}-{role}-{name}-{days}"),
        "eventTime": day_ago(days).1,
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "recipientAccountId": account,
        "userIdentity": {
            "type": "AssumedRole",
            "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/me"),
            "sessionContext": { "sessionIssuer": { "arn": format!("arn:aws:iam::{account}:role/{role}") } },
        },
        "requestParameters": { "name": "trail" },
    })
}

/// Has boto3 put log files into a new bucket of the management account.
fn deliver(served: &Served, places: &[(&str, &str)], records: &[Value]) {
    let days: Vec<String> = (0..=3).map(|days| day_ago(days).0).collect();
    let told = json!({"bucket": "all-logs", "prefix": "org", "organization": "o-clean7k3p9",
        "days": days, "places": places, "records": records});
    let script = root().join("tests/clients/deliver_logs.py");
    let mut client = tool("python")
        .arg(script)
        .envs(served.sandbox().environment())
        .stdin(Stdio::piped())
        .spawn()
        .expect("boto3 runs");
    client.stdin.take().expect("standard input").write_all(told.to_string().as_bytes()).expect("told");
    assert!(client.wait().expect("ends").success());
}

#[test]
fn a_log_bucket_tells_what_the_event_history_would_and_enters_no_account_for_it() {
    let served = open_world(&[]);
    let accounts = served.sandbox().world().organization.expect("an organization").accounts;
    let accounts: Vec<String> = accounts.keys().map(ToString::to_string).collect();
    let places =
        accounts.iter().flat_map(|account| ["eu-west-1", "us-east-1"].map(|region| (account.as_str(), region)));
    let places: Vec<(&str, &str)> = places.collect();
    let records = [
        record(SHOP, "deploy", "StopLogging", 1),
        record(SHOP, "deploy", "CreateTrail", 1),
        record(NETWORK, "reader", "DeleteTrail", 0),
        record(NETWORK, "long-ago", "DeleteTrail", 9),
    ];
    deliver(&served, &places, &records);
    let logs = ["--logs", "s3://all-logs/org", "--days", "2", "--apply-role", "Nobody"];
    let run = usage(&served, "minimal", &logs);
    let report = run.json();
    assert_eq!((&report["is_partial"], &report["logs"]), (&json!(false), &json!("s3://all-logs/org")), "{report}");
    assert_eq!(report["n_answered"], places.len());
    let role = |account: &str, role: &str| format!("arn:aws:iam::{account}:role/{role}");
    let expected = [(NETWORK, role(NETWORK, "reader"), "denied"), (SHOP, role(SHOP, "deploy"), "denied")];
    let expected = expected.map(|(account, caller, fate)| (account.to_owned(), caller, fate.to_owned()));
    assert_eq!(fates(&run), expected);
    assert_eq!(run.code, Some(10));
    let stats = served.sandbox().stats();
    assert!(!stats.contains_key("cloudtrail:LookupEvents"), "{stats:?}");
    assert_eq!(
        report["pace"]["n_requests"],
        stats["s3:ListObjectsV2"] + stats["s3:GetObject"] - 4 * accounts.len() as u64
    );
    let table: Run =
        served.program(&[&["scp", "usage", "--profile", "minimal"], &logs[..]].concat()).output().expect("runs").into();
    assert!(table.stdout.contains("the log files in s3://all-logs/org from"), "{table:?}");
}

#[test]
fn the_published_permissions_are_all_that_reading_a_log_bucket_needs() {
    let served = open_world(&[]);
    deliver(&served, &[], &[record(SHOP, "deploy", "StopLogging", 0)]);
    let mut world = served.sandbox().world();
    let management = world.s3.get_mut(&MANAGEMENT.parse().expect("an id")).expect("S3");
    let bucket = management.buckets.remove("all-logs").expect("the bucket");
    world.s3.entry(ARCHIVE.parse().expect("an id")).or_default().buckets.insert("all-logs".to_owned(), bucket);
    let policy = |name: &str| {
        let text = fs::read_to_string(root().join("policies/roles").join(format!("{name}.json")));
        (name.to_owned(), text.expect("a policy"))
    };
    let logs = ["--logs", "s3://all-logs/org", "--account", SHOP, "--days", "1", "--apply-role", "Nobody"];
    let mut read_with = |policies: &[&str]| {
        let archive = world.iam.get_mut(&ARCHIVE.parse().expect("an id")).expect("IAM");
        let role = archive.roles.get_mut("OrganizationAccountAccessRole").expect("the role");
        role.attached.clear();
        role.inline = policies.iter().map(|name| policy(name)).collect();
        usage(&Served::start(Options::new(world.clone())), "minimal", &logs)
    };
    let allowed = read_with(&["audit-member", "log-reader"]);
    assert_eq!((fates(&allowed).len(), allowed.json()["gaps"].as_array().map_or(0, Vec::len)), (1, 0), "{allowed:?}");
    let refused = read_with(&["audit-member"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("s3:ListBucket") && refused.stderr.contains("log-reader.json"), "{refused:?}");
}

#[test]
fn days_and_accounts_of_which_a_log_bucket_has_nothing_are_not_known() {
    let served = open_world(&[]);
    deliver(&served, &[(SHOP, "eu-west-1")], &[record(NETWORK, "reader", "DeleteTrail", 0)]);
    let logs = ["--logs", "s3://all-logs/org", "--days", "3", "--apply-role", "Nobody"];
    let run = usage(&served, "minimal", &logs);
    let report = run.json();
    assert_eq!(report["is_partial"], true);
    let gaps = report["gaps"].as_array().expect("gaps");
    let of = |account: &str| {
        let gap = gaps.iter().find(|gap| gap["account"] == account);
        gap.map(|gap| gap["gap"]["reason"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(of(SHOP), None);
    assert!(of(NETWORK).is_some_and(|reason| reason.contains("neither log files nor digests of 2 days")), "{gaps:?}");
    assert!(of(MANAGEMENT).is_some_and(|reason| reason.contains("no log file and no digest")), "{gaps:?}");
    assert_eq!(fates(&run).len(), 1, "what was found is told all the same");
}

#[test]
fn log_buckets_that_cannot_be_read_are_refused() {
    let served = open_world(&[]);
    for (logs, says) in [
        ("s3://no-such-bucket-anywhere", "log files in bucket no-such-bucket-anywhere: it does not exist"),
        ("all-logs", "does not begin with s3://"),
        ("s3://all-logs/AWSLogs/o-1", "leave out AWSLogs"),
    ] {
        usage(&served, "minimal", &["--logs", logs]).assert_refused(says);
    }
    let kept = tempfile::tempdir().expect("a folder");
    let kept = kept.path().join("usage.jsonl");
    let kept = kept.to_str().expect("UTF-8");
    usage(&served, "minimal", &["--account", SHOP, "--days", "2", "--keep", kept]);
    deliver(&served, &[(SHOP, "eu-west-1")], &[]);
    usage(&served, "minimal", &["--account", SHOP, "--days", "2", "--keep", kept, "--logs", "s3://all-logs/org"])
        .assert_refused("holds answers of the event history, not of s3://all-logs/org");
}

/// The parts of a report that do not depend on when it was made.
fn lasting(run: &Run) -> Value {
    let mut report = run.json();
    let members = report.as_object_mut().expect("an object");
    ["pace", "since", "until"].iter().for_each(|name| _ = members.remove(*name));
    report
}

/// Starts a command, and signals it when so many places have answered.
fn signal_after(served: &Served, command: &[&str], kept: &Path, n_lines: usize, signal: &str) -> Run {
    let arguments = [command, &["-o", "json", "--keep", kept.to_str().expect("UTF-8")]].concat();
    let mut program = served.program(&arguments);
    let child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let begun = Instant::now();
    let count = || fs::read_to_string(kept).map_or(0, |text| text.lines().count());
    while count() < n_lines && begun.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    child.wait_with_output().expect("ends").into()
}

#[test]
fn nothing_is_planned_on_what_an_interrupted_run_has_heard() {
    let mut world = scenario::world("fleet:20").expect("a scenario");
    let organization = world.organization.as_mut().expect("an organization");
    organization.attachments.values_mut().for_each(|attached| attached.retain(|policy| policy == FULL_AWS_ACCESS));
    let served = Served::start(Options { latency: Duration::from_millis(150), ..Options::new(world) });
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("usage.jsonl");
    let plan = ["scp", "plan", "--profile", "standard", "--deny-own-role"];
    let run = signal_after(&served, &plan, &kept, 30, "-INT");
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
    assert!(run.stderr.contains("accounts and regions answered, and nothing is planned"), "{run:?}");
}

#[test]
fn a_run_that_was_killed_goes_on_and_ends_in_the_same_report_as_one_that_was_not() {
    let mut world = scenario::world("fleet:20").expect("a scenario");
    let members: Vec<String> = world.accounts.keys().map(ToString::to_string).collect();
    for (index, member) in members.iter().enumerate() {
        did(&mut world, member, "deploy", "StopLogging", 2 + index as i64);
        did(&mut world, member, "incident-response", "DeleteTrail", 3);
    }
    let served = Served::start(Options { latency: Duration::from_millis(150), ..Options::new(world) });
    let undisturbed = usage(&served, "minimal", &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("usage.jsonl");
    signal_after(&served, &["scp", "usage", "--profile", "minimal"], &kept, 30, "-KILL");
    let n_kept = fs::read_to_string(&kept).expect("kept").lines().count();
    assert!(n_kept >= 30, "{n_kept} lines");
    let resumed = usage(&served, "minimal", &["--keep", kept.to_str().expect("UTF-8")]);
    let report = resumed.json();
    let (n_asked, n_places) = (report["pace"]["n_asked"].as_u64(), report["n_places"].as_u64());
    assert!(n_asked < n_places && n_asked > Some(0), "{n_asked:?} of {n_places:?} asked again");
    assert_eq!(report["uses"].as_array().map(Vec::len), Some(2 * members.len()));
    assert_eq!(lasting(&resumed), lasting(&undisturbed));
    let again = usage(&served, "minimal", &["--keep", kept.to_str().expect("UTF-8")]);
    assert_eq!((again.json()["pace"]["n_requests"].as_u64(), lasting(&again)), (Some(0), lasting(&undisturbed)));
}

#[test]
fn mistakes_are_told_before_anything_is_asked_and_leave_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("usage.jsonl");
    let keep = ["--keep", kept.to_str().expect("UTF-8")];
    trailwarden(&["scp", "usage", "--sandbox", "--profile", "tight"])
        .assert_refused("\"tight\" is no profile: they are minimal, standard and strict");
    let on = |more: &[&str]| {
        trailwarden(&[&["scp", "usage", "--sandbox=clean", "--profile", "minimal"], &keep[..], more].concat())
    };
    on(&["--ou", "ou-ac7f-prodprod"]).assert_refused("\"ou-ac7f-prodprod\" is not in organization o-clean7k3p9");
    on(&["--account", "999999999999"]).assert_refused("account 999999999999 is not in organization o-clean7k3p9");
    trailwarden(&["scp", "usage", "--profile", "minimal", "--aws-profile", "nobody"])
        .assert_refused("profile \"nobody\" gives no credentials");
    let served = Served::scenario("clean");
    served.sandbox().inject(Fault::error("organizations", "ListPolicies", "AccessDeniedException"));
    usage(&served, "minimal", &keep)
        .assert_refused("cannot tell whom new policies would bind without organizations:ListPolicies");
    assert!(!kept.exists());
}
