//! S3 Control: Block Public Access of the account, and access points.

use trailwarden_model::ids::AccountId;

use super::page::slice;
use super::{Access, Definition, Wire, s3};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::{Http, Request};
use crate::world::World;
use crate::world::s3::{AccessPoint, PublicAccessBlock};
use crate::world::when::When;
use crate::xml::Element;

const ROOT: &str = "/v20180820/";
const NAMESPACE: &str = "http://awss3control.amazonaws.com/doc/2018-08-20/";

/// The service; it signs as `s3` and is told apart by its path.
pub const SERVICE: Definition = Definition {
    name: "s3-control",
    wire: Wire::RestXml { wrapped: true },
    denied: "AccessDenied",
    route,
    access,
    handle,
};

/// The parts of the path after the version.
fn parts(http: &Http) -> Vec<&str> {
    http.path.strip_prefix(ROOT).unwrap_or_default().split('/').filter(|part| !part.is_empty()).collect()
}

fn route(http: &Http) -> Option<String> {
    let operation = match (http.method.as_str(), parts(http).as_slice()) {
        ("GET", ["configuration", "publicAccessBlock"]) => "GetPublicAccessBlock",
        ("PUT", ["configuration", "publicAccessBlock"]) => "PutPublicAccessBlock",
        ("DELETE", ["configuration", "publicAccessBlock"]) => "DeletePublicAccessBlock",
        ("GET", ["accesspoint"]) => "ListAccessPoints",
        ("GET", ["accesspoint", _]) => "GetAccessPoint",
        ("PUT", ["accesspoint", _]) => "CreateAccessPoint",
        ("DELETE", ["accesspoint", _]) => "DeleteAccessPoint",
        ("GET", ["accesspoint", _, "policy"]) => "GetAccessPointPolicy",
        ("PUT", ["accesspoint", _, "policy"]) => "PutAccessPointPolicy",
        ("DELETE", ["accesspoint", _, "policy"]) => "DeleteAccessPointPolicy",
        ("GET", ["accesspoint", _, "policyStatus"]) => "GetAccessPointPolicyStatus",
        _ => return None,
    };
    Some(operation.to_owned())
}

fn access(request: &Request, world: &World) -> Access {
    let action = match request.operation.as_str() {
        "GetPublicAccessBlock" => "s3:GetAccountPublicAccessBlock".to_owned(),
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "s3:PutAccountPublicAccessBlock".to_owned(),
        other => format!("s3:{other}"),
    };
    match parts(&request.http).as_slice() {
        ["accesspoint", name, ..] => Access::on(action, arn(world, request, name)),
        _ => Access::on(action, "*"),
    }
}

fn arn(world: &World, request: &Request, name: &str) -> String {
    format!("arn:{}:s3:{}:{}:accesspoint/{name}", world.partition_id(), request.region, request.caller.account)
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let account = request.header("x-amz-account-id").and_then(|id| id.parse::<AccountId>().ok());
    if account.as_ref() != Some(&request.caller.account) {
        return Err(AwsError::new(403, "AccessDenied", "Access Denied"));
    }
    let name = parts(&request.http).get(1).map(|name| (*name).to_owned()).unwrap_or_default();
    match request.operation.as_str() {
        "GetPublicAccessBlock" => {
            let block = world.s3.get(&request.caller.account).and_then(|held| held.block_public_access.as_ref());
            let missing = || {
                AwsError::missing(
                    "NoSuchPublicAccessBlockConfiguration",
                    "The public access block configuration was not found",
                )
                .field("AccountId", request.caller.account.as_str())
            };
            Ok(Reply::xml(s3::public_access_block(block.ok_or_else(missing)?).attribute("xmlns", NAMESPACE)))
        }
        "PutPublicAccessBlock" => {
            let sent = Some(body(request)?).filter(|sent| sent.name == "PublicAccessBlockConfiguration");
            let block = s3::read_public_access_block(&sent.ok_or_else(malformed)?);
            world.s3.entry(request.caller.account.clone()).or_default().block_public_access = Some(block);
            Ok(Reply::empty())
        }
        "DeletePublicAccessBlock" => {
            world.s3.entry(request.caller.account.clone()).or_default().block_public_access = None;
            Ok(Reply::empty().status(204))
        }
        "ListAccessPoints" => list(request, world),
        "CreateAccessPoint" => create(request, world, &name),
        _ => on_one(request, world, &name),
    }
}

fn body(request: &Request) -> Result<Element, AwsError> {
    let parsed = std::str::from_utf8(&request.http.body).ok().and_then(Element::parse);
    parsed.ok_or_else(malformed)
}

fn malformed() -> AwsError {
    AwsError::bad("MalformedXML", "The XML you provided was not well-formed")
}

/// The caller's access points in the region called.
fn own<'w>(request: &'w Request, world: &'w World) -> impl Iterator<Item = &'w AccessPoint> {
    let points = world.s3.get(&request.caller.account).map(|held| held.access_points.as_slice()).unwrap_or_default();
    points.iter().filter(|point| point.region == request.region)
}

fn show(request: &Request, world: &World, point: &AccessPoint, element: &str) -> Element {
    let bucket_owner = world.bucket(&point.bucket).map(|(owner, _)| owner.as_str());
    let vpc = point.vpc.as_ref().map(|vpc| Element::new("VpcConfiguration").leaf("VpcId", vpc));
    Element::new(element)
        .leaf("Name", &point.name)
        .leaf("NetworkOrigin", if point.vpc.is_some() { "VPC" } else { "Internet" })
        .all(vpc)
        .leaf("Bucket", &point.bucket)
        .leaf("AccessPointArn", arn(world, request, &point.name))
        .maybe("BucketAccountId", bucket_owner)
}

