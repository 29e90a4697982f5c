//! Whom each stage reaches, and the organization as it would be after it.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::{NodeId, Organization};
use trailwarden_model::plan::Hindrance;
use trailwarden_policy::{Attachment, Composition, Proposal};

use super::node_name;
use crate::facts::Stop;

/// The member accounts below the nodes of each stage.
pub(super) struct Reach {
    below: BTreeMap<NodeId, BTreeSet<AccountId>>,
    stages: Vec<BTreeSet<NodeId>>,
    newly: Vec<BTreeSet<AccountId>>,
}

impl Reach {
    pub(super) fn new(organization: &Organization, stages: &[BTreeSet<NodeId>]) -> Result<Self, Gap> {
        let mut below: BTreeMap<NodeId, BTreeSet<AccountId>> = BTreeMap::new();
        for account in members(organization) {
            for node in organization.path_to(account)? {
                below.entry(node).or_default().insert(account.clone());
            }
        }
        let mut reached = BTreeSet::new();
        let newly = stages.iter().map(|targets| {
            let under: BTreeSet<AccountId> =
                targets.iter().filter_map(|target| below.get(target)).flatten().cloned().collect();
            let newly = under.difference(&reached).cloned().collect();
            reached.extend(under);
            newly
        });
        let newly = newly.collect();
        Ok(Self { below, stages: stages.to_vec(), newly })
    }

    /// Stops at a stage that would be shown to hold because it binds nobody. The last one may be where accounts are still to come.
    pub(super) fn check(&self, organization: &Organization) -> Result<(), Stop> {
        let before = self.stages.len().saturating_sub(1);
        match (0..before).find(|number| self.under(*number).next().is_none()) {
            None => Ok(()),
            Some(number) => {
                let reason = format!(
                    "stage {}, {}, reaches no account that policies bind: nothing would be shown there",
                    number + 1,
                    self.name(organization, number)
                );
                Err(Stop::new(Hindrance::Impossible, reason)
                    .hint("name active member accounts in --stages, or OUs with some"))
            }
        }
    }

    /// The accounts below a node, or the account that it is.
    pub(super) fn below(&self, node: &str) -> impl Iterator<Item = &AccountId> {
        self.below.get(node).into_iter().flatten()
    }

    /// The accounts below the nodes of a stage.
    pub(super) fn under(&self, number: usize) -> impl Iterator<Item = &AccountId> {
        self.stages.get(number).into_iter().flatten().flat_map(|node| self.below(node))
    }

    /// The accounts that no stage before reaches.
    pub(super) fn newly(&self, number: usize) -> &BTreeSet<AccountId> {
        static NONE: BTreeSet<AccountId> = BTreeSet::new();
        self.newly.get(number).unwrap_or(&NONE)
    }

    /// Every account that some stage reaches.
    pub(super) fn all(&self) -> impl Iterator<Item = &AccountId> {
        self.newly.iter().flatten()
    }

    /// What a stage is called.
    pub(super) fn name(&self, organization: &Organization, number: usize) -> String {
        let names: Vec<String> =
            self.stages.get(number).into_iter().flatten().map(|node| node_name(organization, node)).collect();
        names.join(", ")
    }
}

/// The accounts that service control policies bind.
fn members(organization: &Organization) -> impl Iterator<Item = &AccountId> {
    let audited = organization.accounts.values().filter(|account| account.state.is_audited());
    audited.map(|account| &account.id).filter(|id| **id != organization.management_account)
}

/// The organization after each stage, with all policies attached where the stage has them.
///
/// # Errors
/// When the tree or the policies of the organization could not be read.
pub fn proposals(
    organization: &Organization,
    composition: &Composition,
    stages: &[BTreeSet<NodeId>],
) -> Result<Vec<Proposal>, Gap> {
    proposed(organization, composition, &Reach::new(organization, stages)?)
}

/// The same, where it is known whom the stages reach.
pub(super) fn proposed(
    organization: &Organization,
    composition: &Composition,
    reach: &Reach,
) -> Result<Vec<Proposal>, Gap> {
    let mut after = Proposal::of(organization)?;
    let mut proposals = Vec::new();
    for (number, targets) in reach.stages.iter().enumerate() {
        for policy in &composition.policies {
            let targets = match &policy.attach_to {
                Attachment::Root => targets.clone(),
                Attachment::Account(account) if reach.newly(number).contains(account) => {
                    BTreeSet::from([account.to_string()])
                }
                Attachment::Account(_) => continue,
            };
            after.attach(policy, &targets)?;
        }
        proposals.push(after.clone());
    }
    Ok(proposals)
}
