//! Chains from what was read of the organization; every policy is parsed once and shared.

use std::collections::BTreeMap;
use std::sync::Arc;

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{
    AuthorizationPolicy, NodeId, Organization, RCP_FULL_AWS_ACCESS, RESOURCE_CONTROL_POLICY, SERVICE_CONTROL_POLICY,
};

use super::{AttachedPolicy, Chain, ChainNode, Unbound};
use crate::document::{Document, Kind};

/// The chains of all accounts of one organization, for SCPs or for RCPs.
#[derive(Debug)]
pub struct Chains<'a> {
    organization: &'a Organization,
    kind: Kind,
    is_enabled: bool,
    nodes: BTreeMap<NodeId, Arc<ChainNode>>,
    /// Gaps that concern every node: a policy whose attachments are not known.
    everywhere: Vec<String>,
}

impl<'a> Chains<'a> {
    /// Reads the SCPs of an organization. A gap in the list of policies, or in the policy types, is returned; a policy that
    /// could not be read is a gap of the nodes it is attached to.
    pub fn new(organization: &'a Organization) -> Result<Self, Gap> {
        Self::read(organization, Kind::ServiceControl, SERVICE_CONTROL_POLICY, &organization.service_control_policies)
    }

    /// Reads the RCPs of an organization, with gaps as in [`Chains::new`]. A chain of RCPs binds whoever calls on a resource of
    /// its account; no RCP binds the resources of the management account.
    pub fn resource_control(organization: &'a Organization) -> Result<Self, Gap> {
        Self::read(
            organization,
            Kind::ResourceControl,
            RESOURCE_CONTROL_POLICY,
            &organization.resource_control_policies,
        )
    }

    fn read(
        organization: &'a Organization,
        kind: Kind,
        policy_type: &str,
        policies: &Observed<BTreeMap<String, AuthorizationPolicy>>,
    ) -> Result<Self, Gap> {
        let is_enabled = organization.root.get()?.enabled_policy_types.contains(policy_type);
        let mut chains = Self { organization, kind, is_enabled, nodes: BTreeMap::new(), everywhere: Vec::new() };
        if is_enabled {
            for policy in policies.get()?.values() {
                chains.attach(policy);
            }
        }
        Ok(chains)
    }

    fn attach(&mut self, policy: &AuthorizationPolicy) {
        let targets = match &policy.targets {
            Observed::Known(targets) => targets,
            Observed::Gap(gap) => {
                self.everywhere.push(format!("where {} is attached was not read: {gap}", policy.id));
                return;
            }
        };
        let content = policy.content.get().map(|text| {
            Arc::new(AttachedPolicy {
                id: policy.id.clone(),
                name: policy.name.clone(),
                document: Document::parse(self.kind, text),
            })
        });
        for target in targets {
            let kind = self.kind;
            let node = self.nodes.entry(target.clone()).or_insert_with(|| Arc::new(empty_node(target, kind)));
            // No chain holds a node yet, so this never copies.
            let node = Arc::make_mut(node);
            match &content {
                Ok(attached) => node.policies.push(Arc::clone(attached)),
                Err(gap) => node.gaps.push(format!("{} was not read: {gap}", policy.id)),
            }
        }
    }

    /// The chain of one account. A gap of the tree above it is returned.
    pub fn of(&self, account: &AccountId) -> Result<Chain, Gap> {
        let unbound = if *account == self.organization.management_account {
            Some(Unbound::ManagementAccount)
        } else if !self.is_enabled {
            Some(Unbound::TypeDisabled)
        } else if !self.organization.accounts.contains_key(account) {
            Some(Unbound::OtherAccount)
        } else {
            None
        };
        let nodes = match unbound {
            Some(_) => Vec::new(),
            None => self.organization.path_to(account)?.iter().map(|id| self.node(id)).collect(),
        };
        Ok(Chain { account: account.to_string(), organization: Some(self.organization.id.clone()), unbound, nodes })
    }

    /// A root, OU or account with the policies attached directly to it.
    pub fn node(&self, id: &str) -> Arc<ChainNode> {
        let known = self.nodes.get(id);
        let is_whole = |node: &&Arc<ChainNode>| self.everywhere.is_empty() && self.lacks_full_access(node).is_none();
        if let Some(node) = known.filter(is_whole) {
            return Arc::clone(node);
        }
        let mut node = known.map_or_else(|| empty_node(id, self.kind), |node| ChainNode::clone(node));
        node.gaps.extend(self.everywhere.iter().cloned());
        node.policies.extend(self.lacks_full_access(&node));
        if node.policies.is_empty() && node.gaps.is_empty() {
            // AWS keeps at least one SCP attached to every node, so nothing read is not nothing there.
            node.gaps.push(format!("no SCP was read at {id}, where AWS keeps at least one attached"));
        }
        Arc::new(node)
    }
}

impl Chains<'_> {
    /// `RCPFullAWSAccess`, which AWS attaches to every node and nobody can detach (Organizations user guide, RCP syntax), when it
    /// is not among the policies read.
    fn lacks_full_access(&self, node: &ChainNode) -> Option<Arc<AttachedPolicy>> {
        let is_listed = || node.policies.iter().any(|policy| policy.id == RCP_FULL_AWS_ACCESS);
        (self.kind == Kind::ResourceControl && !is_listed()).then(|| {
            Arc::new(AttachedPolicy {
                id: RCP_FULL_AWS_ACCESS.to_owned(),
                name: "RCPFullAWSAccess".to_owned(),
                document: Document::parse(Kind::ResourceControl, RCP_FULL_AWS_ACCESS_TEXT),
            })
        })
    }
}

/// The document of `RCPFullAWSAccess`.
pub(crate) const RCP_FULL_AWS_ACCESS_TEXT: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

fn empty_node(id: &str, kind: Kind) -> ChainNode {
    ChainNode { id: id.to_owned(), kind, policies: Vec::new(), gaps: Vec::new() }
}
