//! organization-trail-enabled: one multi-region organization trail logs and reaches every account and region in scope.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::finding::Outcome;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::Trail;

use crate::control::{Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::verdict::{Tally, Verdict, enumerate, fact};

pub(super) static CONTROL: Control = Control {
    id: "organization-trail-enabled",
    title: "An organization trail reaches every account and region",
    severity: Severity::High,
    practice: Some(BestPractice::Centralized),
    needs: &[Need::Trails, Need::TrailStatus],
    rule: "Passes when a multi-region organization trail is logging in its home region and is shown in every \
           region of every account in scope. An account that was read and does not show it is not reached.",
    why: "Only an organization trail records accounts that join tomorrow, and member accounts can neither stop nor change \
          it.",
    remedy: "Create a multi-region organization trail from the management account or the delegated administrator of \
             CloudTrail, with trusted access enabled, and start logging.",
    references: &["CloudTrail User Guide: Creating a trail for an organization"],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["5"]),
        ("nist-800-53-r5", &["AU-12"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::Organization(judge),
};

fn judge(cx: &Cx<'_>) -> Judged {
    let trails = cx.snapshot.trails.values().filter(|trail| trail.is_organization && trail.is_multi_region);
    // The best candidate speaks: a pass, else an unknown, else the one that misses the least.
    let best = trails.map(|trail| judge_trail(cx, trail)).min_by_key(|(n_failures, verdict)| match verdict.outcome {
        Outcome::Pass | Outcome::NotApplicable => (0, 0),
        Outcome::Unknown => (1, 0),
        Outcome::Fail => (2, *n_failures),
    });
    match (best, nobody_answered(cx)) {
        (Some((_, verdict)), _) => Ok(verdict),
        (None, Some(gap)) => Err(gap),
        (None, None) => {
            let management = &cx.snapshot.organization.management_account;
            let seen =
                fact("no multi-region organization trail is shown", "cloudtrail:DescribeTrails", management, None);
            Ok(Verdict::fail("No account in scope shows a multi-region organization trail").with([seen]))
        }
    }
}

fn judge_trail(cx: &Cx<'_>, trail: &Trail) -> (usize, Verdict) {
    let mut tally = Tally::default();
    let mut n_failures = 0;
    match cx.status(trail, &trail.owner, &trail.home_region) {
        Err(gap) => tally.gap(gap),
        Ok(status) => {
            let text = format!("IsLogging of {} is {}", trail.name, status.is_logging);
            let seen = fact(text, "cloudtrail:GetTrailStatus", &trail.owner, Some(&trail.home_region));
            if status.is_logging {
                tally.support(seen);
            } else {
                n_failures += 1;
                tally.fail(seen);
            }
        }
    }
    let mut missed = Vec::new();
    for (account, seen) in &cx.snapshot.accounts {
        if let Some(gap) = seen.entered_as.gap().or_else(|| seen.region_list.gap()) {
            tally.gap(gap.clone());
            continue;
        }
        let mut is_missed = false;
        for (region, here) in &seen.regions {
            match &here.trails {
                Observed::Gap(gap) => tally.gap(gap.clone()),
                Observed::Known(trails) if trails.contains_key(&trail.arn) => {}
                Observed::Known(_) => {
                    is_missed = true;
                    let text = format!("organization trail {} is not shown", trail.name);
                    tally.fail(fact(text, "cloudtrail:DescribeTrails", account, Some(region)));
                }
            }
        }
        if is_missed {
            n_failures += 1;
            missed.push(cx.name(account));
        }
    }
    let n_accounts = cx.snapshot.accounts.len();
    let verdict = tally.settle(
        cx,
        || format!("Organization trail {} is logging and reaches all {n_accounts} accounts in scope", trail.name),
        |_| match missed.as_slice() {
            [] => format!("Organization trail {} is not logging", trail.name),
            accounts => {
                format!("Organization trail {} does not reach every region of {}", trail.name, enumerate(accounts))
            }
        },
    );
    (n_failures, verdict)
}

/// The first gap, when no region of any account could be read.
fn nobody_answered(cx: &Cx<'_>) -> Option<Gap> {
    let regions = || cx.snapshot.accounts.values().flat_map(|seen| seen.regions.values());
    if regions().any(|here| here.trails.known().is_some()) {
        return None;
    }
    let entries = cx.snapshot.accounts.values().filter_map(|seen| seen.entered_as.gap());
    entries.chain(regions().filter_map(|here| here.trails.gap())).next().cloned()
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;

    use crate::testing::{ARCHIVE, HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, account, denied};

    const ID: &str = super::CONTROL.id;

    #[test]
    fn a_trail_that_reaches_everybody_passes() {
        assert_eq!(World::clean().judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn an_account_whose_regions_are_not_known_may_be_missed() {
        let world = World::clean().edit(|snapshot| {
            let seen = snapshot.accounts.get_mut(&account(WORKLOAD)).expect("in scope");
            seen.region_list = Observed::Gap(denied("account:ListRegions"));
            seen.regions.clear();
        });
        assert_eq!(world.judge(ID).only().outcome, Outcome::Unknown);
    }

    #[test]
    fn a_stopped_organization_trail_fails() {
        let stopped = World::clean().status(ORG_TRAIL, (MANAGEMENT, HOME), |status| status.is_logging = false);
        assert_eq!(stopped.judge(ID).only().outcome, Outcome::Fail);
        assert!(stopped.judge(ID).only().reason.contains("not logging"));
    }

    #[test]
    fn a_member_without_the_replica_is_named() {
        let findings = World::clean().hide_from(ORG_TRAIL, WORKLOAD).judge(ID);
        assert_eq!(findings.only().outcome, Outcome::Fail);
        assert!(findings.only().reason.contains("payments (333333333333)"), "{}", findings.only().reason);
    }

    #[test]
    fn an_account_that_was_not_entered_leaves_it_unknown_unless_another_is_missed() {
        let unread = World::clean().unentered(WORKLOAD);
        assert_eq!(unread.judge(ID).only().outcome, Outcome::Unknown);
        let missed = unread.hide(ORG_TRAIL, (ARCHIVE, LEADER));
        assert_eq!(missed.judge(ID).only().outcome, Outcome::Fail);
    }

    #[test]
    fn account_trails_and_single_region_organization_trails_do_not_count() {
        let local = World::bare().add_trail("local", MANAGEMENT, |_| {});
        assert_eq!(local.judge(ID).only().outcome, Outcome::Fail);
        let single = World::clean().trail(ORG_TRAIL, |trail| trail.is_multi_region = false);
        assert_eq!(single.judge(ID).only().outcome, Outcome::Fail);
    }

    #[test]
    fn the_better_of_two_speaks() {
        let two = World::clean().add_trail("second", MANAGEMENT, |trail| trail.is_organization = true);
        let one_stopped = two.status("second", (MANAGEMENT, HOME), |status| status.is_logging = false);
        assert_eq!(one_stopped.judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn nobody_entered_is_unknown() {
        let nobody = World::bare().unentered(MANAGEMENT).unentered(ARCHIVE).unentered(WORKLOAD);
        assert_eq!(nobody.judge(ID).only().outcome, Outcome::Unknown);
    }
}
