//! What every judge may look at: the snapshot, the baseline, and indices over them built once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use trailwarden_model::baseline::{Baseline, Required};
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::{Gap, GapKind, Observed};
use trailwarden_model::partition::Partition;
use trailwarden_model::snapshot::{AccountSnapshot, Need, RegionSnapshot, Snapshot};
use trailwarden_model::storage::{BucketOwner, LogBucket, LogGroup, TrailKey};
use trailwarden_model::trail::{Trail, TrailStatus};
use trailwarden_policy::{Chains, Prover};

use crate::coverage::{Memo, Recording};
use crate::event_families::Covers;
use crate::verdict::{Verdict, enumerate, enumerate_accounts};

/// One place where `DescribeTrails` showed a trail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
}

/// The input of the audit with its indices.
pub(crate) struct Cx<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) baseline: &'a Baseline,
    /// What the accounts require that the overrides may concern; the others require what the baseline says.
    required: BTreeMap<&'a AccountId, Result<Required, Gap>>,
    sightings: BTreeMap<&'a Arn, Vec<Sighting<'a>>>,
    /// What each trail's selectors take, with the number of the trail.
    recordings: BTreeMap<&'a Arn, (usize, Result<Recording, Gap>)>,
    /// What was found out about recordings.
    pub(crate) memo: Memo,
    /// What filter patterns see.
    pub(crate) covers: Covers,
    bucket_users: BTreeMap<&'a str, Vec<&'a Trail>>,
    key_users: BTreeMap<&'a Arn, Vec<&'a Trail>>,
    group_users: BTreeMap<&'a Arn, Vec<&'a Trail>>,
    /// The service control policies, each parsed once.
    pub(crate) chains: Result<Chains<'a>, Gap>,
    /// The resource control policies, likewise.
    pub(crate) resource_controls: Result<Chains<'a>, Gap>,
    /// One for all accounts: those below the same policies share their proofs.
    pub(crate) prover: Prover,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, baseline: &'a Baseline) -> Self {
        let mut cx = Self {
            snapshot,
            baseline,
            required: required(snapshot, baseline),
            sightings: BTreeMap::new(),
            recordings: recordings(snapshot),
            memo: Memo::default(),
            covers: Covers::default(),
            bucket_users: BTreeMap::new(),
            key_users: BTreeMap::new(),
            group_users: BTreeMap::new(),
            chains: Chains::new(&snapshot.organization),
            resource_controls: Chains::resource_control(&snapshot.organization),
            prover: Prover::new(),
        };
        for (account, seen) in &snapshot.accounts {
            for (region, here) in &seen.regions {
                for arn in here.trails.known().into_iter().flat_map(BTreeMap::keys) {
                    cx.sightings.entry(arn).or_default().push(Sighting { account, region });
                }
            }
        }
        for trail in snapshot.trails.values() {
            cx.bucket_users.entry(&trail.bucket).or_default().push(trail);
            if let Some(key) = &trail.kms_key {
                cx.key_users.entry(key).or_default().push(trail);
            }
            if let Some(group) = &trail.log_group {
                cx.group_users.entry(group).or_default().push(trail);
            }
        }
        cx
    }

    /// What the baseline requires of an account. A gap when its place in the tree decides and is not known.
    pub(crate) fn required(&self, account: &AccountId) -> Result<&Required, Gap> {
        match self.required.get(account) {
            Some(required) => required.as_ref().map_err(Clone::clone),
            None => Ok(&self.baseline.required),
        }
    }

    /// The time that ages are measured at.
    pub(crate) fn now(&self) -> Timestamp {
        self.snapshot.collected_at
    }

    /// How long ago, never negative.
    pub(crate) fn age(&self, time: Timestamp) -> SignedDuration {
        self.now().duration_since(time).max(SignedDuration::ZERO)
    }

    /// The age above which a last delivery is too old.
    pub(crate) fn freshness(&self) -> SignedDuration {
        SignedDuration::from_hours(self.baseline.freshness_hours.into())
    }

    /// True when the time is at most the freshness ago.
    pub(crate) fn is_fresh(&self, time: Timestamp) -> bool {
        self.age(time) <= self.freshness()
    }

    /// The gap that stands for a read that this snapshot was not asked to make.
    pub(crate) fn missing_need(&self, needs: &[Need]) -> Option<Gap> {
        let missing = needs.iter().find(|need| !self.snapshot.needs.contains(need))?;
        Some(Gap::not_collected(call_of(*missing), None, None))
    }

    /// `payments-prod (111122223333)`, as every reason names an account.
    pub(crate) fn name(&self, account: &AccountId) -> String {
        match self.snapshot.organization.accounts.get(account) {
            Some(known) if !known.name.is_empty() => format!("{} ({account})", known.name),
            _ => account.to_string(),
        }
    }

    /// The places of some facts, each account named once: `payments-prod (111122223333) in eu-west-1, us-east-1`.
    pub(crate) fn places(&self, facts: &[Evidence]) -> String {
        let mut places: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for fact in facts {
            let account = fact.account.as_ref().map_or_else(|| "an unnamed account".to_owned(), |id| self.name(id));
            places.entry(account).or_default().extend(fact.region.as_ref().map(Region::as_str));
        }
        let place = |(account, regions): (String, BTreeSet<&str>)| match regions.is_empty() {
            true => account,
            false => format!("{account} in {}", enumerate(&regions.into_iter().collect::<Vec<_>>())),
        };
        enumerate_accounts(&places.into_iter().map(place).collect::<Vec<_>>())
    }

    /// The regions of some facts about one account: `eu-west-1, us-east-1 and 3 more`.
    pub(crate) fn regions(facts: &[Evidence]) -> String {
        let regions: BTreeSet<&str> =
            facts.iter().filter_map(|fact| fact.region.as_ref()).map(Region::as_str).collect();
        enumerate(&regions.into_iter().collect::<Vec<_>>())
    }

    /// A read that failed, in words: `kms:DescribeKey in payments-prod (111122223333) eu-west-1: AccessDenied: …`.
    pub(crate) fn words(&self, gap: &Gap) -> String {
        let place = match (&gap.account, &gap.region) {
            (Some(account), Some(region)) => format!(" in {} {region}", self.name(account)),
            (Some(account), None) => format!(" in {}", self.name(account)),
            (None, Some(region)) => format!(" in {region}"),
            (None, None) => String::new(),
        };
        format!("{}{place}: {}: {}", gap.call, gap.code, gap.reason)
    }

    /// The verdict that a fact which could not be read leaves.
    pub(crate) fn unknown(&self, gap: Gap) -> Verdict {
        let reason = format!("Not known, because a fact could not be read: {}", self.words(&gap));
        Verdict::unknown(reason, gap)
    }

    pub(crate) fn is_management(&self, account: &AccountId) -> bool {
        *account == self.snapshot.organization.management_account
    }

    /// The leader region of the organization's partition.
    pub(crate) fn leader_region(&self) -> Option<Region> {
        Partition::by_id(self.partition())?.leader()
    }

    /// The partition, for example `aws`.
    pub(crate) fn partition(&self) -> &'a str {
        self.snapshot.organization.arn.partition()
    }

    /// What an account in scope showed; the gap when it could not be entered.
    pub(crate) fn entered(&self, account: &AccountId) -> Result<&'a AccountSnapshot, Gap> {
        let Some(seen) = self.snapshot.accounts.get(account) else {
            return Err(Gap::not_collected("sts:AssumeRole", Some(account), None));
        };
        seen.entered_as.get()?;
        Ok(seen)
    }

    /// What a region of an account in scope showed.
    pub(crate) fn here(&self, account: &AccountId, region: &Region) -> Result<&'a RegionSnapshot, Gap> {
        let missing = || Gap::not_collected("cloudtrail:DescribeTrails", Some(account), Some(region));
        self.entered(account)?.regions.get(region).ok_or_else(missing)
    }

    /// The trails that `DescribeTrails` shows in an account and region, shadows included.
    pub(crate) fn sighted(&self, account: &AccountId, region: &Region) -> Result<Vec<&'a Trail>, Gap> {
        Ok(self.sighted_with_status(account, region)?.into_iter().map(|(trail, _)| trail).collect())
    }

    /// The same, each with its status as seen from there.
    pub(crate) fn sighted_with_status(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<(&'a Trail, &'a Observed<TrailStatus>)>, Gap> {
        let missing = || Gap::not_collected("cloudtrail:DescribeTrails", Some(account), Some(region));
        let here = self.entered(account)?.regions.get(region).ok_or_else(missing)?;
        let trail = |(arn, status)| Ok((self.snapshot.trails.get(arn).ok_or_else(missing)?, status));
        here.trails.get()?.iter().map(trail).collect()
    }

    /// Everywhere a trail was sighted, by account and region.
    pub(crate) fn sightings(&self, trail: &Trail) -> &[Sighting<'a>] {
        self.sightings.get(&trail.arn).map(Vec::as_slice).unwrap_or_default()
    }

    /// Accounts in scope that a trail concerns: those that see it and its owner.
    pub(crate) fn concerned(&self, trail: &Trail) -> BTreeSet<AccountId> {
        let owner = self.snapshot.accounts.contains_key(&trail.owner).then(|| trail.owner.clone());
        self.sightings(trail).iter().map(|sighting| sighting.account.clone()).chain(owner).collect()
    }

    /// The status of a trail in an account and region. Where a member cannot see the status of an organization trail,
    /// the owner's status of that region stands for it.
    pub(crate) fn status(&self, trail: &Trail, account: &AccountId, region: &Region) -> Result<&'a TrailStatus, Gap> {
        match self.status_seen(trail, account, region) {
            Err(gap) if gap.kind == GapKind::NotVisible && trail.is_organization && *account != trail.owner => {
                self.status_seen(trail, &trail.owner, region).map_err(|_| gap)
            }
            seen => seen,
        }
    }

    fn status_seen(&self, trail: &Trail, account: &AccountId, region: &Region) -> Result<&'a TrailStatus, Gap> {
        let missing = || Gap::not_collected("cloudtrail:GetTrailStatus", Some(account), Some(region));
        self.here(account, region)?.trails.get()?.get(&trail.arn).ok_or_else(missing)?.get()
    }

    /// The number of a trail and what its selectors take. Fails for a trail that the snapshot does not hold.
    pub(crate) fn recording(&self, trail: &Trail) -> Result<(usize, &Result<Recording, Gap>), Gap> {
        let missing =
            || Gap::not_collected("cloudtrail:GetEventSelectors", Some(&trail.owner), Some(&trail.home_region));
        let (number, recording) = self.recordings.get(&trail.arn).ok_or_else(missing)?;
        Ok((*number, recording))
    }

    /// A fact about a trail's attributes, from where they were read.
    pub(crate) fn attribute(&self, trail: &Trail, text: String) -> Evidence {
        crate::verdict::fact(text, "cloudtrail:DescribeTrails", &trail.owner, Some(&trail.home_region))
    }

    /// The gap of a trail that no account in scope shows.
    pub(crate) fn unseen(&self, trail: &Trail) -> Gap {
        Gap::not_collected("cloudtrail:GetTrailStatus", Some(&trail.owner), Some(&trail.home_region))
    }

    pub(crate) fn bucket(&self, name: &str) -> Result<&'a LogBucket, Gap> {
        self.snapshot.buckets.get(name).ok_or_else(|| Gap::not_collected("s3:HeadBucket", None, None))
    }

    pub(crate) fn key(&self, arn: &Arn) -> Result<&'a TrailKey, Gap> {
        let missing = || Gap::not_collected("kms:DescribeKey", arn.account().as_ref(), arn.region().as_ref());
        self.snapshot.keys.get(arn).ok_or_else(missing)
    }

    pub(crate) fn log_group(&self, arn: &Arn) -> Result<&'a LogGroup, Gap> {
        let missing = || Gap::not_collected("logs:DescribeLogGroups", arn.account().as_ref(), arn.region().as_ref());
        self.snapshot.log_groups.get(arn).ok_or_else(missing)
    }

    /// The prefix of every object a trail writes for one account.
    pub(crate) fn log_prefix(&self, trail: &Trail, account: &AccountId) -> String {
        trail.log_prefix(Some(&self.snapshot.organization.id), account)
    }

    /// The prefix of every object a trail writes at all: down to the organization, or to the account that owns it.
    pub(crate) fn base_prefix(&self, trail: &Trail) -> String {
        let of_owner = self.log_prefix(trail, &trail.owner);
        let own_folder = format!("{}/", trail.owner);
        match of_owner.strip_suffix(&own_folder) {
            Some(base) if trail.is_organization => base.to_owned(),
            _ => of_owner,
        }
    }

    /// Trails that deliver to a bucket, by ARN.
    pub(crate) fn trails_of_bucket(&self, name: &str) -> &[&'a Trail] {
        self.bucket_users.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Trails that encrypt with a key, by ARN.
    pub(crate) fn trails_of_key(&self, arn: &Arn) -> &[&'a Trail] {
        self.key_users.get(arn).map(Vec::as_slice).unwrap_or_default()
    }

    /// Trails that deliver to a log group, by ARN.
    pub(crate) fn trails_of_group(&self, arn: &Arn) -> &[&'a Trail] {
        self.group_users.get(arn).map(Vec::as_slice).unwrap_or_default()
    }

    /// Accounts that may hold the central log bucket: those of the baseline, else the owners of organization trails'
    /// buckets besides the management account.
    pub(crate) fn log_archive_accounts(&self) -> Result<BTreeSet<AccountId>, Gap> {
        if !self.baseline.log_archive_accounts.is_empty() {
            return Ok(self.baseline.log_archive_accounts.clone());
        }
        let mut archives = BTreeSet::new();
        let mut first_gap = None;
        for trail in self.snapshot.trails.values().filter(|trail| trail.is_organization) {
            match self.bucket(&trail.bucket).map(|bucket| &bucket.owner) {
                Ok(Observed::Known(BucketOwner::Account(owner))) if !self.is_management(owner) => {
                    archives.insert(owner.clone());
                }
                Ok(Observed::Known(_)) => {}
                Ok(Observed::Gap(gap)) => first_gap = first_gap.or_else(|| Some(gap.clone())),
                Err(gap) => first_gap = first_gap.or(Some(gap)),
            }
        }
        match first_gap {
            Some(gap) if archives.is_empty() => Err(gap),
            _ => Ok(archives),
        }
    }
}

