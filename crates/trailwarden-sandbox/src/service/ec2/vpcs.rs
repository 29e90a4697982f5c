//! VPCs: the default one of each region, others, and those that other accounts share.

use trailwarden_model::ids::AccountId;

use super::filter::Filters;
use super::{invalid, missing, new_id, numbered, paged, required, sent_tags, tag_set};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::ec2::{Vpc, default_vpc_id};
use crate::xml::Element;

/// VPCs of one account in one region.
const MOST: usize = 5;
const FILTERS: [&str; 7] = ["cidr", "dhcp-options-id", "is-default", "isDefault", "owner-id", "state", "vpc-id"];
const DHCP_OPTIONS: &str = "dopt-0a1b2c3d4e5f60718";

/// The error for a VPC that the account does not see.
pub fn not_found(id: &str) -> AwsError {
    AwsError::bad("InvalidVpcID.NotFound", format!("The vpc ID '{id}' does not exist"))
}

/// Refuses what cannot be the id of a VPC.
fn check_id(id: &str) -> Result<(), AwsError> {
    let digits = id.strip_prefix("vpc-").unwrap_or_default();
    if matches!(digits.len(), 8 | 17) && digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(AwsError::bad("InvalidVpcID.Malformed", format!("Invalid id: \"{id}\"")))
}

/// `DescribeVpcs`.
pub fn describe(request: &Request, world: &World) -> Result<Element, AwsError> {
    let ids = numbered(request, "VpcId");
    let filters = Filters::read(request, &FILTERS)?;
    let seen = world.vpcs(&request.caller.account, &request.region);
    for id in &ids {
        check_id(id)?;
        if !seen.iter().any(|(_, vpc)| vpc.id == *id) {
            return Err(not_found(id));
        }
    }
    let passes = |(owner, vpc): &&(AccountId, Vpc)| {
        let facts = vec![
            ("vpc-id", vec![vpc.id.clone()]),
            ("cidr", vec![vpc.cidr.clone()]),
            ("is-default", vec![vpc.is_default.to_string()]),
            ("isDefault", vec![vpc.is_default.to_string()]),
            ("owner-id", vec![owner.to_string()]),
            ("state", vec!["available".to_owned()]),
            ("dhcp-options-id", vec![DHCP_OPTIONS.to_owned()]),
        ];
        (ids.is_empty() || ids.contains(&vpc.id)) && filters.pass(&facts, &vpc.tags)
    };
    let shown = seen.iter().filter(passes).map(|(owner, vpc)| show(owner, vpc, "item")).collect();
    paged(request, shown, "vpcSet", &ids)
}

fn show(owner: &AccountId, vpc: &Vpc, name: &str) -> Element {
    let association = Element::new("item")
        .leaf("associationId", vpc.id.replacen("vpc-", "vpc-cidr-assoc-", 1))
        .leaf("cidrBlock", &vpc.cidr)
        .with(Element::new("cidrBlockState").leaf("state", "associated"));
    Element::new(name)
        .leaf("vpcId", &vpc.id)
        .leaf("ownerId", owner)
        .leaf("state", "available")
        .leaf("cidrBlock", &vpc.cidr)
        .with(Element::new("cidrBlockAssociationSet").with(association))
        .leaf("dhcpOptionsId", DHCP_OPTIONS)
        .leaf("instanceTenancy", "default")
        .leaf("isDefault", vpc.is_default)
        .all(tag_set(&vpc.tags))
}

/// `CreateVpc`.
pub fn create(request: &Request, world: &mut World) -> Result<Element, AwsError> {
    let cidr = request.text("CidrBlock").ok_or_else(|| missing("cidrBlock"))?;
    check_cidr(cidr)?;
    let account = &request.caller.account;
    if world.vpcs(account, &request.region).iter().filter(|(owner, _)| owner == account).count() >= MOST {
        return Err(AwsError::bad("VpcLimitExceeded", "The maximum number of VPCs has been reached."));
    }
    let vpc = Vpc {
        id: new_id(world, "vpc"),
        region: request.region.clone(),
        cidr: cidr.to_owned(),
        is_default: false,
        shared_with: [].into(),
        tags: sent_tags(request, "vpc"),
    };
    let shown = show(account, &vpc, "vpc");
    world.ec2.entry(account.clone()).or_default().vpcs.push(vpc);
    Ok(Element::new("Result").with(shown))
}

/// An IPv4 block of /16 to /28.
fn check_cidr(cidr: &str) -> Result<(), AwsError> {
    let parsed = cidr.split_once('/').and_then(|(address, length)| {
        address.parse::<std::net::Ipv4Addr>().ok()?;
        length.parse::<u8>().ok()
    });
    match parsed {
        Some(16..=28) => Ok(()),
        Some(_) => Err(AwsError::bad("InvalidVpc.Range", format!("The CIDR '{cidr}' is invalid."))),
        None => {
            Err(invalid(format!("Value ({cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block.")))
        }
    }
}

/// `CreateDefaultVpc`, after the one of the region was deleted.
pub fn create_default(request: &Request, world: &mut World) -> Result<Element, AwsError> {
    let account = &request.caller.account;
    let was_without = world.ec2.entry(account.clone()).or_default().without_default_vpc.remove(&request.region);
    if !was_without {
        let message = "A Default VPC already exists for this account in this region.";
        return Err(AwsError::bad("DefaultVpcAlreadyExists", message));
    }
    let id = default_vpc_id(account, &request.region);
    let seen = world.vpcs(account, &request.region);
    let made = seen.iter().find(|(_, vpc)| vpc.id == id).map(|(owner, vpc)| show(owner, vpc, "vpc"));
    Ok(Element::new("Result").all(made))
}

/// `DeleteVpc`, with its flow logs. The default VPC can be deleted, the VPC of another account cannot.
pub fn delete(request: &Request, world: &mut World) -> Result<Element, AwsError> {
    let id = required(request, "VpcId")?.to_owned();
    check_id(&id)?;
    let (account, region) = (&request.caller.account, &request.region);
    let seen = world.vpcs(account, region);
    let (owner, vpc) = seen.iter().find(|(_, vpc)| vpc.id == id).ok_or_else(|| not_found(&id))?;
    if owner != account {
        let message = "You are not authorized to perform this operation.";
        return Err(AwsError::new(403, "UnauthorizedOperation", message));
    }
    let held = world.ec2.entry(account.clone()).or_default();
    if vpc.is_default {
        held.without_default_vpc.insert(region.clone());
    }
    held.vpcs.retain(|vpc| vpc.id != id);
    held.flow_logs.retain(|log| log.resource != id);
    Ok(Element::new("Result").leaf("return", true))
}
