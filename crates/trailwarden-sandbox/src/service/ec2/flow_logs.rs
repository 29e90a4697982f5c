//! Flow logs: what they record, and whether they still arrive where they go.

use trailwarden_model::ids::Arn;

use super::filter::Filters;
use super::{invalid, missing, new_id, numbered, paged, required, sent_tags, tag_set};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::ec2::FlowLog;
use crate::world::when::When;
use crate::xml::Element;

const FILTERS: [&str; 6] =
    ["deliver-log-status", "flow-log-id", "log-destination-type", "log-group-name", "resource-id", "traffic-type"];
const FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} \
                      ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

fn own<'w>(request: &'w Request, world: &'w World) -> impl Iterator<Item = &'w FlowLog> {
    let held = world.ec2.get(&request.caller.account).map(|held| held.flow_logs.as_slice()).unwrap_or_default();
    held.iter().filter(|log| log.region == request.region)
}

/// Why the last delivery failed: as stated, or because the destination is gone.
fn failure(request: &Request, world: &World, log: &FlowLog) -> Option<String> {
    let bucket = log.destination.as_deref().filter(|_| log.destination_type == "s3").and_then(bucket_of);
    let no_bucket = bucket.is_some_and(|bucket| world.bucket(&bucket).is_none());
    let groups = world.logs.get(&request.caller.account).map(|held| held.groups.as_slice()).unwrap_or_default();
    let has_group = |name: &str| groups.iter().any(|group| group.name == name && group.region == log.region);
    let no_group = log.log_group.as_deref().is_some_and(|name| !has_group(name));
    log.error.clone().or_else(|| (no_bucket || no_group).then(|| "Access error".to_owned()))
}

/// The bucket in the ARN of a bucket or of a folder in it.
fn bucket_of(arn: &str) -> Option<String> {
    let arn: Arn = arn.parse().ok().filter(|arn: &Arn| arn.service() == "s3")?;
    arn.resource().split('/').next().map(str::to_owned)
}

/// `DescribeFlowLogs`: the caller's own, those of VPCs shared with it not among them.
pub fn describe(request: &Request, world: &World) -> Result<Element, AwsError> {
    let ids = numbered(request, "FlowLogId");
    let filters = Filters::read(request, &FILTERS)?;
    if let Some(id) = ids.iter().find(|id| !own(request, world).any(|log| log.id == **id)) {
        return Err(not_found(id));
    }
    let passes = |log: &&FlowLog| {
        let status = if failure(request, world, log).is_some() { "FAILED" } else { "SUCCESS" };
        let facts = vec![
            ("deliver-log-status", vec![status.to_owned()]),
            ("flow-log-id", vec![log.id.clone()]),
            ("log-destination-type", vec![log.destination_type.clone()]),
            ("log-group-name", log.log_group.clone().into_iter().collect()),
            ("resource-id", vec![log.resource.clone()]),
            ("traffic-type", vec![log.traffic.clone()]),
        ];
        (ids.is_empty() || ids.contains(&log.id)) && filters.pass(&facts, &log.tags)
    };
    let shown = own(request, world).filter(passes).map(|log| show(request, world, log)).collect();
    paged(request, shown, "flowLogSet", &ids)
}

fn not_found(id: &str) -> AwsError {
    let message = format!("These flow log ids in the input list are not found: [TotalCount: 1] {id}");
    AwsError::bad("InvalidFlowLogId.NotFound", message)
}

fn show(request: &Request, world: &World, log: &FlowLog) -> Element {
    let failure = failure(request, world, log);
    let created = log.created.by(request.now).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    Element::new("item")
        .leaf("creationTime", created)
        .maybe("deliverLogsErrorMessage", failure.as_ref())
        .maybe("deliverLogsPermissionArn", log.role.as_ref())
        .leaf("deliverLogsStatus", if failure.is_some() { "FAILED" } else { "SUCCESS" })
        .leaf("flowLogId", &log.id)
        .leaf("flowLogStatus", "ACTIVE")
        .maybe("logGroupName", log.log_group.as_ref())
        .leaf("resourceId", &log.resource)
        .leaf("trafficType", &log.traffic)
        .leaf("logDestinationType", &log.destination_type)
        .maybe("logDestination", log.destination.as_ref())
        .leaf("logFormat", FORMAT)
        .leaf("maxAggregationInterval", log.aggregation_seconds)
        .all(tag_set(&log.tags))
}

/// Where the records are to go.
struct Destination {
    kind: String,
    arn: Option<String>,
    log_group: Option<String>,
    role: Option<String>,
}

