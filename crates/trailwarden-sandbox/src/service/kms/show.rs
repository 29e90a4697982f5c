//! Reading keys: `DescribeKey`, `ListKeys`, `ListAliases`, `ListResourceTags`.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Arn};

use super::{not_found, own_index, paged, sign};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::kms::{Key, KeyState};

/// `KeyMetadata`.
pub fn metadata(world: &World, owner: &AccountId, key: &Key, now: Timestamp) -> Value {
    let arn = key.arn(world.partition_id(), owner);
    let is_symmetric = key.spec == "SYMMETRIC_DEFAULT";
    let multi_region = key.multi_region.then(|| {
        json!({
            "MultiRegionKeyType": "PRIMARY",
            "PrimaryKey": { "Arn": arn, "Region": key.region },
            "ReplicaKeys": [],
        })
    });
    json!({
        "AWSAccountId": owner,
        "KeyId": key.id,
        "Arn": arn,
        "CreationDate": key.created.by(now).as_second(),
        "Enabled": key.state == KeyState::Enabled,
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": key.state,
        "DeletionDate": deletion_date(key, now).map(Timestamp::as_second),
        "Origin": key.origin,
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "EncryptionAlgorithms": is_symmetric.then_some(["SYMMETRIC_DEFAULT"]),
        "SigningAlgorithms": sign::algorithms(key),
        "MultiRegion": key.multi_region,
        "MultiRegionConfiguration": multi_region,
    })
}

/// When a key that is pending deletion goes; 30 days on when nothing was said.
pub fn deletion_date(key: &Key, now: Timestamp) -> Option<Timestamp> {
    if key.state != KeyState::PendingDeletion {
        return None;
    }
    let (scheduled, days) = key.deletion.map_or((now, 30), |deletion| (deletion.scheduled.by(now), deletion.days));
    scheduled.saturating_add(SignedDuration::from_hours(24 * days)).ok()
}

/// `DescribeKey`, by id, ARN or alias; of another account by ARN, when the key policy allows (asked before).
pub fn describe(request: &Request, world: &World) -> Result<Value, AwsError> {
    let text = request.require("KeyId", "ValidationException")?;
    if text.starts_with("arn:") && !text.parse::<Arn>().is_ok_and(|arn| arn.service() == "kms") {
        return Err(AwsError::bad("InvalidArnException", format!("Invalid arn {text}")));
    }
    let (owner, key) = world
        .find_key(&request.caller.account, &request.region, text)
        .filter(|(_, key)| key.region == request.region)
        .ok_or_else(|| not_found(text))?;
    Ok(json!({ "KeyMetadata": metadata(world, &owner, key, request.now) }))
}

/// The caller's own keys in the region called.
fn own<'w>(request: &Request, world: &'w World) -> Vec<&'w Key> {
    let keys = world.kms.get(&request.caller.account).map(|held| held.keys.as_slice()).unwrap_or_default();
    keys.iter().filter(|key| key.region == request.region).collect()
}

/// `ListKeys`.
pub fn list_keys(request: &Request, world: &World) -> Result<Value, AwsError> {
    let entry =
        |key: &Key| json!({ "KeyId": key.id, "KeyArn": key.arn(world.partition_id(), &request.caller.account) });
    let mut keys = own(request, world);
    keys.sort_by(|a, b| a.id.cmp(&b.id));
    paged(request, keys.into_iter().map(entry).collect(), "Keys", 1000)
}

/// `ListAliases`, of all keys or of one.
pub fn list_aliases(request: &Request, world: &World) -> Result<Value, AwsError> {
    let only = match request.text("KeyId") {
        Some(_) => Some(own_index(request, world)?),
        None => None,
    };
    let all = world.kms.get(&request.caller.account).map(|held| held.keys.as_slice()).unwrap_or_default();
    let wanted = |(index, key): &(usize, &Key)| key.region == request.region && only.is_none_or(|only| only == *index);
    let prefix = format!("arn:{}:kms:{}:{}", world.partition_id(), request.region, request.caller.account);
    let mut aliases: Vec<(&String, &Key)> = all
        .iter()
        .enumerate()
        .filter(wanted)
        .flat_map(|(_, key)| key.aliases.iter().map(move |name| (name, key)))
        .collect();
    aliases.sort_by_key(|(name, _)| *name);
    let entry = |(name, key): (&String, &Key)| {
        let created = key.created.by(request.now).as_second();
        json!({
            "AliasName": name,
            "AliasArn": format!("{prefix}:{name}"),
            "TargetKeyId": key.id,
            "CreationDate": created,
            "LastUpdatedDate": created,
        })
    };
    paged(request, aliases.into_iter().map(entry).collect(), "Aliases", 100)
}

/// `ListResourceTags`.
pub fn list_tags(request: &Request, world: &World) -> Result<Value, AwsError> {
    let index = own_index(request, world)?;
    let key = world.kms.get(&request.caller.account).and_then(|held| held.keys.get(index));
    let tags = key.into_iter().flat_map(|key| &key.tags);
    let tags = tags.map(|(key, value)| json!({ "TagKey": key, "TagValue": value })).collect();
    paged(request, tags, "Tags", 50)
}
