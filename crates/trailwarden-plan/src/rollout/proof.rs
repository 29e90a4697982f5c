//! What the profile needs, proved against what is attached now and against what will be after each stage.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::Organization;
use trailwarden_model::plan::{Denial, DeniedCall, Hindrance};
use trailwarden_policy::{
    Answer, Call, Chain, Chains, Promised, Proposal, Prover, Question, open_to_strangers, promised,
};

use super::reach::{Reach, proposed};
use super::{Rollout, node_name};
use crate::bench::Bench;
use crate::facts::Stop;

/// Answers about the organization as it is and as it will be.
pub(super) struct Proofs<'a> {
    organization: &'a Organization,
    prover: Prover,
    exceptions: Vec<String>,
    promised: BTreeMap<AccountId, Promised>,
    chains: BTreeMap<AccountId, Chain>,
    after: Vec<Proposal>,
    lacking: OnceCell<BTreeSet<AccountId>>,
    /// Accounts whose logs and keys somebody outside the organization gets at, with who does.
    strangers: BTreeMap<AccountId, String>,
}

impl<'a> Proofs<'a> {
    pub(super) fn new(organization: &'a Organization, rollout: &Rollout<'_>, reach: &Reach) -> Result<Self, Stop> {
        let (chains, mut promises, mut present) = (Chains::new(organization)?, BTreeMap::new(), BTreeMap::new());
        for account in reach.all() {
            let chain = chains.of(account)?;
            let promise = promised(rollout.profile, rollout.guarded, &chain)
                .map_err(|error| Stop::new(Hindrance::Impossible, error.to_string()))?;
            promises.insert(account.clone(), promise);
            present.insert(account.clone(), chain);
        }
        Ok(Self {
            organization,
            prover: Prover::new(),
            exceptions: rollout.guarded.exceptions.iter().cloned().collect(),
            promised: promises,
            chains: present,
            after: proposed(organization, rollout.composition, reach)?,
            lacking: OnceCell::new(),
            strangers: strangers(rollout, organization)?,
        })
    }

    /// The accounts in which something that the profile denies is not denied yet.
    pub(super) fn lacking(&self) -> &BTreeSet<AccountId> {
        self.lacking.get_or_init(|| {
            let open = self.chains.iter().filter(|(account, chain)| self.first_open(account, chain).is_some());
            open.map(|(account, _)| account.clone()).collect()
        })
    }

    pub(super) fn is_open_to_strangers(&self, account: &AccountId) -> bool {
        self.strangers.contains_key(account)
    }

    /// The first call that somebody can still make with these policies, and who or why.
    fn first_open(&self, account: &AccountId, chain: &Chain) -> Option<(Call, Answer)> {
        let promised = self.promised.get(account)?;
        let halves = [(&promised.but_exceptions, self.exceptions.as_slice()), (&promised.everybody, &[])];
        halves.into_iter().find_map(|(calls, exceptions)| {
            let answers = self.prover.prove(&self.question(chain, calls, exceptions));
            calls.iter().cloned().zip(answers).find(|(_, answer)| !answer.is_denied())
        })
    }

    /// The question whether the calls are denied to everybody but these.
    fn question<'q>(&'q self, chain: &'q Chain, calls: &'q [Call], exceptions: &'q [String]) -> Question<'q> {
        Question { chain, partition: self.organization.arn.partition(), calls, exceptions }
    }

