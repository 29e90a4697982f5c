//! What waivers accept, and what they never do.

use std::collections::BTreeSet;

use trailwarden_model::assessment::{Assessment, Counts};
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::observed::{GapKind, Observed};
use trailwarden_model::waiver::{Accepted, Scope, Waiver};

use crate::testing::clean::WORKLOADS_OU;
use crate::testing::{ARCHIVE, HOME, LEADER, ORG_TRAIL, WORKLOAD, World, account, gap, region};
use crate::{assess, controls};

const CONTROL: &str = "log-file-validation-enabled";

/// An account of its own with a trail that writes no digest files, and nothing else wrong.
fn flawed() -> World {
    World::clean().add_trail("own", WORKLOAD, |trail| trail.log_file_validation = false)
}

fn waiver(scope: Scope) -> Waiver {
    Waiver {
        id: "w1".to_owned(),
        control: CONTROL.to_owned(),
        scope,
        accepts: BTreeSet::from([Accepted::Fail]),
        reason: "replaced next month".to_owned(),
        owner: "payments".to_owned(),
        // The world is as of 2026-11-01.
        expires: "2026-11-01".parse().expect("a date"),
    }
}

fn of_account(id: &str) -> Scope {
    Scope { accounts: [account(id)].into(), ..Scope::default() }
}

fn of_units() -> Scope {
    Scope { units: [WORKLOADS_OU.to_owned()].into(), ..Scope::default() }
}

fn of_resources(pattern: &str) -> Scope {
    Scope { resources: [pattern.to_owned()].into(), ..Scope::default() }
}

fn assessed(world: &World, waivers: &[Waiver]) -> Assessment {
    // Both that decide the best practice.
    let selected = [CONTROL, "digest-delivery-healthy"].map(|id| controls::find(id).expect("registered"));
    assess(&world.snapshot, &world.baseline, waivers, &selected, "test")
}

fn of_control<'a>(assessment: &'a Assessment, control: &str) -> Vec<&'a Finding> {
    assessment.findings.iter().filter(|finding| finding.control == control).collect()
}

fn use_of(world: &World, waiver: Waiver) -> Finding {
    of_control(&assessed(world, &[waiver]), "waiver-in-use")[0].clone()
}

#[test]
fn a_waived_failure_keeps_its_outcome_and_is_counted_apart() {
    let before = assessed(&flawed(), &[]);
    let after = assessed(&flawed(), &[waiver(of_account(WORKLOAD))]);
    let failing = |assessment: &Assessment| -> Vec<Finding> {
        let mut failing: Vec<Finding> =
            assessment.findings.iter().filter(|finding| finding.outcome == Outcome::Fail).cloned().collect();
        failing.iter_mut().for_each(|finding| finding.waiver = None);
        failing
    };
    assert_eq!(failing(&before), failing(&after));
    let counts = after.summary.controls[CONTROL];
    assert_eq!(before.summary.controls[CONTROL], Counts { pass: 1, fail: 1, ..Counts::default() });
    assert_eq!(counts, Counts { pass: 1, waived: 1, ..Counts::default() });
    let practice = &after.summary.practices[0];
    assert_eq!((practice.verdict, practice.is_waived), (Outcome::Fail, true));
    assert_eq!((practice.accounts.pass, practice.accounts.waived, practice.accounts.fail), (2, 1, 0));
    assert_eq!(practice.by_account[&account(WORKLOAD)], Outcome::Fail);
}

#[test]
fn every_kind_of_scope_takes_what_it_names_and_nothing_else() {
    let mut wide = of_account(WORKLOAD);
    wide.units = of_units().units;
    for (scope, is_waived) in [
        (of_account(WORKLOAD), true),
        (of_account(ARCHIVE), false),
        (of_units(), true),
        (wide, true),
        (of_resources("arn:aws:cloudtrail:*:333333333333:trail/o?n"), true),
        (of_resources("arn:aws:cloudtrail:*:333333333333:trail/other"), false),
        (Scope { regions: [region(HOME)].into(), ..Scope::default() }, true),
        (Scope { regions: [region(LEADER)].into(), ..of_account(WORKLOAD) }, false),
        (Scope { units: ["ou-else-where000".to_owned()].into(), ..Scope::default() }, false),
        (Scope::default(), true),
    ] {
        let assessment = assessed(&flawed(), &[waiver(scope.clone())]);
        assert_eq!(assessment.summary.findings.waived, usize::from(is_waived), "{scope:?}");
        let in_use = of_control(&assessment, "waiver-in-use")[0];
        assert_eq!(in_use.outcome, if is_waived { Outcome::Pass } else { Outcome::Fail }, "{in_use:?}");
    }
}

