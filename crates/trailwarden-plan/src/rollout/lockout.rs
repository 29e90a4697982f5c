//! Our own role in members: no rollout denies it by accident what later plans may need.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{Choice, Hindrance};
use trailwarden_policy::{Call, Chain, Context, Guarded, Principal, Question, Request};

use super::Rollout;
use super::proof::Proofs;
use super::reach::Reach;
use crate::bench::Bench;
use crate::facts::Stop;

/// Stops where the role would be denied something that it can do now, unless that is wanted.
pub(super) fn check(
    bench: &mut Bench<'_>,
    rollout: &Rollout<'_>,
    reach: &Reach,
    proofs: &Proofs<'_>,
) -> Result<(), Stop> {
    let told = proofs.ending(reach.all(), |account, question| {
        let role = role_in(bench, account);
        let present = proofs.present(account)?;
        let is_lost = |chain: &Chain, request: &Request| chain.evaluate(request).lets_through();
        let lost: BTreeSet<String> = calls(rollout, question, &role)
            .filter(|request| is_lost(present.chain, request) && !is_lost(question.chain, request))
            .map(|request| request.action)
            .collect();
        (!lost.is_empty()).then_some((role, lost))
    })?;
    let mut names: BTreeMap<String, (BTreeSet<String>, usize)> = BTreeMap::new();
    for (role, lost) in told {
        let name = role.splitn(2, ":role/").last().unwrap_or_default().to_owned();
        let entry = names.entry(name).or_default();
        entry.0.extend(lost);
        entry.1 += 1;
    }
    for (name, (lost, n_accounts)) in names {
        let lost = lost.into_iter().collect::<Vec<_>>().join(", ");
        let pattern = format!("arn:{}:iam::*:role/{name}", bench.partition());
        if !rollout.denies_own_role {
            let reason = format!(
                "role {name}, with which plans are applied in members, would be denied {lost} in {n_accounts} accounts"
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

/// The role that enters an account, or would.
fn role_in(bench: &Bench<'_>, account: &AccountId) -> String {
    let entered =
        bench.inputs.snapshot.accounts.get(account).and_then(|seen| seen.entered_as.known().cloned().flatten());
    let named = bench.inputs.options.apply_role.as_deref().unwrap_or("OrganizationAccountAccessRole");
    entered.map_or_else(|| format!("arn:{}:iam::{account}:role/{named}", bench.partition()), |role| role.to_string())
}

/// Whether a call is about something that the account owns now, and not about what somebody may create there.
fn is_there(guarded: &Guarded, account: &str, resource: &str) -> bool {
    let mut trails =
        guarded.trails.iter().filter(|trail| trail.account().is_some_and(|owner| owner.as_str() == account));
    trails.any(|trail| trail.as_str() == resource)
        || guarded.resources.keys().any(|owned| resource.starts_with(&owned.arn))
}

/// The calls of a question that plans may have to make, as the role would make them.
fn calls<'q>(
    rollout: &'q Rollout<'_>,
    question: &'q Question<'_>,
    role: &'q str,
) -> impl Iterator<Item = Request> + use<'q> {
    let account = &question.chain.account;
    let is_own = |call: &&Call| {
        rollout.own_actions.contains(call.action.as_str()) && is_there(rollout.guarded, account, &call.resource)
    };
    let calls = question.calls.iter().filter(is_own);
    let name = role.rsplit('/').next().unwrap_or_default();
    let session = format!("arn:{}:sts::{account}:assumed-role/{name}/trailwarden", question.partition);
    calls.map(move |call| Request {
        principal: Principal::Aws(session.clone()),
        action: call.action.clone(),
        resource: call.resource.clone(),
        context: Context::new().with("aws:PrincipalArn", role).with("aws:PrincipalAccount", account.as_str()),
    })
}
