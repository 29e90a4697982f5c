//! IAM: the role that delivers to a log group, with every policy document that gives it permissions.

use std::collections::BTreeSet;

use futures::future::{try_join, try_join_all};
use percent_encoding::percent_decode_str;
use trailwarden_model::ids::Arn;
use trailwarden_model::storage::DeliveryRole;

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::{pages, sts};
use crate::session::{Session, Site, at};

reads! {
    GET_ROLE = Read::global("iam:GetRole", 10);
    LIST_ROLE_POLICIES = Read::global("iam:ListRolePolicies", 10);
    GET_ROLE_POLICY = Read::global("iam:GetRolePolicy", 10);
    LIST_ATTACHED_ROLE_POLICIES = Read::global("iam:ListAttachedRolePolicies", 10);
    GET_POLICY = Read::global("iam:GetPolicy", 10);
    GET_POLICY_VERSION = Read::global("iam:GetPolicyVersion", 10);
}

/// The role; none when it does not exist.
pub(crate) async fn role(session: &Session, site: &Site, role: &Arn) -> Result<Option<DeliveryRole>, Failure> {
    let name = sts::role_name(role);
    let trust = match trust(session, site, name).await {
        Err(failure) if failure.code() == "NoSuchEntity" => return Ok(None),
        trust => trust?,
    };
    let (inline, attached) = try_join(inline(session, site, name), attached(session, site, name)).await?;
    Ok(Some(DeliveryRole {
        trust_policy: trust,
        policies: inline.into_iter().chain(attached).collect::<BTreeSet<_>>(),
    }))
}

/// The trust policy of a role.
pub(crate) async fn trust(session: &Session, site: &Site, role: &str) -> Result<String, Failure> {
    let call = session.clients.iam.get_role().role_name(role);
    let call = || call.clone().customize().config_override(at!(aws_sdk_iam, site)).send();
    let answer = session.call(&GET_ROLE, site, call).await?;
    document(&GET_ROLE, site, answer.role().and_then(|role| role.assume_role_policy_document()))
}

async fn inline(session: &Session, site: &Site, role: &str) -> Result<Vec<String>, Failure> {
    let names = pages::all(|marker| async move {
        let call = session.clients.iam.list_role_policies().role_name(role).set_marker(marker);
        let call = || call.clone().customize().config_override(at!(aws_sdk_iam, site)).send();
        let answer = session.call(&LIST_ROLE_POLICIES, site, call).await?;
        Ok((answer.policy_names().to_vec(), answer.marker().map(str::to_owned)))
    })
    .await?;
    try_join_all(names.into_iter().map(|name| async move { inline_policy(session, site, role, &name).await })).await
}

/// One inline policy of a role.
pub(crate) async fn inline_policy(session: &Session, site: &Site, role: &str, name: &str) -> Result<String, Failure> {
    let call = session.clients.iam.get_role_policy().role_name(role).policy_name(name);
    let call = || call.clone().customize().config_override(at!(aws_sdk_iam, site)).send();
    let answer = session.call(&GET_ROLE_POLICY, site, call).await?;
    document(&GET_ROLE_POLICY, site, Some(answer.policy_document()))
}

async fn attached(session: &Session, site: &Site, role: &str) -> Result<Vec<String>, Failure> {
    let arns = pages::all(|marker| async move {
        let call = session.clients.iam.list_attached_role_policies().role_name(role).set_marker(marker);
        let call = || call.clone().customize().config_override(at!(aws_sdk_iam, site)).send();
        let answer = session.call(&LIST_ATTACHED_ROLE_POLICIES, site, call).await?;
        let arns = answer.attached_policies().iter().filter_map(|policy| policy.policy_arn().map(str::to_owned));
        Ok((arns.collect(), answer.marker().map(str::to_owned)))
    })
    .await?;
    try_join_all(arns.into_iter().map(|arn| async move { managed(session, site, &arn).await })).await
}

/// The default version of a managed policy.
async fn managed(session: &Session, site: &Site, arn: &str) -> Result<String, Failure> {
    let call = session.clients.iam.get_policy().policy_arn(arn);
    let call = || call.clone().customize().config_override(at!(aws_sdk_iam, site)).send();
    let answer = session.call(&GET_POLICY, site, call).await?;
    let version = answer.policy().and_then(|policy| policy.default_version_id());
    let reason = "the answer names no default version";
    let version = version.ok_or_else(|| unexpected(&GET_POLICY, &site.account, &site.region, reason))?;
    let call = session.clients.iam.get_policy_version().policy_arn(arn).version_id(version);
    let call = || call.clone().customize().config_override(at!(aws_sdk_iam, site)).send();
    let answer = session.call(&GET_POLICY_VERSION, site, call).await?;
    document(&GET_POLICY_VERSION, site, answer.policy_version().and_then(|version| version.document()))
}

/// IAM sends policy documents percent-encoded.
fn document(read: &Read, site: &Site, encoded: Option<&str>) -> Result<String, Failure> {
    let decoded = encoded.and_then(|encoded| percent_decode_str(encoded).decode_utf8().ok());
    let reason = "the answer holds no readable policy document";
    decoded.map(String::from).ok_or_else(|| unexpected(read, &site.account, &site.region, reason))
}
