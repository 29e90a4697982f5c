//! Log buckets that are there: closed to the public, their policies, versions, rules and access logs.

use std::collections::BTreeSet;

use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::plan::Hindrance;
use trailwarden_model::storage::{BucketOwner, LogBucket};

use crate::asks::{BucketWant, Wants, all};
use crate::bench::{Bench, Findings};
use crate::facts::Stop;
use crate::requests::Source;

/// Plans a log bucket that trails name.
pub(crate) fn plan(bench: &mut Bench<'_>, name: &str, wants: &Wants<BucketWant>, sources: BTreeSet<Source>) {
    let findings = all(wants);
    let owner = bench.inputs.snapshot.buckets.get(name).and_then(|bucket| bucket.owner.known()).cloned();
    let account = match owner {
        Some(BucketOwner::Account(account)) => account,
        _ => sources.first().map_or_else(|| bench.management().clone(), |source| source.owner.clone()),
    };
    bench.target(&account.clone(), Some(name.to_owned()), &findings, |bench| {
        plan_bucket(bench, name, &account, wants, sources)
    });
}

fn plan_bucket(
    bench: &mut Bench<'_>,
    name: &str,
    account: &AccountId,
    wants: &Wants<BucketWant>,
    sources: BTreeSet<Source>,
) -> Result<(), Stop> {
    let observed = bench.inputs.snapshot.buckets.get(name);
    let observed = observed.ok_or_else(|| Stop::new(Hindrance::Manual, format!("bucket {name} was not looked at")))?;
    match observed.owner.get()? {
        BucketOwner::Account(_) => {}
        BucketOwner::OutsideOrganization => {
            let reason = format!("bucket {name} belongs to an account outside the organization");
            let hint = "find out who took the name, and point the trail at a bucket of the organization";
            return Err(Stop::new(Hindrance::Manual, reason).hint(hint));
        }
        BucketOwner::Missing => {
            let home = sources.first().and_then(|source| source.arn.split(':').nth(3)?.parse().ok());
            let region: Region =
                home.ok_or_else(|| Stop::new(Hindrance::Manual, format!("no trail uses bucket {name}")))?;
            return bench.log_bucket(name, (account, &region), sources, &all(wants)).map(drop);
        }
    }
    let region = observed.region.get()?.clone();
    let bucket = bench.bucket(name, account, &region, sources);
    bench.check_owner(account, &region, &bucket.arn, name)?;
    let of = |one: BucketWant| wants.get(&one).cloned().unwrap_or_default();
    let policy: Findings = of(BucketWant::Policy).union(&of(BucketWant::Transport)).cloned().collect();
    let mut put = None;
    if !policy.is_empty() && is_kept_from_change(observed) {
        let reason =
            format!("the policy of bucket {name} is public, and Block Public Access lets nobody put such a one");
        let stop = Stop::new(Hindrance::Manual, reason).hint("take the statements out that let everybody in");
        bench.leave(account, Some(name.to_owned()), &policy, stop);
    } else if !policy.is_empty() {
        put = bench.bucket_policy(&bucket, wants.contains_key(&BucketWant::Transport), &policy)?;
    }
    if let Some(findings) = wants.get(&BucketWant::PublicAccess) {
        let closed = bench.close(&bucket, findings)?;
        if let (Some(closed), Some(put), true) = (closed, put, is_public(observed)) {
            // The other way round AWS would refuse the policy, which stays public.
            bench.wait(&closed, put);
        }
    }
    let lock = of(BucketWant::Lock).union(&of(BucketWant::Versioning)).cloned().collect::<Findings>();
    if !lock.is_empty() {
        bench.keep_versions(&bucket, &lock)?;
        bench.lock(&bucket, &lock)?;
    }
    let lifecycle: Findings = of(BucketWant::Lifecycle).union(&of(BucketWant::Retention)).cloned().collect();
    if !lifecycle.is_empty() {
        bench.keep_long_enough(&bucket, &lifecycle)?;
    }
    if let Some(findings) = wants.get(&BucketWant::AccessLogging) {
        bench.log_access(&bucket, findings)?;
    }
    Ok(())
}

/// True when AWS calls the policy public.
fn is_public(bucket: &LogBucket) -> bool {
    bucket.policy_is_public.known().is_some_and(|is_public| *is_public == Some(true))
}

/// True when a public policy stands there that would be refused if it were put anew.
fn is_kept_from_change(bucket: &LogBucket) -> bool {
    let levels = [&bucket.block_public_access, &bucket.account_block_public_access];
    let blocks = levels.iter().filter_map(|level| level.known()?.as_ref()).any(|block| block.block_public_policy);
    is_public(bucket) && blocks
}
