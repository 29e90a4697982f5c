//! What is refused, in one line with a hint, and that nothing was changed.

use trailwarden_sandbox::faults::Fault;

use super::scripts::{MANAGEMENT, SHOP, WORKLOADS, unguarded};
use super::{apply, kept, planned};
use crate::support::{Run, trailwarden};

/// Runs `scp plan` where it must be refused.
fn refused(arguments: &[&str], says: &str) -> Run {
    let desk = unguarded(|_| {});
    let before = kept(&desk);
    let run = desk.run(&[&["scp", "plan"], arguments].concat());
    run.assert_refused(says);
    assert_eq!(kept(&desk), before);
    run
}

#[test]
fn a_profile_that_is_none() {
    let run = trailwarden(&["scp", "plan", "--profile", "standrad"]);
    run.assert_refused("standrad");
    assert!(run.stderr.contains("minimal, standard and strict") || run.stderr.contains("minimal"), "{}", run.stderr);
    trailwarden(&["scp", "plan"]).assert_refused("--profile");
}

#[test]
fn nodes_that_are_not_of_this_organization() {
    let run = refused(&["--profile", "minimal", "--target", "ou-cl3n-workloda"], "ou-cl3n-workloda");
    assert!(run.stderr.contains(&format!("did you mean {WORKLOADS}?")), "{}", run.stderr);
    refused(&["--profile", "minimal", "--target", "ou-ab12-34567890"], "no root, OU or account of organization");
    refused(&["--profile", "minimal", "--stages", "999988887777"], "no root, OU or account of organization");
    let run = refused(&["--profile", "minimal", "--stages", "Workloads"], "Workloads");
    assert!(run.stderr.contains(WORKLOADS), "{}", run.stderr);
}

#[test]
fn the_management_account_is_bound_by_no_policy() {
    for flag in ["--target", "--stages"] {
        refused(&["--profile", "minimal", flag, MANAGEMENT], "which no service control policy binds");
    }
    refused(&["--profile", "minimal", "--stages", &format!("{SHOP},{MANAGEMENT}")], "management account");
}

#[test]
fn a_soak_that_is_no_time() {
    for soak in ["tomorrow", "24", "-1h", "24h ago"] {
        let run = trailwarden(&["scp", "plan", "--profile", "minimal", &format!("--soak={soak}")]);
        run.assert_refused("soak");
    }
}

#[test]
fn policies_to_adopt_that_nobody_can_change() {
    refused(&["--profile", "minimal", "--adopt", "p-nosuch01"], "there is no service control policy p-nosuch01");
    refused(&["--profile", "minimal", "--adopt", "p-FullAWSAccess"], "a policy of AWS, which nobody can change");
}

#[test]
fn a_caller_who_may_not_read_policies_plans_nothing_and_is_told_what_is_missing() {
    let desk = unguarded(|_| {});
    let before = kept(&desk);
    desk.served.sandbox().inject(Fault::error("organizations", "ListPolicies", "AccessDeniedException"));
    let run = desk.run(&["scp", "plan", "--profile", "minimal"]);
    assert!(matches!(run.code, Some(2 | 11 | 21)), "{run:?}");
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("organizations:ListPolicies"), "{said}");
    assert_eq!(kept(&desk), before);
}

#[test]
fn a_caller_who_may_not_attach_changes_nothing_that_stays() {
    let desk = unguarded(|_| {});
    let before = kept(&desk);
    let planned = planned(&desk, &["--profile", "minimal"]);
    desk.served.sandbox().inject(Fault::error("organizations", "AttachPolicy", "AccessDeniedException"));
    let run = apply(&desk, &planned, &["--roll-back-on-failure"]);
    assert_eq!(run.code, Some(30), "{run:?}");
    assert_eq!(kept(&desk), before);
}

#[test]
fn a_plan_that_was_edited_or_is_for_another_organization_is_not_applied() {
    let desk = unguarded(|_| {});
    let planned = planned(&desk, &["--profile", "minimal"]);
    let text = std::fs::read_to_string(&planned.file).expect("the plan");
    std::fs::write(&planned.file, text.replace("cloudtrail:StopLogging", "cloudtrail:StopQuery")).expect("writes");
    let before = kept(&desk);
    let run = apply(&desk, &planned, &[]);
    assert!(matches!(run.code, Some(2 | 32)), "{run:?}");
    std::fs::write(&planned.file, text).expect("writes");
    let other = crate::remedy::Desk::open("blank");
    let run = apply(&other, &planned, &[]);
    assert!(matches!(run.code, Some(2 | 32)) && run.stderr.contains("organization"), "{run:?}");
    assert_eq!(kept(&desk), before);
}
