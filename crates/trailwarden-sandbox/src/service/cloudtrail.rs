//! CloudTrail: trails as their owners, members and delegated administrators see them, and event data stores.

use serde_json::{Value, json};
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;

use super::json::{answer, input};
use super::page::slice;
use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use visibility::Viewer;

mod describe;
mod history;
mod lake;
mod links;
mod organization;
mod public_keys;
mod selectors;
mod status;
mod tags;
mod validate;
mod visibility;
mod write;

#[cfg(test)]
mod tests;

pub use history::{record, service_event};
pub use organization::{MOST_DELEGATED, SERVICE_LINKED_ROLE, trusted_access_disabled};

/// Entries of one page of `ListTrails` and `ListEventDataStores`.
const PAGE: usize = 100;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "cloudtrail",
    wire: Wire::Json("CloudTrail_20131101"),
    denied: "AccessDeniedException",
    route: no_route,
    access,
    handle,
};

/// Permissions are asked for the trail's ARN where the operation names one.
fn access(request: &Request, world: &World) -> Access {
    let action = format!("cloudtrail:{}", request.operation);
    let named = ["Name", "TrailName", "ResourceId", "EventDataStore"].iter().find_map(|member| request.text(member));
    let besides = dependencies(request, world);
    let lists = matches!(request.operation.as_str(), "DescribeTrails" | "ListTrails" | "LookupEvents" | "ListTags");
    match named.filter(|_| !lists) {
        Some(arn) if arn.starts_with("arn:") => Access::on(action, arn).and(besides),
        Some(name) => {
            let kind = if request.operation.contains("EventDataStore") { "eventdatastore" } else { "trail" };
            let (partition, region, account) = (world.partition_id(), &request.region, &request.caller.account);
            let tags = request.input.get("TagsList").and_then(Value::as_array).is_some_and(|tags| !tags.is_empty());
            Access::on(action, format!("arn:{partition}:cloudtrail:{region}:{account}:{kind}/{name}"))
                .also_when(tags, "cloudtrail:AddTags")
                .and(besides)
        }
        None => Access::on(action, "*"),
    }
}

/// What else the caller needs to be allowed when a trail gets a role, or becomes one of the organization: CloudTrail looks at
/// the organization, and at or after its service-linked role, in the caller's name.
fn dependencies(request: &Request, world: &World) -> Vec<Access> {
    let role = request.text("CloudWatchLogsRoleArn").filter(|role| !role.is_empty());
    let mut needed: Vec<Access> = role.map(|role| Access::pass_role(role, CLOUDTRAIL_PRINCIPAL)).into_iter().collect();
    if request.flag("IsOrganizationTrail") == Some(true) {
        let on = |action: &str, resource: &str, code| Access { denied: Some(code), ..Access::on(action, resource) };
        for action in ["organizations:DescribeOrganization", "organizations:ListAWSServiceAccessForOrganization"] {
            needed.push(on(action, "*", "InsufficientDependencyServiceAccessPermissionException"));
        }
        let account = &request.caller.account;
        let linked = format!(
            "arn:{}:iam::{account}:role/aws-service-role/{CLOUDTRAIL_PRINCIPAL}/{SERVICE_LINKED_ROLE}",
            world.partition_id()
        );
        let exists = world.iam.get(account).is_some_and(|held| held.roles.contains_key(SERVICE_LINKED_ROLE));
        let made = (!exists).then_some("iam:CreateServiceLinkedRole");
        for action in std::iter::once("iam:GetRole").chain(made) {
            needed.push(on(action, &linked, "InsufficientIAMAccessPermissionException"));
        }
    }
    needed
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let viewer = Viewer { account: &request.caller.account, region: &request.region };
    let value = if request.operation.contains("EventDataStore") {
        serve_data_store(request, world, viewer)?
    } else {
        match read(request, &world.as_seen(), viewer) {
            Some(read) => read?,
            None => change(request, world, viewer)?,
        }
    };
    if world.management_account() == Some(viewer.account) && request.flag("IsOrganizationTrail") == Some(true) {
        organization::ensure_service_linked_role(world, viewer.account, request.now);
    }
    Ok(answer(value))
}

/// A required text member.
fn named<'r>(request: &'r Request, member: &str) -> Result<&'r str, AwsError> {
    request.require(member, "InvalidTrailNameException")
}

