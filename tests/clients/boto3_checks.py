"""Checks the embedded sandbox with boto3: a client that knows AWS and not us.

Usage: boto3_checks.py blank|acme, with the environment variables that `trailwarden sandbox serve` prints.
Prints one line per check and exits 1 when any fails.
"""

import json
import os
import sys
import traceback

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"mode": "standard", "max_attempts": 8}, s3={"addressing_style": "path"})
FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
HOME = "eu-central-1"
CHECKS = {"blank": [], "acme": []}


def check(scenario):
    def register(function):
        CHECKS[scenario].append(function)
        return function

    return register


def client(service, region=HOME, session=None):
    return (session or boto3.Session()).client(service, region_name=region, config=CONFIG)


def refused(code, call, **arguments):
    """The call must fail with exactly this code."""
    codes = code if isinstance(code, tuple) else (code,)
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found in codes, f"{error.operation_name}: wanted {codes}, got {found}: {error}"
        return error
    raise AssertionError(f"wanted {codes}, but the call was accepted")


def accounts():
    pages = client("organizations", "us-east-1").get_paginator("list_accounts").paginate()
    return [account for page in pages for account in page["Accounts"]]


def enter(account_id, role="OrganizationAccountAccessRole"):
    arn = f"arn:aws:iam::{account_id}:role/{role}"
    keys = client("sts").assume_role(RoleArn=arn, RoleSessionName="check")["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def member(active=True):
    management = client("organizations", "us-east-1").describe_organization()["Organization"]["MasterAccountId"]
    for account in accounts():
        if account["Id"] != management and account["State"] == "ACTIVE" and account["JoinedMethod"] == "CREATED":
            return account["Id"]
    raise AssertionError("no member account")


# --- a blank organization: writing, and what AWS refuses ---------------------------------------------------------------


@check("blank")
def identity():
    caller = client("sts").get_caller_identity()
    assert caller["Arn"].split(":")[4] == caller["Account"], caller


@check("blank")
def a_trail_needs_a_bucket_policy_first():
    account = client("sts").get_caller_identity()["Account"]
    s3, cloudtrail = client("s3"), client("cloudtrail")
    refused("S3BucketDoesNotExistException", cloudtrail.create_trail, Name="first", S3BucketName="no-such-bucket-here")
    s3.create_bucket(Bucket="check-logs", CreateBucketConfiguration={"LocationConstraint": HOME})
    refused("InsufficientS3BucketPolicyException", cloudtrail.create_trail, Name="first", S3BucketName="check-logs")
    service = {"Service": "cloudtrail.amazonaws.com"}
    s3.put_bucket_policy(
        Bucket="check-logs",
        Policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::check-logs"},
                    {
                        "Effect": "Allow",
                        "Principal": service,
                        "Action": "s3:PutObject",
                        "Resource": f"arn:aws:s3:::check-logs/AWSLogs/{account}/*",
                        "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
                    },
                ],
            }
        ),
    )
    trail = cloudtrail.create_trail(Name="first", S3BucketName="check-logs", IsMultiRegionTrail=True)
    assert trail["LogFileValidationEnabled"] is False and trail["IncludeGlobalServiceEvents"] is True, trail
    assert cloudtrail.get_trail_status(Name="first")["IsLogging"] is False
    refused("TrailAlreadyExistsException", cloudtrail.create_trail, Name="first", S3BucketName="check-logs")
    refused("InvalidTrailNameException", cloudtrail.create_trail, Name="a..b", S3BucketName="check-logs")
    elsewhere = client("cloudtrail", "us-west-2")
    shadows = elsewhere.describe_trails()["trailList"]
    assert [t["HomeRegion"] for t in shadows] == [HOME], shadows
    assert elsewhere.describe_trails(includeShadowTrails=False)["trailList"] == []
    refused("InvalidHomeRegionException", elsewhere.start_logging, Name=trail["TrailARN"])
    refused("TrailNotFoundException", elsewhere.get_trail_status, Name="first")
    cloudtrail.start_logging(Name="first")
    assert elsewhere.get_trail_status(Name=trail["TrailARN"])["IsLogging"] is True
    selectors = cloudtrail.get_event_selectors(TrailName="first")["EventSelectors"]
    assert selectors[0]["ReadWriteType"] == "All" and selectors[0]["IncludeManagementEvents"], selectors
    refused("InsightNotEnabledException", cloudtrail.get_insight_selectors, TrailName="first")
    for number in range(4):
        cloudtrail.create_trail(Name=f"more-{number}", S3BucketName="check-logs")
    refused("MaximumNumberOfTrailsExceededException", cloudtrail.create_trail, Name="sixth", S3BucketName="check-logs")