fn list(request: &Request, world: &World) -> Result<Reply, AwsError> {
    let text = |name: &str| request.http.query.get(name).map(String::as_str);
    let limit = text("maxResults").map_or(Some(1000), |text| text.parse().ok()).filter(|limit| *limit <= 1000);
    let limit = limit.ok_or_else(|| AwsError::bad("InvalidRequest", "maxResults takes 0 to 1000."))?;
    let mut points: Vec<_> = own(request, world).filter(|p| text("bucket").is_none_or(|b| p.bucket == b)).collect();
    points.sort_by(|a, b| a.name.cmp(&b.name));
    let (points, next) = slice("ListAccessPoints", points, text("nextToken"), limit)
        .ok_or_else(|| AwsError::bad("InvalidToken", "The token is not valid."))?;
    let list = Element::new("AccessPointList").all(points.iter().map(|p| show(request, world, p, "AccessPoint")));
    let result = Element::new("ListAccessPointsResult").attribute("xmlns", NAMESPACE);
    Ok(Reply::xml(result.with(list).maybe("NextToken", next)))
}

fn create(request: &Request, world: &mut World, name: &str) -> Result<Reply, AwsError> {
    let sent = body(request)?;
    let bucket = sent.child_text("Bucket").unwrap_or_default().to_owned();
    let Some((_, held)) = world.bucket(&bucket) else {
        return Err(AwsError::missing("NoSuchBucket", "The specified bucket does not exist"));
    };
    if held.region != request.region {
        return Err(AwsError::bad("InvalidRequest", "The access point must be in the region of its bucket."));
    }
    if own(request, world).any(|point| point.name == name) {
        let message = "Your previous request to create the named accesspoint succeeded and you already own it.";
        return Err(AwsError::new(409, "AccessPointAlreadyOwnedByYou", message));
    }
    let block = sent.child("PublicAccessBlockConfiguration");
    let point = AccessPoint {
        name: name.to_owned(),
        region: request.region.clone(),
        bucket,
        vpc: sent.child("VpcConfiguration").and_then(|vpc| vpc.child_text("VpcId")).map(str::to_owned),
        block_public_access: block.map_or_else(PublicAccessBlock::default, s3::read_public_access_block),
        policy: None,
        created: When::At(request.now),
    };
    let result = Element::new("CreateAccessPointResult").attribute("xmlns", NAMESPACE);
    let result = result.leaf("AccessPointArn", arn(world, request, name));
    world.s3.entry(request.caller.account.clone()).or_default().access_points.push(point);
    Ok(Reply::xml(result))
}

fn on_one(request: &Request, world: &mut World, name: &str) -> Result<Reply, AwsError> {
    let missing = || AwsError::missing("NoSuchAccessPoint", "The specified accesspoint does not exist");
    let point = own(request, world).find(|point| point.name == name).ok_or_else(missing)?;
    let no_policy = || AwsError::missing("NoSuchAccessPointPolicy", "The specified accesspoint does not have a policy");
    let result = Element::new(format!("{}Result", request.operation)).attribute("xmlns", NAMESPACE);
    match request.operation.as_str() {
        "GetAccessPoint" => {
            let created = point.created.by(request.now).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            let block = s3::public_access_block(&point.block_public_access);
            let shown = show(request, world, point, &result.name).attribute("xmlns", NAMESPACE);
            Ok(Reply::xml(shown.with(block).leaf("CreationDate", created)))
        }
        "GetAccessPointPolicy" => {
            let policy = point.policy.as_deref().ok_or_else(no_policy)?;
            Ok(Reply::xml(result.leaf("Policy", policy)))
        }
        "GetAccessPointPolicyStatus" => {
            let policy = point.policy.as_deref().ok_or_else(no_policy)?;
            let is_reachable = point.vpc.is_none() && !point.block_public_access.restrict_public_buckets;
            let is_public = is_reachable && s3::is_public(policy);
            Ok(Reply::xml(result.with(Element::new("PolicyStatus").leaf("IsPublic", is_public))))
        }
        "PutAccessPointPolicy" => {
            let policy = body(request)?.child_text("Policy").unwrap_or_default().to_owned();
            if serde_json::from_str::<serde_json::Value>(&policy).is_err() {
                return Err(AwsError::bad("MalformedPolicy", "Policies must be valid JSON"));
            }
            if point.block_public_access.block_public_policy && s3::is_public(&policy) {
                return Err(AwsError::new(403, "AccessDenied", "Access Denied"));
            }
            change(request, world, name, |point| point.policy = Some(policy));
            Ok(Reply::empty())
        }
        "DeleteAccessPointPolicy" => {
            change(request, world, name, |point| point.policy = None);
            Ok(Reply::empty().status(204))
        }
        "DeleteAccessPoint" => {
            let region = &request.region;
            if let Some(held) = world.s3.get_mut(&request.caller.account) {
                held.access_points.retain(|point| point.name != name || point.region != *region);
            }
            Ok(Reply::empty().status(204))
        }
        _ => Err(request.not_implemented("s3-control")),
    }
}

fn change(request: &Request, world: &mut World, name: &str, change: impl FnOnce(&mut AccessPoint)) {
    let points = world.s3.get_mut(&request.caller.account).map(|held| held.access_points.as_mut_slice());
    let mut points = points.unwrap_or_default().iter_mut();
    if let Some(point) = points.find(|point| point.name == name && point.region == request.region) {
        change(point);
    }
}
