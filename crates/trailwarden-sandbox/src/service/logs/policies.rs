//! Account policies; one of type `RETENTION_POLICY` overrides the retention of every log group.

use serde_json::{Value, json};

use super::{invalid, paged};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::logs::AccountPolicy;
use crate::world::when::When;

const TYPES: &[&str] = &[
    "DATA_PROTECTION_POLICY",
    "SUBSCRIPTION_FILTER_POLICY",
    "FIELD_INDEX_POLICY",
    "TRANSFORMER_POLICY",
    "METRIC_EXTRACTION_POLICY",
    "RETENTION_POLICY",
];

fn own<'w>(request: &'w Request, world: &'w World) -> impl Iterator<Item = &'w AccountPolicy> {
    let held = world.logs.get(&request.caller.account).map(|held| held.account_policies.as_slice()).unwrap_or_default();
    held.iter().filter(|policy| policy.region == request.region)
}

/// Name and days of the retention policy of the account, when it has one.
pub fn retention(request: &Request, world: &World) -> Option<(String, i64)> {
    let policy = own(request, world).find(|policy| policy.policy_type == "RETENTION_POLICY")?;
    let document: Value = serde_json::from_str(&policy.document).ok()?;
    Some((policy.name.clone(), document.get("RetentionInDays")?.as_i64()?))
}

fn policy_type(request: &Request) -> Result<&str, AwsError> {
    let kind = request.require("policyType", "InvalidParameterException")?;
    if TYPES.contains(&kind) { Ok(kind) } else { Err(invalid(format!("{kind} is not a policy type."))) }
}

fn show(request: &Request, policy: &AccountPolicy) -> Value {
    json!({
        "policyName": policy.name,
        "policyDocument": policy.document,
        "lastUpdatedTime": policy.updated.by(request.now).as_millisecond(),
        "policyType": policy.policy_type,
        "scope": "ALL",
        "accountId": request.caller.account,
    })
}

/// `DescribeAccountPolicies` of one type.
pub fn describe(request: &Request, world: &World) -> Result<Value, AwsError> {
    let kind = policy_type(request)?;
    let name = request.text("policyName");
    let wanted = own(request, world).filter(|p| p.policy_type == kind && name.is_none_or(|name| p.name == name));
    paged(request, wanted.map(|policy| show(request, policy)).collect(), "accountPolicies")
}

/// `PutAccountPolicy`: makes or replaces.
pub fn put(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let document = request.require("policyDocument", "InvalidParameterException")?;
    if serde_json::from_str::<Value>(document).is_err() {
        return Err(invalid("The policy document is not valid JSON."));
    }
    let policy = AccountPolicy {
        name: request.require("policyName", "InvalidParameterException")?.to_owned(),
        region: request.region.clone(),
        policy_type: policy_type(request)?.to_owned(),
        document: document.to_owned(),
        updated: When::At(request.now),
    };
    let shown = show(request, &policy);
    remove(request, world, &policy.name, &policy.policy_type);
    world.logs.entry(request.caller.account.clone()).or_default().account_policies.push(policy);
    Ok(json!({ "accountPolicy": shown }))
}

/// Removes a policy; false when there was none.
fn remove(request: &Request, world: &mut World, name: &str, kind: &str) -> bool {
    let Some(held) = world.logs.get_mut(&request.caller.account) else { return false };
    let before = held.account_policies.len();
    let is_it =
        |policy: &AccountPolicy| policy.name == name && policy.policy_type == kind && policy.region == request.region;
    held.account_policies.retain(|policy| !is_it(policy));
    held.account_policies.len() < before
}

/// `DeleteAccountPolicy`.
pub fn delete(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let name = request.require("policyName", "InvalidParameterException")?;
    if remove(request, world, name, policy_type(request)?) {
        return Ok(json!({}));
    }
    Err(AwsError::bad("ResourceNotFoundException", "The specified account policy does not exist."))
}
