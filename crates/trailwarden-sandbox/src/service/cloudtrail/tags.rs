//! Tags of trails and event data stores: `AddTags`, `RemoveTags`, `ListTags`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::lake;
use super::visibility::{Viewer, find, manages_organization_trails, wrong_account};
use super::write::{edit, writable};
use crate::error::AwsError;
use crate::world::World;

const MOST_TAGS: usize = 50;

/// One entry of `TagsList`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagEntry {
    key: String,
    #[serde(default)]
    value: Option<String>,
}

/// The tags with new ones added, refused where AWS refuses them.
pub fn checked_tags(old: &BTreeMap<String, String>, added: &[TagEntry]) -> Result<BTreeMap<String, String>, AwsError> {
    let mut tags = old.clone();
    for entry in added {
        let value = entry.value.clone().unwrap_or_default();
        if entry.key.is_empty() || entry.key.len() > 128 || value.len() > 256 || entry.key.starts_with("aws:") {
            return Err(AwsError::bad(
                "InvalidTagParameterException",
                format!("Invalid tag key or value: {}", entry.key),
            ));
        }
        tags.insert(entry.key.clone(), value);
    }
    if tags.len() > MOST_TAGS {
        let message = format!("The number of tags must not exceed {MOST_TAGS}.");
        return Err(AwsError::bad("TagsLimitExceededException", message));
    }
    Ok(tags)
}

/// What a resource id names.
fn is_data_store(id: &str) -> bool {
    id.contains(":eventdatastore/")
}

fn check_is_arn(id: &str) -> Result<(), AwsError> {
    if id.starts_with("arn:") {
        return Ok(());
    }
    Err(AwsError::bad("CloudTrailARNInvalidException", format!("{id} is not a valid ARN.")))
}

/// Changes the tags of a trail or an event data store.
fn change(
    world: &mut World,
    viewer: Viewer<'_>,
    id: &str,
    new: impl FnOnce(&BTreeMap<String, String>) -> Result<BTreeMap<String, String>, AwsError>,
) -> Result<Value, AwsError> {
    check_is_arn(id)?;
    if is_data_store(id) {
        let store = lake::find_mut(world, viewer, id)?;
        store.tags = new(&store.tags)?;
    } else {
        let (place, trail) = writable(world, viewer, id)?;
        let tags = new(&trail.tags)?;
        edit(world, &place, |trail| trail.tags = tags);
    }
    Ok(json!({}))
}

/// The input of `AddTags` and `RemoveTags`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Entries {
    resource_id: String,
    tags_list: Vec<TagEntry>,
}

/// `AddTags`, or `RemoveTags` by key, whatever value is given.
pub fn apply(world: &mut World, viewer: Viewer<'_>, entries: &Entries, add: bool) -> Result<Value, AwsError> {
    let goes = |key: &String| entries.tags_list.iter().any(|entry| entry.key == *key);
    change(world, viewer, &entries.resource_id, |tags| {
        if add {
            return checked_tags(tags, &entries.tags_list);
        }
        Ok(tags.iter().filter(|(key, _)| !goes(key)).map(|(key, value)| (key.clone(), value.clone())).collect())
    })
}

/// `ListTags` of up to 20 resources of this account; members cannot list those of an organization trail.
pub fn list(world: &World, viewer: Viewer<'_>, ids: &[String]) -> Result<Value, AwsError> {
    let mut found = Vec::new();
    for id in ids {
        check_is_arn(id)?;
        let tags = if is_data_store(id) {
            lake::find(world, viewer, id)?.tags.clone()
        } else {
            let place = find(world, viewer, id)?;
            if place.owner != *viewer.account && !manages_organization_trails(world, viewer.account) {
                return Err(wrong_account());
            }
            place.trail(world).map(|trail| trail.tags.clone()).unwrap_or_default()
        };
        let entries: Vec<Value> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        found.push(json!({ "ResourceId": id, "TagsList": entries }));
    }
    Ok(json!({ "ResourceTagList": found }))
}
