//! Policies and what Organizations refuses in their documents.

use serde_json::Value;

use super::{check_length, constraint, invalid, required, required_within, shape};
use crate::error::AwsError;
use crate::policy::grammar::{Attached, statements};
use crate::policy::texts;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::organizations::{Organization, POLICY_TYPES, Policy, PolicyType, RCP, SCP};

/// The policy types that Organizations knows.
pub(super) const TYPES: &[&str] = &[
    SCP,
    RCP,
    "TAG_POLICY",
    "BACKUP_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
    "CHATBOT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "SECURITYHUB_POLICY",
    "SECURITYHUB_CSPM_POLICY",
    "INSPECTOR_POLICY",
    "UPGRADE_ROLLOUT_POLICY",
    "BEDROCK_POLICY",
    "S3_POLICY",
    "NETWORK_SECURITY_DIRECTOR_POLICY",
    "GUARDDUTY_POLICY",
];

/// Most characters in the name of a policy.
const LONGEST_NAME: usize = 128;
/// Most characters in its description.
const LONGEST_DESCRIPTION: usize = 512;

pub(super) fn handle(
    request: &Request,
    organization: &mut Organization,
    partition: &str,
    new_id: &str,
) -> Result<Reply, AwsError> {
    match request.operation.as_str() {
        "CreatePolicy" => create(request, organization, partition, new_id),
        "UpdatePolicy" => update(request, organization, partition),
        "DeletePolicy" => delete(request, organization),
        _ => Err(request.not_implemented("organizations")),
    }
}

/// The policy type that a request names, when it is one that is served.
pub(super) fn policy_type(request: &Request, member: &str) -> Result<&'static PolicyType, AwsError> {
    let name = required(request, member)?;
    if !TYPES.contains(&name) {
        return Err(invalid("INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type."));
    }
    served(name).ok_or_else(|| request.not_implemented("organizations"))
}

/// The policy type of this name.
pub(super) fn served(name: &str) -> Option<&'static PolicyType> {
    POLICY_TYPES.iter().find(|of| of.name == name)
}

/// Size first, then the syntax that the policy type demands.
pub fn check_content(of: &PolicyType, content: &str) -> Result<(), AwsError> {
    if content.chars().count() > of.most_characters {
        return Err(constraint("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the allowed policy content size."));
    }
    let has_version = serde_json::from_str::<Value>(content)
        .is_ok_and(|document| document.get("Version").and_then(Value::as_str) == Some("2012-10-17"));
    let is_sound = if of.name == RCP {
        statements(content, Attached::ToResource).is_ok_and(|all| all.iter().all(is_resource_control))
    } else {
        statements(content, Attached::ToPrincipal).is_ok()
    };
    if has_version && is_sound {
        return Ok(());
    }
    Err(AwsError::bad(
        "MalformedPolicyDocumentException",
        "The provided policy document does not meet the requirements of the specified policy type.",
    ))
}

/// A resource control policy denies everybody named actions: the Allow of everything is AWS's own.
fn is_resource_control(statement: &Value) -> bool {
    let text = |element: &str| statement.get(element).and_then(Value::as_str);
    text("Effect") == Some("Deny")
        && text("Principal") == Some("*")
        && statement.get("NotAction").is_none()
        && texts(statement.get("Action")).all(|action| action != "*")
}

fn check_name(organization: &Organization, name: &str, own_id: &str, kind: &str) -> Result<(), AwsError> {
    let is_taken =
        organization.policies.iter().any(|(id, policy)| id != own_id && policy.kind == kind && policy.name == name);
    if is_taken {
        return Err(AwsError::bad("DuplicatePolicyException", "A policy with the same name already exists."));
    }
    Ok(())
}

fn create(
    request: &Request,
    organization: &mut Organization,
    partition: &str,
    new_id: &str,
) -> Result<Reply, AwsError> {
    let of = policy_type(request, "Type")?;
    let (name, content) = (required_within(request, "Name", LONGEST_NAME)?, required(request, "Content")?);
    let description = request.text("Description").unwrap_or_default();
    check_length("Description", description, LONGEST_DESCRIPTION)?;
    check_content(of, content)?;
    check_name(organization, name, "", of.name)?;
    if organization.policies.values().filter(|policy| policy.kind == of.name).count() >= of.most_policies {
        return Err(constraint("POLICY_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of policies."));
    }
    let id = format!("p-{new_id}");
    let policy = Policy {
        name: name.to_owned(),
        description: description.to_owned(),
        kind: of.name.to_owned(),
        content: content.to_owned(),
        aws_managed: false,
    };
    let tags = shape::checked_tags(organization, "", request.input.get("Tags"))?;
    if !tags.is_empty() {
        organization.tags.insert(id.clone(), tags);
    }
    let reply = Reply::json(shape::policy(organization, partition, &id, &policy));
    organization.policies.insert(id, policy);
    Ok(reply)
}

/// The policy named, when it is one that can be changed.
fn changeable<'a>(request: &'a Request, organization: &Organization) -> Result<(&'a str, Policy), AwsError> {
    let id = required(request, "PolicyId")?;
    match organization.policies.get(id) {
        Some(policy) if policy.aws_managed => {
            Err(invalid("IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified."))
        }
        Some(policy) => Ok((id, policy.clone())),
        None => Err(no_policy()),
    }
}

pub(super) fn no_policy() -> AwsError {
    AwsError::bad("PolicyNotFoundException", "We can't find a policy with the PolicyId that you specified.")
}

fn update(request: &Request, organization: &mut Organization, partition: &str) -> Result<Reply, AwsError> {
    let (id, mut policy) = changeable(request, organization)?;
    if let Some(name) = request.text("Name") {
        check_length("Name", name, LONGEST_NAME)?;
        check_name(organization, name, id, &policy.kind)?;
        name.clone_into(&mut policy.name);
    }
    if let Some(description) = request.text("Description") {
        check_length("Description", description, LONGEST_DESCRIPTION)?;
        description.clone_into(&mut policy.description);
    }
    if let Some(content) = request.text("Content") {
        let of = served(&policy.kind).ok_or_else(|| request.not_implemented("organizations"))?;
        check_content(of, content)?;
        content.clone_into(&mut policy.content);
    }
    let reply = Reply::json(shape::policy(organization, partition, id, &policy));
    organization.policies.insert(id.to_owned(), policy);
    Ok(reply)
}

fn delete(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    let (id, _) = changeable(request, organization)?;
    if organization.attachments.values().any(|attached| attached.contains(id)) {
        return Err(AwsError::bad("PolicyInUseException", "The policy is attached to one or more entities."));
    }
    organization.policies.remove(id);
    organization.tags.remove(id);
    Ok(Reply::empty())
}
