//! KMS: keys that encrypt logs.

use serde_json::json;
use trailwarden_model::plan::KmsTag;

use super::writes;
use crate::shape::Shape;

writes! { aws_sdk_kms kms;
    create_key(description: str, policy: str, tags: [KmsTag]) at 5 = "kms:CreateKey",
        |client| client.create_key().description(description).policy(policy)
            .set_tags(Some(Shape::read(&json!(tags))?));
    schedule_key_deletion(key: str, days: i32) at 5 = "kms:ScheduleKeyDeletion",
        |client| client.schedule_key_deletion().key_id(key).pending_window_in_days(*days);
    cancel_key_deletion(key: str) at 5 = "kms:CancelKeyDeletion",
        |client| client.cancel_key_deletion().key_id(key);
    create_alias(alias: str, key: str) at 5 = "kms:CreateAlias",
        |client| client.create_alias().alias_name(alias).target_key_id(key);
    delete_alias(alias: str) at 5 = "kms:DeleteAlias", |client| client.delete_alias().alias_name(alias);
    put_key_policy(key: str, name: str, policy: str) at 5 = "kms:PutKeyPolicy",
        |client| client.put_key_policy().key_id(key).policy_name(name).policy(policy);
    enable_key(key: str) at 5 = "kms:EnableKey", |client| client.enable_key().key_id(key);
    disable_key(key: str) at 5 = "kms:DisableKey", |client| client.disable_key().key_id(key);
    enable_key_rotation(key: str) at 5 = "kms:EnableKeyRotation",
        |client| client.enable_key_rotation().key_id(key);
    disable_key_rotation(key: str) at 5 = "kms:DisableKeyRotation",
        |client| client.disable_key_rotation().key_id(key);
}
