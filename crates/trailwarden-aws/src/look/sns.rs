//! SNS: a topic, its access policy, a subscription.

use std::collections::HashMap;

use serde_json::{Value, json};
use trailwarden_model::plan::normal_document;

use crate::catalog::{Read, reads};
use crate::gap::Failure;
use crate::read::sns;
use crate::session::{Session, Site, at};

reads! {
    GET_TOPIC = Read::regional("sns:GetTopicAttributes", 30);
}

/// What stands in place of the ARN of a subscription that is gone.
const DELETED: &str = "Deleted";

async fn attributes(session: &Session, site: &Site, topic: &str) -> Result<HashMap<String, String>, Failure> {
    let call = session.clients.sns.get_topic_attributes().topic_arn(topic);
    let call = || call.clone().customize().config_override(at!(aws_sdk_sns, site)).send();
    Ok(session.call(&GET_TOPIC, site, call).await?.attributes.unwrap_or_default())
}

pub(super) async fn topic(session: &Session, site: &Site, topic: &str) -> Result<Value, Failure> {
    attributes(session, site, topic).await?;
    Ok(json!({ "TopicArn": topic }))
}

pub(super) async fn policy(session: &Session, site: &Site, topic: &str) -> Result<Value, Failure> {
    let attributes = attributes(session, site, topic).await?;
    Ok(attributes.get("Policy").map_or(Value::Null, |policy| normal_document(policy)))
}

pub(super) async fn subscription(
    session: &Session,
    site: &Site,
    topic: &str,
    protocol: &str,
    endpoint: &str,
) -> Result<Value, Failure> {
    let listed = sns::list(session, site, topic).await?;
    let ours = listed.iter().filter(|one| one.protocol() == Some(protocol) && one.endpoint() == Some(endpoint));
    let arns: Vec<&str> = ours.filter_map(|one| one.subscription_arn()).filter(|arn| *arn != DELETED).collect();
    Ok(match arns.is_empty() {
        true => Value::Null,
        false => json!({ "Confirmed": arns.iter().any(|arn| arn.starts_with("arn:")) }),
    })
}
