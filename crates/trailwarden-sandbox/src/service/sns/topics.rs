//! Topics themselves and their attributes.

use std::collections::BTreeMap;

use super::{entries, invalid, no_topic, paged, required, topic_arn};
use crate::error::AwsError;
use crate::policy::grammar::{Attached, statements};
use crate::policy::{principals, texts};
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::settling::Before;
use crate::world::sns::{SubscriptionState, Topic};
use crate::xml::Element;

/// What `SetTopicAttributes` takes beside `Policy` and `KmsMasterKeyId`, and the ends of the names of delivery feedback.
const SETTABLE: &[&str] = &[
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DeliveryPolicy",
    "DisplayName",
    "FifoThroughputScope",
    "SignatureVersion",
    "TracingConfig",
];
const FEEDBACK: &[&str] = &["FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate"];

/// The longest topic policy, in bytes.
const LONGEST_POLICY: usize = 30_720;

/// How SNS retries HTTP endpoints unless told otherwise.
const DELIVERY: &str = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}"#;

/// `CreateTopic`: answers the ARN of a topic of the same name and attributes, when there is one.
pub fn create(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let name = required(request, "Name").map_err(|_| invalid("Topic Name"))?;
    let wanted = entries(request, "Attributes");
    let is_fifo = wanted.get("FifoTopic").is_some_and(|value| value == "true");
    let stem = if is_fifo { name.strip_suffix(".fifo") } else { Some(name) };
    let fits = |stem: &str| !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    if name.len() > 256 || !stem.is_some_and(fits) {
        return Err(invalid("Topic Name"));
    }
    let tags = super::tags::tags(request)?;
    let mut topic = Topic {
        name: name.to_owned(),
        region: request.region.clone(),
        policy: None,
        kms_key: None,
        attributes: BTreeMap::new(),
        subscriptions: Vec::new(),
        tags,
    };
    let (owner, partition) = (&request.caller.account, world.partition_id().to_owned());
    let arn = topic.arn(&partition, owner);
    for (attribute, value) in &wanted {
        match attribute.as_str() {
            "FifoTopic" => drop(topic.attributes.insert(attribute.clone(), value.clone())),
            _ => apply(&world.as_seen(), &mut topic, &arn, attribute, value)?,
        }
    }
    let held = world.sns.entry(owner.clone()).or_default();
    match held.topics.iter().find(|other| other.name == topic.name && other.region == topic.region) {
        Some(other) if !topic.tags.is_empty() && topic.tags != other.tags => {
            return Err(invalid("Tags Reason: Topic already exists with different tags"));
        }
        Some(other) if wanted.is_empty() || is_alike(other, &topic) => {}
        Some(_) => return Err(invalid("Attributes Reason: Topic already exists with different attributes")),
        None => held.topics.push(topic),
    }
    Ok(Reply::xml(Element::new("Result").leaf("TopicArn", arn)))
}

fn is_alike(one: &Topic, other: &Topic) -> bool {
    (&one.policy, &one.kms_key, &one.attributes) == (&other.policy, &other.kms_key, &other.attributes)
}

/// Sets one attribute, when it is one that can be set and its value is sound.
fn apply(world: &World, topic: &mut Topic, arn: &str, attribute: &str, value: &str) -> Result<(), AwsError> {
    match attribute {
        "Policy" => {
            check_policy(world, value, arn)?;
            topic.policy = Some(value.to_owned());
        }
        "KmsMasterKeyId" => topic.kms_key = Some(value.to_owned()).filter(|key| !key.is_empty()),
        "DisplayName" if value.chars().count() > 100 => return Err(invalid("DisplayName")),
        other if SETTABLE.contains(&other) || FEEDBACK.iter().any(|end| other.ends_with(end)) => {
            topic.attributes.insert(attribute.to_owned(), value.to_owned());
        }
        _ => return Err(invalid("AttributeName")),
    }
    Ok(())
}

