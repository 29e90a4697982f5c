//! Default VPCs, filters and pages, and flow logs that lose their destination.

use serde_json::{Value, json};

use super::SERVICE;
use crate::error::AwsError;
use crate::reply::Body;
use crate::service::testing::{call, code};
use crate::world::World;
use crate::xml::Element;

const ACCOUNT: &str = "111122223333";
const SHARER: &str = "444455556666";

fn world() -> World {
    serde_json::from_value(json!({
        "s3": { ACCOUNT: { "buckets": { "flows": { "region": "eu-west-1" } } } },
        "ec2": { SHARER: { "vpcs": [
            { "id": "vpc-0a00000000000000a", "region": "eu-west-1", "shared_with": [ACCOUNT] },
            { "id": "vpc-0b00000000000000b", "region": "eu-west-1" },
        ] } },
    }))
    .expect("a world")
}

fn ask(world: &mut World, operation: &str, input: Value) -> Result<Body, AwsError> {
    call(&SERVICE, world, ACCOUNT, operation, input)
}

fn xml(result: Result<Body, AwsError>) -> Element {
    match result.expect("an answer") {
        Body::Xml(element) => element,
        other => panic!("not XML: {other:?}"),
    }
}

fn items<'a>(answer: &'a Element, set: &str, leaf: &str) -> Vec<&'a str> {
    let items = answer.child(set).expect("a set").children.iter();
    items.filter_map(|item| item.child_text(leaf)).collect()
}

#[test]
fn every_region_begins_with_a_default_vpc_which_can_be_deleted_and_made_again() {
    let mut world = world();
    let seen =
        xml(ask(&mut world, "DescribeVpcs", json!({ "Filter.1.Name": "is-default", "Filter.1.Value.1": "true" })));
    let ids: Vec<String> = items(&seen, "vpcSet", "vpcId").into_iter().map(str::to_owned).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(code(ask(&mut world, "CreateDefaultVpc", json!({}))), "DefaultVpcAlreadyExists");
    assert_eq!(code(ask(&mut world, "DeleteVpc", json!({ "VpcId": ids[0] }))), "");
    assert_eq!(code(ask(&mut world, "DescribeVpcs", json!({ "VpcId.1": ids[0] }))), "InvalidVpcID.NotFound");
    assert_eq!(code(ask(&mut world, "CreateDefaultVpc", json!({}))), "");
    assert_eq!(items(&xml(ask(&mut world, "DescribeVpcs", json!({}))), "vpcSet", "vpcId")[0], ids[0]);
}

#[test]
fn shared_vpcs_are_seen_with_their_owner_and_not_theirs_to_change() {
    let mut world = world();
    let owner = json!({ "Filter.1.Name": "owner-id", "Filter.1.Value.1": SHARER });
    let seen = xml(ask(&mut world, "DescribeVpcs", owner));
    assert_eq!(items(&seen, "vpcSet", "vpcId"), ["vpc-0a00000000000000a"]);
    assert_eq!(
        code(ask(&mut world, "DeleteVpc", json!({ "VpcId": "vpc-0a00000000000000a" }))),
        "UnauthorizedOperation"
    );
    assert_eq!(
        code(ask(&mut world, "DeleteVpc", json!({ "VpcId": "vpc-0b00000000000000b" }))),
        "InvalidVpcID.NotFound"
    );
    assert_eq!(code(ask(&mut world, "DeleteVpc", json!({ "VpcId": "vpc-12" }))), "InvalidVpcID.Malformed");
}

#[test]
fn pages_filters_and_dry_runs_follow_the_rules() {
    let mut world = world();
    for (input, refusal) in [
        (json!({ "MaxResults": "4" }), "InvalidParameterValue"),
        (json!({ "MaxResults": "5", "VpcId.1": "vpc-0a00000000000000a" }), "InvalidParameterCombination"),
        (json!({ "NextToken": "x" }), "InvalidNextToken"),
        (json!({ "Filter.1.Name": "colour", "Filter.1.Value.1": "red" }), "InvalidParameterValue"),
        (json!({ "DryRun": "true" }), "DryRunOperation"),
    ] {
        assert_eq!(code(ask(&mut world, "DescribeVpcs", input.clone())), refusal, "{input}");
    }
    for number in 0..4 {
        assert_eq!(code(ask(&mut world, "CreateVpc", json!({ "CidrBlock": format!("10.{number}.0.0/16") }))), "");
    }
    assert_eq!(code(ask(&mut world, "CreateVpc", json!({ "CidrBlock": "10.9.0.0/16" }))), "VpcLimitExceeded");
    assert_eq!(code(ask(&mut world, "CreateVpc", json!({ "CidrBlock": "10.9.0.0/8" }))), "InvalidVpc.Range");
    let first = xml(ask(&mut world, "DescribeVpcs", json!({ "MaxResults": "5" })));
    assert_eq!(items(&first, "vpcSet", "vpcId").len(), 5);
    let token = first.child_text("nextToken").expect("more").to_owned();
    let second = xml(ask(&mut world, "DescribeVpcs", json!({ "MaxResults": "5", "NextToken": token })));
    assert_eq!((items(&second, "vpcSet", "vpcId").len(), second.child("nextToken")), (1, None));
}

#[test]
fn a_flow_log_fails_once_its_bucket_is_gone() {
    let mut world = world();
    let vpcs = xml(ask(&mut world, "DescribeVpcs", json!({})));
    let vpc = items(&vpcs, "vpcSet", "vpcId")[0].to_owned();
    let create = |bucket: &str| {
        json!({ "ResourceType": "VPC", "ResourceId.1": vpc, "TrafficType": "ALL", "LogDestinationType": "s3",
            "LogDestination": format!("arn:aws:s3:::{bucket}/vpc") })
    };
    let refusal = |answer: Element| {
        let item = answer.child("unsuccessful").and_then(|set| set.child("item")).cloned();
        item.and_then(|item| item.child("error").and_then(|e| e.child_text("code").map(str::to_owned)))
    };
    assert_eq!(refusal(xml(ask(&mut world, "CreateFlowLogs", create("nowhere")))), Some("400".to_owned()));
    assert_eq!(refusal(xml(ask(&mut world, "CreateFlowLogs", create("flows")))), None);
    assert_eq!(
        refusal(xml(ask(&mut world, "CreateFlowLogs", create("flows")))),
        Some("FlowLogAlreadyExists".to_owned())
    );
    let of_vpc = json!({ "Filter.1.Name": "resource-id", "Filter.1.Value.1": vpc });
    let seen = xml(ask(&mut world, "DescribeFlowLogs", of_vpc.clone()));
    assert_eq!(items(&seen, "flowLogSet", "deliverLogsStatus"), ["SUCCESS"]);
    let id = items(&seen, "flowLogSet", "flowLogId")[0].to_owned();
    world.s3.clear();
    let seen = xml(ask(&mut world, "DescribeFlowLogs", of_vpc.clone()));
    assert_eq!(items(&seen, "flowLogSet", "deliverLogsErrorMessage"), ["Access error"]);
    assert_eq!(code(ask(&mut world, "DeleteFlowLogs", json!({ "FlowLogId.1": id }))), "");
    assert_eq!(items(&xml(ask(&mut world, "DescribeFlowLogs", of_vpc)), "flowLogSet", "flowLogId"), Vec::<&str>::new());
    assert_eq!(code(ask(&mut world, "DescribeFlowLogs", json!({ "FlowLogId.1": id }))), "InvalidFlowLogId.NotFound");
}
