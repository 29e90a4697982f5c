//! What one account holds in CloudWatch: alarms on metrics, and alarms on alarms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trailwarden_model::ids::{AccountId, Region};

use super::cloudtrail::a_year_ago;
use super::when::When;

/// CloudWatch in one account, all regions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CloudWatch {
    /// Alarms, in any region.
    pub alarms: Vec<Alarm>,
}

/// One alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// Its name, unique in its account and region.
    pub name: String,
    /// Its region.
    pub region: Region,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether its actions are taken.
    #[serde(default = "yes")]
    pub actions_enabled: bool,
    /// ARNs of what happens on entering `ALARM`.
    #[serde(default)]
    pub alarm_actions: Vec<String>,
    /// ARNs of what happens on entering `OK`.
    #[serde(default)]
    pub ok_actions: Vec<String>,
    /// ARNs of what happens on entering `INSUFFICIENT_DATA`.
    #[serde(default)]
    pub insufficient_data_actions: Vec<String>,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    #[serde(default = "ok")]
    pub state: String,
    /// When it was last changed.
    #[serde(default = "a_year_ago")]
    pub updated: When,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// What it watches.
    pub watches: Watches,
}

/// What an alarm watches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Watches {
    /// A metric, or metric math.
    Metric(Box<MetricSettings>),
    /// Other alarms, by the rule of a composite alarm.
    Rule(String),
}

/// What a metric alarm watches, spelled as the API spells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MetricSettings {
    /// The metric's name; none with metric math.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_name: Option<String>,
    /// The metric's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `SampleCount`, `Average`, `Sum`, `Minimum` or `Maximum`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<String>,
    /// A percentile or the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_statistic: Option<String>,
    /// The metric's dimensions.
    #[serde(default)]
    pub dimensions: Vec<Dimension>,
    /// Seconds of one period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<i64>,
    /// The unit, when the alarm looks at one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// How many periods are looked at.
    pub evaluation_periods: i64,
    /// How many of them must breach; none means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datapoints_to_alarm: Option<i64>,
    /// The threshold; none with an anomaly band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// For example `GreaterThanOrEqualToThreshold`.
    pub comparison_operator: String,
    /// `breaching`, `notBreaching`, `ignore` or `missing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub treat_missing_data: Option<String>,
    /// `evaluate` or `ignore`, for percentiles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluate_low_sample_count_percentile: Option<String>,
    /// Metric math: the queries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<serde_json::Value>,
    /// The id of the query that is the anomaly band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold_metric_id: Option<String>,
}

/// One dimension of a metric, spelled as the API spells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Alarm {
    /// Its ARN in the account that holds it.
    pub fn arn(&self, partition: &str, owner: &AccountId) -> String {
        format!("arn:{partition}:cloudwatch:{}:{owner}:alarm:{}", self.region, self.name)
    }

    /// All its actions.
    pub fn actions(&self) -> impl Iterator<Item = &String> {
        self.alarm_actions.iter().chain(&self.ok_actions).chain(&self.insufficient_data_actions)
    }
}

fn yes() -> bool {
    true
}

fn ok() -> String {
    "OK".to_owned()
}
