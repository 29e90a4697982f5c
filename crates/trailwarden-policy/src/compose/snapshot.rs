//! What a snapshot shows to be guarded. Whatever it does not show is said.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::baseline::Baseline;
use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::Organization;
use trailwarden_model::snapshot::{AccountSnapshot, Snapshot};
use trailwarden_model::storage::BucketOwner;
use trailwarden_model::trail::Trail;

use super::guarded::{Guarded, Owner, Resource, ResourceKind};

impl Guarded {
    /// An organization of which nothing but the accounts is known, with the declared exceptions: enough for profiles that
    /// name no resource.
    pub fn from_organization(organization: &Organization, exceptions: &BTreeSet<String>) -> Self {
        let Organization { id, arn, management_account, accounts, .. } = organization;
        Self {
            partition: arn.partition().to_owned(),
            organization: id.clone(),
            management_account: management_account.clone(),
            members: accounts.keys().filter(|id| *id != management_account).cloned().collect(),
            trails: BTreeSet::new(),
            resources: BTreeMap::new(),
            unread: BTreeMap::new(),
            exceptions: exceptions.clone(),
        }
    }

    /// The trails of a snapshot and what they point at, with the exceptions of a baseline. Alarms and rules are not in a snapshot.
    pub fn from_snapshot(snapshot: &Snapshot, baseline: &Baseline) -> Self {
        Self {
            trails: snapshot.trails.keys().cloned().collect(),
            resources: snapshot.trails.values().flat_map(|trail| behind(trail, snapshot)).collect(),
            unread: unread(snapshot),
            ..Self::from_organization(&snapshot.organization, &baseline.tamper_exceptions)
        }
    }
}

/// What a trail points at, whether or not the snapshot has looked at it.
fn behind(trail: &Trail, snapshot: &Snapshot) -> Vec<(Resource, Owner)> {
    let bucket = Resource {
        kind: ResourceKind::Bucket,
        arn: format!("arn:{}:s3:::{}", snapshot.organization.arn.partition(), trail.bucket),
    };
    let mut found = vec![(bucket, bucket_owner(snapshot, &trail.bucket))];
    if let Some(key) = &trail.kms_key {
        let is_gone = snapshot.keys.get(key).is_some_and(|known| is_gone(&known.detail));
        found.push(by_arn(ResourceKind::Key, key, is_gone));
    }
    let group = trail.log_group.as_ref().and_then(|group| snapshot.log_groups.get(group));
    if let Some(arn) = &trail.log_group {
        found.push(by_arn(ResourceKind::LogGroup, arn, group.is_some_and(|known| is_gone(&known.detail))));
    }
    if let Some(role) = &trail.log_role {
        let known = group.and_then(|group| group.roles.get(role));
        found.push(by_arn(ResourceKind::Role, role, known.is_some_and(is_gone)));
    }
    found
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

fn bucket_owner(snapshot: &Snapshot, name: &str) -> Owner {
    match snapshot.buckets.get(name).map(|bucket| &bucket.owner) {
        Some(Observed::Known(BucketOwner::Account(account))) => Owner::Account(account.clone()),
        Some(Observed::Known(BucketOwner::OutsideOrganization)) => {
            Owner::Unknown("an account outside the organization owns it".to_owned())
        }
        Some(Observed::Known(BucketOwner::Missing)) => Owner::Unknown("it does not exist".to_owned()),
        Some(Observed::Gap(gap)) => Owner::Unknown(format!("its owner is not known: {gap}")),
        None => Owner::Unknown("the snapshot was taken without its owner".to_owned()),
    }
}

/// The accounts whose trails are not all in the snapshot, with the reason.
fn unread(snapshot: &Snapshot) -> BTreeMap<AccountId, String> {
    let audited = snapshot.organization.accounts.values().filter(|account| account.state.is_audited());
    audited
        .filter_map(|account| {
            let reason = match snapshot.accounts.get(&account.id) {
                None => "the snapshot was taken without this account".to_owned(),
                Some(seen) => first_gap(seen)?.to_string(),
            };
            Some((account.id.clone(), reason))
        })
        .collect()
}

fn first_gap(account: &AccountSnapshot) -> Option<&Gap> {
    let of_regions = account.regions.values().filter_map(|region| region.trails.gap());
    account.entered_as.gap().into_iter().chain(of_regions).next()
}
