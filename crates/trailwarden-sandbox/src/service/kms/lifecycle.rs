//! States of keys: on and off, rotation, scheduled deletion, tags; with the states in which each is refused.

use serde_json::{Value, json};

use super::{create, not_found, own_index, show, validation};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::kms::{Deletion, Key, KeyState};
use crate::world::when::When;

/// The caller's own key, to change it.
fn own<'w>(request: &Request, world: &'w mut World) -> Result<&'w mut Key, AwsError> {
    let index = own_index(request, world)?;
    world
        .kms
        .get_mut(&request.caller.account)
        .and_then(|held| held.keys.get_mut(index))
        .ok_or_else(|| not_found(request.text("KeyId").unwrap_or_default()))
}

/// The refusal of an operation that the state of the key does not allow.
pub fn invalid_state(world_arn: &str, key: &Key) -> AwsError {
    let state = match key.state {
        KeyState::PendingDeletion => "pending deletion".to_owned(),
        KeyState::PendingImport => "pending import".to_owned(),
        other => format!("{other:?}"),
    };
    AwsError::bad("KMSInvalidStateException", format!("{world_arn} is {state}."))
}

/// The caller's own key, when its state is one of these and it is not one of AWS's.
fn own_in<'w>(request: &Request, world: &'w mut World, states: &[KeyState]) -> Result<&'w mut Key, AwsError> {
    let partition = world.partition_id().to_owned();
    let key = own(request, world)?;
    if key.manager == "AWS" {
        let message = format!("{} may not change AWS managed keys", request.caller.arn);
        return Err(AwsError::bad("AccessDeniedException", message));
    }
    if !states.contains(&key.state) {
        return Err(invalid_state(&key.arn(&partition, &request.caller.account), key));
    }
    Ok(key)
}

/// `EnableKey` and `DisableKey`.
pub fn set_enabled(request: &Request, world: &mut World, on: bool) -> Result<Value, AwsError> {
    let key = own_in(request, world, &[KeyState::Enabled, KeyState::Disabled])?;
    key.state = if on { KeyState::Enabled } else { KeyState::Disabled };
    Ok(json!({}))
}

/// Refuses rotation of keys that KMS cannot rotate.
fn check_rotates(key: &Key) -> Result<(), AwsError> {
    if key.spec == "SYMMETRIC_DEFAULT" && key.origin == "AWS_KMS" {
        return Ok(());
    }
    let message = format!("Key {} has spec {} and origin {}, which KMS does not rotate.", key.id, key.spec, key.origin);
    Err(AwsError::bad("UnsupportedOperationException", message))
}

/// `EnableKeyRotation` and `DisableKeyRotation`.
pub fn set_rotation(request: &Request, world: &mut World, on: bool) -> Result<Value, AwsError> {
    let days = request.integer("RotationPeriodInDays");
    if days.is_some_and(|days| !(90..=2560).contains(&days)) {
        return Err(validation("RotationPeriodInDays takes 90 to 2560."));
    }
    let key = own_in(request, world, &[KeyState::Enabled, KeyState::Disabled])?;
    check_rotates(key)?;
    if key.state == KeyState::Disabled {
        return Err(AwsError::bad("DisabledException", format!("Key {} is disabled.", key.id)));
    }
    key.rotation = on;
    if on {
        key.rotation_days = days.unwrap_or(key.rotation_days);
    }
    Ok(json!({}))
}

/// `GetKeyRotationStatus`, by key id or ARN; of another account when the key policy allows (asked before).
pub fn rotation_status(request: &Request, world: &World) -> Result<Value, AwsError> {
    let text = super::key_id(request)?;
    let (owner, key) = world
        .find_key(&request.caller.account, &request.region, text)
        .filter(|(_, key)| key.region == request.region)
        .ok_or_else(|| not_found(text))?;
    if key.state == KeyState::PendingImport {
        return Err(invalid_state(&key.arn(world.partition_id(), &owner), key));
    }
    check_rotates(key)?;
    let on = key.manager == "AWS" || (key.rotation && key.state != KeyState::PendingDeletion);
    Ok(json!({
        "KeyRotationEnabled": on,
        "KeyId": key.arn(world.partition_id(), &owner),
        "RotationPeriodInDays": on.then_some(key.rotation_days),
    }))
}

/// `ScheduleKeyDeletion`.
pub fn schedule_deletion(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let days = request.integer("PendingWindowInDays").unwrap_or(30);
    if !(7..=30).contains(&days) {
        return Err(validation("PendingWindowInDays takes 7 to 30."));
    }
    let partition = world.partition_id().to_owned();
    let key = own_in(request, world, &[KeyState::Enabled, KeyState::Disabled, KeyState::PendingImport])?;
    key.state = KeyState::PendingDeletion;
    key.deletion = Some(Deletion { scheduled: When::At(request.now), days });
    Ok(json!({
        "KeyId": key.arn(&partition, &request.caller.account),
        "DeletionDate": show::deletion_date(key, request.now).map(|date| date.as_second()),
        "KeyState": key.state,
        "PendingWindowInDays": days,
    }))
}

/// `CancelKeyDeletion`: the key comes back disabled.
pub fn cancel_deletion(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let partition = world.partition_id().to_owned();
    let key = own_in(request, world, &[KeyState::PendingDeletion])?;
    key.state = KeyState::Disabled;
    key.deletion = None;
    Ok(json!({ "KeyId": key.arn(&partition, &request.caller.account) }))
}

/// `TagResource` and `UntagResource`.
pub fn tag(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let added = create::tags(request)?;
    let removed = request.texts("TagKeys");
    let any = [KeyState::Enabled, KeyState::Disabled, KeyState::PendingImport, KeyState::Updating];
    let key = own_in(request, world, &any)?;
    key.tags.extend(added);
    key.tags.retain(|name, _| !removed.contains(name));
    if key.tags.len() > create::MOST_TAGS {
        return Err(AwsError::bad("LimitExceededException", "A key takes at most 50 tags."));
    }
    Ok(json!({}))
}
