//! What the organization's own policies say: SCPs of the caller's account, RCPs of the resource's.

use trailwarden_model::ids::AccountId;

use crate::policy::{Context, Decision, Kind, Question, decide_all};
use crate::request::Caller;
use crate::service::Access;
use crate::world::World;
use crate::world::organizations::{Organization, RCP, SCP};

/// The served services whose resources RCPs reach, as the prefixes of their actions.
const REACHED_BY_RCPS: &[&str] = &["s3:", "kms:", "sts:", "logs:"];

/// SCPs of the caller's account: the management account and service-linked roles are never bound.
pub fn service_control(
    world: &World,
    account: &AccountId,
    is_service_linked: bool,
    question: &Question<'_>,
) -> Decision {
    if is_service_linked {
        return Decision::Allowed;
    }
    on_path(world, account, SCP, Kind::Identity, question)
}

/// RCPs of the account that owns the resource, whoever calls, AWS services too; not of the management account.
pub fn resource_control(
    world: &World,
    owner: Option<&AccountId>,
    is_service_linked: bool,
    question: &Question<'_>,
) -> Decision {
    match owner {
        Some(owner) if !is_service_linked => on_path(world, owner, RCP, Kind::Resource, question),
        _ => Decision::Allowed,
    }
}

/// The account that owns the resource of a call, when RCPs reach it: its policy says so, or it is the caller's own.
pub fn owner<'a>(access: &'a Access, caller: &'a Caller) -> Option<&'a AccountId> {
    let is_reached = access.resource != "*" && REACHED_BY_RCPS.iter().any(|prefix| access.action.starts_with(prefix));
    let owner = access.resource_policy.as_ref().map_or(&caller.account, |policy| &policy.owner);
    is_reached.then_some(owner)
}

/// The condition keys about the account that calls, owns the resource or has a service call: `aws:PrincipalAccount`,
/// `aws:PrincipalOrgID` and `aws:PrincipalOrgPaths`, or the same of `Resource` or `Source`.
pub fn whose(world: &World, whose: &str, account: &AccountId) -> Context {
    let context = Context::new().with(&format!("aws:{whose}Account"), account.as_str());
    match world.organization.as_ref().filter(|organization| organization.accounts.contains_key(account)) {
        Some(organization) => context
            .with(&format!("aws:{whose}OrgID"), organization.id.as_str())
            .with(&format!("aws:{whose}OrgPaths"), organization.org_path(account)),
        None => context,
    }
}

/// Walks root, units and account: each level must allow and none may deny.
fn on_path(world: &World, account: &AccountId, of: &str, kind: Kind, question: &Question<'_>) -> Decision {
    let is_bound = |organization: &&Organization| {
        organization.policy_types.get(of).is_some_and(|status| status == "ENABLED")
            && organization.management_account != *account
    };
    let Some(organization) = world.organization.as_ref().filter(is_bound) else { return Decision::Allowed };
    let levels: Vec<Decision> = organization
        .path(account)
        .iter()
        .map(|node| decide_all(organization.attached(node, of).map(|p| p.content.as_str()), kind, question))
        .collect();
    match () {
        () if levels.contains(&Decision::Denied) => Decision::Denied,
        () if levels.contains(&Decision::Silent) => Decision::Silent,
        () => Decision::Allowed,
    }
}
