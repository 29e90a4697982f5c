//! No composed SCP leaves without the proof that, with the others of its set, it denies what the profile promises.

mod promise;

use std::collections::BTreeSet;

use trailwarden_model::ids::AccountId;

use super::ComposedPolicy;
use super::error::ComposeError;
use super::exceptions::Exceptions;
use super::guarded::Guarded;
use super::kept_from::{KeptFrom, kept_from};
use super::nodes::Nodes;
use super::profile::Profile;
use crate::document::Kind;
use crate::exemptions::exemptions;
use crate::prove::{Answer, By, Call, Question, prove};
use promise::Promise;

/// Proves every call that a profile promises denied: in an account that nobody has seen yet, in every account that owns something
/// guarded, and in every account that an exception names. Returns how many calls were proved, each counted in every account.
pub(super) fn check(
    profile: Profile,
    guarded: &Guarded,
    exceptions: &Exceptions,
    policies: &[ComposedPolicy],
) -> Result<usize, ComposeError> {
    let nodes = Nodes::new(Kind::ServiceControl, policies)?;
    let unseen = unseen_account(guarded);
    promise_of(profile, guarded, exceptions, |promise| check_nodes(promise, &nodes, &unseen))
}

/// Lends the promise of a profile.
pub(super) fn promise_of<T>(
    profile: Profile,
    guarded: &Guarded,
    exceptions: &Exceptions,
    with: impl FnOnce(&Promise<'_>) -> T,
) -> T {
    let unseen = unseen_account(guarded);
    let owned = guarded.by_owner();
    with(&Promise { profile, guarded, exceptions, unseen: &unseen, owned: &owned })
}

fn check_nodes(promise: &Promise<'_>, nodes: &Nodes, unseen: &str) -> Result<usize, ComposeError> {
    let guarded = promise.guarded;
    let named = guarded.exceptions.iter().filter_map(|pattern| pattern.split(':').nth(4));
    let named = named.filter(|account| account.parse().is_ok_and(|id: AccountId| id != guarded.management_account));
    let accounts: BTreeSet<&str> = nodes.accounts().chain(named).chain([unseen]).collect();
    let declared: Vec<String> = guarded.exceptions.iter().cloned().collect();
    let mut n_proved = 0;
    for account in accounts {
        let chain = nodes.chain(account, &guarded.organization);
        for (spares_exceptions, declared) in [(true, declared.as_slice()), (false, &[])] {
            let calls = promise.calls(&chain, spares_exceptions)?;
            let question =
                Question { chain: &chain, partition: &guarded.partition, calls: &calls, exceptions: declared };
            // Where an exception names an account as a whole, nobody is left there to be denied.
            check_denied(&question, account == unseen)?;
            if spares_exceptions {
                check_spared(&question)?;
            }
            n_proved += calls.len();
        }
    }
    Ok(n_proved)
}

/// Whether every call is denied to everybody but the exceptions of the question.
fn check_denied(question: &Question<'_>, needs_somebody: bool) -> Result<(), ComposeError> {
    let not_proved = |call: &Call, reason: String| ComposeError::NotProved {
        action: call.action.clone(),
        resource: call.resource.clone(),
        account: question.chain.account.clone(),
        reason,
    };
    for (call, answer) in question.calls.iter().zip(prove(question)) {
        match answer {
            Answer::Denied { by } if by.is_empty() && needs_somebody => return Err(ComposeError::EverybodySpared),
            Answer::Denied { by } => {
                // Everything is allowed here, so that a lack of Allow would be a mistake of ours.
                if let Some(other) = by.iter().find(|by| !matches!(by, By::Statement(_))) {
                    return Err(not_proved(call, other.to_string()));
                }
            }
            Answer::Open(open) => return Err(not_proved(call, format!("{} gets through", open.request.principal))),
            Answer::Undecided(reason) => return Err(not_proved(call, reason)),
        }
    }
    let Some(first) = question.calls.first() else { return Ok(()) };
    for exemption in exemptions(question).map_err(|reason| not_proved(first, reason))? {
        if exemption.is_covered_by(question.exceptions) != Ok(true) {
            return Err(not_proved(first, format!("{} spares more than was declared", exemption.value)));
        }
    }
    Ok(())
}

/// Whether every declared exception may still use every action.
fn check_spared(question: &Question<'_>) -> Result<(), ComposeError> {
    match kept_from(question) {
        Some(KeptFrom { action, resource, principal, .. }) => {
            Err(ComposeError::NotSpared { action, resource, principal })
        }
        None => Ok(()),
    }
}

/// An account id that nothing in the organization bears.
pub(super) fn unseen_account(guarded: &Guarded) -> String {
    let is_taken = |id: &str| {
        id == guarded.management_account.as_str()
            || guarded.members.iter().any(|member| member.as_str() == id)
            || guarded.exceptions.iter().any(|pattern| pattern.contains(id))
    };
    (1_u64..).map(|n| format!("{n:012}")).find(|id| !is_taken(id)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
