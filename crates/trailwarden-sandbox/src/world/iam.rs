//! Roles, users and managed policies of one account.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trailwarden_model::ids::AccountId;

/// The policy document behind AWS's AdministratorAccess.
pub const ADMINISTRATOR: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// IAM of one account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Iam {
    /// Roles by name.
    pub roles: BTreeMap<String, Role>,
    /// Users by name.
    pub users: BTreeMap<String, User>,
    /// Customer managed policies by ARN.
    pub policies: BTreeMap<String, ManagedPolicy>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Role {
    /// The path, `/` unless another was given.
    pub path: String,
    /// `AROA…`.
    pub id: String,
    /// The trust policy, as JSON text.
    pub trust: String,
    /// Inline policies: name to JSON text.
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies.
    pub attached: BTreeSet<String>,
    /// Words about it.
    pub description: String,
    /// The longest session, in seconds.
    pub max_session_seconds: i64,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Default for Role {
    fn default() -> Self {
        Self {
            path: "/".to_owned(),
            id: String::new(),
            trust: String::new(),
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
            description: String::new(),
            max_session_seconds: 3600,
            created: None,
            tags: BTreeMap::new(),
        }
    }
}

/// A user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// `AIDA…`.
    pub id: String,
    /// Inline policies: name to JSON text.
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies.
    pub attached: BTreeSet<String>,
}

/// A customer managed policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ManagedPolicy {
    /// `ANPA…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The path; empty means `/`.
    pub path: String,
    /// Words about it.
    pub description: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The versions: `v1` to JSON text.
    pub versions: BTreeMap<String, String>,
    /// The version in force.
    pub default_version: String,
}

/// The services whose service-linked roles are served, with the roles' names.
const SERVICE_LINKED: [(&str, &str); 2] =
    [("cloudtrail.amazonaws.com", "AWSServiceRoleForCloudTrail"), ("config.amazonaws.com", "AWSServiceRoleForConfig")];

impl Role {
    /// Name and role that a service is linked to; none for services that are not served.
    pub fn linked_to(service: &str) -> Option<(&'static str, Self)> {
        let (_, name) = SERVICE_LINKED.iter().find(|(known, _)| *known == service)?;
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}]}}"#
        );
        Some((name, Self { path: format!("/aws-service-role/{service}/"), trust, ..Self::default() }))
    }

    /// True for a service-linked role, which only its service may change.
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }
}

impl Iam {
    /// The text of a managed policy: a customer's own, or one of AWS's that the sandbox knows.
    pub fn managed_text(&self, arn: &str) -> Option<&str> {
        match self.policies.get(arn) {
            Some(policy) => policy.versions.get(&policy.default_version).map(String::as_str),
            None if arn.ends_with(":aws:policy/AdministratorAccess") => Some(ADMINISTRATOR),
            None => None,
        }
    }

    /// The ARN of a role of this account.
    pub fn role_arn(&self, partition: &str, account: &AccountId, name: &str) -> String {
        let path = self.roles.get(name).map_or("/", |role| role.path.as_str());
        format!("arn:{partition}:iam::{account}:role{path}{name}")
    }
}
