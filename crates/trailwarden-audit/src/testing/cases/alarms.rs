//! Cases about alarms, notifications, event rules and what was done lately.

use trailwarden_model::history::PastEvent;
use trailwarden_model::monitoring::{Subscription, Topic};
use trailwarden_model::observed::Observed;
use trailwarden_model::snapshot::Need;

use super::Case;
use crate::testing::monitoring::{past, rule};
use crate::testing::{ARCHIVE, HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, arn, denied};

pub(super) const CASES: &[Case] = &[
    Case { name: "alarm-actions-disabled", world: actions_disabled },
    Case { name: "alarm-of-another-namespace", world: another_namespace },
    Case { name: "alarm-waits-for-ten", world: waits_for_ten },
    Case { name: "composite-alarm", world: composite },
    Case { name: "filter-spares-somebody", world: spares_somebody },
    Case { name: "alarms-almost-right", world: almost },
    Case { name: "alarms-in-other-words", world: in_other_words },
    Case { name: "alarms-nobody-hears", world: unconfirmed },
    Case { name: "alarms-unread", world: unread },
    Case { name: "tampered-by-declared-hands", world: tampered_by_one_role },
    Case { name: "tampered-lately", world: tampered },
    Case { name: "tampering-routed", world: routed },
];

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
fn unconfirmed() -> World {
    notifying(email(false)).subscriptions(email(false))
}

/// Filters that look right: one spares a principal, one misspells an event, one counts in the wrong namespace, one alarm
/// wants ten events, one has its actions disabled.
fn almost() -> World {
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
fn unread() -> World {
    notifying(Observed::Gap(denied("sns:ListSubscriptionsByTopic")))
        .subscriptions(Observed::Gap(denied("sns:ListSubscriptionsByTopic")))
}

/// Patterns in other words: one filter for a whole service, halves that make a whole, and a composite alarm that speaks for
/// those without an action of their own.
fn in_other_words() -> World {
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

/// Rules route every tamper event, but one of them asks for successful calls only, and one region could not be read.
fn routed() -> World {
    const TAMPERING: &str =
        r#"{"source": ["aws.cloudtrail", "aws.organizations"], "detail-type": ["AWS API Call via CloudTrail"]}"#;
    const SUCCESSFUL: &str = r#"{"source": ["aws.cloudtrail"], "detail": {"errorCode": [{"exists": false}]}}"#;
    let routing = |world: World, id: &str, code: &str, pattern: &str| {
        world.here(id, code, |here| here.event_rules = Observed::Known(vec![rule("tampering", pattern)]))
    };
    let world = World::clean().edit(|snapshot| {
        snapshot.needs.insert(Need::EventRules);
    });
    let everywhere = [MANAGEMENT, ARCHIVE, WORKLOAD].into_iter().flat_map(|id| [(id, HOME), (id, LEADER)]);
    let world = everywhere.fold(world, |world, (id, code)| routing(world, id, code, TAMPERING));
    routing(world, WORKLOAD, HOME, SUCCESSFUL)
        .here(ARCHIVE, LEADER, |here| here.event_rules = Observed::Gap(denied("events:ListRules")))
}

/// Somebody stopped the trail and started it again, somebody was refused, and one history could not be read.
fn tampered() -> World {
    let refused = PastEvent { error_code: Some("AccessDenied".to_owned()), ..past("DeleteTrail", 40) };
    World::clean()
        .here(MANAGEMENT, HOME, |here| {
            if let Observed::Known(history) = &mut here.history {
                history.events = vec![past("StopLogging", 30)];
            }
        })
        .here(WORKLOAD, HOME, |here| {
            if let Observed::Known(history) = &mut here.history {
                history.events = vec![refused];
            }
        })
        .here(ARCHIVE, LEADER, |here| here.history = Observed::Gap(denied("cloudtrail:LookupEvents")))
}

/// Everything that was done was done in one role.
fn tampered_by_one_role() -> World {
    World::clean().here(WORKLOAD, HOME, |here| {
        if let Observed::Known(history) = &mut here.history {
            history.events = vec![past("UpdateTrail", 30), past("PutEventSelectors", 31)];
        }
    })
}

/// Somebody silenced it for maintenance and forgot.
fn actions_disabled() -> World {
    World::clean().alarm("root-usage", |alarm| alarm.actions_enabled = false)
}

/// A metric of that name exists; the filter counts in another one.
fn another_namespace() -> World {
    World::clean().watched("security-group-changes", |metric| metric.namespace = "LogMetrics".to_owned())
}

fn waits_for_ten() -> World {
    World::clean().threshold("s3-bucket-policy-changes", "10")
}

/// The alarm itself tells nobody; a composite alarm that it raises alone does.
fn composite() -> World {
    World::clean()
        .alarm("root-usage", |alarm| alarm.alarm_actions.clear())
        .composite("anything", "ALARM(\"root-usage\") OR ALARM(\"vpc-changes\")")
}

/// All the events of the family, unless the deployment role causes them.
fn spares_somebody() -> World {
    World::clean().filter("iam-policy-changes", |filter| {
        let events = filter.pattern.trim_start_matches('{').trim_end_matches('}').to_owned();
        filter.pattern = format!("{{ ({events}) && ($.userIdentity.arn != \"*/deploy\") }}");
    })
}
