//! What further trails, regions and names need to be as right as the clean organization, so that a case has no flaw but its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trailwarden_model::observed::Observed::Known;
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;
use trailwarden_model::storage::{DeliveryRole, LogBucket, TrailKey};
use trailwarden_model::trail::Trail;

use super::clean::{self, ARCHIVE_GUARD, BUCKET, ORGANIZATION};
use super::{ARCHIVE, HOME, World, account, arn, region};

impl World {
    /// Lets every trail write to its bucket and encrypt with its key, and no other.
    pub(crate) fn admit_trails(mut self) -> Self {
        let trails: Vec<Trail> = self.snapshot.trails.values().cloned().collect();
        for bucket in self.snapshot.buckets.values_mut() {
            bucket.policy = Known(Some(bucket_policy(bucket, &trails)));
        }
        for key in self.snapshot.keys.values_mut() {
            key.policy = Known(Some(key_policy(key, &trails)));
        }
        self
    }

    /// Gives a trail a log group and a delivery role of its owner's, which only break-glass hands could touch.
    pub(crate) fn own_group(mut self, name: &str, group: &str) -> Self {
        let trail = self.snapshot.trails.get(&self.arn_of(name)).expect("just found").clone();
        let (owner, home) = (&trail.owner, &trail.home_region);
        let group_arn = arn(&format!("arn:aws:logs:{home}:{owner}:log-group:{group}"));
        let role_arn = arn(&format!("arn:aws:iam::{owner}:role/trail-to-logs"));
        let mut links = self.snapshot.log_groups.values().next().expect("the clean log group").clone();
        links.arn = group_arn.clone();
        links.roles = BTreeMap::from([(role_arn.clone(), Known(Some(delivery_role(group_arn.as_str(), &trail))))]);
        self.snapshot.log_groups.insert(group_arn.clone(), links);
        if let Known(policies) = &mut self.snapshot.organization.service_control_policies {
            let guard = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Deny", "Action": "logs:PutAccountPolicy", "Resource": "*"},
                {"Effect": "Deny", "Action": ["logs:*", "iam:*"], "Resource": [&group_arn, format!("{group_arn}:*"), &role_arn]}]});
            let (id, policy) =
                clean::policy(&format!("p-logs-{name}"), false, &guard.to_string(), &[trail.owner.as_str()]);
            policies.insert(id, policy);
        }
        self.trail(name, |trail| {
            trail.log_group = Some(group_arn);
            trail.log_role = Some(role_arn);
        })
    }

    /// Changes a trail with its ARN; what accounts show follows.
    pub(crate) fn rename_trail(mut self, name: &str, change: impl FnOnce(&mut Trail)) -> Self {
        let old = self.arn_of(name);
        let mut trail = self.snapshot.trails.remove(&old).expect("just found");
        change(&mut trail);
        for here in self.snapshot.accounts.values_mut().flat_map(|seen| seen.regions.values_mut()) {
            if let Known(trails) = &mut here.trails
                && let Some(status) = trails.remove(&old)
            {
                trails.insert(trail.arn.clone(), status);
            }
        }
        self.snapshot.trails.insert(trail.arn.clone(), trail);
        self
    }

    /// Renames the clean log bucket, wherever its name stands.
    pub(crate) fn rename_bucket(mut self, name: &str) -> Self {
        let bucket = self.snapshot.buckets.remove(BUCKET).expect("the clean bucket");
        self.snapshot.buckets.insert(name.to_owned(), LogBucket { name: name.to_owned(), ..bucket });
        for trail in self.snapshot.trails.values_mut().filter(|trail| trail.bucket == BUCKET) {
            trail.bucket = name.to_owned();
        }
        self.policy(ARCHIVE_GUARD, &clean::archive_guard().replace(BUCKET, name), &[ARCHIVE])
    }

    /// Another region of an account, which shows what the home region shows.
    pub(crate) fn add_region(mut self, id: &str, code: &str) -> Self {
        let seen = self.snapshot.accounts.get_mut(&account(id)).expect("an account in scope");
        let here = seen.regions.get(&region(HOME)).expect("the home region").clone();
        seen.regions.insert(region(code), here);
        self
    }
}

/// The bucket policy that CloudTrail's guide asks for, with each prefix that the trails need.
fn bucket_policy(bucket: &LogBucket, trails: &[Trail]) -> String {
    let users: Vec<&Trail> = trails.iter().filter(|trail| trail.bucket == bucket.name).collect();
    let arns: BTreeSet<&str> = users.iter().map(|trail| trail.arn.as_str()).collect();
    let bucket_arn = format!("arn:aws:s3:::{}", bucket.name);
    let prefix = |trail: &&Trail| {
        let folder = if trail.is_organization { ORGANIZATION } else { trail.owner.as_str() };
        let prefix = trail.prefix.as_ref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
        format!("{bucket_arn}/{prefix}AWSLogs/{folder}/*")
    };
    let prefixes: BTreeSet<String> = users.iter().map(prefix).collect();
    let service = json!({"Service": CLOUDTRAIL_PRINCIPAL});
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": bucket_arn,
         "Condition": {"StringEquals": {"aws:SourceArn": arns}}},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": prefixes,
         "Condition": {"StringEquals": {"aws:SourceArn": arns, "s3:x-amz-acl": "bucket-owner-full-control"}}},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [bucket_arn, format!("{bucket_arn}/*")],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]})
    .to_string()
}

fn key_policy(key: &TrailKey, trails: &[Trail]) -> String {
    let users = || trails.iter().filter(|trail| trail.kms_key.as_ref() == Some(&key.arn));
    let arns: BTreeSet<&str> = users().map(|trail| trail.arn.as_str()).collect();
    let contexts: BTreeSet<String> =
        users().map(|trail| format!("arn:aws:cloudtrail:*:{}:trail/*", trail.owner)).collect();
    let owner = key.arn.account().expect("the ARN of a key");
    let service: Value = json!({"Service": CLOUDTRAIL_PRINCIPAL});
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{owner}:root")}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": service, "Action": "kms:GenerateDataKey*", "Resource": "*",
         "Condition": {
            "StringEquals": {"aws:SourceArn": arns},
            "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": contexts}}},
        {"Effect": "Allow", "Principal": service, "Action": "kms:DescribeKey", "Resource": "*"},
    ]})
    .to_string()
}

/// A delivery role for the streams of one trail.
fn delivery_role(group: &str, trail: &Trail) -> DeliveryRole {
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": CLOUDTRAIL_PRINCIPAL}, "Action": "sts:AssumeRole"}]});
    let own = format!("{group}:log-stream:{}_CloudTrail_*", trail.owner);
    let organization = format!("{group}:log-stream:{ORGANIZATION}_*");
    let streams = if trail.is_organization { vec![own, organization] } else { vec![own] };
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": streams}]});
    DeliveryRole { trust_policy: trust.to_string(), policies: BTreeSet::from([policy.to_string()]) }
}