/// Refuses what is no topic policy, and one about other services or other topics.
fn check_policy(world: &World, policy: &str, arn: &str) -> Result<(), AwsError> {
    let wrong = |reason: &str| invalid(format!("Policy Error: {reason}"));
    let statements = statements(policy, Attached::ToResource).map_err(|reason| wrong(&reason))?;
    if policy.len() > LONGEST_POLICY {
        return Err(wrong("the policy is too long"));
    }
    if principals::unknown(world, &statements).is_some() {
        return Err(wrong("PrincipalNotFound"));
    }
    for statement in &statements {
        if !texts(statement.get("Action")).all(|action| action == "*" || action.to_lowercase().starts_with("sns:")) {
            return Err(invalid("Policy statement action out of service scope!"));
        }
        if !texts(statement.get("Resource")).all(|resource| resource == arn || resource == "*") {
            return Err(wrong("the resource is not this topic"));
        }
    }
    Ok(())
}

/// `DeleteTopic`, with its subscriptions; deleting none is no error.
pub fn delete(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let arn = topic_arn(request)?;
    if let Some(held) = arn.account().and_then(|owner| world.sns.get_mut(&owner)) {
        held.topics.retain(|topic| topic.name != arn.resource() || topic.region != request.region);
    }
    Ok(Reply::empty())
}

/// `ListTopics` of the caller's account in the region called.
pub fn list(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let owner = &request.caller.account;
    let topics = world.sns.get(owner).map(|held| held.topics.as_slice()).unwrap_or_default().iter();
    let arns = topics.filter(|topic| topic.region == request.region).map(|t| t.arn(world.partition_id(), owner));
    paged(request, arns.map(|arn| Element::new("member").leaf("TopicArn", arn)).collect(), "Topics")
}

/// `GetTopicAttributes`.
pub fn attributes(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let arn = topic_arn(request)?;
    let (owner, topic) = world.topic(&arn).ok_or_else(no_topic)?;
    let count = |state| topic.subscriptions.iter().filter(|s| s.state == state).count().to_string();
    let mut shown = topic.attributes.clone();
    shown.entry("DisplayName".to_owned()).or_default();
    for (name, value) in [
        ("TopicArn", arn.as_str().to_owned()),
        ("Owner", owner.to_string()),
        ("Policy", topic.policy_in_force(world.partition_id(), &owner)),
        ("EffectiveDeliveryPolicy", topic.attributes.get("DeliveryPolicy").map_or(DELIVERY, String::as_str).to_owned()),
        ("SubscriptionsConfirmed", count(SubscriptionState::Confirmed)),
        ("SubscriptionsPending", count(SubscriptionState::Pending)),
        ("SubscriptionsDeleted", count(SubscriptionState::Deleted)),
    ] {
        shown.insert(name.to_owned(), value);
    }
    if let Some(key) = &topic.kms_key {
        shown.insert("KmsMasterKeyId".to_owned(), key.clone());
    }
    let entries = shown.iter().map(|(key, value)| Element::new("entry").leaf("key", key).leaf("value", value));
    Ok(Reply::xml(Element::new("Result").with(Element::new("Attributes").all(entries))))
}

/// `SetTopicAttributes`, one at a time.
pub fn set_attribute(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let arn = topic_arn(request)?;
    let attribute = required(request, "AttributeName")?;
    let (_, topic) = world.topic(&arn).ok_or_else(no_topic)?;
    let mut changed = topic.clone();
    let before = Before::TopicPolicy { topic: arn.clone(), policy: topic.policy.clone() };
    let value = request.text("AttributeValue").unwrap_or_default();
    apply(&world.as_seen(), &mut changed, arn.as_str(), attribute, value)?;
    if attribute == "Policy" {
        world.changes(before, request.now);
    }
    *world.topic_mut(&arn).ok_or_else(no_topic)? = changed;
    Ok(Reply::empty())
}
