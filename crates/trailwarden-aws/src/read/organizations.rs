//! Organizations: the organization, its accounts, its tree.

use std::collections::BTreeSet;

use aws_sdk_organizations::types;
use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{Account, AccountState, FeatureSet, NodeId, Root, Unit};

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::convert::text;
use crate::read::pages;
use crate::session::{Session, Site, at};

pub(crate) mod guards;

// Rates and bursts per account as the Organizations User Guide states them.
reads! {
    DESCRIBE_ORGANIZATION = Read::organization("organizations:DescribeOrganization", 1, 2);
    LIST_ROOTS = Read::organization("organizations:ListRoots", 1, 2);
    LIST_ACCOUNTS = Read::organization("organizations:ListAccounts", 8, 12);
    LIST_UNITS = Read::organization("organizations:ListOrganizationalUnitsForParent", 5, 8);
    LIST_ACCOUNTS_FOR_PARENT = Read::organization("organizations:ListAccountsForParent", 5, 8);
}

/// Organizations answers at most this many items a page.
const PAGE: i32 = 20;

/// What `DescribeOrganization` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) id: String,
    pub(crate) arn: Arn,
    pub(crate) management_account: AccountId,
    pub(crate) feature_set: FeatureSet,
}

/// The organization of the caller. Works from every member.
pub(crate) async fn organization(session: &Session, site: &Site) -> Result<Described, Failure> {
    let call = session.clients.organizations.describe_organization();
    let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
    let answer = session.call(&DESCRIBE_ORGANIZATION, site, call).await?;
    let described = answer.organization().and_then(|organization| {
        Some(Described {
            id: organization.id()?.to_owned(),
            arn: organization.arn()?.parse().ok()?,
            management_account: organization.master_account_id()?.parse().ok()?,
            feature_set: match organization.feature_set() {
                Some(types::OrganizationFeatureSet::ConsolidatedBilling) => FeatureSet::ConsolidatedBilling,
                _ => FeatureSet::All,
            },
        })
    });
    let reason = "the answer lacks the organization's id, ARN or management account";
    described.ok_or_else(|| unexpected(&DESCRIBE_ORGANIZATION, &site.account, &site.region, reason))
}

