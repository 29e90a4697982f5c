//! Customer managed policies, and the few of AWS's own that the sandbox knows.

use std::collections::BTreeMap;

use super::document::{check_identity, encoded, size};
use super::{already_exists, checked_name, checked_path, limit_exceeded, no_such_entity, paged, required, time};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::iam::{Iam, ManagedPolicy};
use crate::xml::Element;

/// The longest managed policy, without white space.
const LONGEST: usize = 6_144;

fn held<'w>(request: &Request, world: &'w World) -> Option<&'w Iam> {
    world.iam.get(&request.caller.account)
}

/// A policy as IAM shows it; one of AWS's has only what its ARN says.
fn show(held: &Iam, arn: &str, policy: Option<&ManagedPolicy>, element: &str) -> Element {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let path = policy.map_or("/", |policy| if policy.path.is_empty() { "/" } else { &policy.path });
    let n_attached = held.roles.values().filter(|role| role.attached.contains(arn)).count();
    let created = time(policy.and_then(|policy| policy.created));
    Element::new(element)
        .leaf("PolicyName", name)
        .leaf("PolicyId", policy.map_or("ANPAAWSMANAGEDPOLICY1", |policy| &policy.id))
        .leaf("Arn", arn)
        .leaf("Path", path)
        .leaf("DefaultVersionId", policy.map_or("v1", |policy| &policy.default_version))
        .leaf("AttachmentCount", n_attached)
        .leaf("PermissionsBoundaryUsageCount", 0)
        .leaf("IsAttachable", true)
        .maybe("Description", policy.map(|policy| &policy.description).filter(|text| !text.is_empty()))
        .leaf("CreateDate", &created)
        .leaf("UpdateDate", &created)
}

/// `CreatePolicy`.
pub fn create(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let name = checked_name(request, "PolicyName", 128)?;
    let path = checked_path(request)?;
    let document = required(request, "PolicyDocument")?;
    check_identity(document)?;
    if size(document) > LONGEST {
        return Err(limit_exceeded(format!("Cannot exceed quota for PolicySize: {LONGEST}")));
    }
    if held(request, world).is_some_and(|held| held.policies.values().any(|policy| policy.name == name)) {
        return Err(already_exists("A policy called", name));
    }
    let arn = format!("arn:{}:iam::{}:policy{path}{name}", world.partition_id(), request.caller.account);
    let policy = ManagedPolicy {
        id: world.unique_id("ANPA", 21),
        name: name.to_owned(),
        path: path.to_owned(),
        description: request.text("Description").unwrap_or_default().to_owned(),
        created: Some(request.now),
        versions: BTreeMap::from([("v1".to_owned(), document.to_owned())]),
        default_version: "v1".to_owned(),
    };
    let held = world.iam.entry(request.caller.account.clone()).or_default();
    let shown = show(held, &arn, Some(&policy), "Policy");
    held.policies.insert(arn, policy);
    Ok(Reply::xml(Element::new("Result").with(shown)))
}

/// `GetPolicy`.
pub fn get(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let arn = required(request, "PolicyArn")?;
    let held = held(request, world).filter(|held| held.managed_text(arn).is_some());
    let held = held.ok_or_else(|| no_such_entity("policy", arn))?;
    Ok(Reply::xml(Element::new("Result").with(show(held, arn, held.policies.get(arn), "Policy"))))
}

/// `GetPolicyVersion`.
pub fn get_version(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let arn = required(request, "PolicyArn")?;
    let version = required(request, "VersionId")?;
    let held = held(request, world);
    let own = held.and_then(|held| held.policies.get(arn));
    let document = match own {
        Some(policy) => policy.versions.get(version).map(String::as_str),
        None => held.and_then(|held| held.managed_text(arn)).filter(|_| version == "v1"),
    };
    let document = document.ok_or_else(|| no_such_entity("policy version", &format!("{version} of {arn}")))?;
    let shown = Element::new("PolicyVersion")
        .leaf("Document", encoded(document))
        .leaf("VersionId", version)
        .leaf("IsDefaultVersion", own.is_none_or(|policy| policy.default_version == version))
        .leaf("CreateDate", time(own.and_then(|policy| policy.created)));
    Ok(Reply::xml(Element::new("Result").with(shown)))
}

/// `ListPolicies` of scope `Local`; AWS's thousand own policies are not served.
pub fn list(request: &Request, world: &World) -> Result<Reply, AwsError> {
    if request.text("Scope") != Some("Local") {
        return Err(request.not_implemented("iam"));
    }
    let only_attached = request.flag("OnlyAttached").unwrap_or(false);
    let prefix = request.text("PathPrefix").unwrap_or("/");
    let Some(held) = held(request, world) else { return paged(request, Vec::new(), "Policies") };
    let is_attached = |arn: &String| held.roles.values().any(|role| role.attached.contains(arn));
    let path = |policy: &ManagedPolicy| if policy.path.is_empty() { "/".to_owned() } else { policy.path.clone() };
    let wanted = held
        .policies
        .iter()
        .filter(|(arn, policy)| path(policy).starts_with(prefix) && (!only_attached || is_attached(arn)));
    paged(request, wanted.map(|(arn, policy)| show(held, arn, Some(policy), "member")).collect(), "Policies")
}

/// `DeletePolicy`: only one that nothing uses.
pub fn delete(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let arn = required(request, "PolicyArn")?;
    let held = world.iam.get_mut(&request.caller.account).filter(|held| held.policies.contains_key(arn));
    let held = held.ok_or_else(|| no_such_entity("policy", arn))?;
    if held.roles.values().any(|role| role.attached.contains(arn)) {
        return Err(AwsError::new(409, "DeleteConflict", "Cannot delete a policy attached to entities."));
    }
    held.policies.remove(arn);
    Ok(Reply::empty())
}
