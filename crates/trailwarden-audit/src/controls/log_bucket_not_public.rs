//! log-bucket-not-public: nobody outside reads the logs, by ACL, bucket policy or access point.

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{BlockPublicAccess, LogBucket};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::gone;
use crate::verdict::{Tally, of_bucket};

/// The groups that stand for everybody. Source: S3 User Guide, "Access control list (ACL) overview".
const EVERYBODY: [&str; 2] =
    ["http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"];

pub(super) static CONTROL: Control = Control {
    id: "log-bucket-not-public",
    title: "The log bucket is not public",
    severity: Severity::Critical,
    practice: None,
    needs: &[Need::Trails, Need::BucketOwner, Need::BucketPublicAccess],
    rule: "Fails when an ACL grants to everyone or to all AWS users, or the bucket policy or an access point's \
           policy is public, and Block Public Access of the bucket or its account does not stop it.",
    why: "The logs name every user, role, address and resource of the organization: the map an intruder wishes for.",
    remedy: "Switch on all four settings of Block Public Access at the bucket and at its account, and remove the public \
             grant, policy statement or access point policy.",
    references: &["S3 User Guide: Blocking public access to your Amazon S3 storage"],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["CloudTrail.6", "S3.2", "S3.3", "S3.8"]),
        ("nist-800-53-r5", &["AC-6", "AU-9"]),
        ("pci-dss-4.0.1", &["10.3.1"]),
        ("iso-27001-2022", &["A.8.15"]),
    ],
    applies: Applies::Always,
    judge: Judge::LogBucket(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, bucket: &LogBucket) -> Judged {
    if let Some(gone) = gone::bucket(bucket)? {
        return Ok(gone);
    }
    let mut tally = Tally::default();
    // What is stopped cannot matter, and what is not public needs no stopping: neither is asked for more.
    for (stops, ways) in [
        (stopped(bucket, |block| block.ignore_public_acls), vec![public_acl(bucket)]),
        (stopped(bucket, |block| block.restrict_public_buckets), public_policies(bucket)),
    ] {
        for way in ways {
            match (&stops, way) {
                (Ok(true), _) | (_, Ok(None)) => {}
                (Ok(false), Ok(Some(public))) => tally.fail(public),
                (Err(gap), Ok(Some(_))) => tally.gap(gap.clone()),
                (_, Err(gap)) => tally.gap(gap),
            }
        }
    }
    let name = &bucket.name;
    Ok(tally.settle(
        cx,
        || format!("Bucket {name} is not public"),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("Bucket {name} is public and Block Public Access does not stop it: {}", words.join("; "))
        },
    ))
}

/// Whether a setting is on at the bucket or at its account. Either is enough, so a gap matters only when neither is.
fn stopped(bucket: &LogBucket, setting: fn(&BlockPublicAccess) -> bool) -> Result<bool, Gap> {
    let levels = [&bucket.block_public_access, &bucket.account_block_public_access];
    let is_on =
        |level: &&Observed<Option<BlockPublicAccess>>| matches!(level, Observed::Known(Some(block)) if setting(block));
    if levels.iter().any(is_on) {
        return Ok(true);
    }
    levels.iter().try_for_each(|level| level.get().map(drop)).map(|()| false)
}

/// The fact that makes something public, none when it is not.
type Way = Result<Option<Evidence>, Gap>;

fn public_acl(bucket: &LogBucket) -> Way {
    let grants = bucket.acl.get()?;
    let public = grants.iter().find(|grant| EVERYBODY.contains(&grant.grantee.as_str()));
    Ok(public.map(|grant| {
        of_bucket(bucket, "s3:GetBucketAcl", format!("the ACL grants {} to {}", grant.permission, grant.grantee))
    }))
}

