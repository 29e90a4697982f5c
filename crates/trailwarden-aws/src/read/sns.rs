//! SNS: who listens to a topic.

use aws_sdk_sns::types;
use trailwarden_model::ids::Arn;
use trailwarden_model::monitoring::Subscription;

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    LIST_SUBSCRIPTIONS = Read::regional("sns:ListSubscriptionsByTopic", 30);
}

/// The subscriptions of a topic; none when it does not exist. The site must be the topic's owner in its region.
pub(crate) async fn subscriptions(
    session: &Session,
    site: &Site,
    topic: &Arn,
) -> Result<Option<Vec<Subscription>>, Failure> {
    let listed = match list(session, site, topic.as_str()).await {
        Err(failure) if matches!(failure.code(), "NotFound" | "NotFoundException") => return Ok(None),
        listed => listed?,
    };
    let subscriptions = listed.iter().map(|listed| {
        let reason = "the answer holds a subscription without a protocol or an ARN";
        let subscription = listed.protocol().zip(listed.subscription_arn()).map(subscription);
        subscription.ok_or_else(|| unexpected(&LIST_SUBSCRIPTIONS, &site.account, &site.region, reason))
    });
    let mut subscriptions: Vec<Subscription> = subscriptions.collect::<Result<_, _>>()?;
    subscriptions.sort();
    Ok(Some(subscriptions))
}

/// The subscriptions of a topic as SNS has them.
pub(crate) async fn list(session: &Session, site: &Site, topic: &str) -> Result<Vec<types::Subscription>, Failure> {
    pages::all(|token| async move {
        let call = session.clients.sns.list_subscriptions_by_topic().topic_arn(topic).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_sns, site)).send();
        let answer = session.call(&LIST_SUBSCRIPTIONS, site, call).await?;
        Ok((answer.subscriptions().to_vec(), answer.next_token().map(str::to_owned)))
    })
    .await
}

/// In place of the ARN stands `PendingConfirmation` or `Deleted` when nobody receives anything.
fn subscription((protocol, arn): (&str, &str)) -> Subscription {
    Subscription { protocol: protocol.to_owned(), is_confirmed: arn.starts_with("arn:") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_arn_says_that_a_subscriber_confirmed() {
        let is_confirmed = |arn| subscription(("email", arn)).is_confirmed;
        assert!(is_confirmed("arn:aws:sns:eu-west-1:111122223333:alarms:0d9b"));
        assert!(!is_confirmed("PendingConfirmation"));
        assert!(!is_confirmed("Deleted"));
    }
}
