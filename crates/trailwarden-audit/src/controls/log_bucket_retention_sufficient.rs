//! log-bucket-retention-sufficient: no lifecycle rule removes log or digest objects before the required retention.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{LifecycleRule, LogBucket, Versioning};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::gone;
use crate::retention::{Retention, Touched};
use crate::verdict::{Tally, Verdict};

pub(super) static CONTROL: Control = Control {
    id: "log-bucket-retention-sufficient",
    title: "Log and digest objects are kept long enough",
    severity: Severity::Critical,
    practice: Some(BestPractice::BucketLifecycle),
    needs: &[Need::Trails, Need::EventSelectors, Need::Insights, Need::BucketOwner, Need::BucketLifecycle],
    rule: "Fails when an enabled rule that touches a log or digest prefix expires objects, or removes noncurrent \
           versions of a bucket that has versions, before the retention that the baseline requires of an account whose \
           objects it touches, or at a fixed date. The folders of Insights, network activity and aggregated events count \
           where the trail records such events. Without expiry, objects are kept for ever.",
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
    let mut tally = Tally::default();
    let mut missed = None;
    for rule in bucket.lifecycle.get()? {
        match loss(cx, bucket, rule) {
            Ok(Some(required)) => {
                tally.fail(cx.rule_fact(bucket, rule));
                missed = missed.or(Some(required));
            }
            Ok(None) => tally.support(cx.rule_fact(bucket, rule)),
            Err(gap) => tally.gap(gap),
        }
    }
    let name = &bucket.name;
    if tally.is_empty() {
        return Ok(Verdict::pass(format!("No lifecycle rule removes anything from bucket {name}")));
    }
    Ok(tally.settle(
        cx,
        || format!("No lifecycle rule removes log or digest objects of bucket {name} before the required days"),
        |failures| {
            let days = missed.map_or_else(String::new, |required| required.words(cx));
            let rule = failures.first().map(|first| first.fact.as_str()).unwrap_or_default();
            format!("Bucket {name} loses log or digest objects before {days}: {rule}")
        },
    ))
}

/// The retention that is missed when the rule removes log or digest objects, or their noncurrent versions, too early.
fn loss(cx: &Cx<'_>, bucket: &LogBucket, rule: &LifecycleRule) -> Result<Option<Retention>, Gap> {
    let removes = [rule.expiration_days, rule.noncurrent_days].iter().any(Option::is_some);
    if !rule.enabled || rule.has_tag_filter || !(removes || rule.expiration_date.is_some()) {
        return Ok(None);
    }
    let touched: Vec<Touched<'_>> =
        cx.trails_of_bucket(&bucket.name).iter().map(|trail| cx.touched(trail, &rule.prefix)).collect();
    let accounts: Vec<&AccountId> = touched.iter().flat_map(|touched| touched.accounts.iter().copied()).collect();
    let required = cx.retention(accounts.iter().copied());
    let unsure = touched.into_iter().find_map(|touched| touched.gap);
    if !accounts.is_empty() && removes_before(bucket, rule, &required)? {
        return Ok(Some(required));
    }
    match unsure {
        // What the trail perhaps writes there belongs to all of its accounts.
        Some(gap) if removes_before(bucket, rule, &cx.retention(cx.accounts_of_bucket(&bucket.name)))? => Err(gap),
        _ => Ok(None),
    }
}

fn removes_before(bucket: &LogBucket, rule: &LifecycleRule, required: &Retention) -> Result<bool, Gap> {
    let is_short = |days: Option<i32>| days.map_or(Ok(false), |days| required.is_missed_by(days.into()));
    if rule.expiration_date.is_some() || is_short(rule.expiration_days)? {
        return Ok(true);
    }
    Ok(is_short(rule.noncurrent_days)? && *bucket.versioning.get()? != Versioning::Never)
}

#[cfg(test)]
mod tests {
    use trailwarden_model::baseline::Override;
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::{BucketOwner, LifecycleRule, Versioning};
    use trailwarden_model::trail::{Insight, Trail};

    use crate::testing::clean::WORKLOADS_OU;
    use crate::testing::selectors::{advanced, equals};
    use crate::testing::{ARCHIVE, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, account, denied, now};

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

