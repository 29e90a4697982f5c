//! What the loop makes of accounts, regions and trails that could not be read, and the order of findings.

use trailwarden_model::finding::Outcome;
use trailwarden_model::observed::GapKind;
use trailwarden_model::snapshot::Need;

use super::*;
use crate::controls;
use crate::testing::{ARCHIVE, HOME, LEADER, WORKLOAD, World, account, region};

fn all(world: &World) -> Assessment {
    assess(&world.snapshot, &world.baseline, &[], controls::ALL, "test")
}

#[test]
fn the_clean_organization_has_neither_failures_nor_unknowns() {
    let assessment = all(&World::clean());
    let flaws: Vec<&Finding> = assessment
        .findings
        .iter()
        .filter(|finding| matches!(finding.outcome, Outcome::Fail | Outcome::Unknown))
        .collect();
    assert!(flaws.is_empty(), "{flaws:#?}");
}

#[test]
fn a_read_that_was_not_made_leaves_everything_that_needs_it_unknown() {
    let world = World::clean().edit(|snapshot| {
        snapshot.needs.remove(&Need::BucketOwner);
    });
    let findings = world.judge("multi-region-trail-enabled");
    assert_eq!(findings.outcomes(), [Outcome::Unknown].into());
    assert_eq!(findings.at(WORKLOAD).gap.as_ref().map(|gap| gap.kind), Some(GapKind::NotCollected));
    assert_eq!(world.judge("trail-is-logging").only().outcome, Outcome::Pass);
}

#[test]
fn an_account_that_was_not_entered_gives_one_unknown_per_control_whatever_its_scope() {
    let world = World::clean().unentered(WORKLOAD);
    for control in ["multi-region-trail-enabled", "management-events-recorded", "trail-is-logging", "log-bucket-exists"]
    {
        let findings = world.judge(control);
        let of_account: Vec<_> = findings.0.iter().filter(|f| f.account == account(WORKLOAD)).collect();
        assert_eq!(of_account.len(), 1, "{control}");
        assert_eq!((of_account[0].outcome, of_account[0].region.is_none()), (Outcome::Unknown, true), "{control}");
    }
}

#[test]
fn an_unread_region_gives_one_unknown_per_control_of_trails_and_their_links() {
    let world = World::clean().unread_region(ARCHIVE, LEADER);
    for control in ["management-events-recorded", "trail-is-logging", "kms-key-usable", "log-delivery-role-valid"] {
        assert_eq!(world.judge(control).at_region(ARCHIVE, LEADER).outcome, Outcome::Unknown, "{control}");
    }
}

#[test]
fn a_control_without_anything_to_judge_says_so() {
    let world = World::clean()
        .trail(crate::testing::ORG_TRAIL, |trail| trail.kms_key = None)
        .edit(|snapshot| snapshot.keys.clear());
    let findings = world.judge("kms-key-usable");
    assert_eq!((findings.only().outcome, findings.only().resource.as_ref()), (Outcome::NotApplicable, None));
    assert_eq!(findings.only().reason, "No trail names a KMS key.");
}

#[test]
fn a_region_filter_that_leaves_an_account_without_regions_is_said() {
    let world = World::clean().edit(|snapshot| {
        let seen = snapshot.accounts.get_mut(&account(WORKLOAD)).expect("in scope");
        seen.regions.clear();
    });
    assert_eq!(world.judge("multi-region-trail-enabled").at(WORKLOAD).outcome, Outcome::NotApplicable);
}

#[test]
fn an_account_whose_regions_are_not_known_is_unknown_everywhere() {
    let world = World::clean().edit(|snapshot| {
        let seen = snapshot.accounts.get_mut(&account(WORKLOAD)).expect("in scope");
        seen.region_list = Observed::Gap(crate::testing::denied("account:ListRegions"));
        seen.regions.clear();
    });
    for control in ["multi-region-trail-enabled", "management-events-recorded", "trail-encrypted-with-kms"] {
        assert_eq!(world.judge(control).at(WORKLOAD).outcome, Outcome::Unknown, "{control}");
    }
}

#[test]
fn gaps_name_the_account_by_name() {
    let world = World::clean().unread_region(WORKLOAD, HOME);
    let reason = world.judge("trail-is-logging").at_region(WORKLOAD, HOME).reason.clone();
    assert!(reason.contains("payments (333333333333)") && reason.contains("AccessDenied"), "{reason}");
}

#[test]
fn findings_come_by_control_then_account_region_and_resource() {
    let assessment = all(&World::clean().unentered(ARCHIVE).unread_region(WORKLOAD, HOME));
    let order = |finding: &Finding| {
        let control = controls::ALL.iter().position(|control| control.id == finding.control);
        (control, finding.account.clone(), finding.region.clone(), finding.resource.clone())
    };
    assert!(assessment.findings.is_sorted_by_key(order));
}

#[test]
fn every_reason_is_a_sentence_and_every_unknown_names_its_gap() {
    let world = World::clean().unentered(ARCHIVE).unread_region(WORKLOAD, HOME);
    for finding in all(&world).findings {
        assert!(finding.reason.ends_with('.'), "{}", finding.reason);
        assert_eq!(finding.gap.is_some(), finding.outcome == Outcome::Unknown, "{finding:#?}");
        let needs_evidence = matches!(finding.outcome, Outcome::Fail | Outcome::Unknown);
        assert!(!needs_evidence || !finding.evidence.is_empty(), "{finding:#?}");
    }
}

#[test]
fn the_organization_is_described_for_readers() {
    let world = World::clean().edit(|snapshot| {
        snapshot.excluded.insert(account("555555555555"));
    });
    let described = all(&world).organization;
    assert_eq!(described.n_accounts_in_scope, 3);
    assert_eq!(described.accounts.get(&account(WORKLOAD)).map(String::as_str), Some("payments"));
    assert!(described.excluded.contains(&account("555555555555")) && described.regions_assumed.is_empty());
}

#[test]
fn only_what_rests_on_trails_is_unknown_where_they_could_not_be_listed() {
    let world = World::clean().unread_region(WORKLOAD, HOME);
    let cx = Cx::new(&world.snapshot, &world.baseline);
    let outcome = |regions| {
        let mut findings = Findings { control: controls::ALL[0], missing: None, cx: &cx, list: Vec::new() };
        findings.walk_regions(regions, |_, _, _| Ok(Verdict::pass("judged")));
        let here = Subject::region(&account(WORKLOAD), &region(HOME));
        findings.list.into_iter().find(|(subject, _)| *subject == here).expect("a finding").1.outcome
    };
    assert_eq!(outcome(Regions::WithTrails), Outcome::Unknown);
    assert_eq!(outcome(Regions::All), Outcome::Pass);
}

#[test]
fn a_trail_is_found_at_its_owner_and_home() {
    let findings = World::clean().judge("trail-is-logging");
    assert_eq!(findings.only().region, Some(region(HOME)));
    assert_eq!(findings.only().account.as_str(), "111111111111");
}