fn read(request: &Request, world: &World, viewer: Viewer<'_>) -> Option<Result<Value, AwsError>> {
    let of = |member: &str, show: fn(&World, Viewer<'_>, &str) -> Result<Value, AwsError>| {
        if request.text("EventDataStore").is_some() {
            return Err(request.not_implemented("cloudtrail"));
        }
        named(request, member).and_then(|name| show(world, viewer, name))
    };
    Some(match request.operation.as_str() {
        "DescribeTrails" => {
            let with_shadows = request.flag("includeShadowTrails").unwrap_or(true);
            describe::describe(world, viewer, &request.texts("trailNameList"), with_shadows)
        }
        "ListTrails" => paged(request, describe::list(world, viewer), PAGE, "Trails"),
        "GetTrail" => of("Name", describe::get),
        "GetTrailStatus" => named(request, "Name").and_then(|name| status::get(world, viewer, name, request.now)),
        "GetEventSelectors" => of("TrailName", describe::event_selectors),
        "GetInsightSelectors" => of("TrailName", describe::insight_selectors),
        "GetEventConfiguration" => of("TrailName", describe::event_configuration),
        "ListTags" => tags::list(world, viewer, &request.texts("ResourceIdList")),
        "ListPublicKeys" => public_keys::list(world, viewer, request),
        "LookupEvents" => input(request).and_then(|lookup| history::lookup(world, viewer, &lookup, request.now)),
        _ => return None,
    })
}

fn change(request: &Request, world: &mut World, viewer: Viewer<'_>) -> Result<Value, AwsError> {
    match request.operation.as_str() {
        "CreateTrail" => write::create(world, viewer, &input(request)?, request.now),
        "UpdateTrail" => write::update(world, viewer, &input(request)?),
        "DeleteTrail" => write::delete(world, viewer, named(request, "Name")?),
        "StartLogging" => write::set_logging(world, viewer, named(request, "Name")?, true, request.now),
        "StopLogging" => write::set_logging(world, viewer, named(request, "Name")?, false, request.now),
        "PutEventSelectors" => selectors::put(world, viewer, input(request)?),
        "PutInsightSelectors" => selectors::put_insights(world, viewer, input(request)?),
        "PutEventConfiguration" => selectors::put_configuration(world, viewer, input(request)?),
        "AddTags" | "RemoveTags" => {
            let entries: tags::Entries = input(request)?;
            tags::apply(world, viewer, &entries, request.operation == "AddTags")
        }
        "RegisterOrganizationDelegatedAdmin" => {
            organization::register(world, viewer.account, request.text("MemberAccountId"), request.now)
        }
        "DeregisterOrganizationDelegatedAdmin" => {
            organization::deregister(world, viewer.account, request.text("DelegatedAdminAccountId"))
        }
        _ => Err(request.not_implemented("cloudtrail")),
    }
}

fn serve_data_store(request: &Request, world: &mut World, viewer: Viewer<'_>) -> Result<Value, AwsError> {
    let store = || request.require("EventDataStore", "InvalidParameterException");
    let now = request.now;
    match request.operation.as_str() {
        "CreateEventDataStore" => lake::create(world, viewer, &input(request)?, now),
        "GetEventDataStore" => lake::get(world, viewer, store()?, now),
        "ListEventDataStores" => {
            let limit = request.integer("MaxResults").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
            if !(1..=1000).contains(&limit) {
                return Err(AwsError::bad("InvalidMaxResultsException", "A page takes 1 to 1000 results."));
            }
            paged(request, lake::list(world, viewer), limit, "EventDataStores")
        }
        "UpdateEventDataStore" => lake::update(world, viewer, &input(request)?, now),
        "DeleteEventDataStore" => lake::delete(world, viewer, store()?),
        "RestoreEventDataStore" => lake::restore(world, viewer, store()?, now),
        "StartEventDataStoreIngestion" => lake::start(world, viewer, store()?),
        "StopEventDataStoreIngestion" => lake::stop(world, viewer, store()?),
        _ => Err(request.not_implemented("cloudtrail")),
    }
}

fn paged(request: &Request, items: Vec<Value>, limit: usize, member: &str) -> Result<Value, AwsError> {
    let (items, next) = slice(&request.operation, items, request.text("NextToken"), limit)
        .ok_or_else(|| AwsError::bad("InvalidNextTokenException", "The token is not valid."))?;
    Ok(json!({ member: items, "NextToken": next }))
}
