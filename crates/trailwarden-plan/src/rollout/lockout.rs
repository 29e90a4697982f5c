//! Our own role in members: no rollout denies it by accident what later plans may need.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{Choice, Hindrance};
use trailwarden_policy::Guarded;
use trailwarden_policy::usage::{OwnDenial, denied_to_own_roles};

use super::Rollout;
use super::notes::count;
use super::proof::Proofs;
use super::reach::Reach;
use crate::bench::Bench;
use crate::facts::Stop;

/// Stops where the role would be denied something that it can do now, in an account that has trails or what stands behind them,
/// unless that is wanted.
pub(super) fn check(
    bench: &mut Bench<'_>,
    rollout: &Rollout<'_>,
    reach: &Reach,
    proofs: &Proofs<'_>,
) -> Result<(), Stop> {
    let Some(proposal) = proofs.proposal() else { return Ok(()) };
    let organization = &bench.inputs.snapshot.organization;
    let roles = reach.all().map(|account| (account.clone(), role_in(bench, account))).collect();
    let lost = denied_to_own_roles(organization, proposal, &roles, rollout.own_actions)?;
    let mut names: BTreeMap<String, (BTreeSet<String>, BTreeSet<AccountId>)> = BTreeMap::new();
    for lost in lost.into_iter().filter(|lost| is_at_stake(rollout.guarded, lost)) {
        let name = lost.role.splitn(2, ":role/").last().unwrap_or_default().to_owned();
        let (actions, accounts) = names.entry(name).or_default();
        actions.insert(lost.action);
        accounts.insert(lost.account);
    }
    for (name, (actions, accounts)) in names {
        let lost = actions.into_iter().collect::<Vec<_>>().join(", ");
        let pattern = format!("arn:{}:iam::*:role/{name}", bench.partition());
        if !rollout.denies_own_role {
            let reason = format!(
                "role {name}, with which plans are applied in members, would be denied {lost} in {}, with trails or what \
                 stands behind them",
                count(accounts.len())
            );
            return Err(Stop::new(Hindrance::Denied, reason).hint(format!(
                "declare {pattern} in tamper_exceptions, or say --deny-own-role: plans then cannot change trails there"
            )));
        }
        bench.choose(Choice {
            what: format!("role {name}, with which plans are applied in members"),
            chosen: format!("denied {lost}"),
            because: "--deny-own-role was given".to_owned(),
            otherwise: Some(format!("declare {pattern} in tamper_exceptions")),
        });
    }
    Ok(())
}

/// Whether it is about something that the account owns now: a trail, or what stands behind one.
fn is_at_stake(guarded: &Guarded, lost: &OwnDenial) -> bool {
    let mut trails = guarded.trails.iter().filter(|trail| trail.account().as_ref() == Some(&lost.account));
    match lost.action.starts_with("cloudtrail:") {
        true => trails.next().is_some(),
        false => guarded.resources.keys().any(|owned| lost.resource.starts_with(&owned.arn)),
    }
}

/// The role that enters an account, or would.
fn role_in(bench: &Bench<'_>, account: &AccountId) -> String {
    let entered =
        bench.inputs.snapshot.accounts.get(account).and_then(|seen| seen.entered_as.known().cloned().flatten());
    let named = bench.inputs.options.apply_role.as_deref().unwrap_or("OrganizationAccountAccessRole");
    entered.map_or_else(|| format!("arn:{}:iam::{account}:role/{named}", bench.partition()), |role| role.to_string())
}