#[test]
fn an_expired_waiver_accepts_nothing_and_fails() {
    let expired = Waiver { expires: "2026-10-31".parse().expect("a date"), ..waiver(of_account(WORKLOAD)) };
    let assessment = assessed(&flawed(), &[expired]);
    assert_eq!(assessment.summary.findings.waived, 0);
    assert_eq!(assessment.summary.controls[CONTROL].fail, 1);
    assert_eq!(of_control(&assessment, "waiver-not-expired")[0].outcome, Outcome::Fail);
    assert_eq!(of_control(&assessment, "waiver-in-use")[0].outcome, Outcome::NotApplicable);
}

#[test]
fn an_unknown_is_accepted_only_by_a_waiver_that_says_so() {
    let world = World::clean().unentered(WORKLOAD);
    let plain = assessed(&world, &[waiver(of_account(WORKLOAD))]);
    assert_eq!((plain.summary.findings.waived, plain.summary.controls[CONTROL].unknown), (0, 1));
    // What it accepts may be hidden behind the gap.
    assert_eq!(of_control(&plain, "waiver-in-use")[0].outcome, Outcome::Unknown);
    let accepts = BTreeSet::from([Accepted::Unknown]);
    let told = assessed(&world, &[Waiver { accepts: accepts.clone(), ..waiver(of_account(WORKLOAD)) }]);
    assert_eq!((told.summary.findings.waived, told.summary.controls[CONTROL].unknown), (1, 0));
    assert_eq!(told.summary.practices[0].verdict, Outcome::Unknown);
    let fail = assessed(&flawed(), &[Waiver { accepts, ..waiver(of_account(WORKLOAD)) }]);
    assert_eq!(fail.summary.controls[CONTROL].fail, 1);
}

#[test]
fn a_waiver_that_accepts_nothing_fails() {
    let unused = use_of(&World::clean(), waiver(of_account(WORKLOAD)));
    assert_eq!(unused.outcome, Outcome::Fail);
    assert!(unused.reason.contains("no finding of log-file-validation-enabled"), "{}", unused.reason);
    let stranger = use_of(&World::clean(), waiver(of_account("999999999999")));
    assert!(stranger.reason.contains("not of this organization"), "{}", stranger.reason);
}

#[test]
fn a_waiver_is_not_called_unused_by_a_run_that_did_not_look() {
    let excluded = World::clean().edit(|snapshot| {
        snapshot.accounts.remove(&account(WORKLOAD));
        snapshot.excluded.insert(account(WORKLOAD));
    });
    assert_eq!(use_of(&excluded, waiver(of_account(WORKLOAD))).outcome, Outcome::NotApplicable);
    assert_eq!(use_of(&excluded, waiver(of_units())).outcome, Outcome::NotApplicable);
    assert_eq!(use_of(&excluded, waiver(of_account(ARCHIVE))).outcome, Outcome::Fail);
    let filtered = World::clean().edit(|snapshot| {
        snapshot.region_filter.insert(region(HOME));
    });
    let elsewhere = Scope { regions: [region(LEADER)].into(), ..Scope::default() };
    assert_eq!(use_of(&filtered, waiver(elsewhere)).outcome, Outcome::NotApplicable);
    let other = Waiver { control: "kms-key-usable".to_owned(), ..waiver(of_account(WORKLOAD)) };
    assert_eq!(use_of(&World::clean(), other).outcome, Outcome::NotApplicable);
    let unread = World::clean().unread_region(WORKLOAD, HOME);
    let pattern = of_resources("arn:aws:cloudtrail:*:333333333333:trail/own");
    assert_eq!(use_of(&unread, waiver(pattern)).outcome, Outcome::Unknown);
}

#[test]
fn without_the_tree_an_ou_waiver_accepts_nothing_and_that_is_said() {
    let world = flawed().edit(|snapshot| {
        snapshot.organization.units =
            Observed::Gap(gap(GapKind::AccessDenied, "organizations:ListOrganizationalUnits"));
    });
    let assessment = assessed(&world, &[waiver(of_units())]);
    assert_eq!(assessment.summary.findings.waived, 0);
    let said = of_control(&assessment, "waiver-in-use")[0];
    assert_eq!(said.outcome, Outcome::Unknown);
    assert!(said.reason.contains("organizations:ListOrganizationalUnits"), "{}", said.reason);
}

#[test]
fn the_first_of_two_waivers_is_shown_and_both_are_used() {
    let second = Waiver { id: "w2".to_owned(), ..waiver(of_units()) };
    let assessment = assessed(&flawed(), &[waiver(of_account(WORKLOAD)), second]);
    let waived: Vec<&str> =
        assessment.findings.iter().filter_map(|finding| Some(finding.waiver.as_ref()?.id.as_str())).collect();
    assert_eq!(waived, ["w1"]);
    assert!(of_control(&assessment, "waiver-in-use").iter().all(|finding| finding.outcome == Outcome::Pass));
}

#[test]
fn a_failure_of_the_organization_is_waived_at_the_management_account() {
    let world = World::clean().trail(ORG_TRAIL, |trail| trail.log_file_validation = false);
    let management = waiver(of_account("111111111111"));
    assert_eq!(assessed(&world, &[management]).summary.findings.waived, 1);
}
