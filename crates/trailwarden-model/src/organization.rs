//! The organization as AWS Organizations describes it: accounts, OU tree, SCPs and RCPs and where they attach, trusted services.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Arn};
use crate::observed::{Gap, Observed};

/// The service principal of CloudTrail, the same in every region.
pub const CLOUDTRAIL_PRINCIPAL: &str = "cloudtrail.amazonaws.com";

/// The id of the AWS managed SCP that allows everything.
pub const FULL_AWS_ACCESS: &str = "p-FullAWSAccess";

/// The id of the AWS managed RCP that allows everything, which nobody can detach.
pub const RCP_FULL_AWS_ACCESS: &str = "p-RCPFullAWSAccess";

/// `ALL` or `CONSOLIDATED_BILLING`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureSet {
    /// All features: SCPs and organization trails are possible.
    All,
    /// Consolidated billing only.
    ConsolidatedBilling,
}

/// The life state of an account. `State` is read first, legacy `Status` second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountState {
    /// Being created; not usable yet.
    PendingActivation,
    /// In use.
    Active,
    /// Restricted by AWS.
    Suspended,
    /// Closing, but still usable.
    PendingClosure,
    /// Closed; visible for 90 days.
    Closed,
    /// A state this version does not know, as AWS spells it; empty when AWS gave none.
    Other(String),
}

impl AccountState {
    /// True when people and machines can act in the account, so that it must be audited. States we do not know count as usable.
    pub fn is_audited(&self) -> bool {
        matches!(self, Self::Active | Self::PendingClosure | Self::Other(_))
    }
}

/// One account of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Account id.
    pub id: AccountId,
    /// The name given in Organizations.
    pub name: String,
    /// Life state.
    pub state: AccountState,
    /// `CREATED` or `INVITED`, as AWS spells it. Invited accounts lack the default access role.
    pub joined_method: Option<String>,
    /// The root or OU that holds the account; a gap when the tree could not be walked.
    pub parent: Observed<NodeId>,
}

/// The id of a root (`r-…`), an OU (`ou-…`) or an account (twelve digits): whatever a policy can attach to.
pub type NodeId = String;

/// The root of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// `r-…`.
    pub id: NodeId,
    /// Policy types with status `ENABLED`, as AWS spells them; one that is absent is disabled.
    pub enabled_policy_types: BTreeSet<String>,
}

/// One organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// `ou-…`.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// The root or OU above it.
    pub parent: NodeId,
}

/// One authorization policy, as AWS calls service control policies (SCPs) and resource control policies (RCPs) together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorizationPolicy {
    /// `p-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// True for policies of AWS such as `FullAWSAccess` and `RCPFullAWSAccess`.
    pub aws_managed: bool,
    /// The document as stored.
    pub content: Observed<String>,
    /// Ids of the root, OUs and accounts it is attached to directly.
    pub targets: Observed<BTreeSet<NodeId>>,
}

/// An account that may administer services for the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelegatedAdministrator {
    /// The member account.
    pub account: AccountId,
    /// Service principals it administers.
    pub services: Observed<BTreeSet<String>>,
}

/// The organization, as far as the selected controls needed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// `o-…`.
    pub id: String,
    /// Its ARN, which names the management account.
    pub arn: Arn,
    /// The account no SCP binds.
    pub management_account: AccountId,
    /// All features or consolidated billing.
    pub feature_set: FeatureSet,
    /// The root with its policy types.
    pub root: Observed<Root>,
    /// Every OU by id.
    pub units: Observed<BTreeMap<NodeId, Unit>>,
    /// Every account, whatever its state, by id.
    pub accounts: BTreeMap<AccountId, Account>,
    /// Every SCP by id; empty while the policy type is disabled.
    pub service_control_policies: Observed<BTreeMap<String, AuthorizationPolicy>>,
    /// Every RCP by id; empty while the policy type is disabled. Snapshots of format 1.0 do not hold them.
    #[serde(default = "resource_control_policies_not_collected")]
    pub resource_control_policies: Observed<BTreeMap<String, AuthorizationPolicy>>,
    /// Service principals with trusted access.
    pub trusted_services: Observed<BTreeSet<String>>,
    /// Delegated administrators of any service.
    pub delegated_administrators: Observed<Vec<DelegatedAdministrator>>,
}

/// The policy type of SCPs, as AWS spells it.
pub const SERVICE_CONTROL_POLICY: &str = "SERVICE_CONTROL_POLICY";

/// The policy type of RCPs, as AWS spells it.
pub const RESOURCE_CONTROL_POLICY: &str = "RESOURCE_CONTROL_POLICY";

fn resource_control_policies_not_collected() -> Observed<BTreeMap<String, AuthorizationPolicy>> {
    Observed::Gap(Gap::not_collected("organizations:ListPolicies", None, None))
}

impl Organization {
    /// The nodes whose SCPs bind an account, from the root down to the account itself.
    pub fn path_to(&self, account: &AccountId) -> Result<Vec<NodeId>, Gap> {
        let units = self.units.get()?;
        let mut path = vec![account.to_string()];
        let mut above = match self.accounts.get(account) {
            Some(account) => Some(account.parent.get()?.clone()),
            None => None,
        };
        while let Some(node) = above {
            above = units.get(&node).map(|unit| unit.parent.clone());
            let is_loop = path.contains(&node);
            path.push(node);
            if is_loop {
                break;
            }
        }
        path.reverse();
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observed::GapKind;

    #[test]
    fn an_organization_read_before_rcps_were_collected_does_not_claim_to_have_none() {
        let old = r#"{
            "id": "o-1", "arn": "arn:aws:organizations::111111111111:organization/o-1",
            "management_account": "111111111111", "feature_set": "all",
            "root": {"known": {"id": "r-1", "enabled_policy_types": ["RESOURCE_CONTROL_POLICY"]}},
            "units": {"known": {}}, "accounts": {},
            "service_control_policies": {"known": {}},
            "trusted_services": {"known": []}, "delegated_administrators": {"known": []}
        }"#;
        let organization: Organization = serde_json::from_str(old).expect("the organization of a 1.0 snapshot");
        let gap = organization.resource_control_policies.gap().expect("a gap");
        assert_eq!(gap.kind, GapKind::NotCollected);
        assert_eq!(gap.call, "organizations:ListPolicies");
    }
}
