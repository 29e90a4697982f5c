//! cloudwatch-logs-delivery-healthy: the trail delivers to a log group, and events arrive there.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::ids::Arn;
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::{Trail, TrailStatus};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::{Cx, Sighting};
use crate::delivery::{Arrival, lag};
use crate::verdict::{Tally, Verdict, fact};

pub(super) static CONTROL: Control = Control {
    id: "cloudwatch-logs-delivery-healthy",
    title: "The trail delivers to CloudWatch Logs",
    severity: Severity::Medium,
    practice: Some(BestPractice::CloudwatchLogsDelivery),
    needs: &[Need::Trails, Need::TrailStatus, Need::LogGroup],
    rule: "Fails when the trail names no log group, the group does not exist, a delivery error is set in any \
           region, the last delivery in the home region is older than the freshness of the baseline, or log files \
           of another region went on arriving after deliveries to the log group had ended. Unknown when nothing \
           was delivered yet and logging began within the freshness.",
    why: "Files in a bucket are for later; events in a log group raise alarms within minutes, and are a second copy in \
          other hands.",
    remedy: "Create a log group and a delivery role in the account of the trail, and update the trail with both in its \
             home region; where delivery fails, repair what its error names.",
    references: &["CloudTrail User Guide: Sending events to CloudWatch Logs"],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["4"]),
        ("aws-fsbp-1.0.0", &["CloudTrail.5"]),
        ("nist-800-53-r5", &["AC-6", "AU-2", "AU-3", "AU-6", "AU-10", "AU-12", "SI-7"]),
        ("pci-dss-4.0.1", &["10.3.3"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("soc-2", &["CC7.2"]),
    ],
    applies: Applies::Always,
    judge: Judge::Trail(Trailless::Fails, judge),
};

fn judge(cx: &Cx<'_>, trail: &Trail) -> Judged {
    let name = &trail.name;
    let Some(group) = &trail.log_group else {
        let seen = cx.attribute(trail, "CloudWatchLogsLogGroupArn is absent".to_owned());
        let reason = format!("Trail {name} of {} delivers to no log group", cx.name(&trail.owner));
        return Ok(Verdict::fail(reason).with([seen]));
    };
    let mut tally = Tally::default();
    judge_group(cx, trail, group, &mut tally);
    judge_home(cx, trail, &mut tally);
    for sighting in cx.sightings(trail) {
        if !is_home(trail, sighting) {
            judge_elsewhere(cx, trail, sighting, &mut tally);
        }
    }
    Ok(tally.settle(
        cx,
        || format!("Events of trail {name} arrive in log group {}", group.resource()),
        |failures| match failures.first() {
            Some(first) => {
                let places = cx.places(failures);
                format!("Events of trail {name} do not arrive in its log group from {places}: {}", first.fact)
            }
            None => format!("Events of trail {name} do not arrive in its log group"),
        },
    ))
}

fn judge_group(cx: &Cx<'_>, trail: &Trail, group: &Arn, tally: &mut Tally) {
    match cx.log_group(group).and_then(|group| group.detail.get()) {
        Ok(Some(_)) => {}
        Ok(None) => {
            let account = group.account().unwrap_or_else(|| trail.owner.clone());
            let text = format!("log group {group} does not exist");
            tally.fail(fact(text, "logs:DescribeLogGroups", &account, group.region().as_ref()));
        }
        Err(gap) => tally.gap(gap),
    }
}

fn is_home(trail: &Trail, sighting: &Sighting<'_>) -> bool {
    *sighting.account == trail.owner && *sighting.region == trail.home_region
}

/// At home something always happens, so that the last delivery must be fresh.
fn judge_home(cx: &Cx<'_>, trail: &Trail, tally: &mut Tally) {
    let (account, region) = (&trail.owner, &trail.home_region);
    match cx.status(trail, account, region) {
        Err(gap) => tally.gap(gap),
        Ok(status) => {
            let arrival = error(status)
                .unwrap_or_else(|| cx.arrival("delivery to CloudWatch Logs", status, status.cloudwatch_logs.last_time));
            tally.arrival(arrival, account, region);
        }
    }
}

/// Elsewhere a region may be quiet: only log files that came much later than the last event in the log group tell.
fn judge_elsewhere(cx: &Cx<'_>, trail: &Trail, sighting: &Sighting<'_>, tally: &mut Tally) {
    let (account, region) = (sighting.account, sighting.region);
    let status: Result<&TrailStatus, Gap> = cx.status(trail, account, region);
    match status {
        Err(gap) => tally.gap(gap),
        Ok(status) => match error(status).or_else(|| left_behind(cx, status)) {
            Some(broken) => tally.arrival(broken, account, region),
            None => tally.arrival(Arrival::Fine("no delivery is overdue".to_owned()), account, region),
        },
    }
}

