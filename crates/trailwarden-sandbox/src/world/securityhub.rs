//! What one account holds in Security Hub: in which regions it is enabled, and the findings that were imported there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trailwarden_model::ids::Region;

use super::cloudtrail::a_year_ago;
use super::when::When;

/// Security Hub in one account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityHub {
    /// Where it is enabled.
    pub hubs: BTreeMap<Region, Hub>,
}

/// Security Hub in one account and region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    /// When it was enabled.
    #[serde(default = "a_year_ago")]
    pub enabled: When,
    /// The findings, by id, in the Security Finding Format.
    #[serde(default)]
    pub findings: BTreeMap<String, Map<String, Value>>,
}
