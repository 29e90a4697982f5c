//! `GetTrailStatus`: what a trail does in one region, derived from its links and the clock, and from what the scenario says instead.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::links;
use super::visibility::{Viewer, find, is_here};
use crate::error::AwsError;
use crate::world::World;
use crate::world::cloudtrail::{DeliveryState, StatusOverride, Trail};
use trailwarden_model::ids::AccountId;

/// Seconds between two deliveries of log files, and of events to a log group.
const LOG_FILES_EVERY: i64 = 300;
/// Seconds between two digest files.
const DIGESTS_EVERY: i64 = 3_600;

/// One kind of delivery as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// The last success.
    pub last: Option<Timestamp>,
    /// The last error.
    pub error: Option<String>,
}

/// The status of one trail as seen from one account in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Recording here.
    pub is_logging: bool,
    /// When recording last started.
    pub started: Option<Timestamp>,
    /// When recording last stopped.
    pub stopped: Option<Timestamp>,
    /// Log files to the bucket.
    pub log_files: Shown,
    /// Digest files to the bucket.
    pub digests: Shown,
    /// Events to the log group.
    pub cloudwatch_logs: Shown,
    /// Notifications to the topic.
    pub notifications: Shown,
}

/// `GetTrailStatus` by name at home, or by ARN wherever the trail or its shadow is.
pub fn get(world: &World, viewer: Viewer<'_>, name_or_arn: &str, now: Timestamp) -> Result<Value, AwsError> {
    let place = find(world, viewer, name_or_arn)?;
    let trail = place.trail(world).filter(|trail| is_here(world, &place.owner, trail, viewer));
    let unknown =
        || AwsError::bad("TrailNotFoundException", format!("Unknown trail: {name_or_arn} in {}", viewer.region));
    let status = of(world, &place.owner, trail.ok_or_else(unknown)?, viewer, now);
    let seconds = |moment: Option<Timestamp>| moment.map(|moment| moment.as_millisecond() as f64 / 1000.0);
    Ok(json!({
        "IsLogging": status.is_logging,
        "StartLoggingTime": seconds(status.started),
        "StopLoggingTime": seconds(status.stopped),
        "LatestDeliveryTime": seconds(status.log_files.last),
        "LatestDeliveryError": status.log_files.error,
        "LatestDigestDeliveryTime": seconds(status.digests.last),
        "LatestDigestDeliveryError": status.digests.error,
        "LatestCloudWatchLogsDeliveryTime": seconds(status.cloudwatch_logs.last),
        "LatestCloudWatchLogsDeliveryError": status.cloudwatch_logs.error,
        "LatestNotificationTime": seconds(status.notifications.last),
        "LatestNotificationError": status.notifications.error,
        "TimeLoggingStarted": status.started.map(|moment| moment.to_string()),
        "TimeLoggingStopped": status.stopped.map(|moment| moment.to_string()),
        "LatestDeliveryAttemptTime": status.log_files.last.map(|moment| moment.to_string()),
        "LatestDeliveryAttemptSucceeded": status.log_files.last.map(|moment| moment.to_string()),
    }))
}

/// The status of a trail that is here.
pub fn of(world: &World, owner: &AccountId, trail: &Trail, viewer: Viewer<'_>, now: Timestamp) -> Status {
    let stated = Stated::find(trail, viewer);
    let started = trail.started.map(|when| when.by(now));
    let stopped = trail.stopped_at(now);
    let is_logging = stated.logging.unwrap_or(trail.logging);
    let until = if is_logging { now } else { stopped.unwrap_or(now) };
    let bucket = links::bucket_error(world, owner, trail, viewer);
    let derive = |wanted: bool, every: i64, error: Option<&str>| match (wanted, started) {
        (true, Some(started)) => Shown {
            last: last_slot(started, until, every).filter(|_| error.is_none()),
            error: error.filter(|_| is_logging).map(str::to_owned),
        },
        _ => Shown::default(),
    };
    let shown = |stated: Option<&DeliveryState>, derived: Shown| match stated {
        Some(stated) => {
            Shown { last: stated.last.map(|when| when.by(now)), error: stated.error.clone().or(derived.error) }
        }
        None => derived,
    };
    let group = trail.log_group.as_ref().and_then(|_| links::log_group_error(world, owner, trail));
    let topic = links::topic_error(world, owner, trail);
    Status {
        is_logging,
        started,
        stopped,
        log_files: shown(stated.log_files, derive(true, LOG_FILES_EVERY, bucket)),
        digests: shown(stated.digests, derive(trail.log_file_validation, DIGESTS_EVERY, bucket)),
        cloudwatch_logs: shown(stated.cloudwatch_logs, derive(trail.log_group.is_some(), LOG_FILES_EVERY, group)),
        notifications: shown(stated.notifications, derive(trail.sns_topic.is_some(), LOG_FILES_EVERY, topic)),
    }
}

/// The last full period of the clock that ended after the start: deliveries come on the clock.
fn last_slot(started: Timestamp, until: Timestamp, every: i64) -> Option<Timestamp> {
    let slot = Timestamp::from_second(until.as_second().div_euclid(every) * every).ok()?;
    (slot > started).then_some(slot)
}

/// What the scenario says for this viewer, later statements first.
#[derive(Default)]
struct Stated<'a> {
    logging: Option<bool>,
    log_files: Option<&'a DeliveryState>,
    digests: Option<&'a DeliveryState>,
    cloudwatch_logs: Option<&'a DeliveryState>,
    notifications: Option<&'a DeliveryState>,
}

impl<'a> Stated<'a> {
    fn find(trail: &'a Trail, viewer: Viewer<'_>) -> Self {
        let concerns = |statement: &&StatusOverride| {
            statement.account.as_ref().is_none_or(|account| account == viewer.account)
                && statement.region.as_ref().is_none_or(|region| region == viewer.region)
        };
        trail.status.iter().filter(concerns).fold(Self::default(), |found, statement| Self {
            logging: statement.logging.or(found.logging),
            log_files: statement.log_files.as_ref().or(found.log_files),
            digests: statement.digests.as_ref().or(found.digests),
            cloudwatch_logs: statement.cloudwatch_logs.as_ref().or(found.cloudwatch_logs),
            notifications: statement.notifications.as_ref().or(found.notifications),
        })
    }
}
