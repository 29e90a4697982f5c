//! trail-is-logging: a trail logs wherever it is seen, and a multi-region trail is seen everywhere in its own account.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::Trail;

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::verdict::{Tally, fact};

pub(super) static CONTROL: Control = Control {
    id: "trail-is-logging",
    title: "The trail is logging wherever it should",
    severity: Severity::Critical,
    practice: Some(BestPractice::CloudTrailInEveryRegion),
    needs: &[Need::Trails, Need::TrailStatus],
    rule: "Fails when the trail is not logging in a region of an account in scope that shows it, or when a multi- \
           region trail is not shown in a region of its own account.",
    why: "A trail that exists but was stopped records nothing, and looks fine in every list of trails. Stopping it is the \
          first thing an intruder does.",
    remedy: "Start logging on the trail in its home region, and find out who stopped it: look for StopLogging in the event \
             history.",
    references: &["CloudTrail API Reference: GetTrailStatus, StartLogging"],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["1"]),
        ("nist-800-53-r5", &["AU-12"]),
        ("pci-dss-4.0.1", &["10.2.1"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::Trail(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, trail: &Trail) -> Judged {
    let mut tally = Tally::default();
    for sighting in cx.sightings(trail) {
        let (account, region) = (sighting.account, sighting.region);
        match cx.status(trail, account, region) {
            Err(gap) => tally.gap(gap),
            Ok(status) => {
                let text = format!("IsLogging is {}", status.is_logging);
                let seen = fact(text, "cloudtrail:GetTrailStatus", account, Some(region));
                if status.is_logging { tally.support(seen) } else { tally.fail(seen) }
            }
        }
    }
    missing_shadows(cx, trail, &mut tally);
    let n_places = cx.sightings(trail).len();
    if tally.is_empty() {
        return Err(cx.unseen(trail));
    }
    Ok(tally.settle(
        cx,
        || format!("Trail {} is logging in all {n_places} places that show it", trail.name),
        |failures| format!("Trail {} does not log everywhere it should: {}", trail.name, cx.places(failures)),
    ))
}

/// A multi-region trail has a shadow in every region of its own account.
fn missing_shadows(cx: &Cx<'_>, trail: &Trail, tally: &mut Tally) {
    let Some(owner) = cx.snapshot.accounts.get(&trail.owner).filter(|_| trail.is_multi_region) else { return };
    for (region, here) in &owner.regions {
        if here.trails.known().is_some_and(|trails| !trails.contains_key(&trail.arn)) {
            let text = format!("DescribeTrails does not show multi-region trail {}", trail.name);
            tally.fail(fact(text, "cloudtrail:DescribeTrails", &trail.owner, Some(region)));
        }
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::GapKind;

    use crate::testing::{HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World};

    const ID: &str = super::CONTROL.id;

    #[test]
    fn logging_everywhere_passes() {
        assert_eq!(World::clean().judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn stopped_in_one_region_of_one_member_fails_and_names_it() {
        let world = World::clean().status(ORG_TRAIL, (WORKLOAD, LEADER), |status| status.is_logging = false);
        let findings = world.judge(ID);
        assert_eq!(findings.only().outcome, Outcome::Fail);
        assert!(findings.only().reason.contains("payments (333333333333) in us-east-1"), "{}", findings.only().reason);
    }

    #[test]
    fn a_shadow_missing_at_home_fails_but_a_member_without_the_replica_does_not() {
        let at_home = World::clean().hide(ORG_TRAIL, (MANAGEMENT, LEADER));
        assert_eq!(at_home.judge(ID).only().outcome, Outcome::Fail);
        let at_member = World::clean().hide_from(ORG_TRAIL, WORKLOAD);
        assert_eq!(at_member.judge(ID).on("org-trail").outcome, Outcome::Pass);
    }

    #[test]
    fn a_stopped_region_is_not_hidden_by_a_gap_elsewhere() {
        let world = World::clean().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::Throttled);
        assert_eq!(world.judge(ID).only().outcome, Outcome::Unknown);
        let stopped = world.status(ORG_TRAIL, (MANAGEMENT, HOME), |status| status.is_logging = false);
        assert_eq!(stopped.judge(ID).only().outcome, Outcome::Fail);
    }

    #[test]
    fn members_that_cannot_see_the_status_rely_on_the_owner() {
        let world = World::clean().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::NotVisible);
        assert_eq!(world.judge(ID).only().outcome, Outcome::Pass);
        let owner_unread = world.unentered(MANAGEMENT);
        assert_eq!(owner_unread.judge(ID).on("org-trail").outcome, Outcome::Unknown);
    }

    #[test]
    fn unread_regions_and_accounts_without_trails_are_said() {
        let unread = World::clean().unread_region(WORKLOAD, LEADER).judge(ID);
        assert_eq!(unread.at_region(WORKLOAD, LEADER).outcome, Outcome::Unknown);
        assert_eq!(World::bare().judge(ID).at(WORKLOAD).outcome, Outcome::NotApplicable);
    }
}
