//! Tags of topics.

use std::collections::BTreeMap;

use super::named_topic;
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::sns::Topic;
use crate::xml::Element;

/// The most tags of a topic.
const MOST: usize = 50;

fn missing() -> AwsError {
    AwsError::missing("ResourceNotFound", "Resource does not exist")
}

/// The tags in `Tags.member.N`, each key once.
pub fn tags(request: &Request) -> Result<BTreeMap<String, String>, AwsError> {
    let mut tags = BTreeMap::new();
    for index in 1.. {
        let text = |part: &str| request.text(&format!("Tags.member.{index}.{part}"));
        let Some(key) = text("Key") else { break };
        let value = text("Value").unwrap_or_default();
        let is_valid = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
        if !is_valid || key.starts_with("aws:") || tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(super::invalid(format!("Tags Reason: the tag {key} is not valid or given twice")));
        }
    }
    within_quota(tags)
}

fn within_quota(tags: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, AwsError> {
    if tags.len() <= MOST {
        return Ok(tags);
    }
    Err(AwsError::bad("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded"))
}

/// `TagResource` and `UntagResource`.
pub fn change(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let (added, removed) = (tags(request)?, request.texts("TagKeys"));
    let topic: &mut Topic = world.topic_mut(&named_topic(request, "ResourceArn")?).ok_or_else(missing)?;
    let mut tags = topic.tags.clone();
    tags.extend(added);
    tags.retain(|key, _| !removed.contains(key));
    topic.tags = within_quota(tags)?;
    Ok(Reply::empty())
}

/// `ListTagsForResource`.
pub fn list(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let (_, topic) = world.topic(&named_topic(request, "ResourceArn")?).ok_or_else(missing)?;
    let entry = |(key, value)| Element::new("member").leaf("Key", key).leaf("Value", value);
    let tags = Element::new("Tags").all(topic.tags.iter().map(entry));
    Ok(Reply::xml(Element::new("Result").with(tags)))
}
