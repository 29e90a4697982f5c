//! multi-region-trail-enabled: each account is recorded by a multi-region trail, its own or the organization's.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::{AccountSnapshot, Need};
use trailwarden_model::trail::Trail;

use crate::control::{Accounts, Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::reach::Reach;
use crate::verdict::{Verdict, fact};

pub(super) static CONTROL: Control = Control {
    id: "multi-region-trail-enabled",
    title: "A multi-region trail is logging for the account",
    severity: Severity::Critical,
    practice: Some(BestPractice::CloudTrailInEveryRegion),
    needs: &[Need::Trails, Need::TrailStatus, Need::BucketOwner, Need::Key],
    rule: "Passes when a multi-region trail, the account's own or an organization trail shown in it, is logging \
           for the account in its home region (the leader region where the account lacks it), its last delivery \
           did not fail, and its bucket and key are sound; unknown where one could not be read. A trail that is stopped, or whose bucket \
           is gone or outside the organization, or whose key is not usable, does not count.",
    why: "A single-region trail sees nothing of what happens elsewhere, and an intruder is free to choose the region. \
          A multi-region trail also records regions that are enabled later.",
    remedy: "Let a multi-region organization trail reach the account, or make one of its own trails multi-region and \
             start logging.",
    references: &["CloudTrail User Guide: Understanding multi-Region trails and opt-in Regions"],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["1"]),
        ("aws-fsbp-1.0.0", &["CloudTrail.1"]),
        ("cis-aws-3.0.0", &["3.1"]),
        ("cis-aws-5.0.0", &["3.1"]),
        ("cis-aws-7.0.0", &["4.1"]),
        ("nist-800-53-r5", &["AC-6", "AU-2", "AU-3", "AU-6", "AU-10", "AU-12", "SI-7"]),
        ("pci-dss-4.0.1", &["10.2.1"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("soc-2", &["CC7.2"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::Account(Accounts::Entered, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId) -> Judged {
    let seen = cx.entered(account)?;
    let name = cx.name(account);
    let mut broken = Vec::new();
    let mut undecided = None;
    for trail in multi_region_trails(cx, account, seen) {
        match reach_where_it_counts(cx, trail, account, seen) {
            Reach::Effective => {
                let reason = format!("Multi-region trail {} of {} records {name}", trail.name, cx.name(&trail.owner));
                let region = deciding_region(cx, trail, seen);
                return Ok(Verdict::pass(reason).with([fact(
                    format!("{} is logging", trail.arn),
                    "cloudtrail:GetTrailStatus",
                    account,
                    region,
                )]));
            }
            Reach::Broken(link) => broken.push(link),
            Reach::Undecided(gap) => undecided = undecided.or(Some(gap)),
        }
    }
    if let Some(gap) = undecided.or_else(|| all_unread(seen)) {
        return Err(gap);
    }
    if broken.is_empty() {
        broken.push(fact("no multi-region trail is shown in any region", "cloudtrail:DescribeTrails", account, None));
    }
    let reason = match broken.first() {
        None => format!("No multi-region trail records {name}"),
        Some(link) => format!("No multi-region trail records {name}: {}", link.fact),
    };
    Ok(Verdict::fail(reason).with(broken))
}

/// The multi-region trails shown in any region that was read: shadows make each visible in all of them.
fn multi_region_trails<'a>(cx: &Cx<'a>, account: &AccountId, seen: &AccountSnapshot) -> Vec<&'a Trail> {
    let mut trails: Vec<&Trail> = Vec::new();
    for region in seen.regions.keys() {
        trails.extend(cx.sighted(account, region).unwrap_or_default().into_iter().filter(|t| t.is_multi_region));
    }
    trails.sort_by(|a, b| a.arn.cmp(&b.arn));
    trails.dedup_by(|a, b| a.arn == b.arn);
    trails
}

/// The trail's home region; the leader region where the account has not enabled that one.
fn deciding_region<'s>(cx: &Cx<'_>, trail: &Trail, seen: &'s AccountSnapshot) -> Option<&'s Region> {
    let key = |region: &Region| seen.regions.get_key_value(region).map(|(key, _)| key);
    key(&trail.home_region)
        .or_else(|| key(&cx.leader_region()?))
        .or_else(|| seen.regions.iter().find(|(_, here)| shows(here.trails.known(), trail)).map(|(key, _)| key))
}

fn shows<V>(trails: Option<&std::collections::BTreeMap<trailwarden_model::ids::Arn, V>>, trail: &Trail) -> bool {
    trails.is_some_and(|trails| trails.contains_key(&trail.arn))
}

fn reach_where_it_counts(cx: &Cx<'_>, trail: &Trail, account: &AccountId, seen: &AccountSnapshot) -> Reach {
    let Some((region, here)) = deciding_region(cx, trail, seen).and_then(|region| seen.regions.get_key_value(region))
    else {
        return Reach::Undecided(Gap::not_collected("cloudtrail:DescribeTrails", Some(account), None));
    };
    match here.trails.get() {
        Err(gap) => Reach::Undecided(gap),
        Ok(_) if shows(here.trails.known(), trail) => cx.reach(trail, account, region),
        Ok(_) => {
            let text = format!("trail {} is not shown in {region}", trail.name);
            Reach::Broken(fact(text, "cloudtrail:DescribeTrails", account, Some(region)))
        }
    }
}

/// The first gap, when no region of the account could be read at all.
pub(super) fn all_unread(seen: &AccountSnapshot) -> Option<Gap> {
    let mut gaps = seen.regions.values().map(|here| here.trails.gap());
    let first = gaps.next()??;
    gaps.all(|gap| gap.is_some()).then(|| first.clone())
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::{GapKind, Observed};
    use trailwarden_model::storage::BucketOwner;

    use crate::testing::{HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, region};

    const ID: &str = super::CONTROL.id;

    #[test]
    fn the_organization_trail_counts_for_every_account() {
        assert_eq!(World::clean().judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn a_member_without_the_replica_is_not_recorded() {
        let findings = World::clean().hide_from(ORG_TRAIL, WORKLOAD).judge(ID);
        assert_eq!(findings.at(WORKLOAD).outcome, Outcome::Fail);
        assert!(findings.at(WORKLOAD).reason.contains("payments (333333333333)"));
        assert_eq!(findings.at(MANAGEMENT).outcome, Outcome::Pass);
    }

    #[test]
    fn single_region_and_stopped_trails_count_for_nothing() {
        let single = World::bare().add_trail("local", WORKLOAD, |trail| trail.is_multi_region = false).judge(ID);
        assert_eq!(single.at(WORKLOAD).outcome, Outcome::Fail);
        let stopped = World::clean().status_everywhere(ORG_TRAIL, |status| status.is_logging = false).judge(ID);
        assert_eq!(stopped.outcomes(), [Outcome::Fail].into());
        assert!(stopped.at(WORKLOAD).reason.contains("org-trail is not logging"));
    }

    #[test]
    fn a_bucket_taken_over_or_a_key_pending_deletion_breaks_the_trail() {
        let taken = World::clean().bucket(|b| b.owner = Observed::Known(BucketOwner::OutsideOrganization));
        assert_eq!(taken.judge(ID).outcomes(), [Outcome::Fail].into());
        let dying = World::clean().key_detail(|key| key.state = "PendingDeletion".to_owned());
        assert_eq!(dying.judge(ID).outcomes(), [Outcome::Fail].into());
    }

    #[test]
    fn a_bucket_or_key_that_could_not_be_read_leaves_it_open() {
        let bucket = World::clean().bucket(|b| b.owner = Observed::Gap(crate::testing::denied("s3:HeadBucket")));
        assert_eq!(bucket.judge(ID).outcomes(), [Outcome::Unknown].into());
        let key = World::clean().key(|key| key.detail = Observed::Gap(crate::testing::denied("kms:DescribeKey")));
        assert_eq!(key.judge(ID).outcomes(), [Outcome::Unknown].into());
    }

    #[test]
    fn the_owner_answers_for_a_member_that_cannot_see_the_status() {
        let blind = World::clean().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::NotVisible);
        assert_eq!(blind.judge(ID).at(WORKLOAD).outcome, Outcome::Pass);
        let stopped = blind.status(ORG_TRAIL, (MANAGEMENT, HOME), |status| status.is_logging = false);
        assert_eq!(stopped.judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }

    #[test]
    fn an_unreadable_status_is_unknown_unless_another_trail_decides() {
        let blind = World::clean().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::Throttled);
        let finding = blind.judge(ID).at(WORKLOAD).clone();
        assert_eq!(finding.outcome, Outcome::Unknown);
        assert_eq!(finding.gap.map(|gap| gap.kind), Some(GapKind::Throttled));
        let second = blind.add_trail("local", WORKLOAD, |_| {});
        assert_eq!(second.judge(ID).at(WORKLOAD).outcome, Outcome::Pass);
    }

    #[test]
    fn the_leader_region_decides_where_the_home_region_is_not_enabled() {
        let narrow = World::clean().edit(|snapshot| {
            snapshot.accounts.values_mut().for_each(|seen| {
                seen.regions.remove(&region(HOME));
            });
        });
        assert_eq!(narrow.judge(ID).at(WORKLOAD).outcome, Outcome::Pass);
        let stopped = narrow.status(ORG_TRAIL, (WORKLOAD, LEADER), |status| status.is_logging = false);
        assert_eq!(stopped.judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }

    #[test]
    fn an_account_that_was_not_entered_is_unknown() {
        let finding = World::clean().unentered(WORKLOAD).judge(ID).at(WORKLOAD).clone();
        assert_eq!(finding.outcome, Outcome::Unknown);
        assert_eq!(finding.gap.map(|gap| gap.kind), Some(GapKind::AccountNotEntered));
    }

    #[test]
    fn regions_that_were_not_read_leave_it_unknown() {
        let unread = World::bare().unread_region(WORKLOAD, HOME).unread_region(WORKLOAD, LEADER);
        assert_eq!(unread.judge(ID).at(WORKLOAD).outcome, Outcome::Unknown);
        let home_unread = World::clean().unread_region(WORKLOAD, HOME);
        assert_eq!(home_unread.judge(ID).at(WORKLOAD).outcome, Outcome::Unknown);
    }
}
