//! KMS: keys by ARN, by alias and by our own tag.

use aws_sdk_kms::types::KeyListEntry;
use serde_json::{Value, json};
use trailwarden_model::plan::normal_document;
use trailwarden_model::storage::Rotation;

use super::tags;
use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::{kms, pages};
use crate::session::{Session, Site, at};

reads! {
    LIST_KEYS = Read::regional("kms:ListKeys", 50);
    LIST_ALIASES = Read::regional("kms:ListAliases", 50);
}

/// The tag by which keys that a plan created are found.
const TAG: &str = "trailwarden:key";

/// Keys in these states cannot be used any more.
const DOOMED: [&str; 2] = ["PendingDeletion", "PendingReplicaDeletion"];

pub(super) async fn tagged_key(session: &Session, site: &Site, tag: &str) -> Result<Value, Failure> {
    let mut found = Value::Null;
    let mut unread = None;
    for (id, arn) in list(session, site).await? {
        match is_tagged(session, site, &arn, tag).await {
            Ok(false) => continue,
            // One that shuts everybody out is hardly ours; if no other is, there is no telling.
            Err(failure) => unread = Some(failure),
            Ok(true) => {
                let Some(key) = kms::detail(session, site, &arn).await? else { continue };
                if DOOMED.contains(&key.state.as_str()) {
                    continue;
                }
                if !found.is_null() {
                    let reason = format!("several keys carry the tag {TAG} with the value {tag}");
                    return Err(unexpected(&tags::LIST_KEY_TAGS, &site.account, &site.region, &reason));
                }
                found = json!({ "Arn": arn, "KeyId": id, "KeyState": key.state });
            }
        }
    }
    match (found, unread) {
        (Value::Null, Some(failure)) => Err(failure),
        (found, _) => Ok(found),
    }
}

/// Ids and ARNs of the keys of an account and region.
async fn list(session: &Session, site: &Site) -> Result<Vec<(String, String)>, Failure> {
    let keys: Vec<KeyListEntry> = pages::all(|marker| async move {
        let call = session.clients.kms.list_keys().limit(1000).set_marker(marker);
        let call = || call.clone().customize().config_override(at!(aws_sdk_kms, site)).send();
        let answer = session.call(&LIST_KEYS, site, call).await?;
        Ok((answer.keys().to_vec(), answer.next_marker().map(str::to_owned)))
    })
    .await?;
    let reason = "the answer holds a key without an id or an ARN";
    let missing = || unexpected(&LIST_KEYS, &site.account, &site.region, reason);
    keys.into_iter().map(|key| key.key_id.zip(key.key_arn).ok_or_else(missing)).collect()
}

/// A key that was deleted since it was listed carries nothing.
async fn is_tagged(session: &Session, site: &Site, arn: &str, tag: &str) -> Result<bool, Failure> {
    match tags::of_key(session, site, arn).await {
        Err(failure) if failure.code() == "NotFoundException" => Ok(false),
        tags => Ok(tags?.get(TAG).is_some_and(|value| value == tag)),
    }
}

pub(super) async fn key(session: &Session, site: &Site, key: &str) -> Result<Value, Failure> {
    let detail = kms::detail(session, site, key).await?;
    Ok(detail.map_or(Value::Null, |detail| json!({ "Arn": key, "KeyState": detail.state })))
}

pub(super) async fn deletion(session: &Session, site: &Site, key: &str) -> Result<Value, Failure> {
    let detail = kms::detail(session, site, key).await?;
    Ok(detail.map_or(Value::Null, |detail| json!(DOOMED.contains(&detail.state.as_str()))))
}

/// The key that an alias leads to. Asked of the list: `DescribeKey` would need permission on a key that may be anybody's.
pub(super) async fn alias(session: &Session, site: &Site, name: &str) -> Result<Value, Failure> {
    let targets = pages::all(|marker| async move {
        let call = session.clients.kms.list_aliases().limit(100).set_marker(marker);
        let call = || call.clone().customize().config_override(at!(aws_sdk_kms, site)).send();
        let answer = session.call(&LIST_ALIASES, site, call).await?;
        let ours = answer.aliases().iter().filter(|alias| alias.alias_name() == Some(name));
        let targets = ours.map(|alias| json!({ "TargetKeyId": alias.target_key_id().unwrap_or_default() }));
        Ok((targets.collect(), answer.next_marker().map(str::to_owned)))
    })
    .await?;
    Ok(targets.into_iter().next().unwrap_or_default())
}

pub(super) async fn policy(session: &Session, site: &Site, key: &str) -> Result<Value, Failure> {
    let policy = kms::policy(session, site, key).await?;
    Ok(policy.map_or(Value::Null, |policy| normal_document(&policy)))
}

pub(super) async fn rotation(session: &Session, site: &Site, key: &str) -> Result<Value, Failure> {
    Ok(match kms::rotation(session, site, key).await? {
        Rotation::Unsupported => Value::Null,
        rotation => Value::Bool(rotation == Rotation::Enabled),
    })
}
