//! The organization as it would be with composed policies attached.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{
    AuthorizationPolicy, FULL_AWS_ACCESS, NodeId, Organization, RCP_FULL_AWS_ACCESS, RESOURCE_CONTROL_POLICY,
    SERVICE_CONTROL_POLICY,
};

use super::{Attachment, ComposedPolicy, Composition};
use crate::document::Kind;

/// What AWS attaches everywhere when the policy type is enabled.
const FULL_ACCESS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// The same of resource control policies, which name whom they are about.
const FULL_ACCESS_TO_RESOURCES: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// An organization with composed policies attached, beside what is attached today.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The organization as it would be.
    pub organization: Organization,
    /// The ids that the new SCPs have in it: those of present ones of the same names, else their names.
    pub(crate) new: BTreeSet<String>,
}

impl Proposal {
    /// The organization without new policies yet.
    ///
    /// # Errors
    /// The gap of a tree or of policies that could not be read: without them nobody knows what would hold.
    pub fn of(organization: &Organization) -> Result<Self, Gap> {
        let mut proposal = Self { organization: organization.clone(), new: BTreeSet::new() };
        proposal.enable(Kind::ServiceControl)?;
        Ok(proposal)
    }

    /// Enables the policies of a kind where they are disabled, as AWS does it: with its policy that allows on every node.
    fn enable(&mut self, kind: Kind) -> Result<BTreeMap<String, AuthorizationPolicy>, Gap> {
        let organization = &mut self.organization;
        let mut root = organization.root.get()?.clone();
        let units = organization.units.get()?;
        let (policy_type, id, name) = match kind {
            Kind::ResourceControl => (RESOURCE_CONTROL_POLICY, RCP_FULL_AWS_ACCESS, "RCPFullAWSAccess"),
            _ => (SERVICE_CONTROL_POLICY, FULL_AWS_ACCESS, "FullAWSAccess"),
        };
        if root.enabled_policy_types.insert(policy_type.to_owned()) {
            let nodes = units.keys().cloned().chain(organization.accounts.keys().map(AccountId::to_string));
            let nodes = nodes.chain([root.id.clone()]).collect();
            let text = if kind == Kind::ResourceControl { FULL_ACCESS_TO_RESOURCES } else { FULL_ACCESS };
            let full = AuthorizationPolicy { aws_managed: true, ..policy(id, name, text, nodes) };
            *self.policies_of(kind) = Observed::Known(BTreeMap::from([(id.to_owned(), full)]));
            self.organization.root = Observed::Known(root);
        }
        self.policies_of(kind).get().cloned()
    }

    fn policies_of(&mut self, kind: Kind) -> &mut Observed<BTreeMap<String, AuthorizationPolicy>> {
        match kind {
            Kind::ResourceControl => &mut self.organization.resource_control_policies,
            _ => &mut self.organization.service_control_policies,
        }
    }

    /// Attaches the policies of a set: those for one account there, the others at these roots and OUs, or at the root when none
    /// are named.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn new(organization: &Organization, set: &Composition, at: &BTreeSet<NodeId>) -> Result<Self, Gap> {
        let mut proposal = Self::of(organization)?;
        let root = BTreeSet::from([organization.root.get()?.id.clone()]);
        let at = if at.is_empty() { &root } else { at };
        for new in &set.policies {
            match &new.attach_to {
                Attachment::Root => proposal.attach(new, at)?,
                Attachment::Account(account) => proposal.attach(new, &BTreeSet::from([account.to_string()]))?,
            }
        }
        Ok(proposal)
    }

    /// Attaches a policy to these nodes besides where one of its name is attached already, which then says what it says.
    ///
    /// # Errors
    /// Where the present one is attached could not be read.
    pub fn attach(&mut self, new: &ComposedPolicy, targets: &BTreeSet<NodeId>) -> Result<(), Gap> {
        let mut policies = self.enable(new.kind)?;
        let present = policies.values().find(|policy| policy.name == new.name);
        let id = present.map_or_else(|| new.name.clone(), |policy| policy.id.clone());
        let mut nodes = match present {
            Some(policy) => policy.targets.get()?.clone(),
            None => BTreeSet::new(),
        };
        nodes.extend(targets.iter().cloned());
        policies.insert(id.clone(), policy(&id, &new.name, &new.text, nodes));
        *self.policies_of(new.kind) = Observed::Known(policies);
        if new.kind == Kind::ServiceControl {
            self.new.insert(id);
        }
        Ok(())
    }

    /// The new SCPs.
    pub(crate) fn policies(&self) -> impl Iterator<Item = &AuthorizationPolicy> {
        let policies = self.organization.service_control_policies.known().into_iter().flat_map(BTreeMap::values);
        policies.filter(|policy| self.new.contains(&policy.id))
    }
}

fn policy(id: &str, name: &str, text: &str, targets: BTreeSet<NodeId>) -> AuthorizationPolicy {
    AuthorizationPolicy {
        id: id.to_owned(),
        name: name.to_owned(),
        aws_managed: false,
        content: Observed::Known(text.to_owned()),
        targets: Observed::Known(targets),
    }
}
