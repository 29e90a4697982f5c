//! Who owns a bucket: whom to ask first, and what the answers amount to. Pure.

use std::collections::BTreeSet;

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, GapKind, Observed};
use trailwarden_model::organization::Organization;
use trailwarden_model::storage::BucketOwner;
use trailwarden_model::trail::Trail;

use crate::read::s3::Existence;

/// Accounts to ask for a bucket: those likely to own it, then every other account that is audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidates {
    /// Asked first.
    pub(crate) likely: Vec<AccountId>,
    /// Asked when none of the likely ones owns it. Together with the likely ones: every usable account of the organization.
    pub(crate) others: Vec<AccountId>,
}

/// Whom to ask for the bucket of these trails. Likely are the account whose id is part of the bucket's name, the owners of
/// the trails and of their keys, accounts named like a log archive, and the management account.
pub(crate) fn candidates(organization: &Organization, bucket: &str, trails: &[&Trail]) -> Candidates {
    let usable = || organization.accounts.values().filter(|account| account.state.is_audited());
    let named = usable().filter(|account| bucket.contains(account.id.as_str()));
    let archives = usable().filter(|account| {
        let name = account.name.to_ascii_lowercase();
        ["log", "audit", "archive"].iter().any(|hint| name.contains(hint))
    });
    let keys = trails.iter().filter_map(|trail| trail.kms_key.as_ref()?.account());
    let is_usable = |id: &AccountId| organization.accounts.get(id).is_some_and(|account| account.state.is_audited());
    let mut seen = BTreeSet::new();
    let likely: Vec<AccountId> = named
        .map(|account| account.id.clone())
        .chain(keys)
        .chain(archives.map(|account| account.id.clone()))
        .chain(trails.iter().map(|trail| trail.owner.clone()))
        .chain(Some(organization.management_account.clone()))
        .filter(|id| is_usable(id) && seen.insert(id.clone()))
        .collect();
    let others = usable().map(|account| account.id.clone()).filter(|id| !seen.contains(id)).collect();
    Candidates { likely, others }
}

/// What the answers amount to. `owner` is the account that lists the bucket as its own, `silent` are the gaps of the
/// accounts that could not be asked.
pub(crate) fn decide(existence: &Existence, owner: Option<AccountId>, silent: &[Gap]) -> Observed<BucketOwner> {
    match (owner, existence, silent) {
        (Some(owner), _, _) => Observed::Known(BucketOwner::Account(owner)),
        (None, Existence::Missing, _) => Observed::Known(BucketOwner::Missing),
        (None, Existence::Exists(_), []) => Observed::Known(BucketOwner::OutsideOrganization),
        (None, Existence::Exists(_), [first, rest @ ..]) => Observed::Gap(Gap {
            reason: match rest.len() {
                0 => format!("one account could not be asked for the bucket: {}", first.reason),
                n => format!("{} accounts could not be asked for the bucket; the first: {}", n + 1, first.reason),
            },
            ..first.clone()
        }),
        (None, Existence::Unknown(gap), _) => Observed::Gap(gap.clone()),
    }
}

/// The gap that stands for every setting of a bucket whose owner is not an account we can ask.
pub(crate) fn no_settings(owner: &Observed<BucketOwner>, bucket: &str) -> Option<Gap> {
    let because = match owner {
        Observed::Known(BucketOwner::Account(_)) => return None,
        Observed::Gap(gap) => return Some(gap.clone()),
        Observed::Known(BucketOwner::Missing) => "does not exist",
        Observed::Known(BucketOwner::OutsideOrganization) => "belongs to an account outside the organization",
    };
    Some(Gap {
        kind: GapKind::NotVisible,
        call: "s3:ListBuckets".to_owned(),
        account: None,
        region: None,
        code: "NoOwner".to_owned(),
        reason: format!("bucket {bucket} {because}"),
    })
}

#[cfg(test)]
mod tests {
    use trailwarden_model::ids::Arn;
    use trailwarden_model::organization::{Account, AccountState, FeatureSet};

    use super::*;

    fn id(text: &str) -> AccountId {
        text.parse().unwrap()
    }

    fn gap(reason: &str) -> Gap {
        Gap {
            kind: GapKind::AccountNotEntered,
            call: "sts:AssumeRole".to_owned(),
            account: None,
            region: None,
            code: "AccessDenied".to_owned(),
            reason: reason.to_owned(),
        }
    }

    fn organization(accounts: &[(&str, &str, AccountState)]) -> Organization {
        let account = |(number, name, state): &(&str, &str, AccountState)| Account {
            id: id(number),
            name: (*name).to_owned(),
            state: state.clone(),
            joined_method: None,
            parent: Observed::Gap(gap("")),
        };
        Organization {
            id: "o-1".to_owned(),
            arn: "arn:aws:organizations::111111111111:organization/o-1".parse().unwrap(),
            management_account: id("111111111111"),
            feature_set: FeatureSet::All,
            root: Observed::Gap(gap("")),
            units: Observed::Gap(gap("")),
            accounts: accounts.iter().map(account).map(|account| (account.id.clone(), account)).collect(),
            service_control_policies: Observed::Gap(gap("")),
            resource_control_policies: Observed::Gap(gap("")),
            trusted_services: Observed::Gap(gap("")),
            delegated_administrators: Observed::Gap(gap("")),
        }
    }

    #[test]
    fn the_likely_owners_are_asked_first_and_every_usable_account_once() {
        let organization = organization(&[
            ("111111111111", "acme", AccountState::Active),
            ("222222222222", "Log Archive", AccountState::Active),
            ("333333333333", "dev", AccountState::Active),
            ("444444444444", "prod", AccountState::PendingClosure),
            ("555555555555", "old logs", AccountState::Closed),
            ("666666666666", "keys", AccountState::Active),
        ]);
        let arn: Arn = "arn:aws:cloudtrail:eu-west-1:333333333333:trail/t".parse().unwrap();
        let key = "arn:aws:kms:eu-west-1:666666666666:key/k".parse().unwrap();
        let trail = crate::collect::trails::tests::trail_of(arn, Some(key));
        let asked = candidates(&organization, "trail-444444444444", &[&trail]);
        let likely = ["444444444444", "666666666666", "222222222222", "333333333333", "111111111111"];
        assert_eq!(asked.likely, likely.map(id));
        assert_eq!(asked.others, []);
        let asked = candidates(&organization, "plain", &[]);
        assert_eq!(asked.likely, ["222222222222", "111111111111"].map(id));
        assert_eq!(asked.others, ["333333333333", "444444444444", "666666666666"].map(id));
    }

    #[test]
    fn outside_is_only_said_when_every_account_answered() {
        let exists = Existence::Exists(None);
        let unknown = Existence::Unknown(gap("head"));
        let of = |existence: &Existence, owner: Option<&str>, silent: &[Gap]| decide(existence, owner.map(id), silent);
        let account = Observed::Known(BucketOwner::Account(id("222222222222")));
        assert_eq!(of(&unknown, Some("222222222222"), &[gap("a")]), account);
        assert_eq!(of(&exists, None, &[]), Observed::Known(BucketOwner::OutsideOrganization));
        assert_eq!(of(&Existence::Missing, None, &[gap("a")]), Observed::Known(BucketOwner::Missing));
        assert_eq!(of(&unknown, None, &[]), Observed::Gap(gap("head")));
        let silent = of(&exists, None, &[gap("a"), gap("b")]);
        let reason = "2 accounts could not be asked for the bucket; the first: a";
        assert_eq!(silent.gap().map(|gap| gap.reason.as_str()), Some(reason));
    }
}
