"""Checks AWS Config, VPC flow logs, AWS WAF, what protects buckets, and the event history of the sandbox with boto3.

Usage: boto3_log_sources.py blank|acme, with the environment variables that `trailwarden sandbox serve` prints.
"""

import json
import time

import boto3_checks
from boto3_checks import HOME, check, client, management, refused

boto3_checks.CHECKS.update(blank=[], acme=[])
FOR_THE_RECORDER = "AWSServiceRoleForConfig"


def new_bucket(name, **arguments):
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": HOME}, **arguments)
    return s3


@check("blank")
def a_recorder_starts_once_it_has_a_channel():
    config, account = client("config"), management()
    role = f"arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/{FOR_THE_RECORDER}"
    client("iam", "us-east-1").create_service_linked_role(AWSServiceName="config.amazonaws.com")
    recorder = {"name": "default", "roleARN": role, "recordingGroup": {"allSupported": True}}
    channel = {"name": "default", "s3BucketName": "blank-config"}
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []
    refused("NoAvailableConfigurationRecorderException", config.put_delivery_channel, DeliveryChannel=channel)
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    second = recorder | {"name": "second"}
    exceeded = "MaxNumberOfConfigurationRecordersExceededException"
    refused(exceeded, config.put_configuration_recorder, ConfigurationRecorder=second)
    named = {"ConfigurationRecorderName": "default"}
    refused("NoAvailableDeliveryChannelException", config.start_configuration_recorder, **named)
    s3 = new_bucket("blank-config")
    refused("InsufficientDeliveryPolicyException", config.put_delivery_channel, DeliveryChannel=channel)
    allow = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "s3:PutObject"}
    allow["Resource"] = "arn:aws:s3:::blank-config/AWSLogs/*"
    s3.put_bucket_policy(Bucket="blank-config", Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    config.put_delivery_channel(DeliveryChannel=channel)
    config.start_configuration_recorder(**named)
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert status["recording"] and status["lastStatus"] == "SUCCESS", status
    last = "LastDeliveryChannelDeleteFailedException"
    refused(last, config.delete_delivery_channel, DeliveryChannelName="default")


@check("blank")
def every_region_begins_with_a_default_vpc():
    ec2 = client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    refused("DryRunOperation", ec2.describe_vpcs, DryRun=True)
    refused("InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=["vpc-00000000000000000"])
    refused("InvalidParameterCombination", ec2.describe_vpcs, VpcIds=[vpc["VpcId"]], MaxResults=5)
    new_bucket("blank-flows")
    flow_log = {"ResourceType": "VPC", "TrafficType": "ALL", "LogDestinationType": "s3"}
    flow_log["LogDestination"] = "arn:aws:s3:::blank-flows"
    made = ec2.create_flow_logs(ResourceIds=[vpc["VpcId"], "vpc-00000000000000000"], **flow_log)
    assert [one["Error"]["Code"] for one in made["Unsuccessful"]] == ["InvalidVpcId.NotFound"], made
    of_vpc = [{"Name": "resource-id", "Values": [vpc["VpcId"]]}]
    (shown,) = ec2.describe_flow_logs(Filters=of_vpc)["FlowLogs"]
    assert (shown["FlowLogStatus"], shown["DeliverLogsStatus"]) == ("ACTIVE", "SUCCESS"), shown
    client("s3").delete_bucket(Bucket="blank-flows")
    (shown,) = ec2.describe_flow_logs(FlowLogIds=made["FlowLogIds"])["FlowLogs"]
    assert (shown["DeliverLogsStatus"], shown["DeliverLogsErrorMessage"]) == ("FAILED", "Access error"), shown
    for number in range(4):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    refused("VpcLimitExceeded", ec2.create_vpc, CidrBlock="10.9.0.0/16")
    pages = ec2.get_paginator("describe_vpcs").paginate(PaginationConfig={"PageSize": 5})
    assert sum(len(page["Vpcs"]) for page in pages) == 5


@check("blank")
def a_web_acl_logs_where_the_name_says_so():
    waf = client("wafv2")
    refused("WAFInvalidParameterException", waf.list_web_acls, Scope="CLOUDFRONT")
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "shop"}
    made = waf.create_web_acl(Name="shop", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen)
    arn = made["Summary"]["ARN"]
    refused("WAFNonexistentItemException", waf.get_logging_configuration, ResourceArn=arn)
    first = waf.list_web_acls(Scope="REGIONAL")
    assert [acl["ARN"] for acl in first["WebACLs"]] == [arn]
    rest = waf.list_web_acls(Scope="REGIONAL", NextMarker=first["NextMarker"])
    assert rest["WebACLs"] == [] and "NextMarker" not in rest, rest
    stream = f"arn:aws:firehose:{HOME}:{management()}:deliverystream/"
    wrong = {"ResourceArn": arn, "LogDestinationConfigs": [stream + "shop"]}
    refused("WAFInvalidParameterException", waf.put_logging_configuration, LoggingConfiguration=wrong)
    right = {"ResourceArn": arn, "LogDestinationConfigs": [stream + "aws-waf-logs-shop"]}
    waf.put_logging_configuration(LoggingConfiguration=right)
    (listed,) = waf.list_logging_configurations(Scope="REGIONAL")["LoggingConfigurations"]
    assert listed["LogDestinationConfigs"] == right["LogDestinationConfigs"], listed


@check("blank")
def a_lock_keeps_versions_and_access_logs_stay_near():
    s3 = new_bucket("blank-locked", ObjectLockEnabledForBucket=True)
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}}}
    s3.put_object_lock_configuration(Bucket="blank-locked", ObjectLockConfiguration=lock)
    assert s3.get_object_lock_configuration(Bucket="blank-locked")["ObjectLockConfiguration"] == lock
    off = {"Status": "Suspended"}
    refused("InvalidBucketState", s3.put_bucket_versioning, Bucket="blank-locked", VersioningConfiguration=off)
    device = {"Status": "Enabled", "MFADelete": "Enabled"}
    refused("AccessDenied", s3.put_bucket_versioning, Bucket="blank-locked", VersioningConfiguration=device)
    to = lambda bucket: {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "a/"}}
    nowhere = to("blank-nowhere")
    refused("InvalidTargetBucketForLogging", s3.put_bucket_logging, Bucket="blank-locked", BucketLoggingStatus=nowhere)
    new_bucket("blank-access-logs")
    near = to("blank-access-logs")
    s3.put_bucket_logging(Bucket="blank-locked", BucketLoggingStatus=near)
    assert s3.get_bucket_logging(Bucket="blank-locked")["LoggingEnabled"] == near["LoggingEnabled"]
    rule = {"Status": "Enabled", "Filter": {}, "Priority": 1, "DeleteMarkerReplication": {"Status": "Disabled"}}
    rule["Destination"] = {"Bucket": "arn:aws:s3:::blank-access-logs"}
    copies = {"Role": "arn:aws:iam::111111111111:role/copier", "Rules": [rule]}
    refused("InvalidRequest", s3.put_bucket_replication, Bucket="blank-locked", ReplicationConfiguration=copies)
    on = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket="blank-access-logs", VersioningConfiguration=on)
    s3.put_bucket_replication(Bucket="blank-locked", ReplicationConfiguration=copies)
    shown = s3.get_bucket_replication(Bucket="blank-locked")["ReplicationConfiguration"]
    assert shown["Rules"][0]["Destination"] == rule["Destination"], shown


