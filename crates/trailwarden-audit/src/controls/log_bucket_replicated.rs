//! log-bucket-replicated: a second copy of every log object is kept in another region or account.

use trailwarden_model::control::Severity;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{BucketOwner, LogBucket, ReplicationRule};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::gone;
use crate::verdict::{Tally, enumerate, of_bucket};

const REPLICATION: &str = "s3:GetBucketReplication";

pub(super) static CONTROL: Control = Control {
    id: "log-bucket-replicated",
    title: "Log objects are replicated elsewhere",
    severity: Severity::Low,
    practice: None,
    needs: &[Need::Trails, Need::BucketOwner, Need::BucketReplication],
    rule: "Fails when the log prefix of a trail is not covered by an enabled replication rule without a tag filter whose \
           destination is another bucket, in another account or in another region. Where the rule names no other account and \
           the region of the destination could not be read, it is not known. Does not apply where the baseline does not \
           require replication.",
    why: "One bucket is one account, one region and one administrator. A second copy out of their reach survives them.",
    remedy: "Add a replication rule on the AWSLogs/ prefix of the trails, without a tag filter, to a bucket of another account or \
             region, and enable versioning on both.",
    references: &["S3 User Guide: Replicating objects within and across Regions"],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["S3.7"]),
        ("nist-800-53-r5", &["AU-9"]),
        ("pci-dss-4.0.1", &["10.3.3"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1485"]),
    ],
    applies: Applies::WhereRequired {
        is_required: |required| required.log_bucket_replication,
        what: "log buckets to be replicated",
    },
    judge: Judge::LogBucket(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, bucket: &LogBucket) -> Judged {
    if let Some(gone) = gone::bucket(bucket)? {
        return Ok(gone);
    }
    let rules = bucket.replication.get()?;
    let mut tally = Tally::default();
    for rule in rules {
        tally.support(of_bucket(bucket, REPLICATION, words(rule)));
    }
    for trail in cx.trails_of_bucket(&bucket.name) {
        let base = cx.base_prefix(trail);
        let covering =
            rules.iter().filter(|rule| rule.enabled && !rule.has_tag_filter && base.starts_with(&rule.prefix));
        let places: Vec<Result<bool, Gap>> = covering.map(|rule| is_elsewhere(cx, bucket, rule)).collect();
        if places.contains(&Ok(true)) {
            continue;
        }
        match places.into_iter().find_map(Result::err) {
            Some(gap) => tally.gap(gap),
            None => tally.fail(of_bucket(bucket, REPLICATION, format!("no enabled rule replicates {base} elsewhere"))),
        }
    }
    let name = &bucket.name;
    Ok(tally.settle(
        cx,
        || format!("Every log object of bucket {name} is replicated to another region or account"),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("Log objects of bucket {name} are not replicated: {}", enumerate(&words))
        },
    ))
}

/// Whether the destination is out of reach of whatever takes the bucket's account or region.
fn is_elsewhere(cx: &Cx<'_>, bucket: &LogBucket, rule: &ReplicationRule) -> Result<bool, Gap> {
    let Some(name) = rule.destination.rsplit(':').next().filter(|name| *name != bucket.name) else { return Ok(false) };
    let owner = match bucket.owner.get()? {
        BucketOwner::Account(owner) => Some(owner),
        BucketOwner::Missing | BucketOwner::OutsideOrganization => None,
    };
    if rule.account.is_some() && rule.account.as_ref() != owner {
        return Ok(true);
    }
    let destination = cx.bucket(name).map_err(|_| unread(owner, bucket.region.known()))?;
    match destination.owner.get()? {
        BucketOwner::Missing => return Ok(false),
        BucketOwner::Account(other) if Some(other) == owner => {}
        BucketOwner::Account(_) | BucketOwner::OutsideOrganization => return Ok(true),
    }
    Ok(destination.region.get()? != bucket.region.get()?)
}

/// The destination is no log bucket itself, so that nobody asked where it is.
fn unread(owner: Option<&AccountId>, region: Option<&Region>) -> Gap {
    Gap {
        reason: "the rule names no other account, and where its destination is was not read".to_owned(),
        ..Gap::not_collected("s3:GetBucketLocation", owner, region)
    }
}

