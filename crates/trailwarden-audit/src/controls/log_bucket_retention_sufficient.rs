//! log-bucket-retention-sufficient: no lifecycle rule removes log or digest objects before the required retention.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{LifecycleRule, LogBucket, Versioning};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::gone;
use crate::service::FOLDERS;
use crate::verdict::{Tally, Verdict};

pub(super) static CONTROL: Control = Control {
    id: "log-bucket-retention-sufficient",
    title: "Log and digest objects are kept long enough",
    severity: Severity::Critical,
    practice: Some(BestPractice::BucketLifecycle),
    needs: &[Need::Trails, Need::BucketOwner, Need::BucketLifecycle],
    rule: "Fails when an enabled rule that touches a log or digest prefix expires objects, or removes noncurrent \
           versions of a bucket that has versions, before the retention of the baseline, or at a fixed date. \
           Without expiry, objects are kept for ever.",
    why: "A lifecycle rule is the quietest way to lose logs: it deletes them day after day, without an event that anybody \
          looks at. Intruders use it, and so do cost savers.",
    remedy: "Raise the expiration of every rule that touches log or digest objects, current and noncurrent versions, to \
             the required retention or more.",
    references: &["S3 User Guide: Managing the lifecycle of objects"],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["6"]),
        ("nist-800-53-r5", &["AU-11"]),
        ("pci-dss-4.0.1", &["10.5.1"]),
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
    let required = cx.baseline.required.retention_days;
    let bases: Vec<String> = cx.trails_of_bucket(&bucket.name).iter().map(|trail| cx.base_prefix(trail)).collect();
    let mut tally = Tally::default();
    for rule in bucket.lifecycle.get()? {
        match removes_early(bucket, rule, &bases, required) {
            Ok(true) => tally.fail(cx.rule_fact(bucket, rule)),
            Ok(false) => tally.support(cx.rule_fact(bucket, rule)),
            Err(gap) => tally.gap(gap),
        }
    }
    let name = &bucket.name;
    if tally.is_empty() {
        return Ok(Verdict::pass(format!("No lifecycle rule removes anything from bucket {name}")));
    }
    Ok(tally.settle(
        cx,
        || format!("No lifecycle rule removes log or digest objects of bucket {name} before {required} days"),
        |failures| match failures.first() {
            Some(first) => format!("Bucket {name} loses log or digest objects before {required} days: {}", first.fact),
            None => format!("Bucket {name} loses log or digest objects before {required} days"),
        },
    ))
}

/// Whether the rule removes log or digest objects, or their noncurrent versions, before the required days.
fn removes_early(bucket: &LogBucket, rule: &LifecycleRule, bases: &[String], required: u32) -> Result<bool, Gap> {
    let is_short = |days: Option<i32>| days.is_some_and(|days| i64::from(days) < i64::from(required));
    let applies = rule.enabled && !rule.has_tag_filter && bases.iter().any(|base| overlaps(&rule.prefix, base));
    if !applies {
        return Ok(false);
    }
    if is_short(rule.expiration_days) || rule.expiration_date.is_some() {
        return Ok(true);
    }
    Ok(is_short(rule.noncurrent_days) && *bucket.versioning.get()? != Versioning::Never)
}

