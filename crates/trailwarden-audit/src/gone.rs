//! What to say of a bucket, key or log group that is not there: its own control fails, the others do not apply.

use trailwarden_model::finding::Evidence;
use trailwarden_model::observed::Gap;
use trailwarden_model::storage::{BucketOwner, KeyDetail, LogBucket, LogGroup, LogGroupDetail, TrailKey};

use crate::verdict::Verdict;

/// A bucket of an account that can be asked, or the verdict that its settings do not apply.
pub(crate) fn bucket(bucket: &LogBucket) -> Result<Option<Verdict>, Gap> {
    let end = match bucket.owner.get()? {
        BucketOwner::Account(_) => return Ok(None),
        BucketOwner::Missing => "does not exist",
        BucketOwner::OutsideOrganization => "belongs to an account outside the organization",
    };
    let reason = format!("Bucket {} {end}; see log-bucket-exists", bucket.name);
    Ok(Some(Verdict::not_applicable(reason)))
}

/// The detail of a key that exists, or the verdict that the control does not apply.
pub(crate) fn key(key: &TrailKey) -> Result<Result<&KeyDetail, Verdict>, Gap> {
    let gone = || Verdict::not_applicable(format!("Key {} does not exist; see kms-key-usable", key.arn));
    Ok(key.detail.get()?.as_ref().ok_or_else(gone))
}

/// The detail of a log group that exists, or the failure that it does not.
pub(crate) fn log_group(group: &LogGroup) -> Result<Result<&LogGroupDetail, Verdict>, Gap> {
    let gone = || {
        let seen = Evidence {
            fact: "the log group does not exist".to_owned(),
            call: Some("logs:DescribeLogGroups".to_owned()),
            account: group.arn.account(),
            region: group.arn.region(),
        };
        Verdict::fail(format!("Log group {} does not exist", group.arn)).with([seen])
    };
    Ok(group.detail.get()?.as_ref().ok_or_else(gone))
}
