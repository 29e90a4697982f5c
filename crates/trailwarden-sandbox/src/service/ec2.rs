//! EC2, as far as flow logs go: VPCs, of which every region begins with one, and their flow logs.

use std::collections::BTreeMap;

use super::page::slice;
use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::xml::Element;

mod filter;
mod flow_logs;
mod vpcs;

#[cfg(test)]
mod tests;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "ec2",
    wire: Wire::Ec2("http://ec2.amazonaws.com/doc/2016-11-15/"),
    denied: "UnauthorizedOperation",
    route: no_route,
    access,
    handle,
};

fn access(request: &Request, world: &World) -> Access {
    let action = format!("ec2:{}", request.operation);
    let (partition, region, account) = (world.partition_id(), &request.region, &request.caller.account);
    let on = |kind: &str, id: &str| format!("arn:{partition}:ec2:{region}:{account}:{kind}/{id}");
    let resource = match request.operation.as_str() {
        "CreateVpc" => on("vpc", "*"),
        "DeleteVpc" => on("vpc", request.text("VpcId").unwrap_or("*")),
        "CreateFlowLogs" => on("vpc-flow-log", "*"),
        "DeleteFlowLogs" => on("vpc-flow-log", request.text("FlowLogId.1").unwrap_or("*")),
        _ => "*".to_owned(),
    };
    Access::on(action, resource)
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let serve = match request.operation.as_str() {
        "DescribeVpcs" => |request: &Request, world: &mut World| vpcs::describe(request, world),
        "CreateVpc" => vpcs::create,
        "CreateDefaultVpc" => vpcs::create_default,
        "DeleteVpc" => vpcs::delete,
        "DescribeFlowLogs" => |request: &Request, world: &mut World| flow_logs::describe(request, world),
        "CreateFlowLogs" => flow_logs::create,
        "DeleteFlowLogs" => flow_logs::delete,
        _ => return Err(request.not_implemented("ec2")),
    };
    if request.flag("DryRun") == Some(true) {
        let message = "Request would have succeeded, but DryRun flag is set.";
        return Err(AwsError::new(412, "DryRunOperation", message));
    }
    serve(request, world).map(Reply::xml)
}

/// The texts of a numbered list: `NAME.1`, `NAME.2`, …
fn numbered(request: &Request, name: &str) -> Vec<String> {
    (1..).map_while(|index| request.text(&format!("{name}.{index}")).map(str::to_owned)).collect()
}

/// A member that must be there.
fn required<'r>(request: &'r Request, name: &str) -> Result<&'r str, AwsError> {
    request.text(name).filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> AwsError {
    AwsError::bad("MissingParameter", format!("The request must contain the parameter {name}"))
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::bad("InvalidParameterValue", message)
}

/// One page under this name: without `MaxResults` everything, and never `MaxResults` together with ids.
fn paged(request: &Request, items: Vec<Element>, set: &str, ids: &[String]) -> Result<Element, AwsError> {
    let most = match request.text("MaxResults").map(str::parse::<usize>) {
        None => usize::MAX,
        Some(Ok(most)) if (5..=1000).contains(&most) => most,
        Some(_) => {
            let message = "Value for parameter maxResults is invalid. Expecting a value between 5 and 1000.";
            return Err(invalid(message));
        }
    };
    if most != usize::MAX && !ids.is_empty() {
        let message = "The parameter maxResults cannot be used together with a list of ids.";
        return Err(AwsError::bad("InvalidParameterCombination", message));
    }
    let (items, next) = slice(&request.operation, items, request.text("NextToken"), most)
        .ok_or_else(|| AwsError::bad("InvalidNextToken", "The specified NextToken is not valid."))?;
    Ok(Element::new("Result").with(Element::new(set).all(items)).maybe("nextToken", next))
}

/// The tags that the request gives to what it makes.
fn sent_tags(request: &Request, resource_type: &str) -> BTreeMap<String, String> {
    let specifications = (1..).map_while(|index| {
        let name = format!("TagSpecification.{index}");
        request.text(&format!("{name}.ResourceType")).map(|of| (name, of == resource_type))
    });
    let tags = specifications.filter(|(_, is_wanted)| *is_wanted).flat_map(|(name, _)| {
        (1..).map_while(move |index| {
            let of = |part: &str| request.text(&format!("{name}.Tag.{index}.{part}")).map(str::to_owned);
            of("Key").map(|key| (key, of("Value").unwrap_or_default()))
        })
    });
    tags.collect()
}

fn tag_set(tags: &BTreeMap<String, String>) -> Option<Element> {
    let item = |(key, value)| Element::new("item").leaf("key", key).leaf("value", value);
    (!tags.is_empty()).then(|| Element::new("tagSet").all(tags.iter().map(item)))
}

/// A new id: the prefix and 17 hexadecimal digits, the first of them a zero.
fn new_id(world: &mut World, prefix: &str) -> String {
    let digits: String = world.uuid().chars().filter(|c| c.is_ascii_hexdigit()).take(16).collect();
    format!("{prefix}-0{digits}")
}
