//! STS: who am I, and sessions of roles.

use jiff::SignedDuration;

use super::{Access, Definition, ResourcePolicy, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::{CallerKind, Request};
use crate::world::{Credential, Principal, Session, World};
use crate::xml::Element;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "sts",
    wire: Wire::Query("https://sts.amazonaws.com/doc/2011-06-15/"),
    denied: "AccessDenied",
    route: no_route,
    access,
    handle,
};

/// The longest session of a role assumed by a role, in seconds.
const CHAINED_SECONDS: i64 = 3600;

fn access(request: &Request, world: &World) -> Access {
    match request.operation.as_str() {
        "AssumeRole" => assume_role_access(request, world),
        // AWS asks no permission for it; what is not implemented is refused by the handler.
        _ => Access::on("", "*"),
    }
}

fn assume_role_access(request: &Request, world: &World) -> Access {
    let arn = request.text("RoleArn").unwrap_or_default();
    let mut access = Access::on("sts:AssumeRole", arn);
    if let Some(id) = request.text("ExternalId") {
        access.context.set("sts:ExternalId", id);
    }
    if let Some(name) = request.text("RoleSessionName") {
        access.context.set("sts:RoleSessionName", name);
    }
    // A role that does not exist is refused in the same words as one that does not trust the caller.
    let found = find_role(world, arn);
    access.resource_policy = Some(ResourcePolicy {
        owner: found.as_ref().map_or_else(|| request.caller.account.clone(), |(owner, ..)| owner.clone()),
        document: found.map(|(.., trust)| trust),
        required: true,
    });
    access
}

/// Account, name and trust policy of a role that can be assumed: it exists under this ARN in a usable account.
fn find_role(world: &World, arn: &str) -> Option<(trailwarden_model::ids::AccountId, String, String)> {
    let parsed: trailwarden_model::ids::Arn = arn.parse().ok()?;
    let (account, name) = (parsed.account()?, parsed.resource().rsplit('/').next()?);
    let role = world.iam.get(&account)?.roles.get(name)?;
    let is_exact = world.iam.get(&account)?.role_arn(world.partition_id(), &account, name) == arn;
    let is_usable = world
        .organization
        .as_ref()
        .and_then(|organization| organization.accounts.get(&account))
        .is_none_or(|member| matches!(member.state.as_str(), "ACTIVE" | "PENDING_CLOSURE"));
    (is_exact && is_usable).then(|| (account, name.to_owned(), role.trust.clone()))
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    match request.operation.as_str() {
        "GetCallerIdentity" => Ok(Reply::xml(
            Element::new("Result")
                .leaf("Arn", &request.caller.arn)
                .leaf("UserId", &request.caller.user_id)
                .leaf("Account", &request.caller.account),
        )),
        "AssumeRole" => assume_role(request, world),
        _ => Err(request.not_implemented("sts")),
    }
}

fn assume_role(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    if request.caller.kind == CallerKind::Root {
        return Err(AwsError::new(403, "AccessDenied", "Roles may not be assumed by root accounts."));
    }
    let arn = request.require("RoleArn", "ValidationError")?;
    let session_name = session_name(request)?;
    let (account, role_name, _) = find_role(world, arn)
        .ok_or_else(|| AwsError::new(403, "AccessDenied", format!("not authorized to assume {arn}")))?;
    if !world.is_region_enabled(&account, &request.region) {
        let message = format!("STS is not activated in this region for account:{account}.");
        return Err(AwsError::new(403, "RegionDisabledException", message));
    }
    let role = world.iam.get(&account).and_then(|iam| iam.roles.get(&role_name));
    let (role_id, longest) = role.map_or((String::new(), 3600), |role| (role.id.clone(), role.max_session_seconds));
    let seconds = duration(request, longest)?;
    let policy = session_policy(request)?;
    let expires = request.now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(request.now);
    let access_key = world.unique_id("ASIA", 20);
    let secret = world.unique_id("", 40);
    let token = world.unique_id("IQoJb3JpZ2luX2Vj", 160);
    let result = Element::new("Result")
        .with(
            Element::new("Credentials")
                .leaf("AccessKeyId", &access_key)
                .leaf("SecretAccessKey", &secret)
                .leaf("SessionToken", &token)
                .leaf("Expiration", expires.strftime("%Y-%m-%dT%H:%M:%SZ")),
        )
        .with(Element::new("AssumedRoleUser").leaf("AssumedRoleId", format!("{role_id}:{session_name}")).leaf(
            "Arn",
            format!("arn:{}:sts::{account}:assumed-role/{role_name}/{session_name}", world.partition_id()),
        ));
    let session = Some(Session { name: session_name, token, expires, policy });
    let credential = Credential { account, principal: Principal::Role(role_name), secret, session };
    world.credentials.insert(access_key, credential);
    Ok(Reply::xml(result))
}

fn session_name(request: &Request) -> Result<String, AwsError> {
    let name = request.require("RoleSessionName", "ValidationError")?;
    let is_valid =
        (2..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c));
    if is_valid {
        return Ok(name.to_owned());
    }
    Err(invalid(format!(
        "Value '{name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"
    )))
}

fn duration(request: &Request, longest: i64) -> Result<i64, AwsError> {
    let seconds = request.integer("DurationSeconds").unwrap_or(CHAINED_SECONDS);
    if !(900..=43_200).contains(&seconds) {
        return Err(invalid(format!("Value '{seconds}' at 'durationSeconds' must be between 900 and 43200")));
    }
    if request.caller.kind == CallerKind::Role && seconds > CHAINED_SECONDS {
        return Err(AwsError::bad(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    if seconds > longest {
        return Err(AwsError::bad(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(seconds)
}

fn session_policy(request: &Request) -> Result<Option<String>, AwsError> {
    let Some(policy) = request.text("Policy") else { return Ok(None) };
    if policy.len() > 2048 {
        return Err(invalid("Value at 'policy' must have length less than or equal to 2048".to_owned()));
    }
    match serde_json::from_str::<serde_json::Value>(policy) {
        Ok(value) if value.is_object() => Ok(Some(policy.to_owned())),
        _ => Err(AwsError::bad("MalformedPolicyDocument", "The policy is not valid JSON.")),
    }
}

fn invalid(detail: String) -> AwsError {
    AwsError::bad("ValidationError", format!("1 validation error detected: {detail}"))
}

#[cfg(test)]
mod tests;
