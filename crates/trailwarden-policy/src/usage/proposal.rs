//! The organization as it would be with composed policies attached.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{
    AuthorizationPolicy, FULL_AWS_ACCESS, NodeId, Organization, SERVICE_CONTROL_POLICY,
};

use crate::compose::{Attachment, Composition};

/// What AWS attaches everywhere when the policy type is enabled.
const FULL_ACCESS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// An organization with composed policies attached, beside what is attached today.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The organization as it would be.
    pub organization: Organization,
    /// The ids that the new policies have in it: their names.
    pub(super) new: BTreeSet<String>,
}

impl Proposal {
    /// Attaches the policies of a set: those for one account there, the others at these roots and OUs, or at the root when none
    /// are named. Where service control policies are disabled they are enabled, as AWS does it: with its policy that allows on
    /// every node.
    ///
    /// # Errors
    /// The gap of a tree or of policies that could not be read: without them nobody knows what would hold.
    pub fn new(organization: &Organization, set: &Composition, at: &BTreeSet<NodeId>) -> Result<Self, Gap> {
        let mut organization = organization.clone();
        let root = organization.root.get()?.clone();
        let units = organization.units.get()?;
        let nodes = units.keys().cloned().chain(organization.accounts.keys().map(AccountId::to_string));
        let nodes: BTreeSet<NodeId> = nodes.chain([root.id.clone()]).collect();
        let is_enabled = root.enabled_policy_types.contains(SERVICE_CONTROL_POLICY);
        let mut policies =
            if is_enabled { organization.service_control_policies.get()?.clone() } else { BTreeMap::new() };
        if !is_enabled {
            policies.insert(FULL_AWS_ACCESS.to_owned(), policy(FULL_AWS_ACCESS, "FullAWSAccess", FULL_ACCESS, nodes));
        }
        let at = if at.is_empty() { BTreeSet::from([root.id.clone()]) } else { at.clone() };
        for new in &set.policies {
            let targets = match &new.attach_to {
                Attachment::Root => at.clone(),
                Attachment::Account(account) => BTreeSet::from([account.to_string()]),
            };
            policies.insert(new.name.clone(), policy(&new.name, &new.name, &new.text, targets));
        }
        organization.service_control_policies = Observed::Known(policies);
        if let Observed::Known(root) = &mut organization.root {
            root.enabled_policy_types.insert(SERVICE_CONTROL_POLICY.to_owned());
        }
        Ok(Self { organization, new: set.policies.iter().map(|new| new.name.clone()).collect() })
    }

    /// The new policies.
    pub(super) fn policies(&self) -> impl Iterator<Item = &AuthorizationPolicy> {
        let policies = self.organization.service_control_policies.known().into_iter().flat_map(BTreeMap::values);
        policies.filter(|policy| self.new.contains(&policy.id))
    }
}

fn policy(id: &str, name: &str, text: &str, targets: BTreeSet<NodeId>) -> AuthorizationPolicy {
    AuthorizationPolicy {
        id: id.to_owned(),
        name: name.to_owned(),
        aws_managed: id == FULL_AWS_ACCESS,
        content: Observed::Known(text.to_owned()),
        targets: Observed::Known(targets),
    }
}
