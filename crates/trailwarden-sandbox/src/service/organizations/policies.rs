//! Policies, where they attach, and policy types.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{check_length, constraint, invalid, is_node, required, required_within, shape};
use crate::error::AwsError;
use crate::policy::grammar::{Attached, statements};
use crate::reply::Reply;
use crate::request::Request;
use crate::world::organizations::{FULL_AWS_ACCESS, FULL_AWS_ACCESS_TEXT, Organization, Policy, SCP};

/// The policy types that Organizations knows.
pub(super) const TYPES: &[&str] = &[
    SCP,
    "RESOURCE_CONTROL_POLICY",
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

/// Most characters in one service control policy.
const MOST_CHARACTERS: usize = 10_240;
/// Most service control policies attached to one node.
const MOST_ATTACHED: usize = 10;
/// Most service control policies of an organization.
const MOST_POLICIES: usize = 10_000;
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
        "AttachPolicy" => attach(request, organization),
        "DetachPolicy" => detach(request, organization),
        "EnablePolicyType" => enable(request, organization, partition),
        "DisablePolicyType" => disable(request, organization, partition),
        _ => Err(request.not_implemented("organizations")),
    }
}

fn kind<'a>(request: &'a Request, member: &str) -> Result<&'a str, AwsError> {
    let kind = required(request, member)?;
    if !TYPES.contains(&kind) {
        return Err(invalid("INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type."));
    }
    if kind == SCP { Ok(kind) } else { Err(request.not_implemented("organizations")) }
}

/// Size first, then the syntax that service control policies demand.
fn check_content(content: &str) -> Result<(), AwsError> {
    if content.chars().count() > MOST_CHARACTERS {
        return Err(constraint("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the allowed policy content size."));
    }
    let has_version = serde_json::from_str::<Value>(content)
        .is_ok_and(|document| document.get("Version").and_then(Value::as_str) == Some("2012-10-17"));
    if has_version && statements(content, Attached::ToPrincipal).is_ok() {
        return Ok(());
    }
    Err(AwsError::bad(
        "MalformedPolicyDocumentException",
        "The provided policy document does not meet the requirements of the specified policy type.",
    ))
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
    let kind = kind(request, "Type")?;
    let (name, content) = (required_within(request, "Name", LONGEST_NAME)?, required(request, "Content")?);
    let description = request.text("Description").unwrap_or_default();
    check_length("Description", description, LONGEST_DESCRIPTION)?;
    check_content(content)?;
    check_name(organization, name, "", kind)?;
    if organization.policies.values().filter(|policy| policy.kind == kind).count() >= MOST_POLICIES {
        return Err(constraint("POLICY_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of policies."));
    }
    let id = format!("p-{new_id}");
    let policy = Policy {
        name: name.to_owned(),
        description: description.to_owned(),
        kind: kind.to_owned(),
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

fn no_policy() -> AwsError {
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
        check_content(content)?;
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

/// The policy and the node of an attachment.
fn attachment<'a>(request: &'a Request, organization: &Organization) -> Result<(&'a str, &'a str), AwsError> {
    let (id, target) = (required(request, "PolicyId")?, required(request, "TargetId")?);
    if !organization.policies.contains_key(id) {
        return Err(no_policy());
    }
    if !is_node(organization, target) {
        return Err(AwsError::bad(
            "TargetNotFoundException",
            "We can't find a root, OU, or account with the TargetId that you specified.",
        ));
    }
    if !organization.policy_types.contains_key(SCP) {
        return Err(AwsError::bad(
            "PolicyTypeNotEnabledException",
            "This operation can be performed only for enabled policy types.",
        ));
    }
    Ok((id, target))
}

fn attach(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    let (id, target) = attachment(request, organization)?;
    let attached = organization.attachments.entry(target.to_owned()).or_default();
    if attached.contains(id) {
        return Err(AwsError::bad("DuplicatePolicyAttachmentException", "The policy is already attached."));
    }
    if attached.len() >= MOST_ATTACHED {
        return Err(constraint(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You have attached the maximum number of policies to this entity.",
        ));
    }
    attached.insert(id.to_owned());
    Ok(Reply::empty())
}

fn detach(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    let (id, target) = attachment(request, organization)?;
    let attached = organization.attachments.entry(target.to_owned()).or_default();
    if !attached.contains(id) {
        return Err(AwsError::bad("PolicyNotAttachedException", "The policy isn't attached to the specified target."));
    }
    if attached.len() == 1 {
        return Err(constraint(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You must have at least one policy of this type attached to each entity.",
        ));
    }
    attached.remove(id);
    Ok(Reply::empty())
}

fn root<'a>(request: &'a Request, organization: &Organization) -> Result<&'a str, AwsError> {
    let root = required(request, "RootId")?;
    if root == organization.root {
        return Ok(root);
    }
    Err(AwsError::bad("RootNotFoundException", "We can't find a root with the RootId that you specified."))
}

/// The root as the answer shows it while the change is under way.
fn pending(organization: &Organization, partition: &str, status: &str) -> Reply {
    let mut changed = organization.clone();
    changed.policy_types.insert(SCP.to_owned(), status.to_owned());
    Reply::json(json!({"Root": shape::root(&changed, partition)}))
}

/// Enabling attaches FullAWSAccess to every node; the answer still says pending.
fn enable(request: &Request, organization: &mut Organization, partition: &str) -> Result<Reply, AwsError> {
    let kind = kind(request, "PolicyType")?;
    root(request, organization)?;
    if organization.feature_set != "ALL" {
        return Err(AwsError::bad(
            "PolicyTypeNotAvailableForOrganizationException",
            "You can't use the specified policy type with the feature set currently enabled.",
        ));
    }
    if organization.policy_types.contains_key(kind) {
        return Err(AwsError::bad("PolicyTypeAlreadyEnabledException", "The policy type is already enabled."));
    }
    organization.policy_types.insert(kind.to_owned(), "ENABLED".to_owned());
    organization.policies.entry(FULL_AWS_ACCESS.to_owned()).or_insert_with(|| Policy {
        name: "FullAWSAccess".to_owned(),
        description: "Allows access to every operation".to_owned(),
        kind: SCP.to_owned(),
        content: FULL_AWS_ACCESS_TEXT.to_owned(),
        aws_managed: true,
    });
    for node in organization.nodes() {
        organization.attachments.entry(node).or_default().insert(FULL_AWS_ACCESS.to_owned());
    }
    Ok(pending(organization, partition, "PENDING_ENABLE"))
}

/// Disabling detaches every policy of the type, for good.
fn disable(request: &Request, organization: &mut Organization, partition: &str) -> Result<Reply, AwsError> {
    let kind = kind(request, "PolicyType")?;
    root(request, organization)?;
    if organization.policy_types.remove(kind).is_none() {
        return Err(AwsError::bad("PolicyTypeNotEnabledException", "The policy type is not enabled."));
    }
    let of_kind: BTreeSet<String> =
        organization.policies.iter().filter(|(_, policy)| policy.kind == kind).map(|(id, _)| id.clone()).collect();
    for attached in organization.attachments.values_mut() {
        attached.retain(|id| !of_kind.contains(id));
    }
    Ok(pending(organization, partition, "PENDING_DISABLE"))
}