/// The root with its enabled policy types.
pub(crate) async fn root(session: &Session, site: &Site) -> Result<Root, Failure> {
    let roots = pages::all(|token| async move {
        let call = session.clients.organizations.list_roots().max_results(PAGE).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
        let answer = session.call(&LIST_ROOTS, site, call).await?;
        Ok((answer.roots().to_vec(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    let enabled = |kind: &&types::PolicyTypeSummary| kind.status() == Some(&types::PolicyTypeStatus::Enabled);
    let root = roots.iter().find_map(|root| {
        let kinds = root.policy_types().iter().filter(enabled).filter_map(|kind| Some(kind.r#type()?.to_string()));
        Some(Root { id: root.id()?.to_owned(), enabled_policy_types: kinds.collect::<BTreeSet<String>>() })
    });
    root.ok_or_else(|| unexpected(&LIST_ROOTS, &site.account, &site.region, "the answer holds no root"))
}

/// Every account. Its parent comes from `Paths` where AWS gives them, else it is a gap for the tree walk to fill.
pub(crate) async fn accounts(session: &Session, site: &Site) -> Result<Vec<Account>, Failure> {
    let accounts = pages::all(|token| async move {
        let call = session.clients.organizations.list_accounts().max_results(PAGE).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
        let answer = session.call(&LIST_ACCOUNTS, site, call).await?;
        Ok((answer.accounts().to_vec(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    let accounts = accounts.iter().map(|listed| {
        let reason = "the answer holds an account without an id of twelve digits";
        account(listed).ok_or_else(|| unexpected(&LIST_ACCOUNTS, &site.account, &site.region, reason))
    });
    accounts.collect()
}

fn account(listed: &types::Account) -> Option<Account> {
    let id: AccountId = listed.id()?.parse().ok()?;
    let parent = listed.paths().first().and_then(|path| parent_in(path, &id));
    let missing = || Gap::not_collected(LIST_ACCOUNTS_FOR_PARENT.operation, Some(&id), None);
    Some(Account {
        name: listed.name().unwrap_or_default().to_owned(),
        state: state(
            listed.state().map(types::AccountState::as_str),
            listed.status().map(types::AccountStatus::as_str),
        ),
        joined_method: listed.joined_method().map(ToString::to_string),
        parent: parent.map_or_else(|| Observed::Gap(missing()), Observed::Known),
        id,
    })
}

/// `State` where AWS gives it, else legacy `Status`, whose `SUSPENDED` covers closed accounts too.
fn state(state: Option<&str>, status: Option<&str>) -> AccountState {
    match text(state).or_else(|| text(status)).unwrap_or_default().as_str() {
        "PENDING_ACTIVATION" => AccountState::PendingActivation,
        "ACTIVE" => AccountState::Active,
        "SUSPENDED" => AccountState::Suspended,
        "PENDING_CLOSURE" => AccountState::PendingClosure,
        "CLOSED" => AccountState::Closed,
        other => AccountState::Other(other.to_owned()),
    }
}

/// The node before the account in a path such as `o-1/r-1/ou-1-2/111122223333/`.
fn parent_in(path: &str, account: &AccountId) -> Option<NodeId> {
    let mut nodes = path.trim_end_matches('/').rsplit('/');
    let is_its_own = nodes.next() == Some(account.as_str());
    nodes.next().filter(|node| is_its_own && (node.starts_with("r-") || node.starts_with("ou-"))).map(str::to_owned)
}

/// The OUs right below a root or OU.
pub(crate) async fn units_below(session: &Session, site: &Site, parent: &str) -> Result<Vec<Unit>, Failure> {
    pages::all(|token| async move {
        let call = session.clients.organizations.list_organizational_units_for_parent().parent_id(parent);
        let call = call.max_results(PAGE).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
        let answer = session.call(&LIST_UNITS, site, call).await?;
        let units = answer.organizational_units().iter().filter_map(|unit| {
            let name = unit.name().unwrap_or_default().to_owned();
            Some(Unit { id: unit.id()?.to_owned(), name, parent: parent.to_owned() })
        });
        Ok((units.collect(), answer.next_token().map(str::to_owned)))
    })
    .await
}

/// The accounts right below a root or OU.
pub(crate) async fn accounts_below(session: &Session, site: &Site, parent: &str) -> Result<Vec<AccountId>, Failure> {
    pages::all(|token| async move {
        let call = session.clients.organizations.list_accounts_for_parent().parent_id(parent);
        let call = call.max_results(PAGE).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
        let answer = session.call(&LIST_ACCOUNTS_FOR_PARENT, site, call).await?;
        let ids = answer.accounts().iter().filter_map(|account| account.id()?.parse().ok());
        Ok((ids.collect(), answer.next_token().map(str::to_owned)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_is_read_before_status_and_unknown_states_are_kept() {
        assert_eq!(state(Some("CLOSED"), Some("SUSPENDED")), AccountState::Closed);
        assert_eq!(state(None, Some("ACTIVE")), AccountState::Active);
        assert_eq!(state(Some("HIBERNATING"), None), AccountState::Other("HIBERNATING".to_owned()));
        assert_eq!(state(None, None), AccountState::Other(String::new()));
    }

    #[test]
    fn the_parent_is_the_node_before_the_account() {
        let account: AccountId = "111122223333".parse().unwrap();
        let parent = |path| parent_in(path, &account);
        assert_eq!(parent("o-1/r-1/ou-1-2/111122223333/").as_deref(), Some("ou-1-2"));
        assert_eq!(parent("o-1/r-1/111122223333").as_deref(), Some("r-1"));
        assert_eq!(parent("o-1/r-1/999999999999/"), None);
        assert_eq!(parent(""), None);
    }
}
