//! Places at a node and characters of a document: what is planned where one is short, recorded as people read it.

use trailwarden_model::plan::Hindrance;
use trailwarden_sandbox::world::World;

use super::scripts::{
    ROOT, SECURITY, STOPPING, WORKLOADS, applied_and_back, is_left, operations, refusal, told, unguarded,
};
use super::{attach, baseline, kept};

/// Nine policies of others, which with AWS's own fill the ten places of the root.
fn full(world: &mut World) {
    for number in 0..9 {
        let (id, name) = (format!("p-company{number}"), format!("company-{number}"));
        let action = format!("ec2:Run{number}*");
        let content = serde_json::json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": action, "Resource": "*"}});
        attach(world, (&id, &name), &content.to_string(), &[ROOT]);
    }
}

#[test]
fn all_ten_places_of_the_root_are_taken() {
    let desk = unguarded(full);
    let told = told(&desk, &["--profile", "standard"]);
    insta::assert_snapshot!(told.text);
    assert_eq!(operations(&told), [""; 0]);
    assert!(is_left(&told, Hindrance::Impossible, "10 service control policies of at most 10"));
}

#[test]
fn one_level_below_a_full_root_there_are_places() {
    let desk = unguarded(full);
    let told = told(&desk, &["--profile", "standard", "--target", &format!("{SECURITY},{WORKLOADS}")]);
    insta::assert_snapshot!(told.text);
    assert_eq!(operations(&told), ["CreatePolicy", "AttachPolicy", "AttachPolicy"]);
    applied_and_back(&desk, &told);
}

#[test]
fn a_policy_of_somebody_else_is_adopted_where_no_place_is_left() {
    let desk = unguarded(full);
    let told = told(&desk, &["--profile", "minimal", "--adopt", "p-company3"]);
    insta::assert_snapshot!(told.text);
    assert_eq!(operations(&told), ["UpdatePolicy"]);
    applied_and_back(&desk, &told);
}

#[test]
fn a_limit_of_the_baseline_is_kept() {
    let desk = unguarded(|world| attach(world, ("p-company0", "company-0"), STOPPING, &[ROOT]));
    let limit = baseline(&desk, "scp_policies_per_node = 2\n");
    let told = told(&desk, &["--profile", "standard", "--baseline", &limit]);
    insta::assert_snapshot!(told.text);
    assert!(is_left(&told, Hindrance::Impossible, "has 2 service control policies of at most 2"));
}

#[test]
fn what_does_not_fit_into_one_document_fills_two() {
    let desk = unguarded(|_| {});
    let limit = baseline(&desk, "scp_policy_characters = 900\n");
    let told = told(&desk, &["--profile", "strict", "--deny-own-role", "--baseline", &limit]);
    insta::assert_snapshot!(told.text);
    assert!(operations(&told).iter().filter(|operation| *operation == "CreatePolicy").count() > 1);
    applied_and_back(&desk, &told);
}

#[test]
fn a_document_that_cannot_fit_is_said() {
    let desk = unguarded(|_| {});
    let limit = baseline(&desk, "scp_policy_characters = 50\n");
    let before = kept(&desk);
    let run = desk.run(&["scp", "plan", "--no-usage", "--profile", "standard", "--baseline", &limit]);
    insta::assert_snapshot!(refusal(&run));
    assert_eq!((run.stdout.as_str(), kept(&desk)), ("", before));
}

#[test]
fn a_policy_to_adopt_that_would_be_too_long_is_said() {
    let desk = unguarded(|world| {
        let names: Vec<String> = (0..450).map(|n| format!("ec2:NameOfAnAction{n:03}")).collect();
        let content = serde_json::json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": names, "Resource": "*"}});
        attach(world, ("p-longlong1", "company-long"), &content.to_string(), &[ROOT]);
    });
    let before = kept(&desk);
    let run = desk.run(&["scp", "plan", "--profile", "standard", "--adopt", "p-longlong1"]);
    insta::assert_snapshot!(refusal(&run));
    assert_eq!((run.stdout.as_str(), kept(&desk)), ("", before));
}

#[test]
fn a_policy_that_would_be_too_long_is_not_offered_for_adoption() {
    let desk = unguarded(|world| {
        full(world);
        let names: Vec<String> = (0..450).map(|n| format!("ec2:NameOfAnAction{n:03}")).collect();
        let content = serde_json::json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": names, "Resource": "*"}});
        attach(world, ("p-company0", "company-0"), &content.to_string(), &[ROOT]);
    });
    let told = told(&desk, &["--profile", "standard"]);
    let hints: Vec<&str> = told.planned.plan.unplanned.iter().filter_map(|left| left.hint.as_deref()).collect();
    assert!(hints.iter().any(|hint| hint.contains("--adopt p-company1 adds")), "{hints:?}");
    assert!(hints.iter().all(|hint| !hint.contains("--adopt p-company0")), "{hints:?}");
}