    /// The question about the policies that are there now.
    pub(super) fn present(&self, account: &AccountId) -> Option<Question<'_>> {
        let (chain, promised) = (self.chains.get(account)?, self.promised.get(account)?);
        Some(self.question(chain, &promised.but_exceptions, &self.exceptions))
    }

    /// Every account with its question about the policies that will be there in the end.
    pub(super) fn ending<'r, T>(
        &self,
        accounts: impl Iterator<Item = &'r AccountId>,
        mut ask: impl FnMut(&'r AccountId, &Question<'_>) -> Option<T>,
    ) -> Result<Vec<T>, Gap> {
        let Some(after) = self.after.last() else { return Ok(Vec::new()) };
        let chains = Chains::new(&after.organization)?;
        let mut told = Vec::new();
        for account in accounts {
            let Some(promised) = self.promised.get(account) else { continue };
            let chain = chains.of(account)?;
            told.extend(ask(account, &self.question(&chain, &promised.but_exceptions, &self.exceptions)));
        }
        Ok(told)
    }

    /// What the last stage leads to.
    pub(super) fn proposal(&self) -> Option<&Proposal> {
        self.after.last()
    }

    pub(super) fn prover(&self) -> &Prover {
        &self.prover
    }

    /// Stops unless every account that a stage reaches is proved closed once the stage is done.
    pub(super) fn after_each_stage(&self, bench: &Bench<'_>, rollout: &Rollout<'_>, reach: &Reach) -> Result<(), Stop> {
        for (number, after) in self.after.iter().enumerate() {
            let chains = Chains::new(&after.organization)?;
            for account in reach.newly(number) {
                let Some((call, answer)) = self.first_open(account, &chains.of(account)?) else { continue };
                let who = match answer {
                    Answer::Open(open) => format!("{} would still get through", open.request.principal),
                    Answer::Undecided(reason) => format!("it cannot be told whether it would be denied: {reason}"),
                    Answer::Denied { .. } => continue,
                };
                let reason = format!("{} on {} in {}: {who}", call.action, call.resource, bench.name(account));
                return Err(Stop::new(Hindrance::Manual, reason)
                    .hint("`trailwarden scp prove` shows which statement lets it through"));
            }
        }
        let Some(last) = self.proposal() else { return Ok(()) };
        let open = strangers(rollout, &last.organization)?
            .into_iter()
            .find(|(account, _)| reach.all().any(|one| one == account));
        match open {
            Some((account, reason)) => Err(Stop::new(Hindrance::Manual, format!("{}: {reason}", bench.name(&account)))),
            None => Ok(()),
        }
    }

    /// What must be shown of these accounts: those with equal calls together.
    pub(super) fn denials(&self, accounts: &BTreeSet<AccountId>) -> Vec<Denial> {
        let mut alike: BTreeMap<(BTreeSet<DeniedCall>, bool), BTreeSet<AccountId>> = BTreeMap::new();
        for account in accounts {
            let Some(promised) = self.promised.get(account) else { continue };
            for (calls, spares) in [(&promised.but_exceptions, true), (&promised.everybody, false)] {
                let calls: BTreeSet<DeniedCall> = calls.iter().map(|call| templated(call, account)).collect();
                if !calls.is_empty() {
                    alike.entry((calls, spares)).or_default().insert(account.clone());
                }
            }
        }
        let exceptions = |spares| if spares { self.exceptions.iter().cloned().collect() } else { BTreeSet::new() };
        alike
            .into_iter()
            .map(|((calls, spares), accounts)| Denial { accounts, calls, exceptions: exceptions(spares) })
            .collect()
    }

    /// What a policy is called, with its id.
    pub(super) fn policy_name(&self, id: &str) -> String {
        let known = self.organization.service_control_policies.known().and_then(|policies| policies.get(id));
        known.map_or_else(|| id.to_owned(), |policy| format!("{} ({id})", policy.name))
    }

    /// What a node is called.
    pub(super) fn node_name(&self, node: &str) -> String {
        node_name(self.organization, node)
    }
}

fn strangers(rollout: &Rollout<'_>, organization: &Organization) -> Result<BTreeMap<AccountId, String>, Stop> {
    open_to_strangers(rollout.profile, rollout.guarded, organization)
        .map_err(|error| Stop::new(Hindrance::Impossible, error.to_string()))
}

/// A call with a placeholder for the number of its account, so that accounts share what is asked of them.
fn templated(call: &Call, account: &AccountId) -> DeniedCall {
    DeniedCall { action: call.action.clone(), resource: call.resource.replace(account.as_str(), "${account}") }
}
