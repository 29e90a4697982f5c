//! What watches the logs: metric filters, the alarms on their metrics, topics and their subscriptions, EventBridge rules.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::Arn;
use crate::observed::Observed;

/// One metric filter of a log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricFilter {
    /// Its name.
    pub name: String,
    /// The filter pattern as stored; an empty pattern matches every event.
    pub pattern: String,
    /// Criteria on the account and region that events come from, which narrow the filter beyond its pattern.
    #[serde(default)]
    pub field_selection: Option<String>,
    /// The metrics that a match counts in.
    pub metrics: BTreeSet<Metric>,
}

/// A metric that a filter counts in. Equal names in two namespaces are two metrics.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// For example `CISBenchmark`.
    pub namespace: String,
    /// For example `RootAccountUsage`.
    pub name: String,
    /// The value that each match adds, as stored; `1` for a filter that counts, `0` for one that never raises an alarm.
    pub value: String,
    /// The filter splits the metric by dimensions, so that an alarm on the plain metric sees none of its values.
    #[serde(default)]
    pub has_dimensions: bool,
}

/// One alarm in the account and region of a log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: String,
    /// What it watches.
    pub watches: Watched,
    /// `ActionsEnabled`.
    pub actions_enabled: bool,
    /// Actions on entering `ALARM`: ARNs, some of them of SNS topics.
    pub alarm_actions: BTreeSet<String>,
}

/// What an alarm watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Watched {
    /// Metrics, whether named directly or by the queries of a metric math expression.
    Metrics {
        /// Each metric with its namespace.
        metrics: BTreeSet<WatchedMetric>,
        /// For example `GreaterThanOrEqualToThreshold`; none with metric math and anomaly bands.
        comparison: Option<String>,
        /// The threshold as AWS writes it; none with anomaly bands.
        threshold: Option<String>,
        /// For example `Sum`; none with metric math.
        statistic: Option<String>,
        /// How many of the latest periods must breach (`DatapointsToAlarm`, else `EvaluationPeriods`): one event raises an
        /// alarm only where one does.
        #[serde(default)]
        points_to_alarm: Option<i32>,
    },
    /// Other alarms: the rule of a composite alarm, for example `ALARM("a") OR ALARM("b")`.
    Alarms(String),
    /// Something of a later AWS.
    Other(String),
}

/// A metric that an alarm watches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchedMetric {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// It is narrowed to dimensions, which the metrics of plain filters do not have.
    pub has_dimensions: bool,
}

/// An SNS topic that a trail or an alarm notifies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its ARN.
    pub arn: Arn,
    /// Its subscriptions; none when the topic does not exist.
    pub subscriptions: Observed<Option<Vec<Subscription>>>,
}

/// One subscription of a topic. Endpoints are not kept: they are people's addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// For example `email`, `lambda`, `https`.
    pub protocol: String,
    /// Whether the subscriber confirmed it; `PendingConfirmation` and `Deleted` subscriptions receive nothing.
    pub is_confirmed: bool,
}

/// One EventBridge rule of the default bus of an account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRule {
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: String,
    /// `ENABLED`, `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` or `DISABLED`, as AWS spells it.
    pub state: String,
    /// The event pattern (JSON); none for a rule on a schedule.
    pub pattern: Option<String>,
    /// ARNs of its targets.
    pub targets: Observed<BTreeSet<String>>,
}
