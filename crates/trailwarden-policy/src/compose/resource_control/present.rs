//! Whether the RCPs of an organization as it is, or would be, deny strangers what the profile speaks of.

use std::collections::BTreeMap;

use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::Organization;

use super::Perimeter;
use super::proof::{check_account, promised};
use crate::chain::Chains;
use crate::compose::{ComposeError, Guarded, Profile};

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
        let checked = match &chain {
            Ok(chain) => check_account(&perimeter, owner, chain, &promised),
            Err(gap) => {
                open.insert(owner.clone(), gap.to_string());
                continue;
            }
        };
        // Who of the organization is shut out is so by policies of others.
        if let Err(reason @ ComposeError::NotProved { .. }) = checked {
            open.insert(owner.clone(), reason.to_string());
        }
    }
    Ok(open)
}
