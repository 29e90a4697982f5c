//! Tags of roles.

use std::collections::BTreeMap;

use super::roles::{changeable, named};
use super::{limit_exceeded, paged};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::xml::Element;

/// The most tags of a role.
const MOST: usize = 50;

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::bad("InvalidInput", message)
}

/// The tags in `Tags.member.N`, each key once.
pub fn tags(request: &Request) -> Result<BTreeMap<String, String>, AwsError> {
    let mut tags = BTreeMap::new();
    for index in 1.. {
        let text = |part: &str| request.text(&format!("Tags.member.{index}.{part}"));
        let Some(key) = text("Key") else { break };
        let value = text("Value").unwrap_or_default();
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 || key.starts_with("aws:") {
            return Err(invalid(format!("The tag {key} is not valid.")));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive."));
        }
    }
    Ok(tags)
}

/// The tags with new ones added, unless they become too many.
pub fn checked_tags(
    old: &BTreeMap<String, String>,
    added: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, AwsError> {
    let mut tags = old.clone();
    tags.extend(added);
    if tags.len() > MOST {
        return Err(limit_exceeded(format!("Cannot exceed quota for TagsPerRole: {MOST}")));
    }
    Ok(tags)
}

/// `TagRole` and `UntagRole`.
pub fn change(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let (added, removed) = (tags(request)?, request.texts("TagKeys"));
    let role = changeable(request, world)?;
    role.tags = checked_tags(&role.tags, added)?;
    role.tags.retain(|key, _| !removed.contains(key));
    Ok(Reply::empty())
}

/// `ListRoleTags`.
pub fn list(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let entry = |(key, value)| Element::new("member").leaf("Key", key).leaf("Value", value);
    paged(request, named(request, world)?.tags.iter().map(entry).collect(), "Tags")
}
