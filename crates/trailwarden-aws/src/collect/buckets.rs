//! The log buckets of the trails: found, then read by their owner in their region.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{BucketOwner, LogBucket};
use trailwarden_model::trail::Trail;

use super::Context;
use super::owner::{self, Candidates};
use super::trails::Trails;
use crate::gap::Failure;
use crate::read::s3::{self, Existence, lifecycle, protection};
use crate::read::s3control;
use crate::session::Site;

/// Buckets by name.
pub(crate) type Buckets = BTreeMap<String, LogBucket>;

/// What cannot be read without knowing the owner; the event history is asked for the bucket's events where it is.
const NEEDS: &[Need] = &[
    Need::BucketOwner,
    Need::BucketPolicy,
    Need::BucketPublicAccess,
    Need::BucketLifecycle,
    Need::BucketLock,
    Need::BucketAccessLogging,
    Need::BucketReplication,
    Need::EventHistory,
];

/// Finds and reads the bucket of every trail, as far as asked for.
pub(crate) async fn read_all(context: &Context<'_>, trails: &Trails) -> Buckets {
    let mut users: BTreeMap<&str, Vec<&Trail>> = BTreeMap::new();
    for trail in trails.values() {
        users.entry(&trail.bucket).or_default().push(trail);
    }
    let read = futures::stream::iter(users).map(|(name, trails)| async move {
        let bucket = match context.needs_any(NEEDS) {
            true => read(context, name, &trails).await,
            false => settings_gap(name, &Gap::not_collected("s3:ListBuckets", None, None)),
        };
        (name.to_owned(), bucket)
    });
    read.buffer_unordered(context.width).collect().await
}

async fn read(context: &Context<'_>, name: &str, trails: &[&Trail]) -> LogBucket {
    let existence = match context.session.own_site(&context.session.leader).await {
        Ok(site) => s3::existence(context.session, &site, name).await,
        Err(gap) => Existence::Unknown(gap),
    };
    let owner = find_owner(context, name, trails, &existence).await;
    let region = region(&existence, context);
    let without_settings =
        |gap: &Gap| LogBucket { owner: owner.clone(), region: region.clone().into(), ..settings_gap(name, gap) };
    if let Some(gap) = owner::no_settings(&owner, name) {
        return without_settings(&gap);
    }
    let Observed::Known(BucketOwner::Account(account)) = &owner else {
        return without_settings(&Gap::not_collected("s3:ListBuckets", None, None));
    };
    // Without a region the leader answers for its own buckets and redirects for the others, which becomes a gap.
    let called = region.as_ref().unwrap_or(&context.session.leader);
    match context.site(account, called).await {
        Ok(site) => {
            LogBucket { owner: owner.clone(), region: region.clone().into(), ..settings(context, &site, name).await }
        }
        Err(gap) => without_settings(&gap),
    }
}

/// Asks the likely accounts, then all others. A name that does not exist has no owner to look for.
pub(super) async fn find_owner(
    context: &Context<'_>,
    name: &str,
    trails: &[&Trail],
    existence: &Existence,
) -> Observed<BucketOwner> {
    if *existence == Existence::Missing {
        return Observed::Known(BucketOwner::Missing);
    }
    let Candidates { likely, others } = owner::candidates(context.organization, name, trails);
    let mut silent = Vec::new();
    for accounts in [likely, others] {
        let mut answers = futures::stream::iter(&accounts)
            .map(|account| async move { (account, owns(context, account, name).await) })
            .buffer_unordered(context.width);
        while let Some((account, answer)) = answers.next().await {
            match answer {
                Ok(true) => return owner::decide(existence, Some(account.clone()), &silent),
                Ok(false) => {}
                Err(gap) => silent.push(gap),
            }
        }
    }
    silent.sort();
    owner::decide(existence, None, &silent)
}

async fn owns(context: &Context<'_>, account: &AccountId, name: &str) -> Result<bool, Gap> {
    let site = context.site(account, &context.session.leader).await?;
    Ok(s3::owns(context.session, &site, name).await?)
}

fn region(existence: &Existence, context: &Context<'_>) -> Result<Region, Gap> {
    let gap = |kind, code: &str, reason: &str| Gap {
        kind,
        call: "s3:HeadBucket".to_owned(),
        account: Some(context.session.caller().account.clone()),
        region: Some(context.session.leader.clone()),
        code: code.to_owned(),
        reason: reason.to_owned(),
    };
    match existence {
        Existence::Exists(Some(region)) => Ok(region.clone()),
        Existence::Exists(None) => Err(gap(GapKind::Unexpected, "NoRegion", "S3 did not say where the bucket is")),
        Existence::Missing => Err(gap(GapKind::NotVisible, "NotFound", "the bucket does not exist")),
        Existence::Unknown(gap) => Err(gap.clone()),
    }
}

