//! Whether what is recorded arrives: in the bucket, as digests, in the log group.

use trailwarden_model::observed::Observed::Known;

use super::Case;
use crate::testing::clean::{ROLE_ARN, role};
use crate::testing::{ARCHIVE, HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, arn, hours_ago};

pub(super) const CASES: &[Case] = &[
    Case { name: "delivery-error-while-logging", world: delivery_error_while_logging },
    Case { name: "quiet-region", world: quiet_region },
    Case { name: "log-files-stale", world: log_files_stale },
    Case { name: "digest-delivery-failing", world: digest_delivery_failing },
    Case { name: "digests-stale", world: digests_stale },
    Case { name: "validation-off", world: validation_off },
    Case { name: "cloudwatch-logs-broken", world: cloudwatch_logs_broken },
    Case { name: "no-log-group", world: no_log_group },
    Case { name: "log-group-deleted", world: log_group_deleted },
    Case { name: "log-group-short", world: log_group_short },
    Case { name: "log-group-overridden-by-the-account", world: log_group_overridden_by_the_account },
    Case { name: "log-group-without-key", world: log_group_without_key },
    Case { name: "infrequent-access-group", world: infrequent_access_group },
    Case { name: "role-without-organization-streams", world: role_without_organization_streams },
];

fn delivery_error_while_logging() -> World {
    World::clean().status(ORG_TRAIL, (WORKLOAD, HOME), |status| {
        status.log_files.last_error = Some("AccessDenied".to_owned());
    })
}

/// Nothing happened there for twelve days; the digests say so every hour.
fn quiet_region() -> World {
    World::clean().status(ORG_TRAIL, (ARCHIVE, LEADER), |status| {
        status.log_files.last_time = Some(hours_ago(300));
        status.cloudwatch_logs.last_time = Some(hours_ago(300));
    })
}

/// Neither log files nor digests for three days, and no error either: S3 does not answer in time.
fn log_files_stale() -> World {
    World::clean().status(ORG_TRAIL, (WORKLOAD, HOME), |status| {
        status.log_files.last_time = Some(hours_ago(72));
        status.digests.last_time = Some(hours_ago(72));
    })
}

fn digest_delivery_failing() -> World {
    World::clean().status(ORG_TRAIL, (ARCHIVE, HOME), |status| {
        status.digests.last_error = Some("AccessDenied".to_owned());
    })
}

fn digests_stale() -> World {
    World::clean().status_everywhere(ORG_TRAIL, |status| status.digests.last_time = Some(hours_ago(72)))
}

fn validation_off() -> World {
    World::clean()
        .trail(ORG_TRAIL, |trail| trail.log_file_validation = false)
        .status_everywhere(ORG_TRAIL, |status| status.digests.last_time = None)
}

/// Log files go on arriving in the bucket.
fn cloudwatch_logs_broken() -> World {
    World::clean().status(ORG_TRAIL, (MANAGEMENT, HOME), |status| {
        status.cloudwatch_logs.last_time = Some(hours_ago(240));
    })
}

fn no_log_group() -> World {
    World::clean()
        .trail(ORG_TRAIL, |trail| {
            trail.log_group = None;
            trail.log_role = None;
        })
        .status_everywhere(ORG_TRAIL, |status| status.cloudwatch_logs.last_time = None)
        .edit(|snapshot| snapshot.log_groups.clear())
}

fn log_group_deleted() -> World {
    World::clean().group(|group| {
        group.detail = Known(None);
        group.metric_filters = Known(Vec::new());
        group.alarms = Known(Vec::new());
    })
}

fn log_group_short() -> World {
    World::clean().group_detail(|group| group.retention_days = Some(90))
}

/// The group's own setting of 400 days has no effect: the account's policy says 30.
fn log_group_overridden_by_the_account() -> World {
    World::clean().group_detail(|group| {
        group.retention_days = Some(30);
        group.is_account_retention = true;
    })
}

fn log_group_without_key() -> World {
    World::clean().group_detail(|group| group.kms_key = None)
}

/// Alarms and topics are all there; the filters that would feed them cannot be.
fn infrequent_access_group() -> World {
    World::clean()
        .group_detail(|group| group.class = "INFREQUENT_ACCESS".to_owned())
        .group(|group| group.metric_filters = Known(Vec::new()))
}

/// The role of a plain trail: the streams of the members cannot be written.
fn role_without_organization_streams() -> World {
    World::clean().group(|group| {
        group.roles.insert(arn(ROLE_ARN), Known(Some(role(MANAGEMENT))));
    })
}
