//! Tags of log groups.

use serde_json::{Value, json};

use super::{group, group_mut};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;

/// `TagResource` and `UntagResource`.
pub fn change(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let removed = request.texts("tagKeys");
    let added = request.input.get("tags").and_then(Value::as_object).into_iter().flatten();
    let added: Vec<(String, String)> =
        added.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect();
    let group = group_mut(request, world)?;
    let mut tags = group.tags.clone();
    tags.extend(added);
    tags.retain(|key, _| !removed.contains(key));
    if tags.len() > 50 {
        return Err(AwsError::bad("TooManyTagsException", "A resource takes at most 50 tags."));
    }
    group.tags = tags;
    Ok(json!({}))
}

/// `ListTagsForResource` and its older form.
pub fn list(request: &Request, world: &World) -> Result<Value, AwsError> {
    Ok(json!({ "tags": group(request, world)?.tags }))
}
