//! KMS: the key of a trail, read in the account and region of the key ARN.

use trailwarden_model::storage::{KeyDetail, Rotation};

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::convert::instant;
use crate::session::{Session, Site, at};

reads! {
    DESCRIBE_KEY = Read::regional("kms:DescribeKey", 50);
    GET_KEY_POLICY = Read::regional("kms:GetKeyPolicy", 50);
    GET_KEY_ROTATION_STATUS = Read::regional("kms:GetKeyRotationStatus", 50);
}

/// KMS's word for a key that does not exist.
const NOT_FOUND: &str = "NotFoundException";

/// The key; none when it does not exist.
pub(crate) async fn detail(session: &Session, site: &Site, key: &str) -> Result<Option<KeyDetail>, Failure> {
    let call = session.clients.kms.describe_key().key_id(key);
    let call = || call.clone().customize().config_override(at!(aws_sdk_kms, site)).send();
    let answer = match session.call(&DESCRIBE_KEY, site, call).await {
        Err(failure) if failure.code() == NOT_FOUND => return Ok(None),
        answer => answer?,
    };
    let key = answer.key_metadata().and_then(|key| {
        Some(KeyDetail {
            state: key.key_state()?.to_string(),
            manager: key.key_manager()?.to_string(),
            origin: key.origin().map(ToString::to_string).unwrap_or_default(),
            spec: key.key_spec()?.to_string(),
            usage: key.key_usage().map(ToString::to_string).unwrap_or_default(),
            deletion_date: instant(key.deletion_date()),
            multi_region: key.multi_region().unwrap_or(false),
        })
    });
    let reason = "the answer lacks the key's state, manager or spec";
    key.map(Some).ok_or_else(|| unexpected(&DESCRIBE_KEY, &site.account, &site.region, reason))
}

/// The key policy; none when the key does not exist. Works only in the key's own account.
pub(crate) async fn policy(session: &Session, site: &Site, key: &str) -> Result<Option<String>, Failure> {
    let call = session.clients.kms.get_key_policy().key_id(key).policy_name("default");
    let call = || call.clone().customize().config_override(at!(aws_sdk_kms, site)).send();
    let answer = match session.call(&GET_KEY_POLICY, site, call).await {
        Err(failure) if failure.code() == NOT_FOUND => return Ok(None),
        answer => answer?,
    };
    let policy = answer.policy().map(str::to_owned);
    let reason = "the answer holds no policy";
    policy.map(Some).ok_or_else(|| unexpected(&GET_KEY_POLICY, &site.account, &site.region, reason))
}

/// Automatic rotation of a key that exists.
pub(crate) async fn rotation(session: &Session, site: &Site, key: &str) -> Result<Rotation, Failure> {
    let call = session.clients.kms.get_key_rotation_status().key_id(key);
    let call = || call.clone().customize().config_override(at!(aws_sdk_kms, site)).send();
    match session.call(&GET_KEY_ROTATION_STATUS, site, call).await {
        Ok(answer) if answer.key_rotation_enabled() => Ok(Rotation::Enabled),
        Ok(_) => Ok(Rotation::Disabled),
        Err(failure) if failure.code() == "UnsupportedOperationException" => Ok(Rotation::Unsupported),
        Err(failure) => Err(failure),
    }
}
