//! notification-delivery-healthy: where a trail notifies a topic, the topic exists, somebody listens, and notifications arrive.

use trailwarden_model::control::Severity;
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::Trail;

use crate::alarms::notified;
use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::verdict::{Tally, Verdict, fact};

pub(super) static CONTROL: Control = Control {
    id: "notification-delivery-healthy",
    title: "Notifications of new log files arrive",
    severity: Severity::Low,
    practice: None,
    needs: &[Need::Trails, Need::TrailStatus, Need::Topics],
    rule: "Fails when the topic of the trail does not exist, has no confirmed subscription, or the last notification \
           failed in any region. Not applicable when the trail notifies no topic.",
    why: "Whoever waits for these notifications to fetch log files learns nothing when they stop, and no error shows \
          anywhere else.",
    remedy: "Create the topic and let CloudTrail publish to it, confirm a subscription, or take the topic off the trail \
             when nobody needs it.",
    references: &[
        "CloudTrail User Guide: Configuring Amazon SNS notifications for CloudTrail",
        "CloudTrail User Guide: Amazon SNS topic policy for CloudTrail",
    ],
    frameworks: &[("nist-800-53-r5", &["AU-5"]), ("iso-27001-2022", &["A.8.16"]), ("mitre-attack", &["T1562.008"])],
    applies: Applies::Always,
    judge: Judge::Trail(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, trail: &Trail) -> Judged {
    let name = &trail.name;
    let Some(topic) = &trail.sns_topic else {
        return Ok(Verdict::not_applicable(format!("Trail {name} notifies no topic")));
    };
    let mut tally = Tally::default();
    let account = topic.account().unwrap_or_else(|| trail.owner.clone());
    let seen = |words| fact(words, "sns:ListSubscriptionsByTopic", &account, topic.region().as_ref());
    match notified(cx, topic) {
        Ok(Ok(())) => tally.support(seen(format!("topic {topic} has a confirmed subscription"))),
        Ok(Err(why)) => tally.fail(seen(format!("topic {topic} {why}"))),
        Err(gap) => tally.gap(gap),
    }
    for sighting in cx.sightings(trail) {
        let (account, region) = (sighting.account, sighting.region);
        match cx.status(trail, account, region) {
            Err(gap) => tally.gap(gap),
            Ok(status) => {
                if let Some(error) = &status.notifications.last_error {
                    let words = format!("the last notification failed: {error}");
                    tally.fail(fact(words, "cloudtrail:GetTrailStatus", account, Some(region)));
                }
            }
        }
    }
    Ok(tally.settle(
        cx,
        || format!("Trail {name} notifies {topic}, which has a confirmed subscription"),
        |failures| {
            let facts: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("Notifications of trail {name} do not arrive: {}", crate::verdict::enumerate(&facts))
        },
    ))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::monitoring::{Subscription, Topic};
    use trailwarden_model::observed::Observed;

    use crate::testing::{HOME, ORG_TRAIL, WORKLOAD, World, arn, denied};

    const ID: &str = super::CONTROL.id;
    const TOPIC: &str = "arn:aws:sns:eu-west-1:111111111111:log-files";

    fn notifying(subscriptions: Observed<Option<Vec<Subscription>>>) -> World {
        World::clean().trail(ORG_TRAIL, |trail| trail.sns_topic = Some(arn(TOPIC))).edit(|snapshot| {
            snapshot.topics.insert(arn(TOPIC), Topic { arn: arn(TOPIC), subscriptions });
        })
    }

    fn subscribed(is_confirmed: bool) -> World {
        let one = Subscription { protocol: "sqs".to_owned(), is_confirmed };
        notifying(Observed::Known(Some(vec![one])))
    }

    fn outcome(world: &World) -> Outcome {
        world.judge(ID).only().outcome
    }

    #[test]
    fn a_trail_without_topic_is_not_judged() {
        assert_eq!(outcome(&World::clean()), Outcome::NotApplicable);
    }

    #[test]
    fn a_topic_needs_somebody_who_listens() {
        assert_eq!(outcome(&subscribed(true)), Outcome::Pass);
        assert_eq!(outcome(&subscribed(false)), Outcome::Fail);
        assert_eq!(outcome(&notifying(Observed::Known(Some(vec![])))), Outcome::Fail);
        assert_eq!(outcome(&notifying(Observed::Known(None))), Outcome::Fail);
    }

    #[test]
    fn a_failed_notification_anywhere_fails() {
        let failed = subscribed(true).status(ORG_TRAIL, (WORKLOAD, HOME), |status| {
            status.notifications.last_error = Some("AuthorizationError".to_owned());
        });
        let finding = failed.judge(ID).only().clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("AuthorizationError"), "{}", finding.reason);
    }

    #[test]
    fn a_topic_that_could_not_be_read_is_unknown() {
        let unread = notifying(Observed::Gap(denied("sns:ListSubscriptionsByTopic")));
        assert_eq!(outcome(&unread), Outcome::Unknown);
        let forgotten = unread.edit(|snapshot| snapshot.topics.clear());
        assert_eq!(outcome(&forgotten), Outcome::Unknown);
    }
}
