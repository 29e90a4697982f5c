//! What S3 calls public: a policy that grants to anyone without a fixed condition, an ACL that grants to a global group.

use serde_json::Value;

use crate::world::World;
use crate::world::s3::{Bucket, Grant, PublicAccessBlock};
use trailwarden_model::ids::AccountId;

/// Keys that make a grant to anyone private when they have fixed values.
const FIXING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// True when some statement grants to anyone. What is not a policy grants nothing.
pub fn is_public(policy: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(policy) else { return false };
    items(document.get("Statement")).iter().any(|statement| {
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && is_anyone(statement)
            && !is_fixed(statement.get("Condition"))
    })
}

fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

fn is_anyone(statement: &Value) -> bool {
    let Some(principal) = statement.get("Principal") else { return statement.get("NotPrincipal").is_some() };
    let is_star = |value: &&Value| value.as_str() == Some("*");
    is_star(&principal) || items(principal.get("AWS")).iter().any(is_star)
}

/// True when some condition limits the grant to values that name someone.
fn is_fixed(condition: Option<&Value>) -> bool {
    let operators = condition.and_then(Value::as_object).into_iter().flatten();
    operators.into_iter().any(|(operator, keys)| {
        let operator = operator.trim_start_matches("ForAnyValue:");
        let names = ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"];
        names.contains(&operator)
            && keys.as_object().into_iter().flatten().any(|(key, values)| {
                let values = items(Some(values));
                FIXING.contains(&key.to_ascii_lowercase().as_str())
                    && !values.is_empty()
                    && values.iter().all(|value| value.as_str().is_some_and(|value| names_someone(operator, value)))
            })
    })
}

fn names_someone(operator: &str, value: &str) -> bool {
    if operator == "IpAddress" {
        let bits = value.split_once('/').map_or(Some(32), |(_, bits)| bits.parse::<u8>().ok());
        let least = if value.contains(':') { 32 } else { 8 };
        return bits.is_some_and(|bits| bits >= least);
    }
    !value.contains(['*', '?']) && !value.contains("${")
}

/// True when a grant is to everyone, or to everyone with an AWS account.
pub fn is_public_grant(grant: &Grant) -> bool {
    grant.grantee.ends_with("/global/AllUsers") || grant.grantee.ends_with("/global/AuthenticatedUsers")
}

/// The switches in force for a bucket: its own or its account's, whichever is stricter.
pub fn in_force(world: &World, owner: &AccountId, bucket: &Bucket) -> PublicAccessBlock {
    let own = bucket.block_public_access.get().copied();
    let account = world.s3.get(owner).and_then(|held| held.block_public_access);
    let on = |switch: fn(&PublicAccessBlock) -> bool| [own, account].iter().flatten().any(switch);
    PublicAccessBlock {
        block_public_acls: on(|block| block.block_public_acls),
        ignore_public_acls: on(|block| block.ignore_public_acls),
        block_public_policy: on(|block| block.block_public_policy),
        restrict_public_buckets: on(|block| block.restrict_public_buckets),
    }
}
