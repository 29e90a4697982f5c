//! Which accounts and regions a run is about, and which facts.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Observed;
use trailwarden_model::organization::Organization;
use trailwarden_model::snapshot::{Need, RegionList};

use super::accounts::Entered;
use crate::error::CollectError;

/// The caller's filters and needs. Empty filters mean everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// Accounts to audit, besides those of `ous`.
    pub accounts: BTreeSet<AccountId>,
    /// Roots and OUs, by id or exact name, whose accounts to audit at any depth.
    pub ous: BTreeSet<String>,
    /// Accounts to leave out of whatever the other filters chose.
    pub exclude_accounts: BTreeSet<AccountId>,
    /// Regions to read in each account.
    pub regions: BTreeSet<Region>,
    /// What to read.
    pub needs: BTreeSet<Need>,
    /// Days of event history to look up, where that is needed; CloudTrail keeps 90.
    pub history_days: u32,
}

/// The accounts of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Accounts to audit, all in a state to be audited.
    pub(crate) accounts: BTreeSet<AccountId>,
    /// Accounts that a filter left out, whatever their state.
    pub(crate) excluded: BTreeSet<AccountId>,
}

impl Selection {
    /// The accounts to look at, all in a state to be audited.
    ///
    /// # Errors
    /// A filter names an account or OU that does not exist, the tree it needs could not be read, or nothing is left.
    pub fn in_scope(&self, organization: &Organization) -> Result<BTreeSet<AccountId>, CollectError> {
        self.resolve(organization).map(|scope| scope.accounts)
    }

    /// The accounts that the filters leave.
    ///
    /// # Errors
    /// A filter names an account or OU that does not exist, the tree it needs could not be read, or nothing is left.
    pub(crate) fn resolve(&self, organization: &Organization) -> Result<Scope, CollectError> {
        let stranger = self.accounts.union(&self.exclude_accounts).find(|id| !organization.accounts.contains_key(id));
        if let Some(account) = stranger {
            let organization = organization.id.clone();
            return Err(CollectError::UnknownAccount { account: account.clone(), organization });
        }
        let nodes = self.nodes(organization)?;
        let mut scope = Scope { accounts: BTreeSet::new(), excluded: BTreeSet::new() };
        for (id, account) in &organization.accounts {
            let is_chosen = (self.accounts.is_empty() && self.ous.is_empty())
                || self.accounts.contains(id)
                || is_below(organization, id, &nodes)?;
            if !is_chosen || self.exclude_accounts.contains(id) {
                scope.excluded.insert(id.clone());
            } else if account.state.is_audited() {
                scope.accounts.insert(id.clone());
            }
        }
        if scope.accounts.is_empty() { Err(CollectError::NothingInScope) } else { Ok(scope) }
    }

    /// The ids of the roots and OUs that the filter names.
    fn nodes(&self, organization: &Organization) -> Result<BTreeSet<String>, CollectError> {
        let mut nodes = BTreeSet::new();
        if self.ous.is_empty() {
            return Ok(nodes);
        }
        let units = organization.units.get().map_err(CollectError::essential)?;
        let root = organization.root.get().map_err(CollectError::essential)?;
        for wanted in &self.ous {
            let found: Vec<String> = units
                .values()
                .filter(|unit| unit.id == *wanted || unit.name == *wanted)
                .map(|unit| unit.id.clone())
                .chain(Some(root.id.clone()).filter(|root| root == wanted))
                .collect();
            if found.is_empty() {
                let organization = organization.id.clone();
                return Err(CollectError::UnknownUnit { unit: wanted.clone(), organization });
            }
            nodes.extend(found);
        }
        Ok(nodes)
    }
}

fn is_below(organization: &Organization, account: &AccountId, nodes: &BTreeSet<String>) -> Result<bool, CollectError> {
    if nodes.is_empty() {
        return Ok(false);
    }
    let path = organization.path_to(account).map_err(CollectError::essential)?;
    Ok(path.iter().any(|node| nodes.contains(node)))
}

