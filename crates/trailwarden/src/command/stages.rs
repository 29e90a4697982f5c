//! Whether the stages of a plan hold, proved from what AWS reports at that moment.

use std::collections::BTreeSet;

use futures::FutureExt;
use futures::future::BoxFuture;
use trailwarden_apply::StageCheck;
use trailwarden_aws::{Session, collect_organization};
use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::Organization;
use trailwarden_model::plan::{Denial, Plan, Stage};
use trailwarden_model::snapshot::Need;
use trailwarden_policy::{Answer, Call, Chains, Guarded, Profile, Prover, Question, open_to_strangers};

/// Looks at the organization of a session.
pub(super) struct Reported<'a>(pub(super) &'a Session);

impl StageCheck for Reported<'_> {
    fn reach<'a>(&'a self, plan: &'a Plan, stage: &'a Stage) -> BoxFuture<'a, Result<(), String>> {
        async move { reach(&self.organization(stage).await?, plan, stage) }.boxed()
    }

    fn show<'a>(&'a self, plan: &'a Plan, stage: &'a Stage) -> BoxFuture<'a, Result<(), String>> {
        async move {
            let organization = self.organization(stage).await?;
            show(&organization, plan, stage)?;
            show_enclosed(&organization, stage)?;
            for probe in &stage.probes {
                self.0.probe(&probe.account, &probe.region, &probe.role).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

impl Reported<'_> {
    /// With the policies that a stage is about.
    async fn organization(&self, stage: &Stage) -> Result<Organization, String> {
        let of_resources = stage.enclosure.iter().map(|_| Need::ResourceControlPolicies);
        let needs = of_resources.chain([Need::ServiceControlPolicies]).collect();
        collect_organization(self.0, &needs).await.map_err(|error| error.to_string())
    }
}

/// No account that was known when the plan was made may have come below the nodes of a stage, or of one before it, that was not
/// planned for it, nor may its own have gone. New accounts may have come: they are bound like everybody there, and have no past.
fn reach(organization: &Organization, plan: &Plan, stage: &Stage) -> Result<(), String> {
    let before = plan.stages.iter().take_while(|earlier| *earlier != stage);
    before.chain([stage]).try_for_each(|stage| reach_one(organization, plan, stage))
}

fn reach_one(organization: &Organization, plan: &Plan, stage: &Stage) -> Result<(), String> {
    let planned = plan.stages.iter().flat_map(|stage| &stage.accounts);
    let known: BTreeSet<&AccountId> = planned.chain(&plan.unreached).collect();
    for account in known {
        let is_planned = stage.accounts.contains(account);
        let is_there = match organization.accounts.get(account) {
            // One that was suspended is bound again once it is back.
            Some(seen) if is_planned || seen.state.is_audited() => {
                let path = organization.path_to(account).map_err(|gap| gap.to_string())?;
                path.iter().any(|node| stage.targets.contains(node))
            }
            _ => false,
        };
        if is_planned != is_there {
            let moved = if is_there { "has come below" } else { "is no longer below" };
            return Err(format!("account {account} {moved} {} since the plan was made: plan again", stage.name));
        }
    }
    Ok(())
}

fn show(organization: &Organization, plan: &Plan, stage: &Stage) -> Result<(), String> {
    let chains = Chains::new(organization).map_err(|gap| gap.to_string())?;
    let prover = Prover::new();
    for denial in &stage.denials {
        for account in &denial.accounts {
            show_account((organization, &chains, &prover), plan, denial, account)?;
        }
    }
    Ok(())
}

/// Only the strict profile closes anything to strangers.
fn show_enclosed(organization: &Organization, stage: &Stage) -> Result<(), String> {
    let Some(enclosure) = &stage.enclosure else { return Ok(()) };
    let guarded = Guarded::enclosed(organization, enclosure);
    let open = open_to_strangers(Profile::Strict, &guarded, organization).map_err(|error| error.to_string())?;
    match open.into_iter().next() {
        Some((account, reason)) => Err(format!("account {account} is open to strangers: {reason}")),
        None => Ok(()),
    }
}

fn show_account(
    (organization, chains, prover): (&Organization, &Chains<'_>, &Prover),
    plan: &Plan,
    denial: &Denial,
    account: &AccountId,
) -> Result<(), String> {
    if !organization.accounts.contains_key(account) {
        return Err(format!("account {account} is no longer in the organization"));
    }
    let chain = chains.of(account).map_err(|gap| gap.to_string())?;
    let calls: Vec<Call> = denial
        .calls
        .iter()
        .map(|call| Call { action: call.action.clone(), resource: call.resource_in(account) })
        .collect();
    let exceptions: Vec<String> = denial.exceptions.iter().cloned().collect();
    let question = Question { chain: &chain, partition: &plan.partition, calls: &calls, exceptions: &exceptions };
    for (call, answer) in calls.iter().zip(prover.prove(&question)) {
        let who = match answer {
            Answer::Denied { .. } => continue,
            Answer::Open(open) => format!("{} still gets through", open.request.principal),
            Answer::Undecided(reason) => format!("it cannot be told whether it is denied: {reason}"),
        };
        return Err(format!("{} on {} in account {account}: {who}", call.action, call.resource));
    }
    Ok(())
}
