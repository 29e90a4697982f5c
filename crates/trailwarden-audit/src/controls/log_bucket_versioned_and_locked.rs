//! log-bucket-versioned-and-locked: nobody can overwrite or delete log objects before the required retention.

use trailwarden_model::control::Severity;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{LogBucket, Versioning};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::gone;
use crate::retention::Retention;
use crate::verdict::{Tally, enumerate, of_bucket};

const VERSIONING: &str = "s3:GetBucketVersioning";
const LOCK: &str = "s3:GetObjectLockConfiguration";

pub(super) static CONTROL: Control = Control {
    id: "log-bucket-versioned-and-locked",
    title: "Log objects are versioned and locked",
    severity: Severity::High,
    practice: None,
    needs: &[Need::Trails, Need::BucketOwner, Need::BucketLifecycle, Need::BucketLock],
    rule: "Fails when versioning is not enabled, or when neither MFA delete is on nor Object Lock keeps every new object for \
           the longest retention that the baseline requires of an account whose logs the bucket holds. Object Lock in governance \
           mode passes, and the evidence says so: it gives way to whoever holds s3:BypassGovernanceRetention.",
    why: "An intruder who can delete objects erases the traces. Versions that need a second factor, or that nothing can delete \
          before their time, stay.",
    remedy: "Enable versioning, and Object Lock with a default retention of the required days, in compliance mode where nobody \
             may ever shorten it; that cannot be undone. Or let the owner's root user switch on MFA delete, which \
             excludes lifecycle rules.",
    references: &[
        "S3 User Guide: Locking objects with Object Lock",
        "S3 User Guide: Configuring MFA delete",
        "CloudTrail User Guide: Security best practices in AWS CloudTrail",
    ],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["S3.14", "S3.15"]),
        ("nist-800-53-r5", &["AU-9", "AU-11"]),
        ("pci-dss-4.0.1", &["10.3.2", "10.5.1"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1070", "T1485"]),
    ],
    applies: Applies::Always,
    judge: Judge::LogBucket(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, bucket: &LogBucket) -> Judged {
    if let Some(gone) = gone::bucket(bucket)? {
        return Ok(gone);
    }
    let mut tally = Tally::default();
    match bucket.versioning.get() {
        Ok(Versioning::Enabled) => tally.support(of_bucket(bucket, VERSIONING, "versioning is enabled")),
        Ok(Versioning::Never) => tally.fail(of_bucket(bucket, VERSIONING, "versioning was never enabled")),
        Ok(Versioning::Suspended) => tally.fail(of_bucket(bucket, VERSIONING, "versioning is suspended")),
        Err(gap) => tally.gap(gap),
    }
    let required = cx.retention(cx.accounts_of_bucket(&bucket.name));
    judge_guard(cx, bucket, &required, &mut tally);
    let name = &bucket.name;
    Ok(tally.settle(
        cx,
        || format!("Log objects of bucket {name} are versioned and cannot be deleted before their time"),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("Log objects of bucket {name} can be deleted or overwritten: {}", enumerate(&words))
        },
    ))
}

