//! kms-key-rotation-enabled: KMS rotates the key material of trail keys by itself.

use trailwarden_model::control::Severity;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{Rotation, TrailKey};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::gone;
use crate::verdict::{Verdict, fact};

pub(super) static CONTROL: Control = Control {
    id: "kms-key-rotation-enabled",
    title: "The trail key rotates",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::Trails, Need::Key, Need::KeyRotation],
    rule: "Fails when automatic rotation is off. Not applicable where KMS cannot rotate: imported key material \
           and custom key stores.",
    why: "Rotation limits how much of the logs one version of the key material protects.",
    remedy: "Enable automatic rotation of the key in the account and region that own it.",
    references: &["KMS Developer Guide: Rotate AWS KMS keys"],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["KMS.4"]),
        ("cis-aws-3.0.0", &["3.6"]),
        ("cis-aws-5.0.0", &["3.6"]),
        ("cis-aws-7.0.0", &["4.6"]),
    ],
    applies: Applies::Always,
    judge: Judge::TrailKey(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, key: &TrailKey) -> Judged {
    if let Err(gone) = gone::key(key)? {
        return Ok(gone);
    }
    let rotation = key.rotation.get()?;
    let account = key.arn.account().unwrap_or_else(|| cx.snapshot.organization.management_account.clone());
    let seen =
        fact(format!("rotation is {rotation:?}"), "kms:GetKeyRotationStatus", &account, key.arn.region().as_ref());
    Ok(match rotation {
        Rotation::Enabled => Verdict::pass(format!("Key {} rotates", key.arn)),
        Rotation::Disabled => Verdict::fail(format!("Key {} does not rotate", key.arn)),
        Rotation::Unsupported => Verdict::not_applicable(format!("KMS cannot rotate key {}", key.arn)),
    }
    .with([seen]))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::Rotation;

    use crate::testing::{World, denied};

    const ID: &str = super::CONTROL.id;

    #[test]
    fn rotation_on_off_and_impossible() {
        let with = |rotation| World::clean().key(|key| key.rotation = Observed::Known(rotation)).judge(ID);
        assert_eq!(with(Rotation::Enabled).only().outcome, Outcome::Pass);
        assert_eq!(with(Rotation::Disabled).only().outcome, Outcome::Fail);
        assert_eq!(with(Rotation::Unsupported).only().outcome, Outcome::NotApplicable);
    }

    #[test]
    fn unread_is_unknown_and_missing_does_not_apply() {
        let unread = World::clean().key(|key| key.rotation = Observed::Gap(denied("kms:GetKeyRotationStatus")));
        assert_eq!(unread.judge(ID).only().outcome, Outcome::Unknown);
        let missing = World::clean().key(|key| key.detail = Observed::Known(None));
        assert_eq!(missing.judge(ID).only().outcome, Outcome::NotApplicable);
    }
}
