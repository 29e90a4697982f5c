//! What one account holds in KMS: keys with their policies, states and aliases.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use trailwarden_model::ids::{AccountId, Arn, Region};

use super::World;
use super::cloudtrail::a_year_ago;
use super::when::When;

/// KMS in one account, all regions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kms {
    /// Keys, in any region.
    pub keys: Vec<Key>,
}

/// One key. What is not stated is as in a new symmetric key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its id: a UUID, or `mrk-…` for a multi-region key.
    pub id: String,
    /// Its region.
    pub region: Region,
    /// Names for it, each beginning with `alias/`.
    #[serde(default)]
    pub aliases: BTreeSet<String>,
    /// The key policy; none means the default one, which leaves everything to the account's IAM policies.
    #[serde(default)]
    pub policy: Option<String>,
    /// Its state.
    #[serde(default)]
    pub state: KeyState,
    /// Words about it.
    #[serde(default)]
    pub description: String,
    /// `CUSTOMER` or `AWS`.
    #[serde(default = "customer")]
    pub manager: String,
    /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM` or `EXTERNAL_KEY_STORE`.
    #[serde(default = "aws_kms")]
    pub origin: String,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048`, …
    #[serde(default = "symmetric")]
    pub spec: String,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, …
    #[serde(default = "encrypt_decrypt")]
    pub usage: String,
    /// Automatic rotation.
    #[serde(default)]
    pub rotation: bool,
    /// Days between rotations.
    #[serde(default = "one_year")]
    pub rotation_days: i64,
    /// The days after which a scheduled deletion happens, and since when it is scheduled.
    #[serde(default)]
    pub deletion: Option<Deletion>,
    /// A multi-region key.
    #[serde(default)]
    pub multi_region: bool,
    /// When it was created.
    #[serde(default = "a_year_ago")]
    pub created: When,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

impl Key {
    /// Its ARN in the account that holds it.
    pub fn arn(&self, partition: &str, owner: &AccountId) -> String {
        format!("arn:{partition}:kms:{}:{owner}:key/{}", self.region, self.id)
    }

    /// True in the states in which services can use it.
    pub fn is_usable(&self) -> bool {
        matches!(self.state, KeyState::Enabled | KeyState::Updating)
    }

    /// The key policy in force: its own, or the default one.
    pub fn policy_in_force(&self, partition: &str, owner: &AccountId) -> String {
        self.policy.clone().unwrap_or_else(|| {
            format!(
                r#"{{"Version":"2012-10-17","Id":"key-default-1","Statement":[{{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{{"AWS":"arn:{partition}:iam::{owner}:root"}},"Action":"kms:*","Resource":"*"}}]}}"#
            )
        })
    }
}

impl World {
    /// The key behind a key id, key ARN, alias name or alias ARN, as the caller's account and region understand it.
    pub fn find_key(&self, account: &AccountId, region: &Region, text: &str) -> Option<(AccountId, &Key)> {
        let (owner, region, name) = match text.parse::<Arn>() {
            Ok(arn) => (arn.account()?, arn.region()?, arn.resource().to_owned()),
            Err(_) if text.starts_with("alias/") => (account.clone(), region.clone(), text.to_owned()),
            Err(_) => (account.clone(), region.clone(), format!("key/{text}")),
        };
        let is_it = |key: &&Key| {
            key.region == region && (name.strip_prefix("key/") == Some(key.id.as_str()) || key.aliases.contains(&name))
        };
        let key = self.kms.get(&owner)?.keys.iter().find(is_it)?;
        Some((owner, key))
    }
}

/// A scheduled deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deletion {
    /// When it was scheduled.
    pub scheduled: When,
    /// Days until it happens: 7 to 30.
    pub days: i64,
}

/// The state of a key, spelled as the API spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum KeyState {
    /// Being made.
    Creating,
    /// Usable.
    #[default]
    Enabled,
    /// Switched off.
    Disabled,
    /// Its deletion is scheduled.
    PendingDeletion,
    /// It has no material yet.
    PendingImport,
    /// It waits for its replicas to be deleted.
    PendingReplicaDeletion,
    /// Its key store does not answer.
    Unavailable,
    /// Its primary is moving.
    Updating,
}

fn customer() -> String {
    "CUSTOMER".to_owned()
}

fn aws_kms() -> String {
    "AWS_KMS".to_owned()
}

fn symmetric() -> String {
    "SYMMETRIC_DEFAULT".to_owned()
}

fn encrypt_decrypt() -> String {
    "ENCRYPT_DECRYPT".to_owned()
}

fn one_year() -> i64 {
    365
}
