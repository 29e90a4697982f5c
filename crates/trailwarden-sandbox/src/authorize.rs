//! May the caller do this? The organization's policies, identity policies, session policies and resource policies.

use crate::error::AwsError;
use crate::policy::{Asker, Context, Decision, Kind, Question, decide, decide_all};
use crate::request::{Caller, CallerKind, Request};
use crate::service::{Access, ResourcePolicy, Wire};
use crate::world::World;

pub mod guardrail;

/// Why a call is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Denial {
    /// A statement denies in a policy of this kind.
    Explicit(&'static str),
    /// No policy of this kind allows.
    Implicit(&'static str),
}

/// Refuses what the policies do not allow, with the service's own code and in AWS's manner of speaking.
pub fn authorize(request: &Request, world: &World, access: &Access, wire: Wire, code: &str) -> Result<(), AwsError> {
    if access.action.is_empty() {
        return Ok(());
    }
    for resource in std::iter::once(&access.resource).chain(&access.also) {
        judge(request, world, access, resource)
            .map_err(|denial| refusal(&request.caller, (&access.action, resource), wire, code, denial))?;
    }
    access.besides.iter().try_for_each(|other| authorize(request, world, other, wire, other.denied.unwrap_or(code)))
}

fn judge(request: &Request, world: &World, access: &Access, resource: &str) -> Result<(), Denial> {
    let caller = &request.caller;
    let mut context = global_context(request, world);
    if let Some(owner) = guardrail::owner(access, caller) {
        context.extend(&guardrail::whose(world, "Resource", owner));
    }
    context.extend(&access.context);
    let asker = Asker::Principal {
        account: caller.account.clone(),
        arn: caller.principal_arn.clone(),
        session_arn: caller.arn.clone(),
    };
    let question = Question { asker: &asker, action: &access.action, resource, context: &context };
    let owner = guardrail::owner(access, caller);
    for (policy, decision) in [
        ("resource control policy", guardrail::resource_control(world, owner, caller.is_service_linked(), &question)),
        (
            "service control policy",
            guardrail::service_control(world, &caller.account, caller.is_service_linked(), &question),
        ),
    ] {
        match decision {
            Decision::Denied => return Err(Denial::Explicit(policy)),
            Decision::Silent => return Err(Denial::Implicit(policy)),
            Decision::Allowed | Decision::AllowedToAccount => {}
        }
    }
    let session = session_policies(world, caller);
    let session =
        (!session.is_empty()).then(|| decide_all(session.iter().map(String::as_str), Kind::Identity, &question));
    let identity = identity(world, caller, &question);
    for (name, decision) in [("identity-based policy", Some(identity)), ("session policy", session)] {
        if decision == Some(Decision::Denied) {
            return Err(Denial::Explicit(name));
        }
    }
    if session == Some(Decision::Silent) {
        return Err(Denial::Implicit("session policy"));
    }
    combine(identity == Decision::Allowed, caller, access.resource_policy.as_ref(), &question)
}

/// Inside one account either side may allow; across accounts both must.
fn combine(
    by_identity: bool,
    caller: &Caller,
    resource: Option<&ResourcePolicy>,
    question: &Question<'_>,
) -> Result<(), Denial> {
    let no_identity = Err(Denial::Implicit("identity-based policy"));
    let no_resource = Err(Denial::Implicit("resource-based policy"));
    let Some(resource) = resource else { return if by_identity { Ok(()) } else { no_identity } };
    let by_resource =
        resource.document.as_deref().map_or(Decision::Silent, |text| decide(text, Kind::Resource, question));
    let is_own = resource.owner == caller.account;
    match by_resource {
        Decision::Denied => Err(Denial::Explicit("resource-based policy")),
        Decision::Allowed if is_own => Ok(()),
        Decision::Silent if resource.required || !is_own => no_resource,
        _ if by_identity => Ok(()),
        _ => no_identity,
    }
}

fn identity(world: &World, caller: &Caller, question: &Question<'_>) -> Decision {
    let Some(iam) = world.iam.get(&caller.account) else {
        return if caller.kind == CallerKind::Root { Decision::Allowed } else { Decision::Silent };
    };
    let (inline, attached) = match caller.kind {
        CallerKind::Root => return Decision::Allowed,
        CallerKind::User => match iam.users.get(&caller.name) {
            Some(user) => (&user.inline, &user.attached),
            None => return Decision::Silent,
        },
        CallerKind::Role => match iam.roles.get(&caller.name) {
            Some(role) => (&role.inline, &role.attached),
            None => return Decision::Silent,
        },
    };
    let documents = inline.values().map(String::as_str).chain(attached.iter().filter_map(|arn| iam.managed_text(arn)));
    decide_all(documents, Kind::Identity, question)
}

fn session_policies<'a>(world: &'a World, caller: &Caller) -> &'a [String] {
    let session = world.credentials.get(&caller.access_key).and_then(|credential| credential.session.as_ref());
    session.map(|session| session.policies.as_slice()).unwrap_or_default()
}

/// The global condition keys of a call.
pub fn global_context(request: &Request, world: &World) -> Context {
    let caller = &request.caller;
    let kind = match caller.kind {
        CallerKind::Root => "Account",
        CallerKind::User => "User",
        CallerKind::Role => "AssumedRole",
    };
    let mut context = Context::new()
        .with("aws:PrincipalArn", &caller.principal_arn)
        .with("aws:PrincipalType", kind)
        .with("aws:userid", &caller.user_id)
        .with("aws:RequestedRegion", request.region.as_str())
        .with("aws:CurrentTime", request.now.to_string())
        .with("aws:EpochTime", request.now.as_second().to_string())
        .with("aws:SecureTransport", "true")
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:SourceIp", "127.0.0.1");
    if caller.kind == CallerKind::User {
        context.set("aws:username", &caller.name);
    }
    context.extend(&guardrail::whose(world, "Principal", &caller.account));
    context
}

fn refusal(caller: &Caller, (action, resource): (&str, &str), wire: Wire, code: &str, denial: Denial) -> AwsError {
    let arn = &caller.arn;
    let why = match denial {
        Denial::Explicit(policy) => {
            let article = if policy.starts_with('i') { "an" } else { "a" };
            format!("with an explicit deny in {article} {policy}")
        }
        Denial::Implicit(policy) => format!("because no {policy} allows the {action} action"),
    };
    let message = format!("User: {arn} is not authorized to perform: {action} on resource: {resource} {why}");
    match wire {
        Wire::Json(_) => AwsError::bad(code, message),
        Wire::Ec2(_) => {
            AwsError::new(403, code, format!("You are not authorized to perform this operation. {message}"))
        }
        _ => AwsError::new(403, code, message),
    }
}

#[cfg(test)]
mod tests;
