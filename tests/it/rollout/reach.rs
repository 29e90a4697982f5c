//! Whom a rollout reaches, and that nobody else is bound by what it changes.

use std::thread;

use trailwarden_model::plan::Hindrance;
use trailwarden_sandbox::world::World;
use trailwarden_sandbox::world::organizations::Member;

use super::driven::{SOAK, soaking_with};
use super::scripts::{
    ARCHIVE, ROOT, SECURITY, SHOP, STOPPING, Told, WORKLOADS, applied_and_back, is_chosen, is_left, operations, told,
    unguarded,
};
use super::{attach, baseline, id, kept, organization, resume};
use crate::remedy::Desk;

/// An account besides those of `unguarded`, which numbers before the shop's.
const NETWORK: &str = "449955661177";

const FLOW_LOGS: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Flow","Effect":"Deny","Action":"ec2:DeleteFlowLogs","Resource":"*"}]}"#;

/// Has an account more, below this node.
fn join(world: &mut World, node: &str) {
    let accounts = &mut organization(world).accounts;
    let shop = accounts.get(&id(SHOP)).expect("the account").clone();
    let member = Member { name: "network".to_owned(), email: "network@x.example".to_owned(), ..shop };
    accounts.insert(id(NETWORK), Member { parent: node.to_owned(), ..member });
}

fn owned(world: &mut World, nodes: &[&str]) {
    attach(world, ("p-ownpolic", "trailwarden-standard-1"), STOPPING, nodes);
    let own = [("trailwarden".to_owned(), "rollout".to_owned())].into();
    organization(world).tags.insert("p-ownpolic".to_owned(), own);
}

/// Refused for this reason, with nothing planned.
fn assert_refused(told: &Told, reason: &str, hint: &str) {
    assert_eq!(operations(told), [""; 0], "{}", told.text);
    assert!(is_left(told, Hindrance::Impossible, reason), "{}", told.text);
    let unplanned = &told.planned.plan.unplanned;
    let hints: Vec<&str> = unplanned.iter().filter_map(|left| left.hint.as_deref()).collect();
    assert!(hints.iter().any(|one| one.contains(hint)), "{hints:?}");
}

#[test]
fn a_policy_of_others_that_reaches_further_than_the_targets_is_not_adopted() {
    let desk = unguarded(|world| attach(world, ("p-theirs001", "theirs"), FLOW_LOGS, &[ROOT]));
    let told = told(&desk, &["--profile", "standard", "--target", SHOP, "--adopt", "p-theirs001"]);
    assert_refused(&told, "theirs (p-theirs001) is attached to the root (r-cl3n) too", "--target");
    assert!(is_left(&told, Hindrance::Impossible, "in 1 account that no stage reaches"), "{}", told.text);
}

#[test]
fn our_own_policy_changes_nowhere_but_at_the_targets() {
    let desk = unguarded(|world| owned(world, &[SECURITY]));
    let told = told(&desk, &["--profile", "standard", "--target", WORKLOADS]);
    assert_refused(&told, "trailwarden-standard-1 (p-ownpolic) is attached to OU Security", SECURITY);
    let both = format!("{WORKLOADS},{SECURITY}");
    let told = super::scripts::told(&desk, &["--profile", "standard", "--target", &both]);
    assert_eq!(operations(&told), ["UpdatePolicy", "AttachPolicy"]);
    applied_and_back(&desk, &told);
}

#[test]
fn a_policy_of_others_brings_what_it_says_nowhere_new() {
    let allows = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}}]}"#;
    let desk = unguarded(|world| attach(world, ("p-region01", "region-lock"), allows, &[SECURITY]));
    let target = format!("{SECURITY},{WORKLOADS}");
    let told = told(&desk, &["--profile", "standard", "--target", &target, "--adopt", "p-region01"]);
    assert_refused(&told, "region-lock (p-region01) is not attached to OU Workloads", "attached there");
    let told = super::scripts::told(&desk, &["--profile", "standard", "--target", SECURITY, "--adopt", "p-region01"]);
    assert_eq!(operations(&told), ["UpdatePolicy"], "{}", told.text);
    applied_and_back(&desk, &told);
}

#[test]
fn a_policy_that_is_attached_within_the_first_stage_changes_with_it() {
    let desk = unguarded(|world| owned(world, &[SHOP]));
    let stages = ["--profile", "standard", "--soak", "0s", "--stages", WORKLOADS];
    let told = told(&desk, &stages);
    assert_eq!(operations(&told), ["UpdatePolicy", "AttachPolicy", "AttachPolicy"], "{}", told.text);
    applied_and_back(&desk, &told);
    let told = super::scripts::told(&desk, &["--profile", "standard", "--stages", SECURITY]);
    assert_refused(&told, "it cannot change in stages", "without --stages");
}

#[test]
fn a_second_policy_to_adopt_for_which_nothing_is_left_is_said() {
    let desk = unguarded(|world| {
        attach(world, ("p-theirs001", "theirs"), FLOW_LOGS, &[ROOT]);
        attach(world, ("p-theirs002", "others"), FLOW_LOGS, &[ROOT]);
    });
    let before = kept(&desk);
    let run = desk.run(&["scp", "plan", "--profile", "minimal", "--adopt", "p-theirs001,p-theirs002"]);
    run.assert_refused("nothing is left to be written into p-theirs002");
    assert_eq!(kept(&desk), before);
}

