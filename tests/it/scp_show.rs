//! `scp show`: what is attached where, what each node denies, and trees that stay readable.

use serde_json::Value;

use crate::served::Served;
use crate::support::{Run, acme, trailwarden};

fn show(scenario: &str, more: &[&str]) -> Run {
    let scenario = format!("--sandbox={scenario}");
    trailwarden(&[&["scp", "show", &scenario], more].concat())
}

fn show_acme(more: &[&str]) -> Run {
    trailwarden(&[&["scp", "show", "--snapshot", acme()], more].concat())
}

/// The node with this name, wherever it is below another.
fn find<'a>(node: &'a Value, name: &str) -> Option<&'a Value> {
    if node["name"] == name {
        return Some(node);
    }
    node["children"].as_array()?.iter().find_map(|child| find(child, name))
}

#[test]
fn acme_is_drawn() {
    let run = show("acme", &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn what_a_node_denies_is_proved_of_its_own_policies() {
    let tree = show_acme(&["--format", "json"]).json();
    assert_eq!(tree["format"], "trailwarden.scp-tree/1");
    let denies = |name: &str| find(&tree["root"], name).expect("a node")["denies"].clone();
    assert_eq!(denies("Security")["cloudtrail:StopLogging"]["extent"], "everyone");
    assert_eq!(denies("Prod")["organizations:LeaveOrganization"]["extent"], "everyone");
    let stop = &denies("Prod")["cloudtrail:StopLogging"];
    assert_eq!(
        (&stop["extent"], &stop["exempt"][0]),
        (&"all-but".into(), &"arn:aws:iam::*:role/platform-admin*".into())
    );
    assert_eq!(denies("Sandbox")["cloudtrail:StopLogging"]["extent"], "partly", "only outside of one region");
    assert_eq!(denies("Acquired"), serde_json::json!({}));
}

#[test]
fn one_account_and_its_way_up() {
    let run = show_acme(&["--account", "512340987611"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("orders-prod (512340987611)") && run.stdout.contains("OU Workloads"), "{}", run.stdout);
    assert!(!run.stdout.contains("payments-prod"), "{}", run.stdout);
    assert!(run.stdout.ends_with("13 other accounts not shown\n"), "{}", run.stdout);
    show_acme(&["--account", "999999999999"])
        .assert_refused("account 999999999999 is not in organization o-acme7f3k2q");
}

#[test]
fn accounts_alike_are_folded_unless_asked_for() {
    let folded = show("fleet:60", &[]).stdout;
    assert!(folded.lines().count() < 30 && folded.contains("accounts alike: "), "{folded}");
    let unfolded = show("fleet:60", &["--all"]).stdout;
    assert!(unfolded.lines().count() > 60 && !unfolded.contains("alike"), "{unfolded}");
    let shallow = show("fleet:60", &["--depth", "0"]).stdout;
    assert!(shallow.contains("60 accounts deeper") && !shallow.contains("OU Prod"), "{shallow}");
}

#[test]
fn a_policy_that_aws_would_refuse_is_said_not_to_be_in_force() {
    let served = Served::changed("clean", |world| {
        let organization = world.organization.as_mut().expect("an organization");
        let guard = organization.policies.get_mut("p-cleang1d").expect("the guard");
        guard.content = guard.content.replace("Deny", "Denny");
    });
    let run: Run = served.program(&["scp", "show"]).output().expect("the program runs").into();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("✗ not in force, since AWS would refuse it: Effect \"Denny\" is"), "{}", run.stdout);
    assert!(!run.stdout.contains("nobody can"), "{}", run.stdout);
}

#[test]
fn disabled_policies_are_said_at_the_top() {
    let run = show("blank", &[]);
    assert!(run.stdout.contains("! service control policies are disabled on the root: they bind nobody"), "{run:?}");
}
