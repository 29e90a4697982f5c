//! What whoever approves a rollout should know besides its steps.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::finding::Finding;
use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::NodeId;
use trailwarden_model::plan::{Choice, Hindrance};
use trailwarden_policy::{Pattern, kept_from};

use super::proof::Proofs;
use super::reach::Reach;
use super::{Needed, Rollout};
use crate::bench::Bench;
use crate::facts::Stop;

/// Where nothing is attached, since what is there denies all of it.
pub(super) fn already_denied(bench: &mut Bench<'_>, reach: &Reach, proofs: &Proofs<'_>, needed: &Needed<'_>) {
    let planned: BTreeSet<&NodeId> = needed.iter().flat_map(BTreeMap::keys).collect();
    let n_accounts = reach.all().count();
    let n_closed = n_accounts - proofs.lacking().len();
    if n_closed == 0 {
        return;
    }
    let chosen = match planned.is_empty() {
        true => "nothing".to_owned(),
        false => format!("attach to {}", list(planned.into_iter().map(|node| proofs.node_name(node)))),
    };
    bench.choose(Choice {
        what: "policies where tampering is denied already".to_owned(),
        chosen,
        because: format!(
            "what is attached now is proved to deny all of the profile in {n_closed} of {n_accounts} accounts"
        ),
        otherwise: None,
    });
}

/// Principals that policies of others spare and the baseline does not declare: they lose what they can do now.
pub(super) fn exemptions(bench: &mut Bench<'_>, reach: &Reach, proofs: &Proofs<'_>) {
    let mut spared: BTreeMap<(String, String), BTreeSet<&AccountId>> = BTreeMap::new();
    for account in reach.all() {
        let Some(question) = proofs.present(account) else { continue };
        for exemption in proofs.prover().exemptions(&question).into_iter().flatten() {
            if exemption.is_covered_by(question.exceptions) != Ok(true) {
                let place = &exemption.place;
                let by = format!("{} at {}", proofs.policy_name(&place.policy), proofs.node_name(&place.node));
                spared.entry((by, exemption.value.clone())).or_default().insert(account);
            }
        }
    }
    for ((by, value), accounts) in spared {
        bench.choose(Choice {
            what: format!("{value}, whom {by} spares"),
            chosen: format!("denied in {}", count(accounts.len())),
            because: "the baseline does not declare it".to_owned(),
            otherwise: Some("declare it in tamper_exceptions".to_owned()),
        });
    }
}

/// Declared exceptions that policies of others deny all the same.
pub(super) fn still_denied(bench: &mut Bench<'_>, reach: &Reach, proofs: &Proofs<'_>) {
    let told = proofs.ending(reach.all(), |account, question| Some((account, kept_from(question)?)));
    let mut denied: BTreeMap<(String, String), BTreeSet<&AccountId>> = BTreeMap::new();
    for (account, kept) in told.into_iter().flatten() {
        denied.entry((kept.exception, kept.by)).or_default().insert(account);
    }
    for ((exception, by), accounts) in denied {
        bench.choose(Choice {
            what: format!("declared exception {exception}"),
            chosen: format!("stays denied in {}", count(accounts.len())),
            because: format!("{by} denies it, which is not ours to change"),
            otherwise: Some("have the owner of that policy spare it too".to_owned()),
        });
    }
}

/// Control Tower changes the trails of its accounts itself where a landing zone is old, and updates its own baseline.
pub(super) fn control_tower(bench: &mut Bench<'_>, rollout: &Rollout<'_>) {
    let organization = &bench.inputs.snapshot.organization;
    let is_used = organization.trusted_services.known().is_some_and(|all| all.contains("controltower.amazonaws.com"));
    let role = format!("arn:{}:iam::*:role/AWSControlTowerExecution", bench.partition());
    let example = role.replace('*', bench.management().as_str());
    let is_declared = rollout.guarded.exceptions.iter().any(|pattern| Pattern::parse(pattern).matches(&example));
    if is_used && !is_declared {
        bench.choose(Choice {
            what: "AWSControlTowerExecution, with which Control Tower sets up accounts".to_owned(),
            chosen: "denied like everybody else".to_owned(),
            because: "Control Tower has trusted access, and the baseline does not declare its role".to_owned(),
            otherwise: Some(format!("declare {role} in tamper_exceptions")),
        });
    }
}

/// What earlier stages attached is left where it is.
pub(super) fn earlier_stages(bench: &mut Bench<'_>, rollout: &Rollout<'_>) {
    if rollout.stages.len() > 1 {
        bench.choose(Choice {
            what: "attachments of earlier stages, once the last one is done".to_owned(),
            chosen: "kept".to_owned(),
            because: "they deny nothing more than the last stage does; each takes one place at its node".to_owned(),
            otherwise: Some("detach them by hand when the places are needed".to_owned()),
        });
    }
}

/// What fails still, by control.
pub(super) fn left(bench: &mut Bench<'_>, rollout: &Rollout<'_>) {
    let mut left: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in rollout.left {
        left.entry(&finding.control).or_default().push(finding);
    }
    let management = bench.management().clone();
    for (control, findings) in left {
        let Some(first) = findings.first() else { continue };
        let reason = format!(
            "{control} does not pass in {} with profile {}: {}",
            count(findings.iter().map(|finding| &finding.account).collect::<BTreeSet<_>>().len()),
            rollout.profile,
            first.reason.trim_end_matches('.')
        );
        let stop = Stop::new(Hindrance::OnRequest, reason).hint("plan a profile that goes further, or more targets");
        bench.leave(&management, None, &findings.iter().map(|finding| finding.id()).collect(), stop);
    }
}

/// `1 account`, `2 accounts`.
pub(super) fn count(n_accounts: usize) -> String {
    match n_accounts {
        1 => "1 account".to_owned(),
        n_accounts => format!("{n_accounts} accounts"),
    }
}

pub(super) fn list(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
