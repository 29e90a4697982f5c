//! What the new policies would deny to the roles that this tool acts with.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::Organization;

use super::lookups::spelt;
use crate::chain::{Chain, ChainVerdict, Chains};
use crate::compose::Proposal;
use crate::document::Effect;
use crate::prove::{Call, facts_of};
use crate::request::{Principal, Request};

/// A call of ours that would be denied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnDenial {
    /// The account of the role.
    pub account: AccountId,
    /// The ARN of the role.
    pub role: String,
    /// For example `cloudtrail:UpdateTrail`.
    pub action: String,
    /// One resource that it would be denied on.
    pub resource: String,
    /// The new policy.
    pub policy: String,
}

/// The calls among `actions` that new policies would deny to the identities with which this tool acts, one in each account, and
/// that today's policies let through.
///
/// # Errors
/// The gap of policies or a tree that could not be read.
pub fn denied_to_own_roles(
    organization: &Organization,
    proposal: &Proposal,
    identities: &BTreeMap<AccountId, String>,
    actions: &BTreeSet<&str>,
) -> Result<Vec<OwnDenial>, Gap> {
    let (today, proposed) = (Chains::new(organization)?, Chains::new(&proposal.organization)?);
    let partition = organization.arn.partition();
    let mut denials = BTreeSet::new();
    for (account, role) in identities {
        let (today, proposed) = (today.of(account)?, proposed.of(account)?);
        for (policy, call) in calls(proposal, &proposed, account, actions) {
            let request = |chain: &Chain| Request {
                principal: Principal::Aws(role.clone()),
                action: call.action.clone(),
                resource: call.resource.clone(),
                context: facts_of(chain, partition, &call, role),
            };
            let is_denied = matches!(proposed.evaluate(&request(&proposed)), ChainVerdict::ExplicitDeny(_));
            let is_old = matches!(
                today.evaluate(&request(&today)),
                ChainVerdict::ExplicitDeny(_) | ChainVerdict::ImplicitDeny { .. }
            );
            if is_denied && !is_old {
                let Call { action, resource } = call;
                denials.insert(OwnDenial { account: account.clone(), role: role.clone(), action, resource, policy });
            }
        }
    }
    // One resource is enough to show it.
    let mut denials: Vec<OwnDenial> = denials.into_iter().collect();
    denials.dedup_by(|a, b| (&a.account, &a.action, &a.policy) == (&b.account, &b.action, &b.policy));
    Ok(denials)
}

/// The calls that the Deny statements of new policies on a chain name, each on one resource of every pattern.
fn calls(proposal: &Proposal, chain: &Chain, account: &AccountId, actions: &BTreeSet<&str>) -> Vec<(String, Call)> {
    let mut calls = Vec::new();
    for (_, policy, statement) in chain.statements().filter(|(_, policy, _)| proposal.new.contains(&policy.id)) {
        if statement.effect != Effect::Deny {
            continue;
        }
        let patterns = statement.resources.iter().flat_map(|resources| &resources.patterns);
        let resources: Vec<String> =
            patterns.map(|pattern| example(pattern.value.template().source(), account)).collect();
        for action in spelt(statement).into_iter().filter(|action| actions.contains(action.as_str())) {
            let call = |resource: &String| Call { action: action.clone(), resource: resource.clone() };
            calls.extend(resources.iter().map(|resource| (policy.id.clone(), call(resource))));
        }
    }
    calls
}

/// An ARN in a pattern, of this account where the pattern leaves it open.
fn example(pattern: &str, account: &AccountId) -> String {
    if pattern == "*" {
        return pattern.to_owned();
    }
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let part = |(index, part): (usize, &&str)| match (index, *part) {
        (4, "*") => account.to_string(),
        _ => part.replace('*', "any").replace('?', "x"),
    };
    parts.iter().enumerate().map(part).collect::<Vec<_>>().join(":")
}
