//! KMS: keys, whose key policy decides who may do what, and their aliases.

use serde_json::{Value, json};
use trailwarden_model::ids::Arn;

use super::json::answer;
use super::page::slice;
use super::{Access, Definition, ResourcePolicy, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;

mod create;
mod lifecycle;
mod policy;
mod show;
mod sign;

#[cfg(test)]
mod tests;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "kms",
    wire: Wire::Json("TrentService"),
    denied: "AccessDeniedException",
    route: no_route,
    access,
    handle,
};

/// The key that a request names, by id, ARN or alias.
fn named_key(request: &Request) -> Option<&str> {
    request.text("KeyId").or_else(|| request.text("TargetKeyId"))
}

/// The key's own policy must allow, even to its own account; a key that does not exist is reported by the handler.
fn access(request: &Request, world: &World) -> Access {
    let action = format!("kms:{}", request.operation);
    let found = named_key(request).and_then(|key| world.find_key(&request.caller.account, &request.region, key));
    let is_tagged = request.operation == "CreateKey"
        && request.input.get("Tags").and_then(Value::as_array).is_some_and(|tags| !tags.is_empty());
    let Some((owner, key)) = found else { return Access::on(action, "*").also_when(is_tagged, "kms:TagResource") };
    let mut access = Access::on(action, key.arn(world.partition_id(), &owner));
    access.resource_policy = Some(ResourcePolicy {
        document: Some(key.policy_in_force(world.partition_id(), &owner)),
        owner,
        required: true,
    });
    access
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let value = match request.operation.as_str() {
        "CreateKey" => create::key(request, world)?,
        "CreateAlias" => create::alias(request, world)?,
        "DeleteAlias" => create::delete_alias(request, world)?,
        "DescribeKey" => show::describe(request, world)?,
        "GetPublicKey" => sign::public_key(request, world)?,
        "Sign" => sign::sign(request, world)?,
        "Verify" => sign::verify(request, world)?,
        "ListKeys" => show::list_keys(request, world)?,
        "ListAliases" => show::list_aliases(request, world)?,
        "ListResourceTags" => show::list_tags(request, world)?,
        "GetKeyPolicy" => policy::get(request, world)?,
        "PutKeyPolicy" => policy::put(request, world)?,
        "ListKeyPolicies" => policy::list(request, world)?,
        "EnableKey" => lifecycle::set_enabled(request, world, true)?,
        "DisableKey" => lifecycle::set_enabled(request, world, false)?,
        "EnableKeyRotation" => lifecycle::set_rotation(request, world, true)?,
        "DisableKeyRotation" => lifecycle::set_rotation(request, world, false)?,
        "GetKeyRotationStatus" => lifecycle::rotation_status(request, world)?,
        "ScheduleKeyDeletion" => lifecycle::schedule_deletion(request, world)?,
        "CancelKeyDeletion" => lifecycle::cancel_deletion(request, world)?,
        "TagResource" | "UntagResource" => lifecycle::tag(request, world)?,
        _ => return Err(request.not_implemented("kms")),
    };
    Ok(answer(value))
}

fn not_found(text: &str) -> AwsError {
    AwsError::bad("NotFoundException", format!("Key '{text}' does not exist"))
}

fn validation(message: impl Into<String>) -> AwsError {
    AwsError::bad("ValidationException", message)
}

/// The key id or key ARN in `KeyId`; operations other than `DescribeKey` take no alias.
fn key_id(request: &Request) -> Result<&str, AwsError> {
    let text = request.require("KeyId", "ValidationException")?;
    let is_alias = text.starts_with("alias/") || text.contains(":alias/");
    let is_arn = text.parse::<Arn>().is_ok_and(|arn| arn.service() == "kms" && arn.resource().starts_with("key/"));
    if is_alias || (text.starts_with("arn:") && !is_arn) {
        return Err(AwsError::bad("InvalidArnException", format!("Invalid keyId {text}")));
    }
    Ok(text)
}

/// Where a key is: the index among the caller's own keys. Operations that change keys, and `GetKeyPolicy`, stay in the account.
fn own_index(request: &Request, world: &World) -> Result<usize, AwsError> {
    let text = key_id(request)?;
    if text.parse::<Arn>().is_ok_and(|arn| arn.region().as_ref() != Some(&request.region)) {
        return Err(AwsError::bad("InvalidArnException", format!("Invalid arn {}", request.region)));
    }
    let (owner, key) = world.find_key(&request.caller.account, &request.region, text).ok_or_else(|| not_found(text))?;
    if owner != request.caller.account {
        let message = format!(
            "{} is not authorized to perform kms:{} on a key of another account",
            request.caller.arn, request.operation
        );
        return Err(AwsError::bad("AccessDeniedException", message));
    }
    let keys = world.kms.get(&owner).map(|held| held.keys.as_slice()).unwrap_or_default();
    keys.iter().position(|held| std::ptr::eq(held, key)).ok_or_else(|| not_found(text))
}

/// The page that `Limit` and `Marker` ask for, with `Truncated` and `NextMarker`.
fn paged(request: &Request, items: Vec<Value>, member: &str, most: i64) -> Result<Value, AwsError> {
    let limit = request.integer("Limit").unwrap_or(most.min(100));
    if !(1..=most).contains(&limit) {
        return Err(validation(format!("Limit takes 1 to {most}.")));
    }
    let (items, next) = slice(&request.operation, items, request.text("Marker"), usize::try_from(limit).unwrap_or(1))
        .ok_or_else(|| AwsError::bad("InvalidMarkerException", "The marker is not valid."))?;
    Ok(json!({ member: items, "Truncated": next.is_some(), "NextMarker": next }))
}