/// True when the rule's prefix and some log or digest prefix below the base share objects. Below the base of an
/// organization trail come account and folder, below that of an account trail the folder.
fn overlaps(rule: &str, base: &str) -> bool {
    let Some(rest) = rule.strip_prefix(base) else {
        return base.starts_with(rule);
    };
    let mut parts = rest.split('/').skip_while(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    match (parts.next(), parts.next()) {
        (None, _) => true,
        (Some(folder), Some(_)) => FOLDERS.contains(&folder),
        (Some(start), None) => FOLDERS.iter().any(|folder| folder.starts_with(start)),
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::{BucketOwner, LifecycleRule, Versioning};

    use crate::testing::{World, denied, now};

    const ID: &str = super::CONTROL.id;

    fn expiring(prefix: &str, days: i32) -> LifecycleRule {
        LifecycleRule {
            enabled: true,
            prefix: prefix.to_owned(),
            expiration_days: Some(days),
            ..LifecycleRule::default()
        }
    }

    fn noncurrent(days: i32) -> LifecycleRule {
        LifecycleRule { noncurrent_days: Some(days), expiration_days: None, ..expiring("", 0) }
    }

    fn outcome(rules: Vec<LifecycleRule>) -> Outcome {
        World::clean().lifecycle(rules).judge(ID).only().outcome
    }

    #[test]
    fn the_required_days_or_for_ever_pass() {
        assert_eq!(outcome(vec![]), Outcome::Pass);
        assert_eq!(outcome(vec![expiring("", 365)]), Outcome::Pass);
        assert_eq!(outcome(vec![expiring("", 364)]), Outcome::Fail);
    }

    #[test]
    fn a_day_long_rule_on_any_part_of_the_logs_fails_beside_a_good_one() {
        for prefix in [
            "",
            "AWSLogs",
            "AWSLogs/o-exampleorg/333333333333/",
            "AWSLogs/o-exampleorg/333333333333/CloudTrail",
            "AWSLogs/o-exampleorg/333333333333/CloudTrail/eu-west-1/",
            "AWSLogs/o-exampleorg/333333333333/CloudTrail-Digest/",
            "AWSLogs/o-exampleorg/3333",
        ] {
            assert_eq!(outcome(vec![expiring("AWSLogs/", 400), expiring(prefix, 1)]), Outcome::Fail, "{prefix}");
        }
    }

    #[test]
    fn rules_that_touch_no_log_or_digest_object_do_not_matter() {
        for prefix in ["backups/", "AWSLogs/o-exampleorg/333333333333/CloudTrail-Insight/", "AWSLogs/o-other/"] {
            assert_eq!(outcome(vec![expiring(prefix, 1)]), Outcome::Pass, "{prefix}");
        }
        assert_eq!(outcome(vec![LifecycleRule { enabled: false, ..expiring("", 1) }]), Outcome::Pass);
        assert_eq!(outcome(vec![LifecycleRule { has_tag_filter: true, ..expiring("", 1) }]), Outcome::Pass);
    }

    #[test]
    fn a_rule_for_small_or_large_objects_still_removes_some() {
        assert_eq!(outcome(vec![LifecycleRule { size_less_than: Some(1000), ..expiring("", 1) }]), Outcome::Fail);
    }

    #[test]
    fn any_expiration_date_fails() {
        let dated = LifecycleRule { expiration_days: None, expiration_date: Some(now()), ..expiring("", 0) };
        assert_eq!(outcome(vec![dated]), Outcome::Fail);
    }

    #[test]
    fn noncurrent_versions_count_unless_there_were_never_any() {
        assert_eq!(outcome(vec![noncurrent(30)]), Outcome::Fail);
        assert_eq!(outcome(vec![noncurrent(365)]), Outcome::Pass);
        let with = |versioning| {
            World::clean().lifecycle(vec![noncurrent(30)]).bucket(|bucket| bucket.versioning = versioning).judge(ID)
        };
        assert_eq!(with(Observed::Known(Versioning::Never)).only().outcome, Outcome::Pass);
        assert_eq!(with(Observed::Known(Versioning::Suspended)).only().outcome, Outcome::Fail);
        assert_eq!(with(Observed::Gap(denied("s3:GetBucketVersioning"))).only().outcome, Outcome::Unknown);
    }

    #[test]
    fn the_baseline_sets_the_retention() {
        let world = World::clean().baseline(|baseline| baseline.required.retention_days = 2555);
        assert_eq!(world.judge(ID).only().outcome, Outcome::Fail);
    }

    #[test]
    fn unread_is_unknown_and_gone_does_not_apply() {
        let unread = World::clean()
            .bucket(|bucket| bucket.lifecycle = Observed::Gap(denied("s3:GetBucketLifecycleConfiguration")));
        assert_eq!(unread.judge(ID).only().outcome, Outcome::Unknown);
        let gone = World::clean().bucket(|bucket| bucket.owner = Observed::Known(BucketOwner::OutsideOrganization));
        assert_eq!(gone.judge(ID).only().outcome, Outcome::NotApplicable);
    }
}
