//! log-bucket-lifecycle-configured: an enabled lifecycle rule manages the objects of every trail in the bucket.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::finding::Evidence;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{LifecycleRule, LogBucket};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::gone;
use crate::verdict::{Verdict, enumerate, of_bucket};

const LIFECYCLE: &str = "s3:GetBucketLifecycleConfiguration";

pub(super) static CONTROL: Control = Control {
    id: "log-bucket-lifecycle-configured",
    title: "A lifecycle rule manages the log objects",
    severity: Severity::Medium,
    practice: Some(BestPractice::BucketLifecycle),
    needs: &[Need::Trails, Need::BucketOwner, Need::BucketLifecycle],
    rule: "Fails when the log prefix of a trail is not covered by an enabled lifecycle rule that moves or expires \
           objects and has no tag or size filter, and for an account that no trail records.",
    why: "Logs grow for ever. Without a rule they cost more every month, until somebody deletes them by hand, the wrong \
          ones first.",
    remedy: "Add an enabled lifecycle rule on the AWSLogs/ prefix of the trails, without tag or size filter, that moves or \
             expires objects no earlier than the required retention.",
    references: &["S3 User Guide: Managing the lifecycle of objects"],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["6"]),
        ("aws-fsbp-1.0.0", &["S3.13"]),
        ("nist-800-53-r5", &["AU-11"]),
        ("iso-27001-2022", &["A.8.15"]),
    ],
    applies: Applies::Always,
    judge: Judge::LogBucket(Trailless::Fails, judge),
};

fn judge(cx: &Cx<'_>, bucket: &LogBucket) -> Judged {
    if let Some(gone) = gone::bucket(bucket)? {
        return Ok(gone);
    }
    let rules = bucket.lifecycle.get()?;
    let trails = cx.trails_of_bucket(&bucket.name);
    let unmanaged: Vec<String> = trails
        .iter()
        .map(|trail| cx.base_prefix(trail))
        .filter(|base| !rules.iter().any(|rule| manages(rule, base)))
        .collect();
    let name = &bucket.name;
    let verdict = if unmanaged.is_empty() {
        Verdict::pass(format!("Lifecycle rules of bucket {name} manage the objects of its trails"))
    } else {
        let n_rules = rules.iter().filter(|rule| rule.enabled).count();
        Verdict::fail(format!(
            "No lifecycle rule of bucket {name} manages all objects under {}; {n_rules} of its {} rules are enabled",
            enumerate(&unmanaged),
            rules.len()
        ))
    };
    if rules.is_empty() {
        let none = "the bucket has no lifecycle configuration".to_owned();
        return Ok(verdict.with([of_bucket(bucket, LIFECYCLE, none)]));
    }
    Ok(verdict.with(rules.iter().map(|rule| cx.rule_fact(bucket, rule))))
}

/// True when the rule does something to every object under the prefix.
fn manages(rule: &LifecycleRule, base: &str) -> bool {
    let is_filtered = rule.has_tag_filter || rule.size_greater_than.is_some() || rule.size_less_than.is_some();
    let acts = rule.expiration_days.is_some()
        || rule.expiration_date.is_some()
        || rule.noncurrent_days.is_some()
        || !rule.transitions.is_empty();
    rule.enabled && acts && !is_filtered && base.starts_with(&rule.prefix)
}

impl Cx<'_> {
    /// A lifecycle rule as evidence.
    pub(super) fn rule_fact(&self, bucket: &LogBucket, rule: &LifecycleRule) -> Evidence {
        let state = if rule.enabled { "enabled" } else { "disabled" };
        let filter = if rule.has_tag_filter { " with a tag filter" } else { "" };
        let days = |days: Option<i32>| days.map_or("never".to_owned(), |days| format!("after {days} d"));
        let fact = format!(
            "{state} rule {:?} on prefix {:?}{filter}: expires {}, noncurrent versions {}",
            rule.id,
            rule.prefix,
            rule.expiration_date.map_or_else(|| days(rule.expiration_days), |date| format!("at {date}")),
            days(rule.noncurrent_days),
        );
        of_bucket(bucket, LIFECYCLE, fact)
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::{LifecycleRule, Transition};

    use crate::testing::{ORG_TRAIL, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;

    fn rule(prefix: &str) -> LifecycleRule {
        LifecycleRule {
            enabled: true,
            prefix: prefix.to_owned(),
            expiration_days: Some(400),
            ..LifecycleRule::default()
        }
    }

    fn outcome(rules: Vec<LifecycleRule>) -> Outcome {
        World::clean().lifecycle(rules).judge(ID).only().outcome
    }

    #[test]
    fn a_rule_on_the_log_prefix_or_above_it_passes() {
        for prefix in ["", "AWSLogs", "AWSLogs/", "AWSLogs/o-exampleorg/"] {
            assert_eq!(outcome(vec![rule(prefix)]), Outcome::Pass, "{prefix}");
        }
        let moves = vec![Transition { days: Some(30), storage_class: "STANDARD_IA".to_owned() }];
        assert_eq!(
            outcome(vec![LifecycleRule { expiration_days: None, transitions: moves, ..rule("") }]),
            Outcome::Pass
        );
    }

    #[test]
    fn rules_that_miss_log_objects_do_not_count() {
        assert_eq!(outcome(vec![]), Outcome::Fail);
        assert_eq!(outcome(vec![rule("AWSLogs/o-exampleorg/333333333333/")]), Outcome::Fail);
        assert_eq!(outcome(vec![rule("backups/")]), Outcome::Fail);
        assert_eq!(outcome(vec![LifecycleRule { enabled: false, ..rule("") }]), Outcome::Fail);
        assert_eq!(outcome(vec![LifecycleRule { has_tag_filter: true, ..rule("") }]), Outcome::Fail);
        assert_eq!(outcome(vec![LifecycleRule { size_greater_than: Some(128_000), ..rule("") }]), Outcome::Fail);
        assert_eq!(outcome(vec![LifecycleRule { expiration_days: None, ..rule("") }]), Outcome::Fail);
    }

    #[test]
    fn each_trail_in_the_bucket_needs_its_rule() {
        let world = World::clean().lifecycle(vec![rule("AWSLogs/")]);
        let prefixed = world.add_trail("second", WORKLOAD, |trail| trail.prefix = Some("team".to_owned()));
        let findings = prefixed.judge(ID);
        assert_eq!(findings.only().outcome, Outcome::Fail);
        assert!(findings.only().reason.contains("team/AWSLogs/"), "{}", findings.only().reason);
    }

    #[test]
    fn an_unread_lifecycle_is_unknown_and_no_trail_fails() {
        let unread = World::clean()
            .bucket(|bucket| bucket.lifecycle = Observed::Gap(denied("s3:GetBucketLifecycleConfiguration")));
        assert_eq!(unread.judge(ID).only().outcome, Outcome::Unknown);
        assert_eq!(World::bare().judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }

    #[test]
    fn the_prefix_of_the_trail_counts() {
        let world = World::clean().trail(ORG_TRAIL, |trail| trail.prefix = Some("audit".to_owned()));
        assert_eq!(world.clone().lifecycle(vec![rule("AWSLogs/")]).judge(ID).only().outcome, Outcome::Fail);
        assert_eq!(world.lifecycle(vec![rule("audit/AWSLogs/")]).judge(ID).only().outcome, Outcome::Pass);
    }
}
