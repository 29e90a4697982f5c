//! management-events-recorded: read and write management events of each account and region are covered by the union of
//! its effective trails.

use std::sync::LazyLock;

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::snapshot::Need;

use crate::control::{Applies, Control, Judge, Judged, Regions};
use crate::coverage::EventClass;
use crate::cx::Cx;
use crate::demand::Demand;
use crate::reach::Coverage;
use crate::verdict::Verdict;

pub(super) static CONTROL: Control = Control {
    id: "management-events-recorded",
    title: "Read and write management events are recorded",
    severity: Severity::Critical,
    practice: Some(BestPractice::CloudTrailInEveryRegion),
    needs: &[Need::Trails, Need::TrailStatus, Need::EventSelectors, Need::BucketOwner, Need::Key],
    rule: "Passes when the trails that are logging in this account and region, taken together, record read and \
           write management events: a read-only and a write-only trail make a whole. A trail that is stopped, or \
           whose last delivery failed, or whose bucket or key is known to be broken, counts for nothing. KMS and the \
           RDS Data API, which a selector may exclude, and global services are not judged here; any other source \
           that is left out is lost. A selector that uses a field or category this version does not know makes the \
           answer unknown.",
    why: "Management events say who created, changed, deleted or looked at what. Without the write half an attack leaves \
          no trace; without the read half its reconnaissance leaves none.",
    remedy: "Record read and write management events of the region: one trail with ReadWriteType All, or two that record \
             one half each, logging and delivering to a bucket and key that work.",
    references: &[
        "CloudTrail User Guide: Logging management events",
        "CloudTrail API Reference: AdvancedFieldSelector",
    ],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["1"]),
        ("aws-fsbp-1.0.0", &["CloudTrail.1"]),
        ("cis-aws-3.0.0", &["3.1"]),
        ("cis-aws-5.0.0", &["3.1"]),
        ("cis-aws-7.0.0", &["4.1"]),
        ("nist-800-53-r5", &["AC-6", "AU-2", "AU-3", "AU-6", "AU-10", "AU-12", "SI-7"]),
        ("pci-dss-4.0.1", &["10.2.1", "10.2.1.2", "10.2.1.4", "10.2.1.6", "10.2.1.7", "10.2.2"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("soc-2", &["CC7.2"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::AccountRegion(Regions::WithTrails, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged {
    let (whole, words) = (EventClass::all_management(), "management events");
    match cx.covered(account, region, whole, &words, |_| true)? {
        Coverage::Covered(recorded) => {
            let place = format!("{} in {region}", cx.name(account));
            Ok(Verdict::pass(format!("Read and write management events of {place} are recorded")).with(recorded))
        }
        Coverage::Undecided(_) | Coverage::Lost(..) => cx.judge_demands(account, region, DEMANDS.as_slice()),
    }
}

/// What no selector can exclude by source.
static DEMANDS: LazyLock<[Demand; 2]> = LazyLock::new(|| EventClass::MANAGEMENT.map(Demand::from));

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::{GapKind, Observed};
    use trailwarden_model::storage::BucketOwner;
    use trailwarden_model::trail::ReadWriteType;

    use crate::testing::selectors::{advanced, basic, equals, not_equals};
    use crate::testing::{HOME, LEADER, ORG_TRAIL, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;

    fn half(world: World, name: &str, half: ReadWriteType) -> World {
        world.add_trail(name, WORKLOAD, |trail| trail.selectors = Observed::Known(basic(half, true)))
    }

    fn selecting(selectors: trailwarden_model::trail::Selectors) -> World {
        World::clean().trail(ORG_TRAIL, |trail| trail.selectors = Observed::Known(selectors))
    }

    #[test]
    fn one_trail_with_both_halves_covers() {
        assert_eq!(World::clean().judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn a_read_only_and_a_write_only_trail_cover_together() {
        let world = half(World::bare(), "reads", ReadWriteType::ReadOnly);
        let finding = world.judge(ID).at_region(WORKLOAD, HOME).clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("ec2.amazonaws.com RunInstances"), "{}", finding.reason);
        let whole = half(world, "writes", ReadWriteType::WriteOnly);
        assert_eq!(whole.judge(ID).at_region(WORKLOAD, HOME).outcome, Outcome::Pass);
    }

    #[test]
    fn a_stopped_half_makes_no_whole() {
        let world = half(half(World::bare(), "reads", ReadWriteType::ReadOnly), "writes", ReadWriteType::WriteOnly)
            .status("writes", (WORKLOAD, HOME), |status| status.is_logging = false);
        assert_eq!(world.judge(ID).at_region(WORKLOAD, HOME).outcome, Outcome::Fail);
        assert_eq!(world.judge(ID).at_region(WORKLOAD, LEADER).outcome, Outcome::Pass);
    }

    #[test]
    fn a_single_region_trail_covers_its_region_alone() {
        let world = World::bare().add_trail("local", WORKLOAD, |trail| trail.is_multi_region = false);
        assert_eq!(world.judge(ID).at_region(WORKLOAD, HOME).outcome, Outcome::Pass);
        assert_eq!(world.judge(ID).at_region(WORKLOAD, LEADER).outcome, Outcome::Fail);
    }

    #[test]
    fn data_only_selectors_record_no_management_event() {
        let data = vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")];
        assert_eq!(selecting(advanced(vec![data])).judge(ID).outcomes(), [Outcome::Fail].into());
        assert_eq!(selecting(basic(ReadWriteType::All, false)).judge(ID).outcomes(), [Outcome::Fail].into());
    }

    #[test]
    fn excluding_kms_is_another_control() {
        let no_kms = vec![equals("eventCategory", "Management"), not_equals("eventSource", "kms.amazonaws.com")];
        assert_eq!(selecting(advanced(vec![no_kms])).judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn a_field_of_the_future_is_unknown() {
        let future = vec![equals("eventCategory", "Management"), equals("accountTag", "prod")];
        let findings = selecting(advanced(vec![future])).judge(ID);
        let finding = findings.at_region(WORKLOAD, HOME);
        assert_eq!(finding.outcome, Outcome::Unknown);
        assert!(finding.reason.contains("accountTag"), "{}", finding.reason);
    }

    #[test]
    fn a_dead_bucket_covers_nothing_and_is_named() {
        let findings = World::clean().bucket(|b| b.owner = Observed::Known(BucketOwner::Missing)).judge(ID);
        let finding = findings.at_region(WORKLOAD, HOME);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.evidence.iter().any(|e| e.fact.contains("acme-log-archive of trail org-trail does not exist")));
    }

    #[test]
    fn a_trail_that_cannot_deliver_covers_nothing_and_its_error_is_named() {
        let failing = World::clean().status(ORG_TRAIL, (WORKLOAD, HOME), |status| {
            status.log_files.last_error = Some("AccessDenied".to_owned());
        });
        let findings = failing.judge(ID);
        let finding = findings.at_region(WORKLOAD, HOME);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.evidence.iter().any(|e| e.fact.contains("failed: AccessDenied")), "{finding:?}");
        assert_eq!(findings.at_region(WORKLOAD, LEADER).outcome, Outcome::Pass);
    }

    #[test]
    fn a_source_that_is_left_out_is_named() {
        let no_ec2 = vec![equals("eventCategory", "Management"), not_equals("eventSource", "ec2.amazonaws.com")];
        let findings = selecting(advanced(vec![no_ec2])).judge(ID);
        let finding = findings.at_region(WORKLOAD, HOME);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("ec2.amazonaws.com"), "{}", finding.reason);
    }

    #[test]
    fn halves_of_two_trails_are_both_named() {
        let whole =
            half(half(World::bare(), "reads", ReadWriteType::ReadOnly), "writes", ReadWriteType::WriteOnly).judge(ID);
        let evidence = &whole.at_region(WORKLOAD, HOME).evidence;
        assert!(["reads", "writes"].iter().all(|name| evidence.iter().any(|e| e.fact.contains(name))), "{evidence:?}");
    }

    #[test]
    fn gaps_that_could_decide_are_unknown() {
        let selectors = World::clean().trail(ORG_TRAIL, |trail| {
            trail.selectors = Observed::Gap(denied("cloudtrail:GetEventSelectors"));
        });
        assert_eq!(selectors.judge(ID).outcomes(), [Outcome::Unknown].into());
        let status = World::clean().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::Connection);
        assert_eq!(status.judge(ID).at_region(WORKLOAD, HOME).outcome, Outcome::Unknown);
        let listing = World::clean().unread_region(WORKLOAD, HOME);
        assert_eq!(listing.judge(ID).at_region(WORKLOAD, HOME).outcome, Outcome::Unknown);
    }

    #[test]
    fn a_gap_that_cannot_decide_leaves_a_failure() {
        let world = half(World::bare(), "reads", ReadWriteType::ReadOnly)
            .add_trail("data", WORKLOAD, |trail| trail.selectors = Observed::Known(basic(ReadWriteType::All, false)))
            .status_gap("data", (WORKLOAD, HOME), GapKind::Throttled);
        assert_eq!(world.judge(ID).at_region(WORKLOAD, HOME).outcome, Outcome::Fail);
    }

    #[test]
    fn an_account_that_was_not_entered_gives_one_unknown() {
        let findings = World::clean().unentered(WORKLOAD).judge(ID);
        assert_eq!(findings.at(WORKLOAD).outcome, Outcome::Unknown);
    }
}
