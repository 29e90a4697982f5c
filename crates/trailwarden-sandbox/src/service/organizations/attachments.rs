//! Where policies attach, and policy types.

use std::collections::BTreeSet;

use serde_json::json;

use super::policies::{no_policy, policy_type, served};
use super::{constraint, invalid, is_node, required, shape};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::organizations::{Organization, PolicyType};

pub(super) fn handle(request: &Request, organization: &mut Organization, partition: &str) -> Result<Reply, AwsError> {
    match request.operation.as_str() {
        "AttachPolicy" => attach(request, organization),
        "DetachPolicy" => detach(request, organization),
        "EnablePolicyType" => enable(request, organization, partition),
        _ => disable(request, organization, partition),
    }
}

/// An attachment that a request asks for.
struct Attachment<'a> {
    policy: &'a str,
    target: &'a str,
    of: &'static PolicyType,
    is_attached: bool,
    /// How many policies of the type the target has.
    n_attached: usize,
}

fn attachment<'a>(request: &'a Request, organization: &Organization) -> Result<Attachment<'a>, AwsError> {
    let (policy, target) = (required(request, "PolicyId")?, required(request, "TargetId")?);
    let kind = &organization.policies.get(policy).ok_or_else(no_policy)?.kind;
    if !is_node(organization, target) {
        return Err(AwsError::bad(
            "TargetNotFoundException",
            "We can't find a root, OU, or account with the TargetId that you specified.",
        ));
    }
    if !organization.policy_types.contains_key(kind) {
        return Err(AwsError::bad(
            "PolicyTypeNotEnabledException",
            "This operation can be performed only for enabled policy types.",
        ));
    }
    Ok(Attachment {
        policy,
        target,
        of: served(kind).ok_or_else(|| request.not_implemented("organizations"))?,
        is_attached: organization.attachments.get(target).is_some_and(|attached| attached.contains(policy)),
        n_attached: organization.attached(target, kind).count(),
    })
}

fn attach(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    let Attachment { policy, target, of, is_attached, n_attached } = attachment(request, organization)?;
    if is_attached {
        return Err(AwsError::bad("DuplicatePolicyAttachmentException", "The policy is already attached."));
    }
    if n_attached >= of.most_attached {
        return Err(constraint(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You have attached the maximum number of policies to this entity.",
        ));
    }
    organization.attachments.entry(target.to_owned()).or_default().insert(policy.to_owned());
    Ok(Reply::empty())
}

fn detach(request: &Request, organization: &mut Organization) -> Result<Reply, AwsError> {
    let Attachment { policy, target, of, is_attached, n_attached } = attachment(request, organization)?;
    if policy == of.full_access && !of.is_full_access_detachable {
        return Err(invalid("NON_DETACHABLE_POLICY", "You can't detach the specified AWS managed policy."));
    }
    if !is_attached {
        return Err(AwsError::bad("PolicyNotAttachedException", "The policy isn't attached to the specified target."));
    }
    if n_attached == 1 {
        return Err(constraint(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You must have at least one policy of this type attached to each entity.",
        ));
    }
    if let Some(attached) = organization.attachments.get_mut(target) {
        attached.remove(policy);
    }
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
fn pending(organization: &Organization, partition: &str, of: &PolicyType, status: &str) -> Reply {
    let mut changed = organization.clone();
    changed.policy_types.insert(of.name.to_owned(), status.to_owned());
    Reply::json(json!({"Root": shape::root(&changed, partition)}))
}

/// Enabling attaches AWS's own policy of the type to every node; the answer still says pending.
fn enable(request: &Request, organization: &mut Organization, partition: &str) -> Result<Reply, AwsError> {
    let of = policy_type(request, "PolicyType")?;
    root(request, organization)?;
    if organization.feature_set != "ALL" {
        return Err(AwsError::bad(
            "PolicyTypeNotAvailableForOrganizationException",
            "You can't use the specified policy type with the feature set currently enabled.",
        ));
    }
    if organization.policy_types.contains_key(of.name) {
        return Err(AwsError::bad("PolicyTypeAlreadyEnabledException", "The policy type is already enabled."));
    }
    organization.enable(of);
    Ok(pending(organization, partition, of, "PENDING_ENABLE"))
}

/// Disabling detaches every policy of the type, for good.
fn disable(request: &Request, organization: &mut Organization, partition: &str) -> Result<Reply, AwsError> {
    let of = policy_type(request, "PolicyType")?;
    root(request, organization)?;
    if organization.policy_types.remove(of.name).is_none() {
        return Err(AwsError::bad("PolicyTypeNotEnabledException", "The policy type is not enabled."));
    }
    let of_type: BTreeSet<String> =
        organization.policies.iter().filter(|(_, policy)| policy.kind == of.name).map(|(id, _)| id.clone()).collect();
    for attached in organization.attachments.values_mut() {
        attached.retain(|id| !of_type.contains(id));
    }
    Ok(pending(organization, partition, of, "PENDING_DISABLE"))
}
