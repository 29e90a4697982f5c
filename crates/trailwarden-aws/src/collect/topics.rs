//! The SNS topics that trails and alarms notify, each read once in its own account and region.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use trailwarden_model::ids::Arn;
use trailwarden_model::monitoring::{Subscription, Topic};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::snapshot::Need;

use super::Context;
use super::groups::Groups;
use super::trails::Trails;
use crate::read::sns;

/// Topics by ARN.
pub(crate) type Topics = BTreeMap<Arn, Topic>;

/// Reads the topics of the trails and of the alarms, as far as asked for.
pub(crate) async fn read_all(context: &Context<'_>, trails: &Trails, groups: &Groups) -> Topics {
    let of_trails = trails.values().filter(|_| context.needs.contains(&Need::Topics));
    let of_trails = of_trails.filter_map(|trail| trail.sns_topic.clone());
    let alarms = groups.values().filter_map(|group| group.alarms.known()).flatten();
    let of_alarms = alarms.flat_map(|alarm| &alarm.alarm_actions).filter_map(|action| topic(action));
    let wanted: BTreeSet<Arn> = of_trails.chain(of_alarms).collect();
    let read = futures::stream::iter(wanted).map(|arn| async move {
        let subscriptions = subscriptions(context, &arn).await.into();
        (arn.clone(), Topic { arn, subscriptions })
    });
    read.buffer_unordered(context.width).collect().await
}

/// The topic that an alarm's action names; none for actions of another kind.
fn topic(action: &str) -> Option<Arn> {
    action.parse().ok().filter(|arn: &Arn| arn.service() == "sns")
}

async fn subscriptions(context: &Context<'_>, arn: &Arn) -> Result<Option<Vec<Subscription>>, Gap> {
    let (account, region) = arn.account().zip(arn.region()).ok_or_else(|| Gap {
        kind: GapKind::Unexpected,
        call: "sns:ListSubscriptionsByTopic".to_owned(),
        account: arn.account(),
        region: arn.region(),
        code: "UnexpectedArn".to_owned(),
        reason: format!("{arn} names no account or no region"),
    })?;
    let site = context.site(&account, &region).await?;
    Ok(sns::subscriptions(context.session, &site, arn).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_actions_that_name_a_topic_are_topics() {
        let alarms = "arn:aws:sns:eu-west-1:111122223333:alarms";
        assert_eq!(topic(alarms).map(|arn| arn.to_string()), Some(alarms.to_owned()));
        assert_eq!(topic("arn:aws:automate:eu-west-1:ec2:stop"), None);
        assert_eq!(topic("arn:aws:lambda:eu-west-1:111122223333:function:f"), None);
    }
}
