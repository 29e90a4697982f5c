//! trail-encrypted-with-kms: the trail encrypts its files with a customer managed key.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::Trail;

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::verdict::{Verdict, fact};

pub(super) static CONTROL: Control = Control {
    id: "trail-encrypted-with-kms",
    title: "The trail encrypts with a customer managed key",
    severity: Severity::High,
    practice: Some(BestPractice::KmsEncryption),
    needs: &[Need::Trails, Need::Key],
    rule: "Fails when the trail names no KMS key or one that AWS manages, and for an account that no trail \
           records. Whether the key still works is judged by kms-key-usable.",
    why: "With a key of your own, reading the logs takes two permissions instead of one, each use of the key is itself \
          recorded, and a leaked bucket policy leaks nothing.",
    remedy: "Create a customer managed key in the region of the log bucket whose policy admits CloudTrail, and update the \
             trail with it in its home region.",
    references: &["CloudTrail User Guide: Encrypting CloudTrail log files with AWS KMS keys (SSE-KMS)"],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["3"]),
        ("aws-fsbp-1.0.0", &["CloudTrail.2"]),
        ("cis-aws-3.0.0", &["3.5"]),
        ("cis-aws-5.0.0", &["3.5"]),
        ("cis-aws-7.0.0", &["4.5"]),
        ("nist-800-53-r5", &["AU-9", "SI-7"]),
        ("pci-dss-4.0.1", &["10.3.2"]),
        ("iso-27001-2022", &["A.8.15"]),
    ],
    applies: Applies::Always,
    judge: Judge::Trail(Trailless::Fails, judge),
};

fn judge(cx: &Cx<'_>, trail: &Trail) -> Judged {
    let Some(arn) = &trail.kms_key else {
        let seen = cx.attribute(trail, "KmsKeyId is absent".to_owned());
        let reason = format!("Trail {} of {} encrypts with no key of its own", trail.name, cx.name(&trail.owner));
        return Ok(Verdict::fail(reason).with([seen]));
    };
    let account = arn.account().unwrap_or_else(|| trail.owner.clone());
    let seen = |text: String| [fact(text, "kms:DescribeKey", &account, arn.region().as_ref())];
    Ok(match cx.key(arn)?.detail.get()? {
        None => {
            Verdict::pass(format!("Trail {} names key {arn}, which does not exist; see kms-key-usable", trail.name))
                .with(seen("the key does not exist".to_owned()))
        }
        Some(key) if key.manager == "AWS" => {
            Verdict::fail(format!("Trail {} encrypts with the AWS managed key {arn}", trail.name))
                .with(seen("KeyManager is AWS".to_owned()))
        }
        Some(key) => Verdict::pass(format!("Trail {} encrypts with key {arn}", trail.name))
            .with(seen(format!("KeyManager is {}", key.manager))),
    })
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;

    use crate::testing::{ORG_TRAIL, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;

    #[test]
    fn a_customer_managed_key_passes() {
        assert_eq!(World::clean().judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn no_key_and_an_aws_managed_key_fail() {
        let none = World::clean().trail(ORG_TRAIL, |trail| trail.kms_key = None);
        assert_eq!(none.judge(ID).only().outcome, Outcome::Fail);
        let managed = World::clean().key_detail(|key| key.manager = "AWS".to_owned());
        assert_eq!(managed.judge(ID).only().outcome, Outcome::Fail);
    }

    #[test]
    fn an_unread_key_is_unknown_and_a_missing_one_is_for_another_control() {
        let unread = World::clean().key(|key| key.detail = Observed::Gap(denied("kms:DescribeKey")));
        assert_eq!(unread.judge(ID).only().outcome, Outcome::Unknown);
        let missing = World::clean().key(|key| key.detail = Observed::Known(None));
        assert_eq!(missing.judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn an_account_without_a_trail_fails() {
        assert_eq!(World::bare().judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }
}
