//! digest-delivery-healthy: the digest files that prove the logs' integrity arrive.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::{Trail, TrailStatus};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::delivery::Arrival;
use crate::verdict::{Tally, Verdict};

pub(super) static CONTROL: Control = Control {
    id: "digest-delivery-healthy",
    title: "Digest files arrive in the bucket",
    severity: Severity::High,
    practice: Some(BestPractice::LogFileValidation),
    needs: &[Need::Trails, Need::TrailStatus],
    rule: "Judged where log file validation is on. Fails on a digest delivery error, or when the last digest is \
           older than the freshness of the baseline: digests come hourly, even when nothing happened. Unknown \
           when there is none yet and logging began within the freshness.",
    why: "Digest files come every hour, even when nothing happens. When they stop, the chain that proves the integrity of \
          the logs is broken for that time, for good.",
    remedy: "Repair what the digest delivery error names, most often a bucket policy that does not admit the \
             CloudTrail-Digest folder, or the key.",
    references: &["CloudTrail User Guide: CloudTrail digest file structure"],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["2"]),
        ("nist-800-53-r5", &["AU-5", "AU-9", "SI-7"]),
        ("pci-dss-4.0.1", &["10.3.4"]),
        ("iso-27001-2022", &["A.8.15"]),
    ],
    applies: Applies::Always,
    judge: Judge::Trail(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, trail: &Trail) -> Judged {
    if !trail.log_file_validation {
        let reason = format!("Trail {} writes no digest files; see log-file-validation-enabled", trail.name);
        return Ok(Verdict::not_applicable(reason));
    }
    let mut tally = Tally::default();
    for sighting in cx.sightings(trail) {
        match cx.status(trail, sighting.account, sighting.region) {
            Err(gap) => tally.gap(gap),
            Ok(status) => tally.arrival(arrival(cx, status), sighting.account, sighting.region),
        }
    }
    if tally.is_empty() {
        return Err(cx.unseen(trail));
    }
    Ok(tally.settle(
        cx,
        || format!("Digest files of trail {} arrive from everywhere", trail.name),
        |failures| match failures.first() {
            Some(first) => {
                format!(
                    "Digest files of trail {} do not arrive from {}: {}",
                    trail.name,
                    cx.places(failures),
                    first.fact
                )
            }
            None => format!("Digest files of trail {} do not arrive", trail.name),
        },
    ))
}

fn arrival(cx: &Cx<'_>, status: &TrailStatus) -> Arrival {
    match &status.digests.last_error {
        Some(error) => Arrival::Broken(format!("digest delivery error {error}")),
        None => cx.arrival("digest file", status, status.digests.last_time),
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
    fn hourly_digests_pass() {
        assert_eq!(World::clean().judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn an_error_or_an_old_digest_fails() {
        let error = World::clean().status(ORG_TRAIL, THERE, |s| s.digests.last_error = Some("AccessDenied".into()));
        assert_eq!(error.judge(ID).only().outcome, Outcome::Fail);
        let old = World::clean().status(ORG_TRAIL, THERE, |s| s.digests.last_time = Some(hours_ago(25)));
        assert_eq!(old.judge(ID).only().outcome, Outcome::Fail);
        let edge = World::clean().status(ORG_TRAIL, THERE, |s| s.digests.last_time = Some(hours_ago(24)));
        assert_eq!(edge.judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn never_delivered_is_too_early_or_too_late() {
        let never = World::clean().status_everywhere(ORG_TRAIL, |s| s.digests.last_time = None);
        assert_eq!(never.judge(ID).only().outcome, Outcome::Fail);
        let young = never.status_everywhere(ORG_TRAIL, |s| s.started_at = Some(hours_ago(1)));
        let finding = young.judge(ID).only().clone();
        assert_eq!(finding.outcome, Outcome::Unknown);
        assert_eq!(finding.gap.map(|gap| gap.kind), Some(GapKind::TooEarly));
    }

    #[test]
    fn without_validation_it_does_not_apply() {
        let off = World::clean().trail(ORG_TRAIL, |trail| trail.log_file_validation = false);
        assert_eq!(off.judge(ID).only().outcome, Outcome::NotApplicable);
    }

    #[test]
    fn an_unread_status_is_unknown() {
        let unread = World::clean().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::Connection);
        assert_eq!(unread.judge(ID).only().outcome, Outcome::Unknown);
    }
}