fn error(status: &TrailStatus) -> Option<Arrival> {
    let error = status.cloudwatch_logs.last_error.as_ref()?;
    Some(Arrival::Broken(format!("CloudWatch Logs delivery error {error}")))
}

fn left_behind(cx: &Cx<'_>, status: &TrailStatus) -> Option<Arrival> {
    let (events, files) = (status.cloudwatch_logs.last_time?, status.log_files.last_time?);
    (lag(events, files) > cx.freshness()).then(|| {
        let words =
            format!("last delivery to CloudWatch Logs {}, but log files came {}", cx.ago(events), cx.ago(files));
        Arrival::Broken(words)
    })
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::{GapKind, Observed};

    use crate::testing::{HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, denied, hours_ago};

    const ID: &str = super::CONTROL.id;
    const AT_HOME: (&str, &str) = (MANAGEMENT, HOME);
    const ELSEWHERE: (&str, &str) = (WORKLOAD, LEADER);

    fn outcome(world: &World) -> Outcome {
        world.judge(ID).only().outcome
    }

    #[test]
    fn fresh_events_in_a_group_that_exists_pass() {
        assert_eq!(outcome(&World::clean()), Outcome::Pass);
    }

    #[test]
    fn no_group_a_missing_group_or_an_error_fails() {
        assert_eq!(outcome(&World::clean().trail(ORG_TRAIL, |trail| trail.log_group = None)), Outcome::Fail);
        assert_eq!(outcome(&World::clean().group(|group| group.detail = Observed::Known(None))), Outcome::Fail);
        let refused = |s: &mut trailwarden_model::trail::TrailStatus| {
            s.cloudwatch_logs.last_error = Some("AccessDenied".to_owned());
        };
        assert_eq!(outcome(&World::clean().status(ORG_TRAIL, ELSEWHERE, refused)), Outcome::Fail);
    }

    #[test]
    fn at_home_an_old_delivery_fails() {
        let old = World::clean().status(ORG_TRAIL, AT_HOME, |s| s.cloudwatch_logs.last_time = Some(hours_ago(30)));
        assert_eq!(outcome(&old), Outcome::Fail);
    }

    #[test]
    fn at_home_no_delivery_is_too_early_or_too_late() {
        let never = World::clean().status(ORG_TRAIL, AT_HOME, |s| s.cloudwatch_logs.last_time = None);
        assert_eq!(outcome(&never), Outcome::Fail);
        let young = never.status(ORG_TRAIL, AT_HOME, |s| s.started_at = Some(hours_ago(3)));
        let finding = young.judge(ID).only().clone();
        assert_eq!(finding.outcome, Outcome::Unknown);
        assert_eq!(finding.gap.map(|gap| gap.kind), Some(GapKind::TooEarly));
    }

    #[test]
    fn a_quiet_region_passes_but_one_left_behind_fails() {
        let quiet = World::clean().status(ORG_TRAIL, ELSEWHERE, |s| {
            s.cloudwatch_logs.last_time = Some(hours_ago(100));
            s.log_files.last_time = Some(hours_ago(99));
        });
        assert_eq!(outcome(&quiet), Outcome::Pass);
        let behind = quiet.status(ORG_TRAIL, ELSEWHERE, |s| s.log_files.last_time = Some(hours_ago(1)));
        assert_eq!(outcome(&behind), Outcome::Fail);
    }

    #[test]
    fn gaps_are_unknown_and_lose_against_a_failure() {
        let unread = World::clean().group(|group| group.detail = Observed::Gap(denied("logs:DescribeLogGroups")));
        assert_eq!(outcome(&unread), Outcome::Unknown);
        let blind = World::clean().status_gap(ORG_TRAIL, AT_HOME, GapKind::Throttled);
        assert_eq!(outcome(&blind), Outcome::Unknown);
        let refused =
            blind.status(ORG_TRAIL, ELSEWHERE, |s| s.cloudwatch_logs.last_error = Some("AccessDenied".into()));
        assert_eq!(outcome(&refused), Outcome::Fail);
    }

    #[test]
    fn an_account_without_a_trail_fails() {
        assert_eq!(World::bare().judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }
}
