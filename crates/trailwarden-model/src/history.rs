//! What was done lately: events that switch off, narrow or destroy logging, from CloudTrail's event history.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::Region;

/// One event of the event history, reduced to who, when, from where, what and with which result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastEvent {
    /// CloudTrail's id of the event.
    pub id: String,
    /// When.
    pub time: Timestamp,
    /// For example `cloudtrail.amazonaws.com`.
    pub source: String,
    /// For example `StopLogging`.
    pub name: String,
    /// The region in the record.
    pub region: Region,
    /// The ARN of who did it; none when the record has none, as for AWS services.
    pub principal: Option<String>,
    /// The ARN of the role behind an assumed-role session, as the record names its issuer.
    pub session_issuer: Option<String>,
    /// The service on whose behalf it was done.
    pub invoked_by: Option<String>,
    /// The address, or the service, it came from.
    pub source_ip: Option<String>,
    /// Resources and names in the request that tell what it was done to.
    pub resources: Vec<String>,
    /// The error code; none when it succeeded.
    pub error_code: Option<String>,
}

/// The event history of one account and region.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The start of the time asked for.
    pub since: Timestamp,
    /// The events asked for, newest first.
    pub events: Vec<PastEvent>,
}