fn public_policies(bucket: &LogBucket) -> Vec<Way> {
    let by_policy = bucket.policy_is_public.get().map(|is_public| {
        (*is_public == Some(true)).then(|| of_bucket(bucket, "s3:GetBucketPolicyStatus", "the bucket policy is public"))
    });
    let points = match bucket.access_points.get() {
        Ok(points) => points,
        Err(gap) => return vec![by_policy, Err(gap)],
    };
    let by_point = points.iter().map(|point| {
        point.policy_is_public.get().map(|is_public| {
            let text = format!("the policy of access point {} is public", point.name);
            (*is_public == Some(true)).then(|| of_bucket(bucket, "s3:GetAccessPointPolicyStatus", text))
        })
    });
    std::iter::once(by_policy).chain(by_point).collect()
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed::{Gap, Known};
    use trailwarden_model::storage::{AccessPoint, AclGrant, BlockPublicAccess, BucketOwner};

    use crate::testing::{World, denied};

    const ID: &str = super::CONTROL.id;

    /// A clean bucket without any Block Public Access.
    fn unblocked() -> World {
        World::clean().bucket(|bucket| bucket.block_public_access = Known(None))
    }

    fn public_acl(world: World) -> World {
        let grant = AclGrant { grantee: super::EVERYBODY[1].to_owned(), permission: "READ".to_owned() };
        world.bucket(|bucket| bucket.acl = Known(vec![grant]))
    }

    fn public_policy(world: World) -> World {
        world.bucket(|bucket| bucket.policy_is_public = Known(Some(true)))
    }

    fn outcome(world: World) -> Outcome {
        world.judge(ID).only().outcome
    }

    #[test]
    fn nothing_public_passes_with_and_without_block_public_access() {
        assert_eq!(outcome(World::clean()), Outcome::Pass);
        assert_eq!(outcome(unblocked()), Outcome::Pass);
    }

    #[test]
    fn public_and_not_stopped_fails() {
        assert_eq!(outcome(public_acl(unblocked())), Outcome::Fail);
        assert_eq!(outcome(public_policy(unblocked())), Outcome::Fail);
        let point = AccessPoint {
            name: "open".to_owned(),
            network_origin: "Internet".to_owned(),
            policy_is_public: Known(Some(true)),
        };
        assert_eq!(outcome(unblocked().bucket(|bucket| bucket.access_points = Known(vec![point]))), Outcome::Fail);
    }

    #[test]
    fn each_setting_stops_its_own_way_alone() {
        let only = |block| unblocked().bucket(|bucket| bucket.account_block_public_access = Known(Some(block)));
        let acls = || only(BlockPublicAccess { ignore_public_acls: true, ..BlockPublicAccess::default() });
        let policies = || only(BlockPublicAccess { restrict_public_buckets: true, ..BlockPublicAccess::default() });
        assert_eq!(outcome(public_acl(acls())), Outcome::Pass);
        assert_eq!(outcome(public_policy(acls())), Outcome::Fail);
        assert_eq!(outcome(public_policy(policies())), Outcome::Pass);
        assert_eq!(outcome(public_acl(policies())), Outcome::Fail);
    }

    #[test]
    fn blocking_new_public_settings_does_not_stop_old_ones() {
        let new_only = BlockPublicAccess { block_public_acls: true, block_public_policy: true, ..Default::default() };
        let world = unblocked().bucket(|bucket| bucket.block_public_access = Known(Some(new_only)));
        assert_eq!(outcome(public_acl(world.clone())), Outcome::Fail);
        assert_eq!(outcome(public_policy(world)), Outcome::Fail);
    }

    #[test]
    fn gaps_count_only_where_they_could_hide_something() {
        let acl_unread = |world: World| world.bucket(|bucket| bucket.acl = Gap(denied("s3:GetBucketAcl")));
        assert_eq!(outcome(acl_unread(unblocked())), Outcome::Unknown);
        assert_eq!(outcome(acl_unread(World::clean())), Outcome::Pass);
        let account_unread =
            unblocked().bucket(|bucket| bucket.account_block_public_access = Gap(denied("s3:GetPublicAccessBlock")));
        assert_eq!(outcome(account_unread.clone()), Outcome::Pass);
        assert_eq!(outcome(public_policy(account_unread)), Outcome::Unknown);
        let points_unread = unblocked().bucket(|bucket| bucket.access_points = Gap(denied("s3:ListAccessPoints")));
        assert_eq!(outcome(points_unread), Outcome::Unknown);
    }

    #[test]
    fn a_bucket_that_is_gone_does_not_apply_and_an_unread_owner_is_unknown() {
        let gone = World::clean().bucket(|bucket| bucket.owner = Known(BucketOwner::Missing));
        assert_eq!(outcome(gone), Outcome::NotApplicable);
        let unread = World::clean().bucket(|bucket| bucket.owner = Gap(denied("s3:HeadBucket")));
        assert_eq!(outcome(unread), Outcome::Unknown);
    }
}