#[test]
fn a_stage_that_binds_nobody_shows_nothing() {
    let desk = unguarded(|world| {
        let shop = organization(world).accounts.get_mut(&id(SHOP)).expect("the account");
        shop.state = "SUSPENDED".to_owned();
    });
    for stage in [SHOP, WORKLOADS] {
        let told = told(&desk, &["--profile", "minimal", "--stages", stage]);
        assert_refused(&told, "reaches no account that policies bind", "active member accounts");
    }
    let told = told(&desk, &["--profile", "minimal", "--target", &format!("{WORKLOADS},{SECURITY}")]);
    assert_eq!(operations(&told), ["CreatePolicy", "AttachPolicy", "AttachPolicy"], "new accounts come there");
}

fn leave_out(world: &mut World, account: &str) {
    let roles = &mut world.iam.get_mut(&id(account)).expect("the account").roles;
    roles.remove("OrganizationAccountAccessRole").expect("the role");
}

/// Which accounts are probed in each stage.
fn probed(told: &Told) -> Vec<Vec<&str>> {
    let stages = told.planned.plan.stages.iter();
    stages.map(|stage| stage.probes.iter().map(|probe| probe.account.as_str()).collect()).collect()
}

#[test]
fn the_first_account_of_a_stage_that_was_entered_is_probed() {
    let desk = unguarded(|world| {
        join(world, WORKLOADS);
        leave_out(world, NETWORK);
    });
    let arguments = ["--profile", "minimal", "--probe-role", "intruder"];
    let told = told(&desk, &[&arguments[..], &["--stages", WORKLOADS]].concat());
    assert_eq!(probed(&told), [vec![SHOP], vec![ARCHIVE]]);
    assert!(!is_chosen(&told, "probe"), "{}", told.text);
    let told = super::scripts::told(&desk, &[&arguments[..], &["--stages", NETWORK]].concat());
    assert_eq!(probed(&told), [vec![], vec![ARCHIVE]]);
    assert!(is_chosen(&told, "real call of stage 1, account network (449955661177): none"), "{}", told.text);
}

#[test]
fn a_role_that_policies_spare_proves_nothing() {
    let desk = unguarded(|_| {});
    let declared = baseline(&desk, "tamper_exceptions = [\"arn:aws:iam::*:role/incident-*\"]\n");
    let arguments = ["--profile", "minimal", "--probe-role", "incident-response", "--baseline", &declared];
    let told = told(&desk, &arguments);
    assert_refused(&told, "role incident-response", "--probe-role");
}

#[test]
fn everybody_who_is_spared_stands_in_the_plan_and_the_first_ones_in_views() {
    let desk = unguarded(|world| {
        let spared: Vec<String> = (0..25).map(|n| format!("arn:aws:iam::*:role/Admin{n:02}")).collect();
        let loose = serde_json::json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Deny", "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"], "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": spared}}}});
        attach(world, ("p-loose001", "company-guard"), &loose.to_string(), &[ROOT]);
    });
    let told = told(&desk, &["--profile", "minimal"]);
    let spared = told.planned.plan.choices.iter().filter(|choice| choice.what.contains("role/Admin"));
    assert_eq!(spared.count(), 25);
    assert_eq!(told.text.matches("role/Admin").count(), 20, "{}", told.text);
    assert!(told.text.contains("and 5 more like these in the plan file"), "{}", told.text);
}

#[test]
fn what_a_rollback_could_not_take_back_any_more_is_said() {
    let desk = unguarded(|_| {});
    let told = told(&desk, &["--profile", "minimal"]);
    let role = "role OrganizationAccountAccessRole, with which rollbacks are made in members: denied ";
    assert!(is_chosen(&told, &format!("{role}cloudtrail:DeleteTrail, cloudtrail:StopLogging")), "{}", told.text);
    assert_eq!(operations(&told), ["CreatePolicy", "AttachPolicy"]);
}

/// What resuming says after a stage has soaked, while an account that no stage reaches was moved below this node.
fn moved_to(node: &str) -> String {
    let (desk, planned) = soaking_with(|world| join(world, ROOT));
    let desk: Desk = desk.changed(|world| {
        organization(world).accounts.get_mut(&id(NETWORK)).expect("the account").parent = node.to_owned();
    });
    let before = kept(&desk);
    thread::sleep(SOAK);
    let run = resume(&desk, &planned, &[]);
    assert_eq!((run.code, kept(&desk)), (Some(30), before), "{run:?}");
    run.stdout
}

#[test]
fn an_account_from_outside_that_came_below_a_stage_holds_the_next_one_back() {
    let said = moved_to(WORKLOADS);
    let moved = "account 449955661177 has come below OU Workloads";
    assert!(said.contains("may not begin: ") && said.contains(moved), "{said}");
    assert!(!said.contains("not shown to hold"), "{said}");
}

#[test]
fn an_account_from_outside_that_came_below_the_canary_holds_the_next_stage_back() {
    let said = moved_to(SECURITY);
    assert!(said.contains("account 449955661177 has come below OU Security"), "{said}");
}