/// A region that no account has would make an audit of nothing, which must not pass for an audit.
pub(crate) fn check_regions(
    wanted: &BTreeSet<Region>,
    entered: &BTreeMap<AccountId, Entered>,
) -> Result<(), CollectError> {
    let is_read = |entered: &Entered| matches!(entered.region_list, Observed::Known(RegionList::Read));
    if !entered.values().any(is_read) {
        return Ok(());
    }
    let nowhere = wanted.iter().find(|region| !entered.values().any(|entered| entered.regions.contains(region)));
    nowhere.map_or(Ok(()), |region| Err(CollectError::UnknownRegion(region.clone())))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::observed::{Gap, GapKind};
    use trailwarden_model::organization::{Account, AccountState, FeatureSet, Root, Unit};

    use super::*;

    fn id(text: &str) -> AccountId {
        text.parse().unwrap()
    }

    fn ids(texts: &[&str]) -> BTreeSet<AccountId> {
        texts.iter().map(|text| id(text)).collect()
    }

    /// Root r-1 with 111111111111; OU ou-a (Workloads) with 222222222222, below it ou-b (Prod) with 333333333333 and the
    /// suspended 444444444444.
    fn organization() -> Organization {
        let account = |number: &str, parent: &str, state| Account {
            id: id(number),
            name: String::new(),
            state,
            joined_method: None,
            parent: Observed::Known(parent.to_owned()),
        };
        let unit = |unit: &str, name: &str, parent: &str| Unit {
            id: unit.to_owned(),
            name: name.to_owned(),
            parent: parent.to_owned(),
        };
        let gap = Gap {
            kind: GapKind::NotCollected,
            call: String::new(),
            account: None,
            region: None,
            code: String::new(),
            reason: String::new(),
        };
        let accounts = [
            account("111111111111", "r-1", AccountState::Active),
            account("222222222222", "ou-a", AccountState::Active),
            account("333333333333", "ou-b", AccountState::PendingClosure),
            account("444444444444", "ou-b", AccountState::Suspended),
        ];
        Organization {
            id: "o-1".to_owned(),
            arn: "arn:aws:organizations::111111111111:organization/o-1".parse().unwrap(),
            management_account: id("111111111111"),
            feature_set: FeatureSet::All,
            root: Observed::Known(Root { id: "r-1".to_owned(), enabled_policy_types: BTreeSet::new() }),
            units: Observed::Known(
                [unit("ou-a", "Workloads", "r-1"), unit("ou-b", "Prod", "ou-a")]
                    .map(|unit| (unit.id.clone(), unit))
                    .into(),
            ),
            accounts: accounts.map(|account| (account.id.clone(), account)).into(),
            service_control_policies: Observed::Gap(gap.clone()),
            resource_control_policies: Observed::Gap(gap.clone()),
            trusted_services: Observed::Gap(gap.clone()),
            delegated_administrators: Observed::Gap(gap),
        }
    }

    #[test]
    fn without_filters_every_usable_account_is_in_scope_and_none_excluded() {
        let scope = Selection::default().resolve(&organization()).unwrap();
        assert_eq!(scope.accounts, ids(&["111111111111", "222222222222", "333333333333"]));
        assert_eq!(scope.excluded, ids(&[]));
    }

    #[test]
    fn an_ou_by_id_or_name_holds_the_accounts_of_the_ous_below_it() {
        for ou in ["ou-a", "Workloads"] {
            let selection = Selection { ous: [ou.to_owned()].into(), ..Selection::default() };
            let scope = selection.resolve(&organization()).unwrap();
            assert_eq!(scope.accounts, ids(&["222222222222", "333333333333"]));
            assert_eq!(scope.excluded, ids(&["111111111111"]));
        }
    }

    #[test]
    fn exclusion_wins_over_the_other_filters() {
        let selection = Selection {
            accounts: ids(&["111111111111", "222222222222"]),
            exclude_accounts: ids(&["222222222222"]),
            ..Selection::default()
        };
        let scope = selection.resolve(&organization()).unwrap();
        assert_eq!(scope.accounts, ids(&["111111111111"]));
        assert_eq!(scope.excluded, ids(&["222222222222", "333333333333", "444444444444"]));
    }

    #[test]
    fn filters_that_name_nothing_or_leave_nothing_are_errors() {
        let organization = organization();
        let unknown = Selection { accounts: ids(&["999999999999"]), ..Selection::default() };
        assert!(matches!(unknown.resolve(&organization), Err(CollectError::UnknownAccount { .. })));
        let unknown = Selection { ous: ["ou-z".to_owned()].into(), ..Selection::default() };
        assert!(matches!(unknown.resolve(&organization), Err(CollectError::UnknownUnit { .. })));
        let suspended = Selection { accounts: ids(&["444444444444"]), ..Selection::default() };
        assert_eq!(suspended.resolve(&organization), Err(CollectError::NothingInScope));
    }
}
