//! Key policies: `GetKeyPolicy`, `PutKeyPolicy`, `ListKeyPolicies`, and what KMS refuses in them.

use serde_json::{Value, json};

use super::{not_found, own_index, paged};
use crate::error::AwsError;
use crate::policy::grammar::{Attached, statements};
use crate::policy::principals;
use crate::policy::{Asker, Context, Decision, Kind, Question, decide};
use crate::request::Request;
use crate::world::World;
use crate::world::settling::Before;

/// The longest key policy, in bytes.
const LONGEST: usize = 32_768;

fn check_name(request: &Request) -> Result<(), AwsError> {
    match request.text("PolicyName") {
        None | Some("default") => Ok(()),
        Some(other) => Err(AwsError::bad("NotFoundException", format!("No such policy exists: {other}"))),
    }
}

/// `GetKeyPolicy`, in the account of the key only.
pub fn get(request: &Request, world: &World) -> Result<Value, AwsError> {
    let index = own_index(request, world)?;
    check_name(request)?;
    let owner = &request.caller.account;
    let key = world.kms.get(owner).and_then(|held| held.keys.get(index)).ok_or_else(|| not_found(""))?;
    Ok(json!({ "Policy": key.policy_in_force(world.partition_id(), owner), "PolicyName": "default" }))
}

/// `ListKeyPolicies`.
pub fn list(request: &Request, world: &World) -> Result<Value, AwsError> {
    own_index(request, world)?;
    paged(request, vec![json!("default")], "PolicyNames", 1000)
}

/// `PutKeyPolicy`.
pub fn put(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let index = own_index(request, world)?;
    check_name(request)?;
    let policy = request.require("Policy", "ValidationException")?;
    let owner = &request.caller.account;
    let key = world.kms.get(owner).and_then(|held| held.keys.get(index)).ok_or_else(|| not_found(""))?;
    check(request, &world.as_seen(), policy, &key.arn(world.partition_id(), owner))?;
    let before = Before::KeyPolicy { owner: owner.clone(), id: key.id.clone(), policy: key.policy.clone() };
    world.changes(before, request.now);
    if let Some(key) = world.kms.get_mut(owner).and_then(|held| held.keys.get_mut(index)) {
        key.policy = Some(policy.to_owned());
    }
    Ok(json!({}))
}

/// Refuses what is no key policy, and, unless the caller insists, a policy that locks the caller out.
pub fn check(request: &Request, world: &World, policy: &str, resource: &str) -> Result<(), AwsError> {
    let malformed = |message: &str| Err(AwsError::bad("MalformedPolicyDocumentException", message));
    if policy.len() > LONGEST {
        return Err(AwsError::bad("LimitExceededException", format!("A key policy takes at most {LONGEST} bytes.")));
    }
    let statements = match statements(policy, Attached::ToKey) {
        Ok(statements) => statements,
        Err(reason) => return malformed(&reason),
    };
    if principals::unknown(world, &statements).is_some() {
        return malformed("Policy contains a statement with one or more invalid principals.");
    }
    let insists = request.flag("BypassPolicyLockoutSafetyCheck").unwrap_or(false);
    let asker = Asker::Principal {
        account: request.caller.account.clone(),
        arn: request.caller.principal_arn.clone(),
        session_arn: request.caller.arn.clone(),
    };
    let context = Context::new();
    let question = Question { asker: &asker, action: "kms:PutKeyPolicy", resource, context: &context };
    let allowed = matches!(decide(policy, Kind::Resource, &question), Decision::Allowed | Decision::AllowedToAccount);
    if !allowed && !insists {
        return malformed("The new key policy will not allow you to update the key policy in the future.");
    }
    Ok(())
}