fn recordings(snapshot: &Snapshot) -> BTreeMap<&Arn, (usize, Result<Recording, Gap>)> {
    let numbered = snapshot.trails.iter().enumerate();
    numbered.map(|(number, (arn, trail))| (arn, (number, Recording::of(trail)))).collect()
}

fn required<'a>(snapshot: &'a Snapshot, baseline: &Baseline) -> BTreeMap<&'a AccountId, Result<Required, Gap>> {
    if baseline.overrides.is_empty() {
        return BTreeMap::new();
    }
    let organization = &snapshot.organization;
    let of = |account| organization.path_to(account).map(|path| baseline.required_at(&path));
    organization.accounts.keys().map(|account| (account, of(account))).collect()
}

/// The call that stands for a group of reads in the gap of a snapshot without it.
fn call_of(need: Need) -> &'static str {
    match need {
        Need::Trails => "cloudtrail:DescribeTrails",
        Need::TrailStatus => "cloudtrail:GetTrailStatus",
        Need::EventSelectors => "cloudtrail:GetEventSelectors",
        Need::BucketOwner => "s3:HeadBucket",
        Need::BucketPolicy => "s3:GetBucketPolicy",
        Need::BucketPublicAccess => "s3:GetBucketPolicyStatus",
        Need::BucketLifecycle => "s3:GetBucketLifecycleConfiguration",
        Need::Key => "kms:DescribeKey",
        Need::KeyPolicy => "kms:GetKeyPolicy",
        Need::KeyRotation => "kms:GetKeyRotationStatus",
        Need::LogGroup => "logs:DescribeLogGroups",
        Need::DeliveryRole => "iam:GetRole",
        Need::ServiceControlPolicies | Need::ResourceControlPolicies => "organizations:ListPolicies",
        Need::TrustedAccess => "organizations:ListAWSServiceAccessForOrganization",
        Need::DelegatedAdministrators => "organizations:ListDelegatedAdministrators",
        Need::Insights => "cloudtrail:GetInsightSelectors",
        Need::BucketLock => "s3:GetObjectLockConfiguration",
        Need::BucketAccessLogging => "s3:GetBucketLogging",
        Need::BucketReplication => "s3:GetBucketReplication",
        Need::Topics => "sns:ListSubscriptionsByTopic",
        Need::Alarms => "logs:DescribeMetricFilters",
        Need::EventRules => "events:ListRules",
        Need::EventHistory => "cloudtrail:LookupEvents",
        Need::EventDataStores => "cloudtrail:ListEventDataStores",
        Need::ConfigRecorders => "config:DescribeConfigurationRecorders",
        Need::FlowLogs => "ec2:DescribeFlowLogs",
        Need::WebAcls => "wafv2:ListWebACLs",
    }
}
