//! global-service-events-recorded: what IAM, STS and CloudFront do for an account is recorded in the leader region.

use std::sync::LazyLock;

use trailwarden_model::control::Severity;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::snapshot::Need;

use crate::control::{Accounts, Applies, Control, Judge, Judged};
use crate::coverage::EventClass;
use crate::cx::Cx;
use crate::demand::Demand;
use crate::verdict::Verdict;

pub(super) static CONTROL: Control = Control {
    id: "global-service-events-recorded",
    title: "Events of global services are recorded in the leader region",
    severity: Severity::High,
    practice: None,
    needs: &[Need::Trails, Need::TrailStatus, Need::EventSelectors, Need::BucketOwner, Need::Key],
    rule: "Passes when the trails that are logging for the account in the leader region of the partition (us-east-1 in \
           the commercial regions), taken together, record read and write management events and include global service \
           events. A trail that is stopped, or whose last delivery failed, or whose bucket or key is known to be broken, \
           counts for nothing; a single-region trail of another region never records them. Does not apply where the \
           audit was limited to other regions.",
    why: "IAM, CloudFront and the global endpoint of STS have one home. A trail that leaves their events out sees no new \
          user, no new access key and no changed role: the first things an intruder wants.",
    remedy: "Include global service events in the multi-region trail that reaches the account (IncludeGlobalServiceEvents), \
             or record the leader region with a trail that does.",
    references: &[
        "CloudTrail User Guide: Understanding CloudTrail events (global service events)",
        "CloudTrail API Reference: UpdateTrail (IncludeGlobalServiceEvents)",
    ],
    frameworks: &[
        ("nist-800-53-r5", &["AU-2", "AU-12"]),
        ("pci-dss-4.0.1", &["10.2.1.5"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::Account(Accounts::Entered, judge),
};

static DEMANDS: LazyLock<[Demand; 1]> = LazyLock::new(|| [EventClass::GlobalServices.into()]);

fn judge(cx: &Cx<'_>, account: &AccountId) -> Judged {
    let leader = cx.leader_region().ok_or_else(|| unknown_partition(cx, account))?;
    let filter = &cx.snapshot.region_filter;
    if !filter.is_empty() && !filter.contains(&leader) {
        let reason =
            format!("The audit was limited to other regions than {leader}, where global services are recorded");
        return Ok(Verdict::not_applicable(reason));
    }
    cx.judge_demands(account, &leader, DEMANDS.as_slice())
}

fn unknown_partition(cx: &Cx<'_>, account: &AccountId) -> Gap {
    Gap {
        kind: GapKind::Unexpected,
        call: "organizations:DescribeOrganization".to_owned(),
        account: Some(account.clone()),
        region: None,
        code: "UnknownPartition".to_owned(),
        reason: format!("the leader region of partition {} is not known to this version", cx.partition()),
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::{GapKind, Observed};
    use trailwarden_model::trail::ReadWriteType;

    use crate::testing::selectors::basic;
    use crate::testing::{HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, arn, region};

    const ID: &str = super::CONTROL.id;

    fn excluding() -> World {
        World::clean().trail(ORG_TRAIL, |trail| trail.includes_global_service_events = false)
    }

    #[test]
    fn the_organization_trail_records_them_for_every_account() {
        assert_eq!(World::clean().judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn a_trail_that_leaves_them_out_loses_new_users() {
        let finding = excluding().judge(ID).at(WORKLOAD).clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("iam.amazonaws.com CreateUser"), "{}", finding.reason);
        assert!(finding.evidence[0].fact.contains("does not include global service events"), "{finding:#?}");
    }

    #[test]
    fn another_trail_may_include_them_in_the_leader_region_alone() {
        let at = |code: &'static str| {
            excluding().add_trail("global", WORKLOAD, |trail| {
                trail.arn = arn(&format!("arn:aws:cloudtrail:{code}:{WORKLOAD}:trail/global"));
                trail.is_multi_region = false;
                trail.home_region = region(code);
            })
        };
        assert_eq!(at(LEADER).judge(ID).at(WORKLOAD).outcome, Outcome::Pass);
        assert_eq!(at(LEADER).judge(ID).at(MANAGEMENT).outcome, Outcome::Fail);
        assert_eq!(at(HOME).judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }

    #[test]
    fn half_of_them_is_not_all() {
        let reads = World::clean().trail(ORG_TRAIL, |trail| {
            trail.selectors = Observed::Known(basic(ReadWriteType::ReadOnly, true));
        });
        assert_eq!(reads.judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }

    #[test]
    fn a_stopped_trail_fails_and_a_gap_is_unknown() {
        let stopped = World::clean().status(ORG_TRAIL, (WORKLOAD, LEADER), |status| status.is_logging = false);
        assert_eq!(stopped.judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
        let blind = World::clean().status_gap(ORG_TRAIL, (WORKLOAD, LEADER), GapKind::Throttled);
        assert_eq!(blind.judge(ID).at(WORKLOAD).outcome, Outcome::Unknown);
        let unread = World::clean().unread_region(WORKLOAD, LEADER);
        assert_eq!(unread.judge(ID).at(WORKLOAD).outcome, Outcome::Unknown);
    }

    #[test]
    fn an_audit_of_other_regions_does_not_judge_them_and_a_missing_leader_region_is_unknown() {
        let narrow = excluding().edit(|snapshot| {
            snapshot.accounts.values_mut().for_each(|seen| {
                seen.regions.remove(&region(LEADER));
            });
        });
        assert_eq!(narrow.judge(ID).outcomes(), [Outcome::Unknown].into());
        let asked = narrow.edit(|snapshot| {
            snapshot.region_filter.insert(region(HOME));
        });
        assert_eq!(asked.judge(ID).outcomes(), [Outcome::NotApplicable].into());
    }

    #[test]
    fn a_partition_that_is_not_known_is_unknown() {
        let elsewhere = World::clean().edit(|snapshot| {
            snapshot.organization.arn = arn("arn:aws-moon:organizations::111111111111:organization/o-exampleorg");
        });
        assert_eq!(elsewhere.judge(ID).outcomes(), [Outcome::Unknown].into());
    }
}
