//! Making keys and aliases.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{not_found, policy, show, validation};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::kms::{Key, KeyState};
use crate::world::settling::Before;
use crate::world::when::When;

const SPECS: &[&str] = &[
    "SYMMETRIC_DEFAULT",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_NIST_EDWARDS25519",
    "ECC_SECG_P256K1",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
];

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 8_192;
/// The most tags of a key.
pub const MOST_TAGS: usize = 50;

/// `CreateKey`.
pub fn key(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let text = |member: &str, default: &str| request.text(member).unwrap_or(default).to_owned();
    let spec = request.text("KeySpec").or_else(|| request.text("CustomerMasterKeySpec")).unwrap_or("SYMMETRIC_DEFAULT");
    let usage = text("KeyUsage", "ENCRYPT_DECRYPT");
    if !usages(spec).contains(&usage.as_str()) {
        return Err(validation(
            "The operation failed because the KeyUsage value of the KMS key is not valid for its KeySpec.",
        ));
    }
    let origin = text("Origin", "AWS_KMS");
    if !SPECS.contains(&spec)
        || !["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"].contains(&origin.as_str())
    {
        return Err(validation("1 validation error detected: KeySpec or Origin is not one of KMS."));
    }
    if text("Description", "").chars().count() > LONGEST_DESCRIPTION {
        return Err(validation("Value at 'description' must have length less than or equal to 8192"));
    }
    if let Some(document) = request.text("Policy") {
        policy::check(request, &world.as_seen(), document, "*")?;
    }
    let multi_region = request.flag("MultiRegion").unwrap_or(false);
    let id = world.uuid();
    let key = Key {
        id: if multi_region { format!("mrk-{}", id.replace('-', "")) } else { id },
        region: request.region.clone(),
        aliases: BTreeSet::new(),
        policy: request.text("Policy").map(str::to_owned),
        state: if origin == "EXTERNAL" { KeyState::PendingImport } else { KeyState::Enabled },
        description: text("Description", ""),
        manager: "CUSTOMER".to_owned(),
        origin,
        spec: spec.to_owned(),
        usage,
        rotation: false,
        rotation_days: 365,
        deletion: None,
        multi_region,
        created: When::At(request.now),
        tags: tags(request)?,
    };
    world.changes(Before::NoKey { owner: request.caller.account.clone(), id: key.id.clone() }, request.now);
    let answer = json!({ "KeyMetadata": show::metadata(world, &request.caller.account, &key, request.now) });
    world.kms.entry(request.caller.account.clone()).or_default().keys.push(key);
    Ok(answer)
}

/// What a key of this spec can be for.
///
/// Source: KMS API Reference, `CreateKey`, `KeyUsage`.
fn usages(spec: &str) -> &'static [&'static str] {
    match spec {
        "RSA_2048" | "RSA_3072" | "RSA_4096" => &["ENCRYPT_DECRYPT", "SIGN_VERIFY"],
        "ECC_NIST_P256" | "ECC_NIST_P384" | "ECC_NIST_P521" => &["SIGN_VERIFY", "KEY_AGREEMENT"],
        "SM2" => &["ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"],
        "HMAC_224" | "HMAC_256" | "HMAC_384" | "HMAC_512" => &["GENERATE_VERIFY_MAC"],
        "ECC_NIST_EDWARDS25519" | "ECC_SECG_P256K1" | "ML_DSA_44" | "ML_DSA_65" | "ML_DSA_87" => &["SIGN_VERIFY"],
        _ => &["ENCRYPT_DECRYPT"],
    }
}

/// The tags in `Tags`.
pub fn tags(request: &Request) -> Result<BTreeMap<String, String>, AwsError> {
    let entries = request.input.get("Tags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let tags: BTreeMap<String, String> = entries
        .iter()
        .map(|entry| {
            let text = |member: &str| entry.get(member).and_then(Value::as_str).map(str::to_owned);
            let key = text("TagKey").filter(|key| !key.is_empty() && !key.starts_with("aws:"));
            key.zip(text("TagValue")).ok_or_else(|| AwsError::bad("TagException", "A tag is not valid."))
        })
        .collect::<Result<_, _>>()?;
    if tags.len() < entries.len() {
        return Err(AwsError::bad("TagException", "Duplicate tag keys"));
    }
    if tags.len() > MOST_TAGS {
        return Err(AwsError::bad("TagException", "Too many tags"));
    }
    Ok(tags)
}

/// `CreateAlias`.
pub fn alias(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let name = request.require("AliasName", "ValidationException")?;
    let is_name =
        |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_-".contains(&b));
    if !name.strip_prefix("alias/").is_some_and(is_name) || name.starts_with("alias/aws/") {
        return Err(AwsError::bad("InvalidAliasNameException", format!("{name} is not a valid alias name.")));
    }
    let target = request.require("TargetKeyId", "ValidationException")?;
    let (account, region) = (&request.caller.account, &request.region);
    if world.find_key(account, region, name).is_some() {
        return Err(AwsError::bad("AlreadyExistsException", format!("An alias with the name {name} already exists")));
    }
    let id = match world.find_key(account, region, target) {
        Some((owner, key)) if owner == *account && key.region == *region => key.id.clone(),
        _ => return Err(not_found(target)),
    };
    let keys = world.kms.get_mut(account).map(|held| held.keys.as_mut_slice()).unwrap_or_default();
    if let Some(key) = keys.iter_mut().find(|key| key.id == id && key.region == *region) {
        key.aliases.insert(name.to_owned());
    }
    Ok(json!({}))
}

/// `DeleteAlias`.
pub fn delete_alias(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let name = request.require("AliasName", "ValidationException")?;
    let keys = world.kms.get_mut(&request.caller.account).map(|held| held.keys.as_mut_slice()).unwrap_or_default();
    let removed = keys.iter_mut().filter(|key| key.region == request.region).any(|key| key.aliases.remove(name));
    if removed { Ok(json!({})) } else { Err(AwsError::bad("NotFoundException", format!("Alias {name} is not found."))) }
}
