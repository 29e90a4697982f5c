//! Our own role in members: no rollout denies it by accident what later plans may need, nor unsaid what taking them back needs.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{Choice, Hindrance};
use trailwarden_policy::Guarded;
use trailwarden_policy::usage::{OwnDenial, denied_to_own_roles};

use super::Rollout;
use super::notes::{count, list};
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
    let roles = reach.all().filter_map(|account| Some((account.clone(), rollout.own_roles.get(account)?.clone())));
    let roles: BTreeMap<AccountId, String> = roles.collect();
    let lost = |actions| denied_to_own_roles(organization, proposal, &roles, actions);
    let (forward, back) = (lost(rollout.own_actions)?, lost(rollout.undo_actions)?);
    let at_stake = forward.into_iter().filter(|lost| is_at_stake(rollout.guarded, lost));
    for (pattern, (actions, accounts)) in by_role(at_stake) {
        let lost = list(actions.into_iter());
        let who = who(&pattern);
        if !rollout.denies_own_role {
            let reason = format!(
                "{who}, with which plans are applied in members, would be denied {lost} in {}, with trails or what \
                 stands behind them",
                count(accounts.len())
            );
            return Err(Stop::new(Hindrance::Denied, reason).hint(format!(
                "declare {pattern} in tamper_exceptions, or say --deny-own-role: plans then cannot change trails there"
            )));
        }
        bench.choose(Choice {
            what: format!("{who}, with which plans are applied in members"),
            chosen: format!("denied {lost}"),
            because: "--deny-own-role was given".to_owned(),
            otherwise: Some(format!("declare {pattern} in tamper_exceptions")),
        });
    }
    for (pattern, (actions, accounts)) in by_role(back.into_iter()) {
        bench.choose(Choice {
            what: format!("{}, with which rollbacks are made in members", who(&pattern)),
            chosen: format!("denied {} in {}", list(actions.into_iter()), count(accounts.len())),
            because:
                "the profile is there to deny it: whatever plans made there must be taken back after this rollout is"
                    .to_owned(),
            otherwise: Some(format!("declare {pattern} in tamper_exceptions")),
        });
    }
    Ok(())
}

/// What is denied to each of our roles, by its ARN in any account, and where.
fn by_role(lost: impl Iterator<Item = OwnDenial>) -> BTreeMap<String, (BTreeSet<String>, BTreeSet<AccountId>)> {
    let mut roles: BTreeMap<String, (BTreeSet<String>, BTreeSet<AccountId>)> = BTreeMap::new();
    for lost in lost {
        let (actions, accounts) = roles.entry(lost.role.replacen(lost.account.as_str(), "*", 1)).or_default();
        actions.insert(lost.action);
        accounts.insert(lost.account);
    }
    roles
}

/// `role OrganizationAccountAccessRole`, from its ARN.
fn who(arn: &str) -> String {
    arn.splitn(6, ':').last().unwrap_or_default().replacen('/', " ", 1)
}

/// Whether it is about something that the account owns now: a trail, or what stands behind one.
fn is_at_stake(guarded: &Guarded, lost: &OwnDenial) -> bool {
    let mut trails = guarded.trails.iter().filter(|trail| trail.account().as_ref() == Some(&lost.account));
    match lost.action.starts_with("cloudtrail:") {
        true => trails.next().is_some(),
        false => guarded.resources.keys().any(|owned| lost.resource.starts_with(&owned.arn)),
    }
}