def history(region=HOME, **attribute):
    ((key, value),) = attribute.items()
    time.sleep(0.5)
    attributes = [{"AttributeKey": key, "AttributeValue": value}]
    events = client("cloudtrail", region).lookup_events(LookupAttributes=attributes)["Events"]
    return [(event, json.loads(event["CloudTrailEvent"])) for event in events]


@check("blank")
def the_history_tells_who_did_what_to_which_bucket():
    s3 = new_bucket("blank-history")
    refused("MalformedPolicy", s3.put_bucket_policy, Bucket="blank-history", Policy="{}")
    (event, record), (_, made) = history(ResourceName="blank-history")
    assert (event["EventName"], made["eventName"]) == ("PutBucketPolicy", "CreateBucket")
    assert record["errorCode"] == "MalformedPolicy" and record["sourceIPAddress"] == "127.0.0.1", record
    assert record["userIdentity"]["type"] == "IAMUser" and record["awsRegion"] == HOME, record
    assert record["requestParameters"]["bucketName"] == "blank-history", record


@check("acme")
def planted_events_are_in_the_past():
    events = history("eu-west-1", ResourceName="acme-org-trail")
    assert events == [], events
    theirs = boto3_checks.enter("523908114477")
    lookup = client("cloudtrail", "eu-central-1", theirs).lookup_events
    (event,) = lookup(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "StopLogging"}])["Events"]
    issuer = json.loads(event["CloudTrailEvent"])["userIdentity"]["sessionContext"]["sessionIssuer"]
    assert issuer["arn"] == "arn:aws:iam::523908114477:role/platform-admin-deploy", issuer


@check("acme")
def shared_vpcs_show_their_owner():
    theirs = boto3_checks.enter("512340987611")
    vpcs = client("ec2", "eu-west-1", theirs).describe_vpcs()["Vpcs"]
    assert {vpc["OwnerId"] for vpc in vpcs} == {"512340987611", "405118823471"}, vpcs


if __name__ == "__main__":
    boto3_checks.main()
