//! No composed RCP leaves without the proof, both ways: every call that the profile speaks of is denied to every stranger, and none
//! is to the organization's own, to CloudTrail delivering for it, or to a declared exception.
//!
//! A Deny stays one whatever else is attached, so that the proof holds beside any other RCP.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;

use super::Perimeter;
use super::requests::{Caller, Requests};
use crate::chain::{Chain, ChainVerdict};
use crate::compose::ComposedPolicy;
use crate::compose::error::ComposeError;
use crate::compose::nodes::Nodes;
use crate::compose::profile::Stranger;
use crate::document::{Kind, covered_by_resource_control};
use crate::prove::Call;
use crate::reference::reference;

/// What must be denied to whom.
pub(super) type Promised = BTreeMap<Call, BTreeSet<Stranger>>;

pub(super) fn check(perimeter: &Perimeter<'_>, policies: &[ComposedPolicy]) -> Result<(), ComposeError> {
    let nodes = Nodes::new(Kind::ResourceControl, policies)?;
    for (owner, promised) in promised(perimeter) {
        let chain = nodes.chain(owner.as_str(), &perimeter.guarded.organization);
        check_account(perimeter, owner, &chain, &promised)?;
    }
    Ok(())
}

/// By account, every call that AWS knows on what it owns and that a statement of the profile names.
pub(super) fn promised<'a>(perimeter: &Perimeter<'a>) -> BTreeMap<&'a AccountId, Promised> {
    let mut promised: BTreeMap<&AccountId, Promised> = BTreeMap::new();
    for statement in perimeter.profile.resource_controls() {
        for target in &statement.on {
            let actions: Vec<String> = statement
                .deny
                .iter()
                .filter_map(|pattern| {
                    let (prefix, names) = pattern.split_once(':')?;
                    let (_, service) = reference().service(prefix)?;
                    let on_target = service.actions_on(names, target.resource_type()?);
                    Some(on_target.map(|name| format!("{prefix}:{name}")).collect::<Vec<_>>())
                })
                .flatten()
                .filter(|action| covered_by_resource_control(action))
                .collect();
            for (arn, owner) in perimeter.owned(*target) {
                let of_owner = promised.entry(owner).or_default();
                for action in &actions {
                    let call = Call { action: action.clone(), resource: target.authorized(arn) };
                    of_owner.entry(call).or_default().insert(statement.to);
                }
            }
        }
    }
    promised
}

/// Every stranger is denied what is promised, and nobody else is.
fn check_account(
    perimeter: &Perimeter<'_>,
    owner: &AccountId,
    chain: &Chain,
    promised: &Promised,
) -> Result<(), ComposeError> {
    let requests = check_strangers(perimeter, owner, chain, promised)?;
    for call in promised.keys() {
        let is_denied = |caller: &&Caller| !chain.evaluate(&caller.request(call)).lets_through();
        if let Some(shut_out) = requests.let_through.iter().find(is_denied) {
            let (action, resource) = (call.action.clone(), call.resource.clone());
            return Err(ComposeError::ShutsOut { action, resource, principal: shut_out.words.clone() });
        }
    }
    Ok(())
}

/// Every stranger is denied what is promised. Gives the callers that were tried.
pub(super) fn check_strangers(
    perimeter: &Perimeter<'_>,
    owner: &AccountId,
    chain: &Chain,
    promised: &Promised,
) -> Result<Requests, ComposeError> {
    let not_proved = |call: Option<&Call>, reason: String| ComposeError::NotProved {
        action: call.map(|call| call.action.clone()).unwrap_or_default(),
        resource: call.map(|call| call.resource.clone()).unwrap_or_default(),
        account: owner.to_string(),
        reason,
    };
    let requests =
        Requests::new(perimeter, owner, chain).map_err(|reason| not_proved(promised.keys().next(), reason))?;
    for (call, strangers) in promised {
        for caller in strangers.iter().flat_map(|stranger| requests.of(*stranger)) {
            match chain.evaluate(&caller.request(call)) {
                ChainVerdict::ExplicitDeny(_) => {}
                ChainVerdict::Undecided(reason) => return Err(not_proved(Some(call), reason)),
                _ => return Err(not_proved(Some(call), format!("{} gets through", caller.words))),
            }
        }
    }
    Ok(requests)
}
