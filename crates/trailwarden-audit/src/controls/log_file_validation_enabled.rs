//! log-file-validation-enabled: the trail writes digest files, so that a changed or deleted log file can be proven.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::Trail;

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::verdict::Verdict;

pub(super) static CONTROL: Control = Control {
    id: "log-file-validation-enabled",
    title: "Log file validation is on",
    severity: Severity::High,
    practice: Some(BestPractice::LogFileValidation),
    needs: &[Need::Trails],
    rule: "Fails when the trail writes no digest files, and for an account that no trail records.",
    why: "Digest files, signed and chained every hour, are the only proof that no log file was changed, deleted or forged. \
          They cannot be written after the fact.",
    remedy: "Update the trail in its home region with log file validation enabled.",
    references: &["CloudTrail User Guide: Validating CloudTrail log file integrity"],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["2"]),
        ("aws-fsbp-1.0.0", &["CloudTrail.4"]),
        ("cis-aws-3.0.0", &["3.2"]),
        ("cis-aws-5.0.0", &["3.2"]),
        ("cis-aws-7.0.0", &["4.2"]),
        ("nist-800-53-r5", &["AU-9", "SI-7"]),
        ("pci-dss-4.0.1", &["10.3.2", "10.3.4"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1070"]),
    ],
    applies: Applies::Always,
    judge: Judge::Trail(Trailless::Fails, judge),
};

fn judge(cx: &Cx<'_>, trail: &Trail) -> Judged {
    let seen = cx.attribute(trail, format!("LogFileValidationEnabled is {}", trail.log_file_validation));
    Ok(if trail.log_file_validation {
        Verdict::pass(format!("Trail {} writes digest files", trail.name)).with([seen])
    } else {
        Verdict::fail(format!("Trail {} of {} writes no digest files", trail.name, cx.name(&trail.owner))).with([seen])
    })
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;

    use crate::testing::{HOME, LEADER, ORG_TRAIL, WORKLOAD, World};

    const ID: &str = super::CONTROL.id;

    #[test]
    fn on_passes_and_off_fails() {
        assert_eq!(World::clean().judge(ID).only().outcome, Outcome::Pass);
        let off = World::clean().trail(ORG_TRAIL, |trail| trail.log_file_validation = false);
        assert_eq!(off.judge(ID).only().outcome, Outcome::Fail);
    }

    #[test]
    fn an_account_without_a_trail_fails() {
        let findings = World::bare().judge(ID);
        assert_eq!(findings.0.len(), 3);
        assert_eq!(findings.at(WORKLOAD).outcome, Outcome::Fail);
    }

    #[test]
    fn an_account_that_was_not_read_completely_is_unknown_not_trailless() {
        let findings = World::bare().unread_region(WORKLOAD, HOME).judge(ID);
        assert_eq!(findings.at_region(WORKLOAD, HOME).outcome, Outcome::Unknown);
        assert!(!findings.0.iter().any(|f| f.account.as_str() == WORKLOAD && f.outcome == Outcome::Fail));
        let unentered = World::clean().unentered(WORKLOAD).judge(ID);
        assert_eq!(unentered.at(WORKLOAD).outcome, Outcome::Unknown);
        assert_eq!(unentered.on("org-trail").outcome, Outcome::Pass);
    }

    #[test]
    fn a_shadow_says_as_much_as_the_trail() {
        let shadow = World::clean().trail(ORG_TRAIL, |trail| {
            trail.read_at_home = false;
            trail.log_file_validation = false;
        });
        assert_eq!(shadow.unread_region("111111111111", LEADER).judge(ID).on("org-trail").outcome, Outcome::Fail);
    }
}