/// A bucket about which nothing could be read.
fn settings_gap(name: &str, gap: &Gap) -> LogBucket {
    LogBucket {
        name: name.to_owned(),
        owner: Observed::Gap(gap.clone()),
        region: Observed::Gap(gap.clone()),
        policy: Observed::Gap(gap.clone()),
        policy_is_public: Observed::Gap(gap.clone()),
        acl: Observed::Gap(gap.clone()),
        block_public_access: Observed::Gap(gap.clone()),
        account_block_public_access: Observed::Gap(gap.clone()),
        access_points: Observed::Gap(gap.clone()),
        versioning: Observed::Gap(gap.clone()),
        lifecycle: Observed::Gap(gap.clone()),
        mfa_delete: Observed::Gap(gap.clone()),
        object_lock: Observed::Gap(gap.clone()),
        access_logging: Observed::Gap(gap.clone()),
        replication: Observed::Gap(gap.clone()),
    }
}

/// The settings, read by the owner. Owner and region are left to the caller.
async fn settings(context: &Context<'_>, site: &Site, name: &str) -> LogBucket {
    let session = context.session;
    let asked = Asked { needs: context.needs, site };
    use Need::{BucketAccessLogging, BucketLifecycle, BucketLock, BucketPolicy, BucketPublicAccess, BucketReplication};
    let public = &[BucketPublicAccess];
    let (policy, policy_is_public, acl, block, account_block, access_points, versioning, lifecycle) = futures::join!(
        asked.read(&[BucketPolicy], "s3:GetBucketPolicy", s3::policy(session, site, name)),
        asked.read(public, "s3:GetBucketPolicyStatus", s3::policy_is_public(session, site, name)),
        asked.read(public, "s3:GetBucketAcl", s3::acl(session, site, name)),
        asked.read(public, "s3:GetPublicAccessBlock", s3::public_access_block(session, site, name)),
        asked.read(public, "s3control:GetPublicAccessBlock", s3control::public_access_block(session, site)),
        asked.read(public, "s3control:ListAccessPoints", s3control::access_points(session, site, name)),
        asked.read(&[BucketLifecycle, BucketLock], "s3:GetBucketVersioning", s3::versioning(session, site, name)),
        asked.read(&[BucketLifecycle], "s3:GetBucketLifecycleConfiguration", lifecycle::rules(session, site, name)),
    );
    let (object_lock, access_logging, replication) = futures::join!(
        asked.read(&[BucketLock], "s3:GetObjectLockConfiguration", protection::object_lock(session, site, name)),
        asked.read(&[BucketAccessLogging], "s3:GetBucketLogging", protection::access_logging(session, site, name)),
        asked.read(&[BucketReplication], "s3:GetBucketReplication", protection::replication(session, site, name)),
    );
    let (versioning, mfa_delete) = match versioning {
        Observed::Known((versioning, mfa_delete)) => (Observed::Known(versioning), Observed::Known(mfa_delete)),
        Observed::Gap(gap) => (Observed::Gap(gap.clone()), Observed::Gap(gap)),
    };
    let rest = settings_gap(name, &Gap::not_collected("s3:ListBuckets", None, None));
    LogBucket {
        policy,
        policy_is_public,
        acl,
        block_public_access: block,
        account_block_public_access: account_block,
        access_points,
        versioning,
        lifecycle,
        mfa_delete,
        object_lock,
        access_logging,
        replication,
        ..rest
    }
}

/// The gate before each setting: only what was asked for, by any of the needs it serves, is read.
struct Asked<'a> {
    needs: &'a BTreeSet<Need>,
    site: &'a Site,
}

impl Asked<'_> {
    async fn read<T>(
        &self,
        serves: &[Need],
        call: &str,
        read: impl Future<Output = Result<T, Failure>>,
    ) -> Observed<T> {
        if !serves.iter().any(|need| self.needs.contains(need)) {
            return Observed::Gap(Gap::not_collected(call, Some(&self.site.account), Some(&self.site.region)));
        }
        read.await.map_err(Gap::from).into()
    }
}
