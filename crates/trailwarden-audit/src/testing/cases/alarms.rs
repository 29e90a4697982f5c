//! Cases about alarms, notifications, event rules and what was done lately.

use trailwarden_model::monitoring::{Subscription, Topic};
use trailwarden_model::observed::Observed;

use super::super::{ORG_TRAIL, World, arn, denied};

const LOG_FILES_TOPIC: &str = "arn:aws:sns:eu-west-1:111111111111:log-files";

fn notifying(subscriptions: Observed<Option<Vec<Subscription>>>) -> World {
    World::clean().trail(ORG_TRAIL, |trail| trail.sns_topic = Some(arn(LOG_FILES_TOPIC))).edit(|snapshot| {
        snapshot.topics.insert(arn(LOG_FILES_TOPIC), Topic { arn: arn(LOG_FILES_TOPIC), subscriptions });
    })
}

fn email(is_confirmed: bool) -> Observed<Option<Vec<Subscription>>> {
    Observed::Known(Some(vec![Subscription { protocol: "email".to_owned(), is_confirmed }]))
}

/// Every filter, alarm and topic is there, but nobody confirmed the subscription.
pub(super) fn unconfirmed() -> World {
    notifying(email(false)).subscriptions(email(false))
}

/// Filters that look right: one spares a principal, one misspells an event, one counts in the wrong namespace, one alarm
/// wants ten events, one has its actions disabled.
pub(super) fn almost() -> World {
    notifying(email(true))
        .filter("cloudtrail-configuration-changes", |filter| {
            filter.pattern =
                "{ ($.eventSource = cloudtrail.amazonaws.com) && ($.userIdentity.arn != \"*/deploy\") }".to_owned();
        })
        .filter("cmk-disabling-or-deletion", |filter| {
            filter.pattern = filter.pattern.replace("ScheduleKeyDeletion", "ScheduleKeyDelete");
        })
        .watched("vpc-changes", |metric| metric.namespace = "LogMetrics".to_owned())
        .threshold("console-authentication-failures", "10")
        .alarm("root-usage", |alarm| alarm.actions_enabled = false)
        .alarm("trail-tampering", |alarm| alarm.alarm_actions.clear())
}

/// The topics are in an account that may not be asked.
pub(super) fn unread() -> World {
    notifying(Observed::Gap(denied("sns:ListSubscriptionsByTopic")))
        .subscriptions(Observed::Gap(denied("sns:ListSubscriptionsByTopic")))
}

/// Patterns in other words: one filter for a whole service, halves that make a whole, and a composite alarm that speaks for
/// those without an action of their own.
pub(super) fn in_other_words() -> World {
    World::clean()
        .filter("cloudtrail-configuration-changes", |filter| {
            filter.pattern = "{$.eventName=\"Stop*\" || $.eventName=\"StartLogging\"}".to_owned();
        })
        .filter("trail-tampering", |filter| {
            filter.pattern =
                "{ ($.eventName = *Trail || $.eventName = Put*) && $.eventSource = cloudtrail* }".to_owned();
        })
        .filter("network-acl-changes", |filter| {
            filter.pattern = "{ $.eventSource = ec2.amazonaws.com && $.eventName = *NetworkAcl* }".to_owned();
        })
        .alarm("vpc-changes", |alarm| alarm.alarm_actions.clear())
        .composite("network", "ALARM(\"vpc-changes\") OR ALARM(\"route-table-changes\")")
}