fn destination(request: &Request) -> Result<Destination, AwsError> {
    let text = |name: &str| request.text(name).map(str::to_owned);
    let sent = Destination {
        kind: text("LogDestinationType").unwrap_or_else(|| "cloud-watch-logs".to_owned()),
        arn: text("LogDestination"),
        log_group: text("LogGroupName"),
        role: text("DeliverLogsPermissionArn"),
    };
    if sent.arn.is_none() && sent.log_group.is_none() {
        return Err(missing("LogDestination or LogGroupName"));
    }
    let service = match sent.kind.as_str() {
        "s3" => "s3",
        "cloud-watch-logs" => "logs",
        "kinesis-data-firehose" => "firehose",
        other => return Err(invalid(format!("Value ({other}) for parameter LogDestinationType is invalid."))),
    };
    if service != "logs" && sent.log_group.is_some() {
        let message = "LogGroupName can only be used with LogDestinationType cloud-watch-logs.";
        return Err(AwsError::bad("InvalidParameterCombination", message));
    }
    if service == "logs" && sent.role.is_none() {
        return Err(missing("DeliverLogsPermissionArn"));
    }
    let fits = |arn: &String| arn.parse::<Arn>().is_ok_and(|arn| arn.service() == service);
    if !sent.arn.as_ref().is_none_or(fits) {
        return Err(invalid("LogDestination is not an ARN of the destination type."));
    }
    Ok(sent)
}

/// `CreateFlowLogs` for VPCs: each resource succeeds or fails by itself.
pub fn create(request: &Request, world: &mut World) -> Result<Element, AwsError> {
    if required(request, "ResourceType")? != "VPC" {
        return Err(request.not_implemented("ec2 (flow logs of anything but VPCs)"));
    }
    let traffic = required(request, "TrafficType")?.to_owned();
    if !["ALL", "ACCEPT", "REJECT"].contains(&traffic.as_str()) {
        return Err(invalid(format!("Value ({traffic}) for parameter TrafficType is invalid.")));
    }
    let seconds = request.integer("MaxAggregationInterval").unwrap_or(600);
    if ![60, 600].contains(&seconds) {
        return Err(invalid("Invalid Flow Log Max Aggregation Interval"));
    }
    let to = destination(request)?;
    let resources = numbered(request, "ResourceId");
    if resources.is_empty() {
        return Err(missing("ResourceId"));
    }
    let (mut made, mut failed) = (Vec::new(), Vec::new());
    for resource in resources {
        if let Err(error) = check_target(request, world, &resource, &to) {
            let error = Element::new("error").leaf("code", error.code).leaf("message", error.message);
            failed.push(Element::new("item").with(error).leaf("resourceId", resource));
            continue;
        }
        let log = FlowLog {
            id: new_id(world, "fl"),
            region: request.region.clone(),
            resource,
            traffic: traffic.clone(),
            destination_type: to.kind.clone(),
            destination: to.arn.clone(),
            log_group: to.log_group.clone(),
            role: to.role.clone(),
            error: None,
            aggregation_seconds: seconds,
            created: When::At(request.now),
            tags: sent_tags(request, "vpc-flow-log"),
        };
        made.push(Element::text("item", &log.id));
        world.ec2.entry(request.caller.account.clone()).or_default().flow_logs.push(log);
    }
    Ok(Element::new("Result")
        .maybe("clientToken", request.text("ClientToken"))
        .with(Element::new("flowLogIdSet").all(made))
        .with(Element::new("unsuccessful").all(failed)))
}

/// Refuses a VPC that is not the caller's, a bucket that is gone, and a second flow log like the first.
fn check_target(request: &Request, world: &World, resource: &str, to: &Destination) -> Result<(), AwsError> {
    let account = &request.caller.account;
    let seen = world.vpcs(account, &request.region);
    match seen.iter().find(|(_, vpc)| vpc.id == resource) {
        None => return Err(AwsError::bad("InvalidVpcId.NotFound", format!("The vpc ID '{resource}' does not exist"))),
        Some((owner, _)) if owner != account => {
            let message = "You are not authorized to perform this operation.";
            return Err(AwsError::bad("UnauthorizedOperation", message));
        }
        Some(_) => {}
    }
    let bucket = to.arn.as_deref().and_then(bucket_of);
    if let Some(bucket) = bucket.filter(|bucket| world.bucket(bucket).is_none()) {
        return Err(AwsError::bad("400", format!("LogDestination: {bucket} does not exist")));
    }
    let is_same =
        |log: &FlowLog| log.resource == resource && log.destination == to.arn && log.log_group == to.log_group;
    if own(request, world).any(is_same) {
        let message = "There is an existing Flow Log with the same configuration and log destination.";
        return Err(AwsError::bad("FlowLogAlreadyExists", message));
    }
    Ok(())
}

/// `DeleteFlowLogs`: those that are not there are listed as unsuccessful.
pub fn delete(request: &Request, world: &mut World) -> Result<Element, AwsError> {
    let ids = numbered(request, "FlowLogId");
    if ids.is_empty() {
        return Err(missing("FlowLogId"));
    }
    let unknown: Vec<&String> = ids.iter().filter(|id| !own(request, world).any(|log| log.id == **id)).collect();
    let failed = unknown.into_iter().map(|id| {
        let error =
            Element::new("error").leaf("code", "InvalidFlowLogId.NotFound").leaf("message", not_found(id).message);
        Element::new("item").with(error).leaf("resourceId", id)
    });
    let failed: Vec<Element> = failed.collect();
    if let Some(held) = world.ec2.get_mut(&request.caller.account) {
        held.flow_logs.retain(|log| log.region != request.region || !ids.contains(&log.id));
    }
    Ok(Element::new("Result").with(Element::new("unsuccessful").all(failed)))
}