@check("blank")
def an_organization_trail_needs_trusted_access():
    refused(
        "CloudTrailAccessNotEnabledException",
        client("cloudtrail", "us-east-1").create_trail,
        Name="org",
        S3BucketName="check-logs",
        IsOrganizationTrail=True,
    )


@check("blank")
def a_new_bucket_is_as_aws_makes_it():
    s3 = client("s3")
    s3.create_bucket(Bucket="check-plain", CreateBucketConfiguration={"LocationConstraint": HOME})
    refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket="check-plain")
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket="check-plain")
    refused("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, Bucket="check-plain")
    blocked = s3.get_public_access_block(Bucket="check-plain")["PublicAccessBlockConfiguration"]
    assert all(blocked[flag] for flag in FLAGS), blocked
    assert "Status" not in s3.get_bucket_versioning(Bucket="check-plain")
    rules = s3.get_bucket_encryption(Bucket="check-plain")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", rules
    refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket="check-plain", CreateBucketConfiguration={"LocationConstraint": HOME})
    refused(("404", "NoSuchBucket"), s3.head_bucket, Bucket="check-no-such-bucket")
    refused("AccessDenied", s3.get_bucket_policy, Bucket="check-plain", ExpectedBucketOwner="999999999999")
    found = client("s3", "us-east-1").head_bucket(Bucket="check-plain")
    assert found["BucketRegion"] == HOME, found
    s3.put_object(Bucket="check-plain", Key="a/b", Body=b"hello")
    assert s3.get_object(Bucket="check-plain", Key="a/b")["Body"].read() == b"hello"
    assert [o["Key"] for o in s3.list_objects_v2(Bucket="check-plain")["Contents"]] == ["a/b"]


@check("blank")
def service_control_policies_keep_their_quotas():
    org = client("organizations", "us-east-1")
    root = org.list_roots()["Roots"][0]["Id"]
    target = member()

    def create(name, content):
        return org.create_policy(Name=name, Description="", Type="SERVICE_CONTROL_POLICY", Content=content)["Policy"]["PolicySummary"]["Id"]

    deny = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*"}}
    refused("MalformedPolicyDocumentException", create, name="broken", content='{"Version": "2012-10-17"')
    refused("MalformedPolicyDocumentException", create, name="broken", content=json.dumps(deny).replace("Deny", "Denny"))
    refused("ConstraintViolationException", create, name="large", content=json.dumps(deny) + " " * 10240)
    guard = create("guard", json.dumps(deny))
    refused("DuplicatePolicyException", create, name="guard", content=json.dumps(deny))
    refused("PolicyTypeNotEnabledException", org.attach_policy, PolicyId=guard, TargetId=target)
    org.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    refused("PolicyTypeAlreadyEnabledException", org.enable_policy_type, RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    org.attach_policy(PolicyId=guard, TargetId=target)
    refused("DuplicatePolicyAttachmentException", org.attach_policy, PolicyId=guard, TargetId=target)
    for number in range(8):  # FullAWSAccess and the guard take two of ten
        org.attach_policy(PolicyId=create(f"filler-{number}", json.dumps(deny)), TargetId=target)
    refused("ConstraintViolationException", org.attach_policy, PolicyId=create("eleventh", json.dumps(deny)), TargetId=target)
    refused("InvalidInputException", org.list_accounts, MaxResults=21)
    attached = org.list_policies_for_target(TargetId=target, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    assert len(attached) == 10, attached
    error = refused("AccessDeniedException", client("cloudtrail", session=enter(target)).stop_logging, Name="any")
    assert "service control policy" in str(error), error


@check("blank")
def resource_control_policies_deny_whoever_calls_and_keep_their_own_quotas():
    org = client("organizations", "us-east-1")
    root = org.list_roots()["Roots"][0]["Id"]
    target = member()
    deny = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "arn:aws:s3:::check-guarded"},
    }

    def create(name, content):
        return org.create_policy(Name=name, Description="", Type="RESOURCE_CONTROL_POLICY", Content=content)["Policy"]["PolicySummary"]["Id"]

    refused("MalformedPolicyDocumentException", create, name="allow", content=json.dumps(deny).replace("Deny", "Allow"))
    refused("MalformedPolicyDocumentException", create, name="all", content=json.dumps(deny).replace("s3:DeleteBucket", "*"))
    error = refused("ConstraintViolationException", create, name="large", content=json.dumps(deny) + " " * 5120)
    assert error.response["Reason"] == "POLICY_CONTENT_LIMIT_EXCEEDED", error.response
    guard = create("guard", json.dumps(deny))
    refused("PolicyTypeNotEnabledException", org.attach_policy, PolicyId=guard, TargetId=target)
    org.enable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
    error = refused("InvalidInputException", org.detach_policy, PolicyId="p-RCPFullAWSAccess", TargetId=target)
    assert error.response["Reason"] == "NON_DETACHABLE_POLICY", error.response
    theirs = client("s3", session=enter(target))
    for bucket in ("check-guarded", "check-free"):
        theirs.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": HOME})
    org.attach_policy(PolicyId=guard, TargetId=target)
    error = refused("AccessDenied", theirs.delete_bucket, Bucket="check-guarded")
    assert "explicit deny in a resource control policy" in str(error), error
    theirs.delete_bucket(Bucket="check-free")
    for number in range(3):  # RCPFullAWSAccess and the guard take two of five
        org.attach_policy(PolicyId=create(f"rcp-filler-{number}", json.dumps(deny)), TargetId=target)
    refused("ConstraintViolationException", org.attach_policy, PolicyId=create("sixth", json.dumps(deny)), TargetId=target)
    attached = org.list_policies_for_target(TargetId=target, Filter="RESOURCE_CONTROL_POLICY")["Policies"]
    assert len(attached) == 5, attached
    targets = {t["TargetId"] for t in org.list_targets_for_policy(PolicyId="p-RCPFullAWSAccess")["Targets"]}
    assert {root, target} <= targets, targets


