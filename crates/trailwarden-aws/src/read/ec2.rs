//! EC2: VPCs and their flow logs.

use std::collections::BTreeMap;

use aws_sdk_ec2::types;
use trailwarden_model::log_source::{FlowLog, Vpc};

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::convert::text;
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    DESCRIBE_VPCS = Read::regional("ec2:DescribeVpcs", 10);
    DESCRIBE_FLOW_LOGS = Read::regional("ec2:DescribeFlowLogs", 10);
}

/// Items per page, AWS's largest.
const PAGE: i32 = 1000;

/// The VPCs that the site shows, in the order of their ids; flow logs are asked for only where there is a VPC.
pub(crate) async fn vpcs(session: &Session, site: &Site) -> Result<Vec<Vpc>, Failure> {
    let mut vpcs: Vec<Vpc> = pages::all(|token| async move {
        let call = session.clients.ec2.describe_vpcs().max_results(PAGE).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_ec2, site)).send();
        let answer = session.call(&DESCRIBE_VPCS, site, call).await?;
        let vpcs = answer.vpcs().iter().map(|listed| {
            let reason = "the answer holds a VPC without an id or an owner";
            vpc(listed).ok_or_else(|| unexpected(&DESCRIBE_VPCS, &site.account, &site.region, reason))
        });
        Ok((vpcs.collect::<Result<_, _>>()?, answer.next_token().map(str::to_owned)))
    })
    .await?;
    if vpcs.is_empty() {
        return Ok(vpcs);
    }
    let mut flow_logs = flow_logs(session, site).await?;
    for vpc in &mut vpcs {
        vpc.flow_logs = flow_logs.remove(&vpc.id).unwrap_or_default();
        vpc.flow_logs.sort();
    }
    vpcs.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(vpcs)
}

fn vpc(vpc: &types::Vpc) -> Option<Vpc> {
    Some(Vpc {
        id: vpc.vpc_id()?.to_owned(),
        owner: vpc.owner_id()?.parse().ok()?,
        is_default: vpc.is_default().unwrap_or(false),
        flow_logs: Vec::new(),
    })
}

/// Every flow log of the region, by the id of its VPC, subnet or network interface.
async fn flow_logs(session: &Session, site: &Site) -> Result<BTreeMap<String, Vec<FlowLog>>, Failure> {
    let listed = pages::all(|token| async move {
        let call = session.clients.ec2.describe_flow_logs().max_results(PAGE).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_ec2, site)).send();
        let answer = session.call(&DESCRIBE_FLOW_LOGS, site, call).await?;
        let logs = answer.flow_logs().iter().map(|listed| {
            let reason = "the answer holds a flow log without an id, a resource or a status";
            flow_log(listed).ok_or_else(|| unexpected(&DESCRIBE_FLOW_LOGS, &site.account, &site.region, reason))
        });
        Ok((logs.collect::<Result<_, _>>()?, answer.next_token().map(str::to_owned)))
    })
    .await?;
    let mut by_resource: BTreeMap<String, Vec<FlowLog>> = BTreeMap::new();
    for (resource, log) in listed {
        by_resource.entry(resource).or_default().push(log);
    }
    Ok(by_resource)
}

fn flow_log(log: &types::FlowLog) -> Option<(String, FlowLog)> {
    // Before destinations had types, every flow log went to CloudWatch Logs.
    let destination = log.log_destination_type().map_or("cloud-watch-logs", types::LogDestinationType::as_str);
    let flow_log = FlowLog {
        id: log.flow_log_id()?.to_owned(),
        status: log.flow_log_status()?.to_owned(),
        delivery_status: text(log.deliver_logs_status()),
        delivery_error: text(log.deliver_logs_error_message()),
        traffic: log.traffic_type().map(ToString::to_string).unwrap_or_default(),
        destination_type: destination.to_owned(),
    };
    Some((log.resource_id()?.to_owned(), flow_log))
}
