//! The kinds of resource that a profile speaks of: how a policy names them, and how AWS does when it authorizes a call.

use serde::Deserialize;

use super::guarded::ResourceKind;

/// A kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Target {
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
    /// The resources that it speaks of; none for those that are named for every account alike.
    pub(super) fn resource_kind(self) -> Option<ResourceKind> {
        match self {
            Self::Anything | Self::EventDataStores | Self::Channels | Self::ExemptRoles => None,
            Self::LogBucket | Self::LogObjects => Some(ResourceKind::Bucket),
            Self::TrailKey => Some(ResourceKind::Key),
            Self::LogGroup | Self::LogStreams | Self::LogGroupAccount => Some(ResourceKind::LogGroup),
            Self::DeliveryRole => Some(ResourceKind::Role),
            Self::Alarm => Some(ResourceKind::Alarm),
            Self::Rule => Some(ResourceKind::Rule),
        }
    }

    /// The type under which the Service Authorization Reference lists such resources; none where actions are authorized on `*`.
    pub(super) fn resource_type(self) -> Option<&'static str> {
        match self {
            Self::Anything | Self::LogGroupAccount => None,
            Self::EventDataStores => Some("eventdatastore"),
            Self::Channels => Some("channel"),
            Self::ExemptRoles | Self::DeliveryRole => Some("role"),
            Self::LogBucket => Some("bucket"),
            Self::LogObjects => Some("object"),
            Self::TrailKey => Some("key"),
            Self::LogGroup => Some("log-group"),
            Self::LogStreams => Some("log-stream"),
            Self::Alarm => Some("alarm"),
            Self::Rule => Some("rule-on-default-event-bus"),
        }
    }

    /// The pattern with which a policy names one resource of this kind: the bucket, the log group without `:*`, or the resource
    /// itself, given by its ARN.
    pub(super) fn pattern(self, arn: &str) -> String {
        let arn = literal(arn);
        match self {
            Self::Anything | Self::LogGroupAccount => "*".to_owned(),
            Self::LogObjects => format!("{arn}/*"),
            // Only tagging is authorized on the group without a suffix, and no profile denies it.
            Self::LogGroup | Self::LogStreams => format!("{arn}:*"),
            _ => arn,
        }
    }

    /// One resource of this kind as AWS authorizes a call on it; `arn` as for [`Self::pattern`].
    ///
    /// Sources: Service Authorization Reference; for log groups the CloudWatch Logs user guide and the texts of its
    /// `AccessDenied` answers, which end in `:log-stream:`.
    pub(crate) fn authorized(self, arn: &str) -> String {
        match self {
            Self::Anything | Self::LogGroupAccount => "*".to_owned(),
            Self::LogObjects => format!("{arn}/AWSLogs/any-log-file"),
            Self::LogGroup => format!("{arn}:log-stream:"),
            Self::LogStreams => format!("{arn}:log-stream:any-stream"),
            _ => arn.to_owned(),
        }
    }
}

/// A text as a policy spells it where wildcards and variables have a meaning: names of alarms may hold any character.
fn literal(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' | '?' | '$' => spelt.extend(["${", c.encode_utf8(&mut [0; 4]), "}"]),
            _ => spelt.push(c),
        }
    }
    spelt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::ArnPattern;
    use crate::variable::Template;

    #[test]
    fn a_name_with_a_star_stands_for_itself() {
        let spelt = Target::Alarm.pattern("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a*b$?");
        let pieces = Template::parse(&spelt).resolve(&crate::Context::new()).expect("read").expect("no variable");
        let pattern = ArnPattern::from_pieces(&pieces);
        assert!(pattern.matches("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a*b$?").is_yes());
        assert!(pattern.matches("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:axb$?").is_no());
    }
}
