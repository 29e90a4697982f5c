//! What an account owns of the things that hold logs, and the calls that would destroy or open them.

use std::collections::BTreeSet;

use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::storage::{BucketOwner, LogBucket};
use trailwarden_policy::{Call, tamper};

use crate::cx::Cx;
use crate::service::{FOLDERS, undecided};

/// Log buckets, trail keys, log groups and delivery roles of one account.
#[derive(Debug, Default)]
pub(crate) struct Holdings {
    /// In words: `bucket acme-logs`, `key arn:…`.
    pub(crate) names: Vec<String>,
    /// The destructive calls on them.
    pub(crate) calls: Vec<Call>,
    /// Why the account may own more than these.
    pub(crate) gap: Option<Gap>,
}

impl Holdings {
    fn add(&mut self, name: String, calls: Vec<Call>) {
        self.names.push(name);
        self.calls.extend(calls);
    }
}

impl Cx<'_> {
    /// What an account owns, as far as the trails in scope lead there. What is known not to exist is left out.
    pub(crate) fn holdings(&self, account: &AccountId) -> Holdings {
        let mut holdings = Holdings { gap: self.unlisted_trails(account), ..Holdings::default() };
        for bucket in self.snapshot.buckets.values() {
            match &bucket.owner {
                Observed::Known(BucketOwner::Account(owner)) if owner == account => {
                    let objects = self.log_objects(bucket, account);
                    let calls = tamper::on_bucket(&self.bucket_arn(&bucket.name), &objects);
                    holdings.add(format!("bucket {}", bucket.name), calls);
                }
                Observed::Known(_) => {}
                Observed::Gap(gap) if self.may_own(account, bucket, gap) => {
                    holdings.gap = holdings.gap.or_else(|| Some(gap.clone()));
                }
                Observed::Gap(_) => {}
            }
        }
        let is_own = |arn: &Arn| arn.account().as_ref() == Some(account);
        for key in self.snapshot.keys.values() {
            if !is_own(&key.arn) || matches!(key.detail, Observed::Known(None)) {
                continue;
            }
            if key.arn.resource().starts_with("key/") {
                holdings.add(format!("key {}", key.arn), tamper::on_key(key.arn.as_str()));
            } else {
                // AWS authorizes calls on the key, whose ARN an alias does not tell.
                let reason = format!("{} names no key, so that a Deny on it cannot be judged", key.arn);
                holdings.gap = holdings.gap.or_else(|| Some(undecided(reason, "kms:DescribeKey", Some(account))));
            }
        }
        for group in self.snapshot.log_groups.values() {
            if is_own(&group.arn) && !matches!(group.detail, Observed::Known(None)) {
                holdings.add(format!("log group {}", group.arn), tamper::on_log_group(group.arn.as_str()));
            }
            for (role, detail) in &group.roles {
                if is_own(role) && !matches!(detail, Observed::Known(None)) {
                    holdings.add(format!("role {role}"), tamper::on_role(role.as_str()));
                }
            }
        }
        // Two log groups share the calls on their account.
        let mut seen = BTreeSet::new();
        holdings.calls.retain(|call| seen.insert(call.clone()));
        holdings
    }

    /// Why trails of the account, and with them what they point at, may be missing from the snapshot.
    fn unlisted_trails(&self, account: &AccountId) -> Option<Gap> {
        match self.entered(account) {
            Err(gap) => Some(gap),
            Ok(seen) => seen.regions.values().find_map(|here| here.trails.gap()).cloned(),
        }
    }

    /// True when a bucket of unknown owner may be the account's: it could not be asked, or nobody says who could not, or a
    /// trail of it uses the bucket.
    fn may_own(&self, account: &AccountId, bucket: &LogBucket, gap: &Gap) -> bool {
        gap.account.as_ref().is_none_or(|asked| asked == account)
            || self.trails_of_bucket(&bucket.name).iter().any(|trail| trail.owner == *account)
    }

    /// One object below each prefix that policies tell apart: logs and digests, of the owner of each trail and of the
    /// account itself.
    fn log_objects(&self, bucket: &LogBucket, account: &AccountId) -> Vec<String> {
        let mut objects = Vec::new();
        for trail in self.trails_of_bucket(&bucket.name) {
            let prefixes = [&trail.owner, account].map(|writer| self.log_prefix(trail, writer));
            for prefix in prefixes {
                objects.extend(FOLDERS.map(|folder| {
                    let (bucket, region) = (self.bucket_arn(&bucket.name), &trail.home_region);
                    format!("{bucket}/{prefix}{folder}/{region}/any-log-file")
                }));
            }
        }
        objects.sort();
        objects.dedup();
        objects
    }
}
