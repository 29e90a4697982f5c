//! log-bucket-exists: the bucket that a trail delivers to is there and belongs to the organization.

use trailwarden_model::control::Severity;
use trailwarden_model::ids::AccountId;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{BucketOwner, LogBucket};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::verdict::{Verdict, enumerate, fact};

pub(super) static CONTROL: Control = Control {
    id: "log-bucket-exists",
    title: "The log bucket exists and belongs to the organization",
    severity: Severity::Critical,
    practice: None,
    needs: &[Need::Trails, Need::BucketOwner],
    rule: "Fails when no bucket has the name that the trail delivers to, or when it exists and no account of the \
           organization owns it.",
    why: "Bucket names are free for anyone once deleted: a stranger who takes the name over receives every log file that \
          the trail delivers.",
    remedy: "Point the trail at a bucket of the organization; create the missing bucket only when its name is still free.",
    references: &["CloudTrail User Guide: Amazon S3 bucket policy for CloudTrail"],
    frameworks: &[
        ("nist-800-53-r5", &["AU-5", "AU-9"]),
        ("pci-dss-4.0.1", &["10.2.1"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1485"]),
    ],
    applies: Applies::Always,
    judge: Judge::LogBucket(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, bucket: &LogBucket) -> Judged {
    let trails: Vec<&str> = cx.trails_of_bucket(&bucket.name).iter().map(|trail| trail.name.as_str()).collect();
    let (name, trails) = (&bucket.name, enumerate(&trails));
    let seen = |text: String, account: &AccountId| [fact(text, "s3:HeadBucket", account, bucket.region.known())];
    let asked = cx.trails_of_bucket(&bucket.name).first().map(|trail| &trail.owner);
    let asked = asked.unwrap_or(&cx.snapshot.organization.management_account);
    Ok(match bucket.owner.get()? {
        BucketOwner::Account(owner) => Verdict::pass(format!("Bucket {name} belongs to {}", cx.name(owner)))
            .with(seen("it is listed among the owner's buckets".to_owned(), owner)),
        BucketOwner::Missing => Verdict::fail(format!("Bucket {name}, which {trails} delivers to, does not exist"))
            .with(seen("no bucket has this name".to_owned(), asked)),
        BucketOwner::OutsideOrganization => Verdict::fail(format!(
            "Bucket {name}, which {trails} delivers to, belongs to an account outside the organization"
        ))
        .with(seen("the name exists, and no account of the organization owns it".to_owned(), asked)),
    })
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::BucketOwner;

    use crate::testing::{ARCHIVE, MANAGEMENT, WORKLOAD, World, account, denied};

    const ID: &str = super::CONTROL.id;

    #[test]
    fn a_bucket_of_the_organization_passes_at_its_owner() {
        let findings = World::clean().judge(ID);
        assert_eq!(findings.only().outcome, Outcome::Pass);
        assert_eq!(findings.only().account, account(ARCHIVE));
        assert_eq!(findings.only().resource.as_deref(), Some("arn:aws:s3:::acme-log-archive"));
    }

    #[test]
    fn missing_or_taken_over_fails_at_the_owner_of_the_trail() {
        for owner in [BucketOwner::Missing, BucketOwner::OutsideOrganization] {
            let findings = World::clean().bucket(|bucket| bucket.owner = Observed::Known(owner)).judge(ID);
            assert_eq!(findings.only().outcome, Outcome::Fail);
            assert_eq!(findings.only().account, account(MANAGEMENT));
            assert!(findings.only().reason.contains("org-trail"));
        }
    }

    #[test]
    fn an_unread_owner_is_unknown() {
        let unread = World::clean().bucket(|bucket| bucket.owner = Observed::Gap(denied("s3:HeadBucket")));
        assert_eq!(unread.judge(ID).only().outcome, Outcome::Unknown);
    }

    #[test]
    fn without_a_trail_there_is_nothing_to_judge() {
        assert_eq!(World::bare().judge(ID).at(WORKLOAD).outcome, Outcome::NotApplicable);
    }
}