@check("blank")
def a_key_answers_only_in_its_own_account():
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    assert json.loads(kms.get_key_policy(KeyId=key)["Policy"])["Statement"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    refused("AccessDeniedException", client("kms", session=enter(member())).get_key_policy, KeyId=key)
    refused("NotFoundException", kms.describe_key, KeyId=key[:-4] + "0000")
    kms.schedule_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


@check("blank")
def a_topic_asks_people_and_not_the_owners_functions():
    account = client("sts").get_caller_identity()["Account"]
    sns = client("sns")
    topic = sns.create_topic(Name="check-alerts")["TopicArn"]
    assert sns.create_topic(Name="check-alerts")["TopicArn"] == topic
    asked = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    assert asked["SubscriptionArn"] == "pending confirmation", asked
    function = f"arn:aws:lambda:{HOME}:{account}:function:page"
    told = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)["SubscriptionArn"]
    assert told.startswith(f"{topic}:"), told
    shown = [s["SubscriptionArn"] for s in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]]
    assert shown == ["PendingConfirmation", told], shown
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (attributes["SubscriptionsPending"], attributes["SubscriptionsConfirmed"]) == ("1", "1"), attributes
    refused("InvalidParameter", sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="nobody")
    refused("AuthorizationError", client("sns", session=enter(member())).list_subscriptions_by_topic, TopicArn=topic)
    sns.delete_topic(TopicArn=topic)
    refused("NotFound", sns.list_subscriptions_by_topic, TopicArn=topic)
    refused("InvalidParameter", client("sns", "us-east-1").get_topic_attributes, TopicArn=topic)


