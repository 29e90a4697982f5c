//! log-delivery-healthy: where a trail is logging, its log files arrive in the bucket.

use trailwarden_model::control::Severity;
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::{Trail, TrailStatus};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::delivery::Arrival;
use crate::verdict::{Tally, Verdict};

pub(super) static CONTROL: Control = Control {
    id: "log-delivery-healthy",
    title: "Log files arrive in the bucket",
    severity: Severity::High,
    practice: None,
    needs: &[Need::Trails, Need::TrailStatus],
    rule: "Judged where the trail is logging. Fails on a delivery error, or when the last log file is older than \
           the freshness of the baseline and no fresh digest shows that the region is only quiet. Unknown when \
           nothing was delivered yet and logging began within the freshness.",
    why: "A trail can be logging while nothing arrives: the bucket policy, the key or the bucket itself stands in the way, \
          and the trail still looks switched on.",
    remedy: "Repair what the delivery error names, most often the bucket policy or the key policy; CloudTrail tries again \
             by itself for 30 days.",
    references: &["CloudTrail API Reference: GetTrailStatus", "CloudTrail User Guide: Troubleshooting"],
    frameworks: &[
        ("nist-800-53-r5", &["AU-5"]),
        ("pci-dss-4.0.1", &["10.7.1", "10.7.2"]),
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
            Ok(status) if !status.is_logging => {}
            Ok(status) => tally.arrival(arrival(cx, status), account, region),
        }
    }
    if cx.sightings(trail).is_empty() {
        return Err(cx.unseen(trail));
    }
    if tally.is_empty() {
        return Ok(Verdict::not_applicable(format!("Trail {} is logging nowhere; see trail-is-logging", trail.name)));
    }
    Ok(tally.settle(
        cx,
        || format!("Log files of trail {} arrive from everywhere it is logging", trail.name),
        |failures| match failures.first() {
            Some(first) => {
                format!("Log files of trail {} do not arrive from {}: {}", trail.name, cx.places(failures), first.fact)
            }
            None => format!("Log files of trail {} do not arrive", trail.name),
        },
    ))
}

/// A quiet region sends no log files but a digest every hour, which shows that the way to the bucket is open.
fn arrival(cx: &Cx<'_>, status: &TrailStatus) -> Arrival {
    if let Some(error) = &status.log_files.last_error {
        return Arrival::Broken(format!("log delivery error {error}"));
    }
    let fresh_digest = status.digests.last_time.filter(|time| cx.is_fresh(*time));
    match (cx.arrival("log file", status, status.log_files.last_time), fresh_digest) {
        (Arrival::Broken(_), Some(time)) => {
            Arrival::Fine(format!("quiet, but the last digest file came {}", cx.ago(time)))
        }
        (arrival, _) => arrival,
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::GapKind;

    use crate::testing::{HOME, LEADER, ORG_TRAIL, WORKLOAD, World, hours_ago};

    const ID: &str = super::CONTROL.id;
    const THERE: (&str, &str) = (WORKLOAD, LEADER);

    #[test]
    fn fresh_everywhere_passes() {
        assert_eq!(World::clean().judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn an_error_anywhere_fails_and_is_named() {
        let world = World::clean().status(ORG_TRAIL, THERE, |s| s.log_files.last_error = Some("AccessDenied".into()));
        let findings = world.judge(ID);
        assert_eq!(findings.only().outcome, Outcome::Fail);
        assert!(findings.only().reason.contains("AccessDenied"), "{}", findings.only().reason);
    }

    #[test]
    fn an_old_delivery_fails_but_a_quiet_region_with_a_fresh_digest_does_not() {
        let quiet = World::clean().status(ORG_TRAIL, THERE, |s| s.log_files.last_time = Some(hours_ago(31)));
        assert_eq!(quiet.judge(ID).only().outcome, Outcome::Pass);
        let dead = quiet.status(ORG_TRAIL, THERE, |s| s.digests.last_time = Some(hours_ago(30)));
        assert_eq!(dead.judge(ID).only().outcome, Outcome::Fail);
        assert!(dead.judge(ID).only().reason.contains("31 h ago"));
    }

    #[test]
    fn a_young_trail_without_deliveries_is_too_early_to_know() {
        let young = World::clean().status_everywhere(ORG_TRAIL, |s| {
            s.started_at = Some(hours_ago(2));
            s.log_files.last_time = None;
            s.digests.last_time = None;
        });
        let finding = young.judge(ID).only().clone();
        assert_eq!(finding.outcome, Outcome::Unknown);
        assert_eq!(finding.gap.map(|gap| gap.kind), Some(GapKind::TooEarly));
        let old = young.status_everywhere(ORG_TRAIL, |s| s.started_at = Some(hours_ago(48)));
        assert_eq!(old.judge(ID).only().outcome, Outcome::Fail);
    }

    #[test]
    fn stopped_everywhere_does_not_apply() {
        let stopped = World::clean().status_everywhere(ORG_TRAIL, |s| s.is_logging = false);
        assert_eq!(stopped.judge(ID).only().outcome, Outcome::NotApplicable);
        let one_unread = stopped.status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::Throttled);
        assert_eq!(one_unread.judge(ID).only().outcome, Outcome::Unknown);
    }

    #[test]
    fn the_baseline_sets_the_freshness() {
        let slow = World::clean().status(ORG_TRAIL, THERE, |s| {
            s.log_files.last_time = Some(hours_ago(31));
            s.digests.last_time = None;
        });
        assert_eq!(slow.judge(ID).only().outcome, Outcome::Fail);
        let patient = slow.baseline(|baseline| baseline.freshness_hours = 48);
        assert_eq!(patient.judge(ID).only().outcome, Outcome::Pass);
    }
}
