//! What one account holds in AWS Config: configuration recorders and delivery channels.

use serde::{Deserialize, Serialize};
use trailwarden_model::ids::Region;

use super::cloudtrail::a_year_ago;
use super::when::When;

/// AWS Config in one account, all regions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Recorders: at most one of the customer's own in a region, and one for each linked service.
    pub recorders: Vec<Recorder>,
    /// Delivery channels: at most one in a region.
    pub channels: Vec<DeliveryChannel>,
}

/// One configuration recorder. What is not stated is as in one that works and records everything but global types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorder {
    /// Its name.
    #[serde(default = "default_name")]
    pub name: String,
    /// Its region.
    pub region: Region,
    /// ARN of the role it reads with.
    pub role: String,
    /// Every supported resource type is recorded.
    #[serde(default = "yes")]
    pub all_types: bool,
    /// Global resource types (IAM) are recorded as well.
    #[serde(default)]
    pub global_types: bool,
    /// The types recorded, when it is not all of them.
    #[serde(default)]
    pub types: Vec<String>,
    /// The types left out, when it is all others.
    #[serde(default)]
    pub excluded_types: Vec<String>,
    /// `CONTINUOUS` or `DAILY`.
    #[serde(default = "continuous")]
    pub frequency: String,
    /// Recording now.
    #[serde(default = "yes")]
    pub recording: bool,
    /// When recording last started; none when it never did.
    #[serde(default = "since_a_year")]
    pub started: Option<When>,
    /// When recording last stopped.
    #[serde(default)]
    pub stopped: Option<When>,
    /// `PENDING` while nothing was recorded since the start; none means what the channel gives.
    #[serde(default)]
    pub status: Option<String>,
    /// Code and message of a failed last delivery, where they do not follow from the channel's bucket.
    #[serde(default)]
    pub failure: Option<Failure>,
    /// The service that owns it; none for the customer's own.
    #[serde(default)]
    pub service_principal: Option<String>,
}

/// Why deliveries fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// For example `AccessDenied`.
    pub code: String,
    /// The words.
    #[serde(default)]
    pub message: String,
}

/// One delivery channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryChannel {
    /// Its name.
    #[serde(default = "default_name")]
    pub name: String,
    /// Its region.
    pub region: Region,
    /// Where snapshots and histories go.
    pub bucket: String,
    /// Before their keys.
    #[serde(default)]
    pub prefix: Option<String>,
    /// ARN of the key they are encrypted with.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// ARN of the topic that is notified.
    #[serde(default)]
    pub sns_topic: Option<String>,
    /// How often snapshots are delivered, for example `TwentyFour_Hours`.
    #[serde(default)]
    pub frequency: Option<String>,
}

fn default_name() -> String {
    "default".to_owned()
}

fn yes() -> bool {
    true
}

fn continuous() -> String {
    "CONTINUOUS".to_owned()
}

fn since_a_year() -> Option<When> {
    Some(a_year_ago())
}
