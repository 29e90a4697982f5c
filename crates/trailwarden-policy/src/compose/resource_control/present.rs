//! Whether the RCPs of an organization as it is, or would be, deny strangers what the profile speaks of.

use std::collections::BTreeMap;
use std::sync::Arc;

use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::Organization;

use super::Perimeter;
use super::proof::{check_strangers, promised};
use super::requests::foreign_key;
use crate::chain::{AttachedPolicy, Chain, ChainNode, Chains};
use crate::compose::{ComposeError, Guarded, Profile};
use crate::document::{Effect, Statement};

/// The member accounts in which a stranger gets at something that the profile closes, each with the first who does, or with what
/// could not be read.
///
/// # Errors
/// When an exception is no pattern over ARNs that a policy can spare.
pub fn open_to_strangers(
    profile: Profile,
    guarded: &Guarded,
    organization: &Organization,
) -> Result<BTreeMap<AccountId, String>, ComposeError> {
    let perimeter = Perimeter::new(profile, guarded)?;
    let chains = Chains::resource_control(organization);
    let mut open = BTreeMap::new();
    for (owner, promised) in promised(&perimeter) {
        let chain = chains.as_ref().map_err(Clone::clone).and_then(|chains| chains.of(owner));
        let checked = match chain {
            Ok(chain) => check_strangers(&perimeter, owner, &readable(&chain), &promised).map(drop),
            Err(gap) => {
                open.insert(owner.clone(), gap.to_string());
                continue;
            }
        };
        if let Err(reason) = checked {
            open.insert(owner.clone(), reason.to_string());
        }
    }
    Ok(open)
}

/// A chain without the denials of others that tell callers apart by what is not tried here: whoever is denied without them is
/// denied with them.
pub(super) fn readable(chain: &Chain) -> Chain {
    let reads = |statement: &Statement| {
        statement.effect == Effect::Allow
            || statement.conditions.iter().all(|condition| foreign_key(condition).is_none())
    };
    let policy = |policy: &Arc<AttachedPolicy>| {
        let mut policy = AttachedPolicy::clone(policy);
        if let Ok(document) = &mut policy.document {
            document.statements.retain(reads);
        }
        Arc::new(policy)
    };
    let node = |node: &Arc<ChainNode>| {
        let policies = node.policies.iter().map(policy).collect();
        Arc::new(ChainNode { policies, ..ChainNode::clone(node) })
    };
    Chain { nodes: chain.nodes.iter().map(node).collect(), ..chain.clone() }
}
