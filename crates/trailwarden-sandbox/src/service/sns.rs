//! SNS: topics with their policies, and subscriptions that someone confirms or does not.

use std::collections::BTreeMap;

use trailwarden_model::ids::Arn;

use super::page::slice;
use super::{Access, Definition, ResourcePolicy, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::xml::Element;

mod endpoint;
mod subscriptions;
mod tags;
mod topics;

#[cfg(test)]
mod tests;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "sns",
    wire: Wire::Query("http://sns.amazonaws.com/doc/2010-03-31/"),
    denied: "AuthorizationError",
    route: no_route,
    access,
    handle,
};

/// How many topics or subscriptions a page holds.
const PAGE: usize = 100;

/// Operations on a topic ask its policy too, which is how other accounts come in.
fn access(request: &Request, world: &World) -> Access {
    let action = format!("sns:{}", request.operation);
    let (account, partition) = (&request.caller.account, world.partition_id());
    if let Some(name) = request.text("Name") {
        return Access::on(action, format!("arn:{partition}:sns:{}:{account}:{name}", request.region))
            .also_when(request.text("Tags.member.1.Key").is_some(), "sns:TagResource");
    }
    let named =
        request.text("TopicArn").or_else(|| request.text("ResourceArn")).and_then(|text| text.parse::<Arn>().ok());
    let subscribed = || request.text("SubscriptionArn").and_then(subscription_topic);
    let Some(topic) = named.or_else(subscribed) else { return Access::any("sns", request) };
    let mut access = Access::on(action, topic.as_str());
    for (key, member) in [("sns:Protocol", "Protocol"), ("sns:Endpoint", "Endpoint")] {
        if let Some(value) = request.text(member) {
            access.context.set(key, value);
        }
    }
    access.resource_policy = topic.account().map(|owner| {
        let document = world.topic(&topic).map(|(owner, topic)| topic.policy_in_force(partition, &owner));
        ResourcePolicy { owner, document, required: false }
    });
    access
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    match request.operation.as_str() {
        "CreateTopic" => topics::create(request, world),
        "DeleteTopic" => topics::delete(request, world),
        "ListTopics" => topics::list(request, world),
        "GetTopicAttributes" => topics::attributes(request, world),
        "SetTopicAttributes" => topics::set_attribute(request, world),
        "TagResource" | "UntagResource" => tags::change(request, world),
        "ListTagsForResource" => tags::list(request, world),
        "Subscribe" => subscriptions::subscribe(request, world),
        "ConfirmSubscription" => subscriptions::confirm(request, world),
        "Unsubscribe" => subscriptions::unsubscribe(request, world),
        "ListSubscriptions" => subscriptions::list(request, world),
        "ListSubscriptionsByTopic" => subscriptions::list_by_topic(request, world),
        _ => Err(request.not_implemented("sns")),
    }
}

fn invalid(what: impl std::fmt::Display) -> AwsError {
    AwsError::bad("InvalidParameter", format!("Invalid parameter: {what}"))
}

fn no_topic() -> AwsError {
    AwsError::missing("NotFound", "Topic does not exist")
}

fn no_subscription() -> AwsError {
    AwsError::missing("NotFound", "Subscription does not exist")
}

fn required<'r>(request: &'r Request, member: &str) -> Result<&'r str, AwsError> {
    request.text(member).filter(|text| !text.is_empty()).ok_or_else(|| invalid(member))
}

/// The ARN of a topic in the region called: a topic answers nowhere else.
fn topic_arn(request: &Request) -> Result<Arn, AwsError> {
    named_topic(request, "TopicArn")
}

/// The same, in a member of another name.
fn named_topic(request: &Request, member: &str) -> Result<Arn, AwsError> {
    let arn: Option<Arn> = required(request, member)?.parse().ok();
    let is_here = |arn: &Arn| {
        arn.service() == "sns" && arn.region().as_ref() == Some(&request.region) && !arn.resource().contains(':')
    };
    arn.filter(is_here).ok_or_else(|| invalid(member))
}

/// The topic's ARN, from the ARN of one of its subscriptions.
fn subscription_topic(text: &str) -> Option<Arn> {
    text.rsplit_once(':')?.0.parse().ok().filter(|arn: &Arn| arn.service() == "sns")
}

/// The entries of a map member: `NAME.entry.1.key` and `NAME.entry.1.value`, and so on.
fn entries(request: &Request, member: &str) -> BTreeMap<String, String> {
    (1..)
        .map_while(|index| {
            let text = |part: &str| request.text(&format!("{member}.entry.{index}.{part}")).map(str::to_owned);
            text("key").zip(text("value").or_else(|| Some(String::new())))
        })
        .collect()
}

/// A page of a list member, with `NextToken` when there is more.
fn paged(request: &Request, items: Vec<Element>, member: &str) -> Result<Reply, AwsError> {
    let (items, next) =
        slice(&request.operation, items, request.text("NextToken"), PAGE).ok_or_else(|| invalid("NextToken"))?;
    Ok(Reply::xml(Element::new("Result").with(Element::new(member).all(items)).maybe("NextToken", next)))
}