/// What keeps versions from being deleted: one of the two is enough.
fn judge_guard(cx: &Cx<'_>, bucket: &LogBucket, required: &Retention, tally: &mut Tally) {
    let lock = bucket.object_lock.get().map(|lock| lock.as_ref().and_then(|lock| lock.default_retention.as_ref()));
    let is_short = match &lock {
        Ok(Some(default)) => required.is_missed_by(default.days.into()),
        Ok(None) => Ok(true),
        Err(gap) => Err(gap.clone()),
    };
    let words = match &lock {
        Ok(Some(default)) => {
            let way = if default.mode == "GOVERNANCE" { ", which s3:BypassGovernanceRetention lifts" } else { "" };
            format!("Object Lock keeps new objects {} days in {} mode{way}", default.days, default.mode.to_lowercase())
        }
        Ok(None) => "Object Lock has no default retention".to_owned(),
        Err(_) => String::new(),
    };
    if is_short == Ok(false) {
        return tally.support(of_bucket(bucket, LOCK, words));
    }
    match (bucket.mfa_delete.get(), is_short) {
        (Ok(true), _) => tally.support(of_bucket(bucket, VERSIONING, "MFA delete is on")),
        (_, Err(gap)) | (Err(gap), _) => tally.gap(gap),
        (Ok(false), Ok(_)) => {
            let words = format!("MFA delete is off, and {words} where {} are required", required.words(cx));
            tally.fail(of_bucket(bucket, LOCK, words));
        }
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::baseline::Override;
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed::{Gap, Known};
    use trailwarden_model::storage::{BucketOwner, DefaultRetention, LogBucket, ObjectLock, Versioning};

    use crate::testing::{WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;

    fn lock(mode: &str, days: u32) -> Option<ObjectLock> {
        Some(ObjectLock { default_retention: Some(DefaultRetention { mode: mode.to_owned(), days }) })
    }

    fn outcome(change: impl FnOnce(&mut LogBucket)) -> Outcome {
        World::clean().bucket(change).judge(ID).only().outcome
    }

    #[test]
    fn a_lock_of_the_required_days_passes_and_a_shorter_one_fails() {
        assert_eq!(outcome(|bucket| bucket.object_lock = Known(lock("COMPLIANCE", 365))), Outcome::Pass);
        assert_eq!(outcome(|bucket| bucket.object_lock = Known(lock("COMPLIANCE", 364))), Outcome::Fail);
        assert_eq!(outcome(|bucket| bucket.object_lock = Known(None)), Outcome::Fail);
        assert_eq!(outcome(|bucket| bucket.object_lock = Known(Some(ObjectLock::default()))), Outcome::Fail);
    }

    #[test]
    fn governance_mode_passes_and_says_what_lifts_it() {
        let world = World::clean().bucket(|bucket| bucket.object_lock = Known(lock("GOVERNANCE", 400)));
        let finding = world.judge(ID).only().clone();
        assert_eq!(finding.outcome, Outcome::Pass);
        assert!(finding.evidence.iter().any(|seen| seen.fact.contains("s3:BypassGovernanceRetention")), "{finding:#?}");
    }

    #[test]
    fn mfa_delete_stands_in_for_the_lock_but_not_for_versioning() {
        let mfa = |bucket: &mut LogBucket| {
            bucket.mfa_delete = Known(true);
            bucket.object_lock = Known(None);
        };
        assert_eq!(outcome(mfa), Outcome::Pass);
        for versioning in [Versioning::Never, Versioning::Suspended] {
            let off = |bucket: &mut LogBucket| {
                mfa(bucket);
                bucket.versioning = Known(versioning);
            };
            assert_eq!(outcome(off), Outcome::Fail);
        }
    }

    #[test]
    fn the_strictest_account_sets_the_days() {
        let strict = Override { retention_days: Some(2555), ..Override::default() };
        let world = World::clean().baseline(|baseline| baseline.overrides = [(WORKLOAD.to_owned(), strict)].into());
        let finding = world.judge(ID).only().clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("400 days") && finding.reason.contains("2555 days, which payments"));
        let long = world.bucket(|bucket| bucket.object_lock = Known(lock("COMPLIANCE", 2555)));
        assert_eq!(long.judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn a_gap_is_unknown_where_it_could_matter() {
        let no_lock = |bucket: &mut LogBucket| bucket.object_lock = Gap(denied("s3:X"));
        assert_eq!(outcome(no_lock), Outcome::Unknown);
        assert_eq!(outcome(|bucket| bucket.mfa_delete = Gap(denied("s3:X"))), Outcome::Pass);
        assert_eq!(outcome(|bucket| bucket.versioning = Gap(denied("s3:X"))), Outcome::Unknown);
        let either = |bucket: &mut LogBucket| {
            bucket.object_lock = Known(None);
            bucket.mfa_delete = Gap(denied("s3:X"));
        };
        assert_eq!(outcome(either), Outcome::Unknown);
        let gone = |bucket: &mut LogBucket| bucket.owner = Known(BucketOwner::Missing);
        assert_eq!(outcome(gone), Outcome::NotApplicable);
    }
}