fn words(rule: &ReplicationRule) -> String {
    let state = if rule.enabled { "enabled" } else { "disabled" };
    let filter = if rule.has_tag_filter { " with a tag filter" } else { "" };
    let account = rule.account.as_ref().map(|account| format!(" of {account}")).unwrap_or_default();
    format!(
        "{state} rule {:?} on prefix {:?}{filter} replicates to {}{account}",
        rule.id, rule.prefix, rule.destination
    )
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::{LogBucket, ReplicationRule};

    use crate::testing::clean::BUCKET;
    use crate::testing::{ARCHIVE, LEADER, ORG_TRAIL, WORKLOAD, World, account, denied, region};

    const ID: &str = super::CONTROL.id;

    fn rule(prefix: &str) -> ReplicationRule {
        ReplicationRule {
            id: "copy".to_owned(),
            enabled: true,
            prefix: prefix.to_owned(),
            has_tag_filter: false,
            destination: "arn:aws:s3:::acme-copy".to_owned(),
            account: Some(account(WORKLOAD)),
        }
    }

    fn world(rules: Vec<ReplicationRule>) -> World {
        World::clean()
            .bucket(|bucket| bucket.replication = Observed::Known(rules))
            .baseline(|baseline| baseline.required.log_bucket_replication = true)
    }

    fn outcome(rules: Vec<ReplicationRule>) -> Outcome {
        world(rules).judge(ID).only().outcome
    }

    #[test]
    fn a_rule_on_the_logs_or_above_them_to_another_account_passes() {
        for prefix in ["", "AWSLogs/", "AWSLogs/o-exampleorg/"] {
            assert_eq!(outcome(vec![rule(prefix)]), Outcome::Pass, "{prefix}");
        }
    }

    #[test]
    fn what_leaves_log_objects_out_fails() {
        assert_eq!(outcome(vec![]), Outcome::Fail);
        assert_eq!(outcome(vec![rule("AWSLogs/o-exampleorg/333333333333/")]), Outcome::Fail);
        assert_eq!(outcome(vec![ReplicationRule { enabled: false, ..rule("") }]), Outcome::Fail);
        assert_eq!(outcome(vec![ReplicationRule { has_tag_filter: true, ..rule("") }]), Outcome::Fail);
        let itself = ReplicationRule { destination: format!("arn:aws:s3:::{BUCKET}"), ..rule("") };
        assert_eq!(outcome(vec![itself]), Outcome::Fail);
    }

    #[test]
    fn each_trail_needs_its_rule() {
        let second =
            world(vec![rule("AWSLogs/")]).add_trail("second", WORKLOAD, |trail| trail.prefix = Some("team".to_owned()));
        let finding = second.judge(ID).only().clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("team/AWSLogs/333333333333/"), "{}", finding.reason);
    }

    /// The clean world replicating to another log bucket of the same account.
    fn within_account(change: impl FnOnce(&mut LogBucket)) -> Outcome {
        let plain = ReplicationRule { account: None, ..rule("") };
        let world = world(vec![plain]).edit(|snapshot| {
            let mut copy = snapshot.buckets.get(BUCKET).expect("the log bucket").clone();
            copy.name = "acme-copy".to_owned();
            change(&mut copy);
            snapshot.buckets.insert(copy.name.clone(), copy);
        });
        let world = world
            .add_trail("copied", ARCHIVE, |trail| {
                trail.bucket = "acme-copy".to_owned();
            })
            .trail(ORG_TRAIL, |trail| trail.sns_topic = None);
        world.judge(ID).on(BUCKET).outcome
    }

    #[test]
    fn within_the_account_the_region_decides() {
        assert_eq!(within_account(|copy| copy.region = Observed::Known(region(LEADER))), Outcome::Pass);
        assert_eq!(within_account(|_| {}), Outcome::Fail);
        assert_eq!(within_account(|copy| copy.region = Observed::Gap(denied("s3:HeadBucket"))), Outcome::Unknown);
        assert_eq!(outcome(vec![ReplicationRule { account: None, ..rule("") }]), Outcome::Unknown);
    }

    #[test]
    fn unread_is_unknown_and_not_required_does_not_apply() {
        let unread =
            world(vec![]).bucket(|bucket| bucket.replication = Observed::Gap(denied("s3:GetBucketReplication")));
        assert_eq!(unread.judge(ID).only().outcome, Outcome::Unknown);
        assert_eq!(World::clean().judge(ID).only().outcome, Outcome::NotApplicable);
    }
}