@check("blank")
def alarms_watch_metrics_and_other_alarms():
    cloudwatch = client("cloudwatch")
    topic = f"arn:aws:sns:{HOME}:{client('sts').get_caller_identity()['Account']}:check"
    settings = {
        "MetricName": "root-use",
        "Namespace": "CIS",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    for name in ("check-a", "check-b"):
        cloudwatch.put_metric_alarm(AlarmName=name, AlarmActions=[topic], **settings)
    alarm = cloudwatch.describe_alarms(AlarmNames=["check-a"])["MetricAlarms"][0]
    assert {name: alarm[name] for name in settings} == settings, alarm
    assert alarm["AlarmConfigurationUpdatedTimestamp"].year >= 2026, alarm
    assert alarm["ActionsEnabled"] and alarm["AlarmActions"] == [topic], alarm
    refused("ValidationError", cloudwatch.put_metric_alarm, AlarmName="x", AlarmActions=["page"], **settings)
    refused("ValidationError", cloudwatch.put_composite_alarm, AlarmName="any", AlarmRule="ALARM(check-z)")
    cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(check-a) OR ALARM(check-b)", AlarmActions=[topic])
    assert not cloudwatch.describe_alarms(AlarmNames=["any"])["CompositeAlarms"]
    shown = cloudwatch.describe_alarms(AlarmNames=["any"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert [alarm["AlarmRule"] for alarm in shown] == ["ALARM(check-a) OR ALARM(check-b)"], shown
    pages = list(cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 1}))
    assert [len(page["MetricAlarms"]) for page in pages] == [1, 1], pages
    found = cloudwatch.describe_alarms_for_metric(MetricName="root-use", Namespace="CIS")["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == ["check-a", "check-b"], found
    refused("ValidationError", cloudwatch.delete_alarms, AlarmNames=["check-a"])
    refused(("ResourceNotFound", "ResourceNotFoundException"), cloudwatch.delete_alarms, AlarmNames=["check-z"])
    refused("InvalidNextToken", cloudwatch.describe_alarms, NextToken="x")
    cloudwatch.disable_alarm_actions(AlarmNames=["check-b"])
    assert not cloudwatch.describe_alarms(AlarmNames=["check-b"])["MetricAlarms"][0]["ActionsEnabled"]
    cloudwatch.delete_alarms(AlarmNames=["any"])
    cloudwatch.delete_alarms(AlarmNames=["check-a", "check-b"])
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


@check("blank")
def a_rule_stays_while_it_has_targets():
    events = client("events")
    queue = f"arn:aws:sqs:{HOME}:{client('sts').get_caller_identity()['Account']}:check"
    pattern = json.dumps({"source": ["aws.cloudtrail"], "detail": {"eventName": ["StopLogging"]}})
    arn = events.put_rule(Name="check-tamper", EventPattern=pattern)["RuleArn"]
    assert events.put_targets(Rule="check-tamper", Targets=[{"Id": "1", "Arn": queue}])["FailedEntryCount"] == 0
    shown = events.describe_rule(Name="check-tamper")
    assert (shown["Arn"], shown["State"], shown["EventPattern"]) == (arn, "ENABLED", pattern), shown
    assert [rule["Name"] for rule in events.list_rules(NamePrefix="check-")["Rules"]] == ["check-tamper"]
    assert events.list_targets_by_rule(Rule="check-tamper")["Targets"] == [{"Id": "1", "Arn": queue}]
    refused("ValidationException", events.delete_rule, Name="check-tamper")
    refused("InvalidEventPatternException", events.put_rule, Name="x", EventPattern='{"source": "aws.s3"}')
    refused("ValidationException", events.put_rule, Name="x", ScheduleExpression="hourly")
    refused("ResourceNotFoundException", events.describe_rule, Name="check-none")
    events.disable_rule(Name="check-tamper")
    assert events.describe_rule(Name="check-tamper")["State"] == "DISABLED"
    events.remove_targets(Rule="check-tamper", Ids=["1"])
    events.delete_rule(Name="check-tamper")
    assert events.list_rules()["Rules"] == []


@check("blank")
def metric_filters_belong_to_their_group():
    logs = client("logs")
    logs.create_log_group(logGroupName="check-trail")
    logs.create_log_group(logGroupName="check-cheap", logGroupClass="INFREQUENT_ACCESS")
    metric = {"metricName": "root-use", "metricNamespace": "CIS", "metricValue": "1"}
    pattern = '{ $.userIdentity.type = "Root" }'

    def put(group, text=pattern):
        logs.put_metric_filter(logGroupName=group, filterName="root", filterPattern=text, metricTransformations=[metric])

    refused("InvalidOperationException", put, group="check-cheap")
    refused("InvalidParameterException", put, group="check-trail", text="{ $.userIdentity.type")
    refused("ResourceNotFoundException", put, group="check-none")
    put("check-trail")
    shown = logs.describe_metric_filters(metricName="root-use", metricNamespace="CIS")["metricFilters"]
    assert [(f["logGroupName"], f["filterPattern"]) for f in shown] == [("check-trail", pattern)], shown
    refused("InvalidParameterException", logs.describe_metric_filters, metricName="root-use")
    refused("ResourceNotFoundException", logs.delete_metric_filter, logGroupName="check-trail", filterName="none")
    logs.delete_log_group(logGroupName="check-trail")
    assert logs.describe_metric_filters()["metricFilters"] == []


@check("blank")
def what_is_not_there_says_its_name():
    quick = Config(retries={"total_max_attempts": 1})
    cloudtrail = boto3.client("cloudtrail", region_name=HOME, config=quick)
    try:
        cloudtrail.list_dashboards()
    except ClientError as error:
        assert "ListDashboards" in str(error), error
    else:
        raise AssertionError("an unimplemented operation was answered")


@check("blank")
def unknown_keys_are_refused():
    stranger = boto3.Session("AKIAAAAAAAAAAAAAAAAA", "secret")
    refused("InvalidClientTokenId", client("sts", session=stranger).get_caller_identity)
    refused("UnrecognizedClientException", client("cloudtrail", session=stranger).describe_trails)


# --- acme: who sees what -----------------------------------------------------------------------------------------------


@check("acme")
def accounts_come_in_pages():
    org = client("organizations", "us-east-1")
    assert len(accounts()) >= 14
    seen, token, pages = 0, {}, 0
    while True:
        page = org.list_accounts(MaxResults=5, **token)
        seen, pages = seen + len(page["Accounts"]), pages + 1
        assert len(page["Accounts"]) <= 5
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert seen == len(accounts()) and pages >= 3
    states = {account["State"] for account in accounts()}
    assert "SUSPENDED" in states or "CLOSED" in states, states


@check("acme")
def roles_open_only_where_they_exist():
    invited = next(a["Id"] for a in accounts() if a["JoinedMethod"] == "INVITED" and a["State"] == "ACTIVE" and a["Id"] != management())
    refused("AccessDenied", enter, account_id=invited)
    refused("AccessDenied", enter, account_id=member(), role="NoSuchRole")
    refused("AccessDenied", enter, account_id="999999999999")
    session = enter(member())
    assert client("sts", session=session).get_caller_identity()["Arn"].startswith(f"arn:aws:sts::{member()}:assumed-role/")
    refused("AccessDeniedException", client("organizations", "us-east-1", session).list_accounts)
    assert client("organizations", "us-east-1", session).describe_organization()["Organization"]["Id"]


def management():
    return client("organizations", "us-east-1").describe_organization()["Organization"]["MasterAccountId"]


def organization_trail():
    for region in (HOME, "us-east-1", "eu-west-1"):
        for trail in client("cloudtrail", region).describe_trails()["trailList"]:
            if trail["IsOrganizationTrail"]:
                return trail
    raise AssertionError("acme has an organization trail")


@check("acme")
def a_member_sees_the_organization_trail_as_a_shadow():
    trail = organization_trail()
    theirs = client("cloudtrail", trail["HomeRegion"], enter(member()))
    shown = [t["TrailARN"] for t in theirs.describe_trails()["trailList"]]
    assert trail["TrailARN"] in shown, shown
    own = [t["TrailARN"] for t in theirs.describe_trails(includeShadowTrails=False)["trailList"]]
    assert trail["TrailARN"] not in own, own
    refused("TrailNotFoundException", theirs.get_trail_status, Name=trail["Name"])
    assert theirs.get_trail_status(Name=trail["TrailARN"])["IsLogging"] is True
    refused("CloudTrailARNInvalidException", theirs.list_tags, ResourceIdList=[trail["TrailARN"]])
    assert client("cloudtrail", trail["HomeRegion"]).get_event_selectors(TrailName=trail["TrailARN"])


@check("acme")
def bucket_settings_belong_to_the_owner():
    bucket = organization_trail()["S3BucketName"]
    refused(("AccessDenied", "MethodNotAllowed"), client("s3").get_bucket_policy, Bucket=bucket)
    owner = next(a["Id"] for a in accounts() if a["Name"].lower().replace(" ", "-") == "log-archive")
    theirs = client("s3", session=enter(owner))
    assert json.loads(theirs.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert bucket in [b["Name"] for b in theirs.list_buckets()["Buckets"]]
    assert bucket not in [b["Name"] for b in client("s3").list_buckets()["Buckets"]]


@check("acme")
def regions_differ_between_accounts():
    regions = set()
    for account in accounts():
        if account["State"] != "ACTIVE" or account["JoinedMethod"] == "INVITED" or account["Id"] == management():
            continue
        answer = client("account", "us-east-1", enter(account["Id"])).list_regions(
            RegionOptStatusContains=["ENABLED", "ENABLED_BY_DEFAULT"], MaxResults=50
        )
        regions.add(len(answer["Regions"]))
    assert min(regions) == 17 and max(regions) > 17, regions


def main():
    failed = 0
    for function in CHECKS[sys.argv[1]]:
        try:
            function()
            print(f"ok   {function.__name__}")
        except Exception:
            failed += 1
            print(f"FAIL {function.__name__}\n{traceback.format_exc()}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    assert "AWS_ENDPOINT_URL" in os.environ, "run me with the variables that `sandbox serve` prints"
    main()
