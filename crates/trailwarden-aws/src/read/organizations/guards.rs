//! Organizations: SCPs, RCPs, trusted access, delegated administrators.

use std::collections::BTreeSet;

use aws_sdk_organizations::types::PolicyType;
use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::NodeId;

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    LIST_POLICIES = Read::organization("organizations:ListPolicies", 5, 8);
    LIST_TARGETS = Read::organization("organizations:ListTargetsForPolicy", 5, 8);
    DESCRIBE_POLICY = Read::organization("organizations:DescribePolicy", 2, 2);
    LIST_SERVICE_ACCESS = Read::organization("organizations:ListAWSServiceAccessForOrganization", 1, 3);
    LIST_DELEGATED_ADMINISTRATORS = Read::organization("organizations:ListDelegatedAdministrators", 5, 8);
    LIST_DELEGATED_SERVICES = Read::organization("organizations:ListDelegatedServicesForAccount", 1, 3);
}

/// One policy as `ListPolicies` shows it.
pub(crate) struct Summary {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) aws_managed: bool,
}

/// Every policy of one type.
pub(crate) async fn policies(session: &Session, site: &Site, of_type: &PolicyType) -> Result<Vec<Summary>, Failure> {
    pages::all(|token| async move {
        let call = session.clients.organizations.list_policies().filter(of_type.clone());
        let call = call.max_results(super::PAGE).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
        let answer = session.call(&LIST_POLICIES, site, call).await?;
        let policies = answer.policies().iter().map(|policy| {
            let reason = "the answer holds a policy without an id";
            let id = policy.id().ok_or_else(|| unexpected(&LIST_POLICIES, &site.account, &site.region, reason))?;
            let name = policy.name().unwrap_or_default().to_owned();
            Ok(Summary { id: id.to_owned(), name, aws_managed: policy.aws_managed() })
        });
        Ok((policies.collect::<Result<_, Failure>>()?, answer.next_token().map(str::to_owned)))
    })
    .await
}

/// What one policy says, and how it is described.
pub(crate) struct Policy {
    pub(crate) content: String,
    pub(crate) description: Option<String>,
}

/// One policy.
pub(crate) async fn policy(session: &Session, site: &Site, id: &str) -> Result<Policy, Failure> {
    let call = session.clients.organizations.describe_policy().policy_id(id);
    let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
    let answer = session.call(&DESCRIBE_POLICY, site, call).await?;
    let content = answer.policy().and_then(|policy| policy.content()).map(str::to_owned);
    let summary = answer.policy().and_then(|policy| policy.policy_summary());
    let description = summary.and_then(|summary| summary.description()).map(str::to_owned);
    let content = content
        .ok_or_else(|| unexpected(&DESCRIBE_POLICY, &site.account, &site.region, "the answer holds no content"))?;
    Ok(Policy { content, description })
}

/// The root, OUs and accounts that one policy is attached to directly.
pub(crate) async fn policy_targets(session: &Session, site: &Site, id: &str) -> Result<BTreeSet<NodeId>, Failure> {
    let targets = pages::all(|token| async move {
        let call = session.clients.organizations.list_targets_for_policy().policy_id(id);
        let call = call.max_results(super::PAGE).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
        let answer = session.call(&LIST_TARGETS, site, call).await?;
        let ids = answer.targets().iter().filter_map(|target| target.target_id().map(str::to_owned));
        Ok((ids.collect(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    Ok(targets.into_iter().collect())
}

/// Service principals with trusted access.
pub(crate) async fn trusted_services(session: &Session, site: &Site) -> Result<BTreeSet<String>, Failure> {
    let services = pages::all(|token| async move {
        let call = session.clients.organizations.list_aws_service_access_for_organization();
        let call = call.max_results(super::PAGE).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
        let answer = session.call(&LIST_SERVICE_ACCESS, site, call).await?;
        let enabled = answer.enabled_service_principals().iter();
        let names = enabled.filter_map(|service| service.service_principal().map(str::to_owned));
        Ok((names.collect(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    Ok(services.into_iter().collect())
}

/// Delegated administrators of any service.
pub(crate) async fn delegated_administrators(session: &Session, site: &Site) -> Result<Vec<AccountId>, Failure> {
    let mut accounts: Vec<AccountId> = pages::all(|token| async move {
        let call = session.clients.organizations.list_delegated_administrators();
        let call = call.max_results(super::PAGE).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
        let answer = session.call(&LIST_DELEGATED_ADMINISTRATORS, site, call).await?;
        let ids = answer.delegated_administrators().iter().filter_map(|admin| admin.id()?.parse().ok());
        Ok((ids.collect(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    accounts.sort();
    Ok(accounts)
}

/// The services that one account administers.
pub(crate) async fn delegated_services(
    session: &Session,
    site: &Site,
    account: &AccountId,
) -> Result<BTreeSet<String>, Failure> {
    let services = pages::all(|token| async move {
        let call = session.clients.organizations.list_delegated_services_for_account().account_id(account.as_str());
        let call = call.max_results(super::PAGE).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
        let answer = session.call(&LIST_DELEGATED_SERVICES, site, call).await?;
        let names =
            answer.delegated_services().iter().filter_map(|service| service.service_principal().map(str::to_owned));
        Ok((names.collect(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    Ok(services.into_iter().collect())
}
