//! Subscriptions: made pending or confirmed, confirmed by token, listed by owner or topic.
//!
//! AWS sends the token to the endpoint. The sandbox sends nothing: the token is the last part of the subscription's ARN,
//! which `Subscribe` shows to those who ask with `ReturnSubscriptionArn`.

use trailwarden_model::ids::{AccountId, Arn};

use super::endpoint::{check, is_confirmed_at_once};
use super::{entries, invalid, no_subscription, no_topic, paged, required, subscription_topic, topic_arn};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::sns::{Subscription, SubscriptionState, Topic};
use crate::xml::Element;

/// `Subscribe`; a second time for the same endpoint answers the subscription that there is.
pub fn subscribe(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let arn = topic_arn(request)?;
    let protocol = required(request, "Protocol")?;
    let endpoint = request.text("Endpoint").unwrap_or_default();
    check(protocol, endpoint)?;
    if protocol == "firehose" && !entries(request, "Attributes").contains_key("SubscriptionRoleArn") {
        return Err(invalid("Attributes Reason: SubscriptionRoleArn is required for firehose"));
    }
    world.topic(&arn).ok_or_else(no_topic)?;
    let id = world.uuid();
    let subscriber = request.caller.account.clone();
    let topic = world.topic_mut(&arn).ok_or_else(no_topic)?;
    let is_same =
        |s: &&Subscription| s.protocol == protocol && s.endpoint == endpoint && s.state != SubscriptionState::Deleted;
    let (id, state) = match topic.subscriptions.iter().find(is_same) {
        Some(there) => (there.id.clone(), there.state),
        None => {
            let state = match is_confirmed_at_once(protocol, endpoint, &subscriber) {
                true => SubscriptionState::Confirmed,
                false => SubscriptionState::Pending,
            };
            topic.subscriptions.push(Subscription {
                id: id.clone(),
                protocol: protocol.to_owned(),
                endpoint: endpoint.to_owned(),
                owner: Some(subscriber),
                state,
            });
            (id, state)
        }
    };
    let wants_arn = request.flag("ReturnSubscriptionArn").unwrap_or(false);
    let shown = match state {
        SubscriptionState::Pending if !wants_arn => "pending confirmation".to_owned(),
        _ => format!("{arn}:{id}"),
    };
    Ok(Reply::xml(Element::new("Result").leaf("SubscriptionArn", shown)))
}

/// `ConfirmSubscription`.
pub fn confirm(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let arn = topic_arn(request)?;
    let token = required(request, "Token")?;
    let topic = world.topic_mut(&arn).ok_or_else(no_topic)?;
    let mut subscriptions = topic.subscriptions.iter_mut();
    let found = subscriptions.find(|s| s.id == token && s.state != SubscriptionState::Deleted);
    found.ok_or_else(|| invalid("Token"))?.state = SubscriptionState::Confirmed;
    Ok(Reply::xml(Element::new("Result").leaf("SubscriptionArn", format!("{arn}:{token}"))))
}

/// `Unsubscribe`, by the subscriber or the owner of the topic, once confirmed.
pub fn unsubscribe(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let text = required(request, "SubscriptionArn")?;
    let malformed = || {
        let parts = text.split(':').count();
        invalid(format!("SubscriptionArn Reason: An ARN must have at least 6 elements, not {parts}"))
    };
    let arn = subscription_topic(text).filter(|arn| arn.region().as_ref() == Some(&request.region));
    let arn = arn.ok_or_else(malformed)?;
    let caller = &request.caller.account;
    let owner = arn.account().ok_or_else(malformed)?;
    let topic = world.topic_mut(&arn).ok_or_else(no_subscription)?;
    let is_it = |s: &Subscription| text.ends_with(&format!(":{}", s.id));
    let found = topic.subscriptions.iter().find(|s| is_it(s)).ok_or_else(no_subscription)?;
    if *caller != owner && found.owner.as_ref() != Some(caller) {
        return Err(AwsError::new(403, "AuthorizationError", "Only the subscriber and the topic's owner unsubscribe."));
    }
    if found.state == SubscriptionState::Pending {
        return Err(invalid("Cannot unsubscribe a subscription that is pending confirmation"));
    }
    topic.subscriptions.retain(|s| !is_it(s));
    Ok(Reply::empty())
}

fn show(world: &World, owner: &AccountId, topic: &Topic, subscription: &Subscription) -> Element {
    let arn = topic.arn(world.partition_id(), owner);
    let own = match subscription.state {
        SubscriptionState::Confirmed => format!("{arn}:{}", subscription.id),
        SubscriptionState::Pending => "PendingConfirmation".to_owned(),
        SubscriptionState::Deleted => "Deleted".to_owned(),
    };
    Element::new("member")
        .leaf("TopicArn", arn)
        .leaf("Protocol", &subscription.protocol)
        .leaf("SubscriptionArn", own)
        .leaf("Owner", subscription.owner.as_ref().unwrap_or(owner))
        .leaf("Endpoint", &subscription.endpoint)
}

/// `ListSubscriptions`: the caller's own, on topics of any account, in the region called.
pub fn list(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let caller = &request.caller.account;
    let mut found = Vec::new();
    for (owner, held) in &world.sns {
        for topic in held.topics.iter().filter(|topic| topic.region == request.region) {
            let own = topic.subscriptions.iter().filter(|s| s.owner.as_ref().unwrap_or(owner) == caller);
            found.extend(own.map(|subscription| show(world, owner, topic, subscription)));
        }
    }
    paged(request, found, "Subscriptions")
}

/// `ListSubscriptionsByTopic`.
pub fn list_by_topic(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let arn: Arn = topic_arn(request)?;
    let (owner, topic) = world.topic(&arn).ok_or_else(no_topic)?;
    let shown = topic.subscriptions.iter().map(|subscription| show(world, &owner, topic, subscription));
    paged(request, shown.collect(), "Subscriptions")
}