    /// The workload account must keep its logs longer than the others, and those below its OU shorter.
    fn by_account(world: World) -> World {
        world.baseline(|baseline| {
            let days = |days| Override { retention_days: Some(days), ..Override::default() };
            baseline.overrides = [(WORKLOADS_OU.to_owned(), days(2555)), (MANAGEMENT.to_owned(), days(90))].into();
        })
    }

    #[test]
    fn each_account_has_its_own_retention() {
        let judge = |rules| by_account(World::clean().lifecycle(rules)).judge(ID).only().clone();
        let of = |id: &str| format!("AWSLogs/o-exampleorg/{id}/");
        let all = judge(vec![expiring("AWSLogs/", 400)]);
        assert_eq!(all.outcome, Outcome::Fail);
        assert!(all.reason.contains("2555 days, which payments (333333333333) requires"), "{}", all.reason);
        assert_eq!(judge(vec![expiring(&of(WORKLOAD), 400)]).outcome, Outcome::Fail);
        assert_eq!(judge(vec![expiring(&of(WORKLOAD), 2555), expiring(&of(ARCHIVE), 365)]).outcome, Outcome::Pass);
        assert_eq!(judge(vec![expiring(&of(MANAGEMENT), 90)]).outcome, Outcome::Pass);
        assert_eq!(judge(vec![expiring(&of(MANAGEMENT), 89)]).outcome, Outcome::Fail);
        assert_eq!(judge(vec![expiring(&of(ARCHIVE), 90)]).outcome, Outcome::Fail);
    }

    #[test]
    fn an_account_of_unknown_place_may_require_the_most_that_any_does() {
        let lost = |days, prefix: &str| {
            let world = by_account(World::clean().lifecycle(vec![expiring(prefix, days)])).edit(|snapshot| {
                let account = snapshot.organization.accounts.get_mut(&account(WORKLOAD)).expect("a member");
                account.parent = Observed::Gap(denied("organizations:ListParents"));
            });
            world.judge(ID).only().outcome
        };
        assert_eq!(lost(400, "AWSLogs/"), Outcome::Unknown);
        assert_eq!(lost(1, "AWSLogs/"), Outcome::Fail);
        assert_eq!(lost(2555, "AWSLogs/"), Outcome::Pass);
        assert_eq!(lost(400, "AWSLogs/o-exampleorg/222222222222/"), Outcome::Pass);
    }

    #[test]
    fn other_folders_count_where_the_trail_writes_to_them() {
        let of = |folder: &str| vec![expiring(&format!("AWSLogs/o-exampleorg/333333333333/{folder}/"), 1)];
        let judge = |folder, change: fn(&mut Trail)| {
            World::clean().lifecycle(of(folder)).trail(ORG_TRAIL, change).judge(ID).only().outcome
        };
        assert_eq!(judge("CloudTrail-Insight", |_| {}), Outcome::Pass);
        let with_insights: fn(&mut Trail) = |trail| {
            trail.insights = Observed::Known([Insight { kind: "X".to_owned(), category: "Data".to_owned() }].into());
        };
        assert_eq!(judge("CloudTrail-Insight", with_insights), Outcome::Fail);
        assert_eq!(
            judge("CloudTrail-Insight", |trail| trail.insights = Observed::Gap(denied("cloudtrail:X"))),
            Outcome::Unknown
        );
        let network: fn(&mut Trail) = |trail| {
            trail.selectors = Observed::Known(advanced(vec![vec![equals("eventCategory", "NetworkActivity")]]));
        };
        assert_eq!(judge("CloudTrail-NetworkActivity", network), Outcome::Fail);
        assert_eq!(judge("CloudTrail-NetworkActivity", |_| {}), Outcome::Pass);
        let data: fn(&mut Trail) = |trail| {
            trail.selectors = Observed::Known(advanced(vec![vec![equals("eventCategory", "Data")]]));
        };
        assert_eq!(judge("CloudTrail-Aggregated", data), Outcome::Unknown);
        assert_eq!(judge("CloudTrail-Aggregated", |_| {}), Outcome::Pass);
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
