//! What the policies of one node deny by themselves, of the core set, in the accounts below it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::Organization;
use trailwarden_model::partition::Partition;
use trailwarden_policy::{
    Answer, Call, Chain, ChainNode, Effect, LEAVE_ORGANIZATION, Prover, Question, Statement, exemptions, tamper,
};
use trailwarden_report::scp::tree::Extent;

/// Asks about single nodes.
pub(super) struct Denials<'a> {
    organization: &'a Organization,
    prover: Prover,
}

impl<'a> Denials<'a> {
    pub(super) fn new(organization: &'a Organization) -> Self {
        Self { organization, prover: Prover::new() }
    }

    /// To whom each action of the core set is denied, in all of these accounts; actions that no policy of the node denies are
    /// left out.
    pub(super) fn of(&self, node: &Arc<ChainNode>, members: &[&AccountId]) -> BTreeMap<String, Extent> {
        let mut denies: BTreeMap<String, Extent> = BTreeMap::new();
        if lets_all_through(node) {
            return denies;
        }
        for (index, account) in members.iter().enumerate() {
            let here = self.in_account(node, account);
            let others = denies.iter_mut().filter(|(action, extent)| here.get(*action) != Some(*extent));
            others.for_each(|(_, extent)| *extent = Extent::Partly);
            for (action, extent) in here {
                let is_first = index == 0;
                denies.entry(action).or_insert(if is_first { extent } else { Extent::Partly });
            }
        }
        denies
    }

    fn in_account(&self, node: &Arc<ChainNode>, account: &AccountId) -> BTreeMap<String, Extent> {
        let partition = self.organization.arn.partition();
        let leader = Partition::by_id(partition).map_or("us-east-1", |partition| partition.leader_region);
        let mut calls = tamper::on_trail(&format!("arn:{partition}:cloudtrail:{leader}:{account}:trail/any-trail"));
        calls.push(Call { action: LEAVE_ORGANIZATION.to_owned(), resource: "*".to_owned() });
        let chain = Chain {
            account: account.to_string(),
            organization: Some(self.organization.id.clone()),
            unbound: None,
            nodes: vec![Arc::clone(node)],
        };
        let question = Question { chain: &chain, partition, calls: &calls, exceptions: &[] };
        let answers = self.prover.prove(&question);
        let exempt = match answers.iter().any(|answer| matches!(answer, Answer::Open(_))) {
            true => exempt(&question),
            false => Vec::new(),
        };
        let but_exempt = self.prover.prove(&Question { exceptions: &exempt, ..question });
        let extents = calls.iter().zip(answers.iter().zip(&but_exempt)).filter_map(|(call, answers)| {
            let extent = match answers {
                (Answer::Denied { .. }, _) => Extent::Everyone,
                (Answer::Undecided(reason), _) => Extent::Undecided(reason.clone()),
                (Answer::Open(_), _) if !denies_somehow(node, call) => return None,
                (Answer::Open(_), Answer::Denied { .. }) => Extent::AllBut(exempt.iter().cloned().collect()),
                (Answer::Open(_), Answer::Open(_) | Answer::Undecided(_)) => Extent::Partly,
            };
            Some((call.action.clone(), extent))
        });
        extents.collect()
    }
}

/// Whom the policies spare, as patterns over ARNs.
fn exempt(question: &Question<'_>) -> Vec<String> {
    let found = exemptions(question).unwrap_or_default();
    let arns: BTreeSet<String> = found.into_iter().filter(|e| e.arns.is_some()).map(|e| e.value).collect();
    arns.into_iter().collect()
}

fn statements(node: &ChainNode) -> impl Iterator<Item = &Statement> {
    node.policies.iter().flat_map(|policy| policy.document.iter().flat_map(|document| &document.statements))
}

fn denies_somehow(node: &ChainNode, call: &Call) -> bool {
    statements(node)
        .any(|statement| statement.effect == Effect::Deny && !statement.actions.contain(&call.action).is_no())
}

/// True when the node denies none of the core set for certain, as most accounts do: no Deny names it, and all is allowed.
fn lets_all_through(node: &ChainNode) -> bool {
    let is_all = |statement: &Statement| {
        let actions = &statement.actions;
        let resources = statement.resources.as_ref();
        statement.effect == Effect::Allow
            && !actions.is_negated
            && actions.patterns.iter().any(|pattern| pattern.value.text() == "*")
            && resources.is_some_and(|resources| {
                !resources.is_negated && resources.patterns.iter().any(|p| p.value.template().source() == "*")
            })
            && statement.conditions.is_empty()
    };
    let core = tamper::on_trail("*")
        .into_iter()
        .chain([Call { action: LEAVE_ORGANIZATION.to_owned(), resource: "*".to_owned() }]);
    node.gaps.is_empty() && statements(node).any(is_all) && core.into_iter().all(|call| !denies_somehow(node, &call))
}
