//! `ListPublicKeys`: the keys that verify digest files of one region.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::visibility::Viewer;
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::cloudtrail::PublicKey;

/// `ListPublicKeys` over a time range; without one, the keys valid now.
pub fn list(world: &World, viewer: Viewer<'_>, request: &Request) -> Result<Value, AwsError> {
    if request.text("NextToken").is_some() {
        // All keys of a region fit one page, so that no token was ever given out.
        return Err(AwsError::bad("InvalidTokenException", "The token is not valid."));
    }
    let moment = |member: &str| request.input.get(member).and_then(Value::as_f64);
    let now = request.now.as_second() as f64;
    let (start, end) = (moment("StartTime").unwrap_or(now), moment("EndTime").unwrap_or(now));
    if start > end {
        return Err(AwsError::bad("InvalidTimeRangeException", "The start time is after the end time."));
    }
    let keys = world.cloudtrail.values().flat_map(|held| &held.public_keys);
    let valid = |key: &&PublicKey| {
        let from = key.valid_from.by(request.now).as_second() as f64;
        let until = key.valid_until.by(request.now).as_second() as f64;
        key.region == *viewer.region && from <= end && until >= start
    };
    let list: Vec<Value> = keys.filter(valid).map(|key| show(key, request.now)).collect();
    Ok(json!({ "PublicKeyList": list }))
}

fn show(key: &PublicKey, now: Timestamp) -> Value {
    let fingerprint = STANDARD
        .decode(&key.value)
        .map(|der| Md5::digest(der).iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    json!({
        "Value": key.value,
        "ValidityStartTime": key.valid_from.by(now).as_second(),
        "ValidityEndTime": key.valid_until.by(now).as_second(),
        "Fingerprint": fingerprint.ok(),
    })
}
