//! What one account holds in CloudWatch Logs: log groups, their filters and streams, account policies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trailwarden_model::ids::{AccountId, Arn, Region};

use super::World;
use super::cloudtrail::a_year_ago;
use super::when::When;

/// CloudWatch Logs in one account, all regions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Logs {
    /// Log groups, in any region.
    pub groups: Vec<LogGroup>,
    /// Account policies, in any region.
    pub account_policies: Vec<AccountPolicy>,
}

/// One log group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogGroup {
    /// Its name, unique in its account and region.
    pub name: String,
    /// Its region.
    pub region: Region,
    /// Days events are kept; none means for ever.
    #[serde(default)]
    pub retention_days: Option<i64>,
    /// ARN of its key.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// `STANDARD`, `INFREQUENT_ACCESS`, `ESSENTIALS` or `DELIVERY`; fixed at creation.
    #[serde(default = "standard")]
    pub class: String,
    /// It cannot be deleted.
    #[serde(default)]
    pub deletion_protection: bool,
    /// Metric filters by name.
    #[serde(default)]
    pub metric_filters: BTreeMap<String, MetricFilter>,
    /// Log streams by name, with their creation.
    #[serde(default)]
    pub streams: BTreeMap<String, When>,
    /// When it was created.
    #[serde(default = "a_year_ago")]
    pub created: When,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

impl LogGroup {
    /// Its ARN without `:*`.
    pub fn arn(&self, partition: &str, owner: &AccountId) -> String {
        format!("arn:{partition}:logs:{}:{owner}:log-group:{}", self.region, self.name)
    }
}

impl World {
    /// The log group of this ARN, which may end in `:*`.
    pub fn log_group(&self, arn: &Arn) -> Option<&LogGroup> {
        let name = arn.resource().strip_prefix("log-group:")?;
        let name = name.strip_suffix(":*").unwrap_or(name);
        let region = arn.region()?;
        self.logs.get(&arn.account()?)?.groups.iter().find(|group| group.name == name && group.region == region)
    }
}

fn standard() -> String {
    "STANDARD".to_owned()
}

/// One metric filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricFilter {
    /// What it matches.
    pub pattern: String,
    /// What it counts, spelled as the API spells it.
    pub transformations: Vec<serde_json::Value>,
    /// Criteria on the account and region that events come from.
    #[serde(default)]
    pub field_selection: Option<String>,
    /// System fields that the metric is split by.
    #[serde(default)]
    pub system_dimensions: Vec<String>,
    /// When it was created.
    #[serde(default = "a_year_ago")]
    pub created: When,
}

/// One account policy, for example of type `RETENTION_POLICY`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountPolicy {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: Region,
    /// For example `RETENTION_POLICY`.
    pub policy_type: String,
    /// Its document.
    pub document: String,
    /// When it was last changed.
    #[serde(default = "a_year_ago")]
    pub updated: When,
}
