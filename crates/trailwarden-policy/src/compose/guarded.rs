//! What a composed set of policies is to guard: trails, the resources behind them with their owners, and the exceptions.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::organization::Organization;
use trailwarden_model::plan::Enclosure;

use super::profile::Profile;

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
    /// Accounts whose trails are not all known, so that there may be more to guard, with the reason.
    pub unread: BTreeMap<AccountId, String>,
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
    /// The resources of a kind with the member account that owns each, or the reason why no SCP can guard it.
    pub(super) fn owned(&self, kind: ResourceKind) -> impl Iterator<Item = (&str, Result<&AccountId, String>)> {
        let resources = self.resources.iter().filter(move |(resource, _)| resource.kind == kind);
        resources.map(|(resource, owner)| (resource.arn.as_str(), self.member(owner)))
    }

    /// What some accounts own of the things that the RCPs of a profile close to strangers; none when there is nothing of it.
    pub fn enclosure(&self, profile: Profile, accounts: &BTreeSet<AccountId>) -> Option<Enclosure> {
        let owned = |kind| -> BTreeMap<Arn, AccountId> {
            let owned = self.owned(kind).filter_map(|(arn, owner)| Some((arn.parse().ok()?, owner.ok()?.clone())));
            owned.filter(|(_, owner)| accounts.contains(owner)).collect()
        };
        let (buckets, keys) = (owned(ResourceKind::Bucket), owned(ResourceKind::Key));
        let is_empty = profile.resource_controls().is_empty() || buckets.is_empty() && keys.is_empty();
        (!is_empty).then(|| Enclosure {
            buckets,
            keys,
            trails: self.trails.clone(),
            exceptions: self.exceptions.clone(),
        })
    }

    /// The organization as it is, with what is to be closed in it.
    pub fn enclosed(organization: &Organization, enclosure: &Enclosure) -> Self {
        let owned = |kind: ResourceKind, arns: &BTreeMap<Arn, AccountId>| -> Vec<(Resource, Owner)> {
            let resource = |arn: &Arn| Resource { kind, arn: arn.to_string() };
            arns.iter().map(|(arn, owner)| (resource(arn), Owner::Account(owner.clone()))).collect()
        };
        let buckets = owned(ResourceKind::Bucket, &enclosure.buckets);
        Self {
            trails: enclosure.trails.clone(),
            resources: buckets.into_iter().chain(owned(ResourceKind::Key, &enclosure.keys)).collect(),
            ..Self::from_organization(organization, &enclosure.exceptions)
        }
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
