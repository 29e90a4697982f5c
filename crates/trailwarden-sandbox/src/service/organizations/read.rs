//! Reading the organization.

use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;

use super::{invalid, is_account, is_node, is_parent, required, shape, tagged};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::service::page;
use crate::world::organizations::Organization;

pub(super) fn handle(request: &Request, organization: &Organization, partition: &str) -> Result<Reply, AwsError> {
    let list = |name: &str, items: Vec<Value>| paged(request, name, items);
    match request.operation.as_str() {
        "ListRoots" => list("Roots", vec![shape::root(organization, partition)]),
        "ListAccounts" => list("Accounts", accounts(organization, partition, |_| true)),
        "ListAccountsForParent" => {
            let parent = parent(request, organization)?;
            list(
                "Accounts",
                accounts(organization, partition, |id| organization.path(id).iter().rev().nth(1) == Some(parent)),
            )
        }
        "ListOrganizationalUnitsForParent" => {
            let parent = parent(request, organization)?;
            list("OrganizationalUnits", units(organization, partition, parent))
        }
        "ListParents" => list("Parents", parents(request, organization)?),
        "ListChildren" => list("Children", children(request, organization)?),
        "ListPolicies" => list("Policies", policies(request, organization, partition)?),
        "ListPoliciesForTarget" => list("Policies", policies_for_target(request, organization, partition)?),
        "ListTargetsForPolicy" => list("Targets", targets(request, organization, partition)?),
        "ListTagsForResource" => list("Tags", shape::tags(organization, tagged(request, organization)?)),
        "ListAWSServiceAccessForOrganization" => list("EnabledServicePrincipals", services(organization)),
        "ListDelegatedAdministrators" => {
            list("DelegatedAdministrators", administrators(request, organization, partition))
        }
        "ListDelegatedServicesForAccount" => list("DelegatedServices", delegated_services(request, organization)?),
        "DescribeAccount" => {
            let id: AccountId = required(request, "AccountId")?.parse().map_err(|_| no_account())?;
            let member = organization.accounts.get(&id).ok_or_else(no_account)?;
            Ok(Reply::json(json!({"Account": shape::account(organization, partition, &id, member)})))
        }
        "DescribeOrganizationalUnit" => {
            let unit = shape::unit(organization, partition, required(request, "OrganizationalUnitId")?);
            let unit = unit.ok_or_else(|| not_found("OrganizationalUnitNotFoundException"))?;
            Ok(Reply::json(json!({"OrganizationalUnit": unit})))
        }
        "DescribePolicy" => {
            let id = required(request, "PolicyId")?;
            let policy = organization.policies.get(id).ok_or_else(|| not_found("PolicyNotFoundException"))?;
            Ok(Reply::json(shape::policy(organization, partition, id, policy)))
        }
        _ => Err(request.not_implemented("organizations")),
    }
}

/// One page. Organizations gives at most 20 items, and may give none and still have more.
fn paged(request: &Request, name: &str, items: Vec<Value>) -> Result<Reply, AwsError> {
    let most = request.integer("MaxResults").unwrap_or(20);
    if !(1..=20).contains(&most) {
        let reason = if most < 1 { "MIN_VALUE_EXCEEDED" } else { "MAX_VALUE_EXCEEDED" };
        return Err(invalid(reason, "MaxResults must be between 1 and 20."));
    }
    let page = page::uneven(request, items, usize::try_from(most).unwrap_or(20))
        .ok_or_else(|| invalid("INVALID_NEXT_TOKEN", "You specified an invalid value for NextToken."))?;
    Ok(Reply::json(page.named(name)))
}

fn not_found(code: &str) -> AwsError {
    AwsError::bad(code, "We can't find what you named in your organization.")
}

fn no_account() -> AwsError {
    not_found("AccountNotFoundException")
}

fn parent<'a>(request: &'a Request, organization: &Organization) -> Result<&'a String, AwsError> {
    match request.input.get("ParentId") {
        Some(Value::String(id)) if is_parent(organization, id) => Ok(id),
        _ => Err(not_found("ParentNotFoundException")),
    }
}

fn accounts(organization: &Organization, partition: &str, keep: impl Fn(&AccountId) -> bool) -> Vec<Value> {
    let kept = organization.accounts.iter().filter(|(id, _)| keep(id));
    kept.map(|(id, member)| shape::account(organization, partition, id, member)).collect()
}

