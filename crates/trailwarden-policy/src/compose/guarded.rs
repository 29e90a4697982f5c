//! What a composed set of policies is to guard: trails, the resources behind them with their owners, and the exceptions.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::baseline::Baseline;
use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::Observed;
use trailwarden_model::organization::Organization;
use trailwarden_model::snapshot::Snapshot;
use trailwarden_model::storage::{BucketOwner, LogBucket};

/// What is to be guarded in one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded {
    /// The partition of its ARNs, for example `aws`.
    pub partition: String,
    /// The organization's id, `o-…`.
    pub organization: String,
    /// The account that no SCP binds.
    pub management_account: AccountId,
    /// Every other account.
    pub members: BTreeSet<AccountId>,
    /// The trails to prove the policies with.
    pub trails: BTreeSet<Arn>,
    /// The resources behind the trails.
    pub resources: BTreeMap<Resource, Owner>,
    /// Principals that may tamper: patterns over ARNs with `*` and `?`.
    pub exceptions: BTreeSet<String>,
}

/// A resource behind a trail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// What it is.
    pub kind: ResourceKind,
    /// Its ARN; of a log group without `:*`.
    pub arn: String,
}

/// What a resource behind a trail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// A log bucket.
    Bucket,
    /// A KMS key.
    Key,
    /// A CloudWatch Logs log group.
    LogGroup,
    /// The role with which CloudTrail writes to a log group.
    Role,
    /// A CloudWatch alarm on tamper events.
    Alarm,
    /// An EventBridge rule on tamper events.
    Rule,
}

/// Who owns a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// This account.
    Account(AccountId),
    /// Nobody who could be guarded, for this reason.
    Unknown(String),
}

impl Guarded {
    /// What a snapshot shows of trails and what they point at. Alarms and rules are not in a snapshot.
    pub fn from_snapshot(snapshot: &Snapshot, baseline: &Baseline) -> Self {
        let Organization { id, arn, management_account, accounts, .. } = &snapshot.organization;
        let mut members: BTreeSet<AccountId> = accounts.keys().cloned().collect();
        members.remove(management_account);
        let bucket = |bucket: &LogBucket| {
            let arn = format!("arn:{}:s3:::{}", arn.partition(), bucket.name);
            (Resource { kind: ResourceKind::Bucket, arn }, bucket_owner(&bucket.owner))
        };
        let keys = snapshot.keys.values().map(|key| by_arn(ResourceKind::Key, &key.arn, is_gone(&key.detail)));
        let log_groups = snapshot.log_groups.values();
        let groups = log_groups.clone().map(|group| by_arn(ResourceKind::LogGroup, &group.arn, is_gone(&group.detail)));
        let roles = log_groups
            .flat_map(|group| &group.roles)
            .map(|(arn, detail)| by_arn(ResourceKind::Role, arn, is_gone(detail)));
        Self {
            partition: arn.partition().to_owned(),
            organization: id.clone(),
            management_account: management_account.clone(),
            members,
            trails: snapshot.trails.keys().cloned().collect(),
            resources: snapshot.buckets.values().map(bucket).chain(keys).chain(groups).chain(roles).collect(),
            exceptions: baseline.tamper_exceptions.clone(),
        }
    }

    /// The resources of a kind with the member account that owns each, or the reason why no SCP can guard it.
    pub(super) fn owned(&self, kind: ResourceKind) -> impl Iterator<Item = (&str, Result<&AccountId, String>)> {
        let resources = self.resources.iter().filter(move |(resource, _)| resource.kind == kind);
        resources.map(|(resource, owner)| (resource.arn.as_str(), self.member(owner)))
    }

    /// The resources that each member account owns.
    pub(super) fn by_owner(&self) -> BTreeMap<&str, Vec<&Resource>> {
        let mut owned: BTreeMap<&str, Vec<&Resource>> = BTreeMap::new();
        for (resource, owner) in &self.resources {
            if let Ok(account) = self.member(owner) {
                owned.entry(account.as_str()).or_default().push(resource);
            }
        }
        owned
    }

    fn member<'a>(&self, owner: &'a Owner) -> Result<&'a AccountId, String> {
        match owner {
            Owner::Unknown(reason) => Err(reason.clone()),
            Owner::Account(account) if *account == self.management_account => {
                Err("the management account owns it, which no SCP binds".to_owned())
            }
            Owner::Account(account) if !self.members.contains(account) => {
                Err(format!("account {account} owns it, which is not in the organization"))
            }
            Owner::Account(account) => Ok(account),
        }
    }
}

fn by_arn(kind: ResourceKind, arn: &Arn, is_gone: bool) -> (Resource, Owner) {
    let owner = match arn.account() {
        _ if is_gone => Owner::Unknown("it does not exist".to_owned()),
        // A Deny on an alias is no Deny on its key.
        _ if kind == ResourceKind::Key && !arn.resource().starts_with("key/") => {
            Owner::Unknown("it is not the ARN of a key".to_owned())
        }
        Some(account) => Owner::Account(account),
        None => Owner::Unknown("its ARN names no account".to_owned()),
    };
    (Resource { kind, arn: arn.to_string() }, owner)
}

fn is_gone<T>(detail: &Observed<Option<T>>) -> bool {
    detail.known().is_some_and(Option::is_none)
}

fn bucket_owner(owner: &Observed<BucketOwner>) -> Owner {
    match owner {
        Observed::Known(BucketOwner::Account(account)) => Owner::Account(account.clone()),
        Observed::Known(BucketOwner::OutsideOrganization) => {
            Owner::Unknown("an account outside the organization owns it".to_owned())
        }
        Observed::Known(BucketOwner::Missing) => Owner::Unknown("it does not exist".to_owned()),
        Observed::Gap(gap) => Owner::Unknown(format!("its owner is not known: {gap}")),
    }
}
