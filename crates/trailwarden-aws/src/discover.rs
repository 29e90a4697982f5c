//! Discovery of the organization: what it is, its accounts, its tree. Called in the leader region.

use std::collections::BTreeMap;

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{Account, Organization};

use crate::error::CollectError;
use crate::read::organizations;
use crate::session::{Session, Site};

mod guards;
mod tree;

pub(crate) use guards::guards;

/// The organization with accounts and tree; SCPs, RCPs, trusted access and delegated administrators are left as gaps.
///
/// # Errors
/// No organization, or a caller that may not list its accounts: without accounts there is nothing to audit.
pub(crate) async fn organization(session: &Session) -> Result<Organization, CollectError> {
    let site = session.own_site(&session.leader).await.map_err(CollectError::essential)?;
    let described = organizations::organization(session, &site).await.map_err(|failure| match failure.code() {
        "AWSOrganizationsNotInUseException" => CollectError::NoOrganization(site.account.clone()),
        _ => CollectError::essential(failure.gap),
    })?;
    let (accounts, root) = futures::join!(organizations::accounts(session, &site), organizations::root(session, &site));
    let not_allowed = |reason: String| CollectError::NotAllowedToListAccounts {
        caller: site.account.clone(),
        organization: described.id.clone(),
        management_account: described.management_account.clone(),
        reason,
    };
    let accounts = accounts.map_err(|failure| match failure.code() {
        "AccessDeniedException" | "AccessDenied" => not_allowed(failure.gap.reason),
        _ => CollectError::essential(failure.gap),
    })?;
    if accounts.is_empty() {
        return Err(not_allowed("the list of accounts came back empty".to_owned()));
    }
    let mut accounts: BTreeMap<AccountId, Account> =
        accounts.into_iter().map(|account| (account.id.clone(), account)).collect();
    let root = Observed::from(root.map_err(Gap::from));
    let units = tree::units(session, &site, &root).await;
    tree::place_accounts(session, &site, &root, &units, &mut accounts).await;
    let not_collected = |call| Gap::not_collected(call, Some(&site.account), None);
    Ok(Organization {
        id: described.id,
        arn: described.arn,
        management_account: described.management_account,
        feature_set: described.feature_set,
        root,
        units,
        accounts,
        service_control_policies: Observed::Gap(not_collected("organizations:ListPolicies")),
        resource_control_policies: Observed::Gap(not_collected("organizations:ListPolicies")),
        trusted_services: Observed::Gap(not_collected("organizations:ListAWSServiceAccessForOrganization")),
        delegated_administrators: Observed::Gap(not_collected("organizations:ListDelegatedAdministrators")),
    })
}

/// The caller's own site for organization reads, or the gap for all of them.
async fn leader_site(session: &Session) -> Result<Site, Gap> {
    session.own_site(&session.leader).await
}
