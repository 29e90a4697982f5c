//! The organization: accounts, organizational units, policies and where they attach.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trailwarden_model::ids::AccountId;

/// The type of service control policies.
pub const SCP: &str = "SERVICE_CONTROL_POLICY";
/// The type of resource control policies.
pub const RCP: &str = "RESOURCE_CONTROL_POLICY";
/// The id of AWS's own SCP that allows everything.
pub const FULL_AWS_ACCESS: &str = "p-FullAWSAccess";
/// Its content.
pub const FULL_AWS_ACCESS_TEXT: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A type of authorization policy: AWS's own policy that allows everything, and the quotas.
#[derive(Debug)]
pub struct PolicyType {
    /// Its name in the API.
    pub name: &'static str,
    /// The id of AWS's own policy.
    pub full_access: &'static str,
    /// The name of AWS's own policy.
    pub full_access_name: &'static str,
    /// What AWS says about it.
    pub full_access_description: &'static str,
    /// Its document.
    pub full_access_text: &'static str,
    /// Whether it can be detached, when another policy of the type stays.
    pub is_full_access_detachable: bool,
    /// Most characters in one document.
    pub most_characters: usize,
    /// Most policies attached to one node.
    pub most_attached: usize,
    /// Most policies of an organization.
    pub most_policies: usize,
}

/// The types that are served.
pub const POLICY_TYPES: [PolicyType; 2] = [
    PolicyType {
        name: SCP,
        full_access: FULL_AWS_ACCESS,
        full_access_name: "FullAWSAccess",
        full_access_description: "Allows access to every operation",
        full_access_text: FULL_AWS_ACCESS_TEXT,
        is_full_access_detachable: true,
        most_characters: 10_240,
        most_attached: 10,
        most_policies: 10_000,
    },
    PolicyType {
        name: RCP,
        full_access: "p-RCPFullAWSAccess",
        full_access_name: "RCPFullAWSAccess",
        full_access_description: "Allows access to every resource",
        full_access_text: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
        is_full_access_detachable: false,
        most_characters: 5_120,
        most_attached: 5,
        most_policies: 2_000,
    },
];

/// The organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// `o-…`.
    pub id: String,
    /// The management account.
    pub management_account: AccountId,
    /// `ALL` or `CONSOLIDATED_BILLING`.
    pub feature_set: String,
    /// The root's id, `r-…`.
    pub root: String,
    /// Organizational units by id, `ou-…`; the root is not among them.
    #[serde(default)]
    pub units: BTreeMap<String, Unit>,
    /// Accounts by id, the management account too.
    pub accounts: BTreeMap<AccountId, Member>,
    /// Policies by id, all types.
    #[serde(default)]
    pub policies: BTreeMap<String, Policy>,
    /// Ids of policies attached to each root, OU or account id.
    #[serde(default)]
    pub attachments: BTreeMap<String, BTreeSet<String>>,
    /// Policy types of the root with their status, `ENABLED` or `PENDING_ENABLE`.
    #[serde(default)]
    pub policy_types: BTreeMap<String, String>,
    /// Service principals with trusted access, and since when.
    #[serde(default)]
    pub trusted_services: BTreeMap<String, Timestamp>,
    /// Delegated administrators: account to service principal to since when.
    #[serde(default)]
    pub delegated: BTreeMap<AccountId, BTreeMap<String, Timestamp>>,
    /// Tags by resource id (account, OU, root or policy).
    #[serde(default)]
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The name.
    pub name: String,
    /// The id of its parent: the root or another unit.
    pub parent: String,
}

/// An account of the organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The name.
    pub name: String,
    /// The e-mail address of its root user.
    pub email: String,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, `CLOSED` or `PENDING_ACTIVATION`.
    pub state: String,
    /// `CREATED` or `INVITED`.
    pub joined_method: String,
    /// When it joined.
    pub joined: Timestamp,
    /// The id of its parent: the root or a unit.
    pub parent: String,
}

/// A policy of any type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The name.
    pub name: String,
    /// The description.
    #[serde(default)]
    pub description: String,
    /// The type, for example `SERVICE_CONTROL_POLICY`.
    pub kind: String,
    /// The document as sent.
    pub content: String,
    /// True for AWS's own.
    #[serde(default)]
    pub aws_managed: bool,
}

impl Organization {
    /// The ids from the root down to and including the account; empty when it is no member.
    pub fn path(&self, account: &AccountId) -> Vec<String> {
        let Some(member) = self.accounts.get(account) else { return Vec::new() };
        let mut path = vec![account.to_string()];
        let mut node = member.parent.clone();
        while let Some(unit) = self.units.get(&node) {
            path.push(std::mem::replace(&mut node, unit.parent.clone()));
        }
        path.push(node);
        path.reverse();
        path
    }

    /// Where the account stands, as the condition keys that end in `OrgPaths` spell it: `o-…/r-…/ou-…/`.
    pub fn org_path(&self, account: &AccountId) -> String {
        let mut path = self.path(account);
        path.pop();
        format!("{}/{}/", self.id, path.join("/"))
    }

    /// The ids of every node: root, units, accounts.
    pub fn nodes(&self) -> Vec<String> {
        let below = self.units.keys().cloned().chain(self.accounts.keys().map(ToString::to_string));
        std::iter::once(self.root.clone()).chain(below).collect()
    }

    /// True when the account may act for the service: the management account or its delegated administrator.
    pub fn administers(&self, account: &AccountId, service_principal: &str) -> bool {
        *account == self.management_account
            || self.delegated.get(account).is_some_and(|services| services.contains_key(service_principal))
    }

    /// The policies of one type attached to a node itself.
    pub fn attached<'o>(&'o self, node: &str, kind: &'o str) -> impl Iterator<Item = &'o Policy> {
        let ids = self.attachments.get(node).into_iter().flatten();
        ids.filter_map(|id| self.policies.get(id)).filter(move |policy| policy.kind == kind)
    }

    /// Enables a policy type, which attaches AWS's own policy of the type to every node.
    pub fn enable(&mut self, of: &PolicyType) {
        self.policy_types.insert(of.name.to_owned(), "ENABLED".to_owned());
        self.policies.entry(of.full_access.to_owned()).or_insert_with(|| Policy {
            name: of.full_access_name.to_owned(),
            description: of.full_access_description.to_owned(),
            kind: of.name.to_owned(),
            content: of.full_access_text.to_owned(),
            aws_managed: true,
        });
        for node in self.nodes() {
            self.attachments.entry(node).or_default().insert(of.full_access.to_owned());
        }
    }
}
