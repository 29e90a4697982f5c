//! The kinds of resource that a profile speaks of: how a policy names them, and how AWS does when it authorizes a call.

use serde::Deserialize;

/// A kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Whatever the action is used on.
    Anything,
    /// CloudTrail Lake, in every account.
    EventDataStores,
    /// CloudTrail channels, in every account.
    Channels,
    /// The roles among the declared exceptions.
    ExemptRoles,
    /// A log bucket itself.
    LogBucket,
    /// The objects of a log bucket.
    LogObjects,
    /// A key of a trail.
    TrailKey,
    /// A log group of a trail.
    LogGroup,
    /// The streams of such a log group.
    LogStreams,
    /// The account of such a log group, for actions without a resource of their own.
    LogGroupAccount,
    /// A role with which CloudTrail writes to a log group.
    DeliveryRole,
    /// A CloudWatch alarm on tamper events.
    Alarm,
    /// An EventBridge rule on tamper events.
    Rule,
}

impl Target {
    /// One resource of this kind as a call on it is authorized. `arn` is the bucket, the log group without `:*`, or the resource
    /// itself.
    ///
    /// Sources: Service Authorization Reference; for log groups the CloudWatch Logs user guide and the texts of its
    /// `AccessDenied` answers, which end in `:log-stream:`.
    pub(crate) fn authorized(self, arn: &str) -> String {
        match self {
            Self::Anything | Self::LogGroupAccount => "*".to_owned(),
            Self::LogObjects => format!("{arn}/AWSLogs/any-log-file"),
            Self::LogGroup => format!("{arn}:log-stream:"),
            Self::LogStreams => format!("{arn}:log-stream:any-stream"),
            Self::EventDataStores
            | Self::Channels
            | Self::ExemptRoles
            | Self::LogBucket
            | Self::TrailKey
            | Self::DeliveryRole
            | Self::Alarm
            | Self::Rule => arn.to_owned(),
        }
    }
}
