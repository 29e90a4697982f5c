//! What one account holds in EventBridge: rules of the default bus, and their targets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trailwarden_model::ids::{AccountId, Region};

/// EventBridge in one account, all regions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Events {
    /// Rules of the default bus, in any region.
    pub rules: Vec<Rule>,
}

/// One rule: a pattern, a schedule or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, unique in its account and region.
    pub name: String,
    /// Its region.
    pub region: Region,
    /// The event pattern, a JSON document.
    #[serde(default)]
    pub pattern: Option<String>,
    /// The schedule, `rate(…)` or `cron(…)`.
    #[serde(default)]
    pub schedule: Option<String>,
    /// `ENABLED`, `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` or `DISABLED`.
    #[serde(default = "enabled")]
    pub state: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// ARN of the role that sends to targets.
    #[serde(default)]
    pub role: Option<String>,
    /// Targets by id, each spelled as the API spells it, without `Id`.
    #[serde(default)]
    pub targets: BTreeMap<String, serde_json::Value>,
}

impl Rule {
    /// Its ARN in the account that holds it.
    pub fn arn(&self, partition: &str, owner: &AccountId) -> String {
        format!("arn:{partition}:events:{}:{owner}:rule/{}", self.region, self.name)
    }
}

fn enabled() -> String {
    "ENABLED".to_owned()
}
