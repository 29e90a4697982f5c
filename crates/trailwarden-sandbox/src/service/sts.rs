//! STS: who am I, and sessions of roles.

use jiff::SignedDuration;
use trailwarden_model::ids::Arn;

use super::{Access, Definition, ResourcePolicy, Wire, no_route};
use crate::authorize::authorize;
use crate::error::AwsError;
use crate::policy::grammar::{Attached, statements};
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
    // AWS asks no permission for most of it; what AssumeRole needs is asked once its input is valid.
    access: |_, _| Access::on("", "*"),
    handle,
};

/// The longest session of a role assumed by a role, in seconds.
const CHAINED_SECONDS: i64 = 3600;
/// The longest session policy, in characters.
const LONGEST_POLICY: usize = 2048;

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
    let parsed: Arn = arn.parse().ok()?;
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
    check_input(request, arn)?;
    let policies = session_policies(request, world)?;
    let seen = world.as_seen();
    let access = assume_role_access(request, &seen);
    authorize(request, &seen, &access, SERVICE.wire, SERVICE.denied)?;
    let (account, role_name, _) = find_role(world, arn)
        .ok_or_else(|| AwsError::new(403, "AccessDenied", format!("not authorized to assume {arn}")))?;
    if !world.is_region_enabled(&account, &request.region) {
        let message = format!("STS is not activated in this region for account:{account}.");
        return Err(AwsError::new(403, "RegionDisabledException", message));
    }
    let role = world.iam.get(&account).and_then(|iam| iam.roles.get(&role_name));
    let (role_id, longest) = role.map_or((String::new(), 3600), |role| (role.id.clone(), role.max_session_seconds));
    let seconds = seconds(request)?;
    check_duration(request, seconds, longest)?;
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
    let session = Some(Session { name: session_name, token, expires, policies });
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

/// The duration asked for, within what AWS allows for any role.
fn seconds(request: &Request) -> Result<i64, AwsError> {
    let Some(text) = request.text("DurationSeconds") else { return Ok(CHAINED_SECONDS) };
    let seconds = text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
    seconds.ok_or_else(|| invalid(format!("Value '{text}' at 'durationSeconds' must be between 900 and 43200")))
}

fn check_duration(request: &Request, seconds: i64, longest: i64) -> Result<(), AwsError> {
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
    Ok(())
}

/// Refuses what AWS refuses before it looks for the role, and what would change the session but is not served.
fn check_input(request: &Request, arn: &str) -> Result<(), AwsError> {
    let is_role = arn.len() >= 20 && arn.parse::<Arn>().is_ok_and(|arn| arn.resource().starts_with("role/"));
    if !is_role {
        return Err(AwsError::bad("ValidationError", format!("{arn} is invalid")));
    }
    let is_external_id = |text: &str| {
        (2..=1224).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c))
    };
    if !request.text("ExternalId").is_none_or(is_external_id) {
        return Err(invalid("Value at 'externalId' failed to satisfy constraint".to_owned()));
    }
    let not_served =
        ["Tags.", "TransitiveTagKeys.", "SourceIdentity", "SerialNumber", "TokenCode", "ProvidedContexts."];
    let members = request.input.as_object().into_iter().flat_map(|members| members.keys());
    if members.into_iter().any(|member| not_served.iter().any(|name| member.starts_with(name))) {
        return Err(request.not_implemented("sts (session tags, source identity, MFA)"));
    }
    seconds(request).map(drop)
}

/// The session policies, of which one must allow what the session does: the one passed, and the managed ones named.
fn session_policies(request: &Request, world: &World) -> Result<Vec<String>, AwsError> {
    let passed = request.text("Policy");
    if passed.is_some_and(|policy| policy.len() > LONGEST_POLICY) {
        return Err(invalid(format!("Value at 'policy' must have length less than or equal to {LONGEST_POLICY}")));
    }
    if let Some(Err(reason)) = passed.map(|policy| statements(policy, Attached::ToPrincipal)) {
        return Err(AwsError::bad("MalformedPolicyDocument", reason));
    }
    let account = request.text("RoleArn").and_then(|arn| arn.parse::<Arn>().ok()).and_then(|arn| arn.account());
    let iam = account.and_then(|account| world.iam.get(&account));
    let named = (1..).map_while(|index| request.text(&format!("PolicyArns.member.{index}.arn")));
    let named = named.map(|arn| {
        let text = iam.and_then(|iam| iam.managed_text(arn)).map(str::to_owned);
        text.ok_or_else(|| request.not_implemented("sts (unknown managed session policies)"))
    });
    passed.map(|policy| Ok(policy.to_owned())).into_iter().chain(named).collect()
}

fn invalid(detail: String) -> AwsError {
    AwsError::bad("ValidationError", format!("1 validation error detected: {detail}"))
}

#[cfg(test)]
mod tests;