fn units(organization: &Organization, partition: &str, parent: &str) -> Vec<Value> {
    let below = organization.units.iter().filter(|(_, unit)| unit.parent == parent);
    below.filter_map(|(id, _)| shape::unit(organization, partition, id)).collect()
}

fn parent_shape(organization: &Organization, id: &str) -> Value {
    let kind = if id == organization.root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    json!({"Id": id, "Type": kind})
}

fn parents(request: &Request, organization: &Organization) -> Result<Vec<Value>, AwsError> {
    let child = required(request, "ChildId")?;
    let parent = match organization.units.get(child) {
        Some(unit) => Some(&unit.parent),
        None => child.parse().ok().and_then(|id| organization.accounts.get(&id)).map(|member| &member.parent),
    };
    let parent = parent.ok_or_else(|| not_found("ChildNotFoundException"))?;
    Ok(vec![parent_shape(organization, parent)])
}

fn children(request: &Request, organization: &Organization) -> Result<Vec<Value>, AwsError> {
    let parent = parent(request, organization)?;
    match required(request, "ChildType")? {
        "ACCOUNT" => Ok(organization
            .accounts
            .iter()
            .filter(|(_, member)| member.parent == *parent)
            .map(|(id, _)| json!({"Id": id.as_str(), "Type": "ACCOUNT"}))
            .collect()),
        "ORGANIZATIONAL_UNIT" => Ok(organization
            .units
            .iter()
            .filter(|(_, unit)| unit.parent == *parent)
            .map(|(id, _)| json!({"Id": id, "Type": "ORGANIZATIONAL_UNIT"}))
            .collect()),
        _ => Err(invalid("INVALID_ENUM", "You specified an invalid value for ChildType.")),
    }
}

/// The policy type of a request's `Filter`.
fn filter(request: &Request) -> Result<&str, AwsError> {
    let kind = required(request, "Filter")?;
    if super::policies::TYPES.contains(&kind) {
        return Ok(kind);
    }
    Err(invalid("INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type."))
}

fn policies(request: &Request, organization: &Organization, partition: &str) -> Result<Vec<Value>, AwsError> {
    let kind = filter(request)?;
    let of_kind = organization.policies.iter().filter(|(_, policy)| policy.kind == kind);
    Ok(of_kind.map(|(id, policy)| shape::policy_summary(organization, partition, id, policy)).collect())
}

fn policies_for_target(
    request: &Request,
    organization: &Organization,
    partition: &str,
) -> Result<Vec<Value>, AwsError> {
    let (kind, target) = (filter(request)?, required(request, "TargetId")?);
    if !is_node(organization, target) {
        return Err(not_found("TargetNotFoundException"));
    }
    let attached = organization.attachments.get(target).into_iter().flatten();
    Ok(attached
        .filter_map(|id| Some((id, organization.policies.get(id)?)))
        .filter(|(_, policy)| policy.kind == kind)
        .map(|(id, policy)| shape::policy_summary(organization, partition, id, policy))
        .collect())
}

fn targets(request: &Request, organization: &Organization, partition: &str) -> Result<Vec<Value>, AwsError> {
    let id = required(request, "PolicyId")?;
    if !organization.policies.contains_key(id) {
        return Err(not_found("PolicyNotFoundException"));
    }
    let nodes = organization.attachments.iter().filter(|(_, attached)| attached.contains(id));
    Ok(nodes.filter_map(|(node, _)| shape::target(organization, partition, node)).collect())
}

fn services(organization: &Organization) -> Vec<Value> {
    let since = organization.trusted_services.iter();
    since.map(|(name, at)| json!({"ServicePrincipal": name, "DateEnabled": shape::time(*at)})).collect()
}

fn administrators(request: &Request, organization: &Organization, partition: &str) -> Vec<Value> {
    let wanted = request.text("ServicePrincipal");
    organization
        .delegated
        .iter()
        .filter(|(_, services)| wanted.is_none_or(|wanted| services.contains_key(wanted)))
        .filter_map(|(id, _)| shape::delegated(organization, partition, id))
        .collect()
}

fn delegated_services(request: &Request, organization: &Organization) -> Result<Vec<Value>, AwsError> {
    let id = required(request, "AccountId")?;
    if !is_account(organization, id) {
        return Err(no_account());
    }
    let services = id.parse().ok().and_then(|id: AccountId| organization.delegated.get(&id));
    let services = services.ok_or_else(|| not_found("AccountNotRegisteredException"))?;
    Ok(services
        .iter()
        .map(|(name, at)| json!({"ServicePrincipal": name, "DelegationEnabledDate": shape::time(*at)}))
        .collect())
}
