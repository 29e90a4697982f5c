"""Checks with boto3 what the embedded sandbox refuses of those who write, and that it keeps what they wrote.

Usage: boto3_writes.py blank, with the environment variables that `trailwarden sandbox serve` prints.
Prints one line per check and exits 1 when any fails.
"""

import json
import sys

import boto3_checks
from boto3_checks import HOME, client, enter, management, member, refused

CHECKS = []
TRAILS = "cloudtrail.amazonaws.com"


def check(function):
    CHECKS.append(function)
    return function


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(who, action, resource=None, **conditions):
    statement = {"Effect": "Allow", "Principal": who, "Action": action}
    if resource:
        statement["Resource"] = resource
    return statement | ({"Condition": conditions} if conditions else {})


def bucket(name, **arguments):
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": HOME}, **arguments)
    return s3


def key_policy(*statements):
    owner = {"AWS": f"arn:aws:iam::{management()}:root"}
    return policy(allow(owner, "kms:*", "*"), *statements)


# --- buckets -----------------------------------------------------------------------------------------------------------


@check
def a_bucket_is_made_once_where_it_is_asked_for():
    s3 = bucket("writes-one")
    here = {"LocationConstraint": HOME}
    refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket="writes-one", CreateBucketConfiguration=here)
    theirs = client("s3", session=enter(member()))
    refused("BucketAlreadyExists", theirs.create_bucket, Bucket="writes-one", CreateBucketConfiguration=here)
    refused("IllegalLocationConstraintException", s3.create_bucket, Bucket="writes-two")
    elsewhere = {"LocationConstraint": "eu-west-1"}
    refused("IllegalLocationConstraintException", s3.create_bucket, Bucket="writes-two", CreateBucketConfiguration=elsewhere)
    refused("InvalidBucketName", s3.create_bucket, Bucket="writes-Two", CreateBucketConfiguration=here)
    s3.put_object(Bucket="writes-one", Key="a", Body=b"x")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket="writes-one")
    s3.delete_object(Bucket="writes-one", Key="a")
    s3.delete_bucket(Bucket="writes-one")


@check
def settings_of_a_bucket_come_back_as_they_were_put():
    s3 = bucket("writes-set")
    owned = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket="writes-set", OwnershipControls=owned)
    assert s3.get_bucket_ownership_controls(Bucket="writes-set")["OwnershipControls"] == owned
    s3.delete_bucket_ownership_controls(Bucket="writes-set")
    refused("OwnershipControlsNotFoundError", s3.get_bucket_ownership_controls, Bucket="writes-set")
    key = f"arn:aws:kms:{HOME}:{management()}:key/11111111-2222-4333-8444-555555555555"
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    encrypted = {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket="writes-set", ServerSideEncryptionConfiguration=encrypted)
    assert s3.get_bucket_encryption(Bucket="writes-set")["ServerSideEncryptionConfiguration"] == encrypted
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}}
    refused("InvalidBucketState", s3.put_object_lock_configuration, Bucket="writes-set", ObjectLockConfiguration=lock)
    s3.put_bucket_versioning(Bucket="writes-set", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(Bucket="writes-set", ObjectLockConfiguration=lock)
    assert s3.get_object_lock_configuration(Bucket="writes-set")["ObjectLockConfiguration"] == lock
    suspended = {"Status": "Suspended"}
    refused("InvalidBucketState", s3.put_bucket_versioning, Bucket="writes-set", VersioningConfiguration=suspended)
    s3.delete_public_access_block(Bucket="writes-set")
    refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket="writes-set")


@check
def access_logs_go_to_an_own_bucket_of_the_region():
    s3 = bucket("writes-logged")
    bucket("writes-target")
    client("s3", "eu-west-1").create_bucket(
        Bucket="writes-far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    bucket("writes-locked", ObjectLockEnabledForBucket=True).put_object_lock_configuration(
        Bucket="writes-locked",
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}},
    )

    def log(target):
        enabled = {"TargetBucket": target, "TargetPrefix": "a/", "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}}
        s3.put_bucket_logging(Bucket="writes-logged", BucketLoggingStatus={"LoggingEnabled": enabled})
        return enabled

    refused("InvalidTargetBucketForLogging", log, target="writes-nowhere")
    refused("InvalidTargetBucketForLogging", log, target="writes-locked")
    refused("CrossLocationLoggingProhibitted", log, target="writes-far")
    enabled = log("writes-target")
    assert s3.get_bucket_logging(Bucket="writes-logged")["LoggingEnabled"] == enabled
    s3.put_bucket_logging(Bucket="writes-logged", BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket="writes-logged")


@check
def a_lifecycle_keeps_every_member():
    s3 = bucket("writes-cycle")
    tag = {"Key": "k", "Value": "v"}
    rules = [
        {
            "ID": "all",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "a/", "Tags": [tag], "ObjectSizeGreaterThan": 1000}},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}],
            "Expiration": {"Days": 400},
            "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 2}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 400, "NewerNoncurrentVersions": 3},
        },
        {"ID": "uploads", "Status": "Disabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
    ]

    def put(rules, **more):
        s3.put_bucket_lifecycle_configuration(Bucket="writes-cycle", LifecycleConfiguration={"Rules": rules}, **more)

    put(rules, TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    shown = s3.get_bucket_lifecycle_configuration(Bucket="writes-cycle")
    assert shown["Rules"] == rules, shown["Rules"]
    assert shown["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class", shown
    put(rules[1:])
    shown = s3.get_bucket_lifecycle_configuration(Bucket="writes-cycle")
    assert shown["Rules"] == rules[1:] and shown["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    old = {"ID": "old", "Status": "Enabled", "Prefix": "b/", "Expiration": {"Days": 1}}
    for wrong, code in [
        ([rules[0], rules[0]], "InvalidArgument"),
        ([rules[0] | {"Expiration": {"Days": 60}}], "InvalidArgument"),
        ([rules[0], old], "InvalidRequest"),
        ([{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}}], "InvalidArgument"),
    ]:
        refused(code, put, rules=wrong)
    s3.delete_bucket_lifecycle(Bucket="writes-cycle")
    refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket="writes-cycle")


# --- keys and log groups -----------------------------------------------------------------------------------------------


@check
def a_key_lets_in_whoever_made_it():
    kms = client("kms")
    malformed = "MalformedPolicyDocumentException"
    refused(malformed, kms.create_key, Policy=policy(allow({"Service": TRAILS}, "kms:*", "*")))
    stranger = {"AWS": f"arn:aws:iam::{management()}:role/nobody"}
    refused(malformed, kms.create_key, Policy=key_policy(allow(stranger, "kms:Decrypt", "*")))
    refused("TagException", kms.create_key, Tags=[{"TagKey": "aws:x", "TagValue": "y"}])
    tags = [{"TagKey": "trailwarden:key", "TagValue": "logs"}]
    keys = [kms.create_key(Policy=key_policy(), Tags=tags)["KeyMetadata"]["KeyId"] for _ in range(3)]
    assert kms.list_resource_tags(KeyId=keys[0])["Tags"] == tags
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1}))
    assert len(pages) >= 3 and set(keys) <= {key["KeyId"] for page in pages for key in page["Keys"]}
    kms.create_alias(AliasName="alias/writes", TargetKeyId=keys[0])
    refused("AlreadyExistsException", kms.create_alias, AliasName="alias/writes", TargetKeyId=keys[1])
    refused("InvalidAliasNameException", kms.create_alias, AliasName="writes", TargetKeyId=keys[1])
    refused("NotFoundException", kms.create_alias, AliasName="alias/other", TargetKeyId="11111111-2222-4333-8444-000000000000")
    shown = [a for page in kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 1}) for a in page["Aliases"]]
    assert ("alias/writes", keys[0]) in {(a["AliasName"], a["TargetKeyId"]) for a in shown}, shown
    kms.delete_alias(AliasName="alias/writes")
    refused("NotFoundException", kms.delete_alias, AliasName="alias/writes")


@check
def a_log_group_needs_a_key_that_is_open_to_logs():
    kms, logs = client("kms"), client("logs")
    key = kms.create_key(Policy=key_policy())["KeyMetadata"]["Arn"]
    missing = key[:-12] + "000000000000"
    refused("InvalidParameterException", logs.create_log_group, logGroupName="writes", kmsKeyId=missing)
    refused("AccessDeniedException", logs.create_log_group, logGroupName="writes", kmsKeyId=key)
    logs.create_log_group(logGroupName="writes", tags={"a": "b"})
    refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName="writes")
    refused("AccessDeniedException", logs.associate_kms_key, logGroupName="writes", kmsKeyId=key)
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=key_policy(allow({"Service": f"logs.{HOME}.amazonaws.com"}, actions, "*")))
    logs.associate_kms_key(logGroupName="writes", kmsKeyId=key)
    (group,) = logs.describe_log_groups(logGroupNamePrefix="writes")["logGroups"]
    assert group["kmsKeyId"] == key, group
    assert logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {"a": "b"}
    refused("InvalidParameterException", logs.put_retention_policy, logGroupName="writes", retentionInDays=366)
    metric = [{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]

    def put(name, pattern):
        logs.put_metric_filter(logGroupName="writes", filterName=name, filterPattern=pattern, metricTransformations=metric)

    for wrong in ["{ $.a = }", "{ $.a = 1 && }", '{ ($.a = "b" }', "{ $.a = 1 }" + " " * 1024]:
        refused("InvalidParameterException", put, name="m", pattern=wrong)
    for number in range(100):
        put(f"m-{number}", "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) }")
    refused("LimitExceededException", put, name="one-more", pattern="{ $.a = 1 }")
    logs.delete_log_group(logGroupName="writes")


# --- people, roles and trust -------------------------------------------------------------------------------------------


@check
def roles_and_topics_say_whose_they_are():
    iam, sns = client("iam", "us-east-1"), client("sns")
    tags = [{"Key": "ManagedBy", "Value": "trailwarden"}]
    trust = policy(allow({"Service": TRAILS}, "sts:AssumeRole"))
    iam.create_role(RoleName="writes", AssumeRolePolicyDocument=trust, Description="d", Tags=tags)
    refused("EntityAlreadyExists", iam.create_role, RoleName="writes", AssumeRolePolicyDocument=trust)
    assert iam.list_role_tags(RoleName="writes")["Tags"] == tags
    refused("MalformedPolicyDocument", iam.update_assume_role_policy, RoleName="writes", PolicyDocument="{}")
    stranger = policy(allow({"AWS": f"arn:aws:iam::{management()}:role/nobody"}, "sts:AssumeRole"))
    refused("MalformedPolicyDocument", iam.update_assume_role_policy, RoleName="writes", PolicyDocument=stranger)
    iam.put_role_policy(RoleName="writes", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}}))
    refused("DeleteConflict", iam.delete_role, RoleName="writes")
    iam.delete_role_policy(RoleName="writes", PolicyName="p")
    iam.delete_role(RoleName="writes")
    refused("NoSuchEntity", iam.list_role_tags, RoleName="writes")
    topic = sns.create_topic(Name="writes", Tags=tags)["TopicArn"]
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == tags
    refused("InvalidParameter", sns.create_topic, Name="writes", Tags=[{"Key": "ManagedBy", "Value": "else"}])
    wrong = policy(allow({"Service": TRAILS}, "s3:PutObject", topic))
    refused("InvalidParameter", sns.set_topic_attributes, TopicArn=topic, AttributeName="Policy", AttributeValue=wrong)
    right = policy(allow({"Service": TRAILS}, "sns:Publish", topic))
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=right)
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"] == right
    pending = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com", ReturnSubscriptionArn=False)
    assert pending["SubscriptionArn"] == "pending confirmation", pending


@check
def service_linked_roles_are_made_once():
    iam = client("iam", "us-east-1")
    role = iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")["Role"]
    assert role["Arn"].endswith("aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"), role
    refused("InvalidInput", iam.create_service_linked_role, AWSServiceName="config.amazonaws.com")
    config = client("config")
    unknown = {"name": "default", "roleARN": f"arn:aws:iam::{management()}:role/nobody"}
    refused("InvalidRoleException", config.put_configuration_recorder, ConfigurationRecorder=unknown)
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role["Arn"]})
    config.delete_configuration_recorder(ConfigurationRecorderName="default")


@check
def giving_a_role_away_is_a_permission_of_its_own():
    iam = client("iam", "us-east-1", enter(member()))
    account = member()
    trust = policy(allow({"AWS": f"arn:aws:iam::{management()}:root"}, "sts:AssumeRole"))
    iam.create_role(RoleName="writer", AssumeRolePolicyDocument=trust)
    actions = ["cloudtrail:CreateTrail", "config:PutConfigurationRecorder", "logs:CreateLogGroup"]
    iam.put_role_policy(RoleName="writer", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}}))
    session = enter(account, "writer")
    role = f"arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    put = client("config", session=session).put_configuration_recorder
    error = refused("AccessDeniedException", put, ConfigurationRecorder={"name": "default", "roleARN": role})
    assert "iam:PassRole" in str(error), error
    logs = client("logs", session=session)
    error = refused("AccessDeniedException", logs.create_log_group, logGroupName="writes", tags={"a": "b"})
    assert "logs:TagResource" in str(error), error
    logs.create_log_group(logGroupName="writes")
    create = client("cloudtrail", session=session).create_trail
    code = "InsufficientDependencyServiceAccessPermissionException"
    refused(code, create, Name="organization", S3BucketName="writes-none", IsOrganizationTrail=True)


# --- trails ------------------------------------------------------------------------------------------------------------


def open_bucket(name, account, organization):
    paths = [f"arn:aws:s3:::{name}/AWSLogs/{owner}/*" for owner in (account, organization)]
    service = {"Service": TRAILS}
    statements = [allow(service, "s3:GetBucketAcl", f"arn:aws:s3:::{name}"), allow(service, "s3:PutObject", paths)]
    bucket(name).put_bucket_policy(Bucket=name, Policy=policy(*statements))


@check
def an_organization_trail_reaches_the_members():
    org, cloudtrail, account = client("organizations", "us-east-1"), client("cloudtrail"), management()
    organization = org.describe_organization()["Organization"]["Id"]
    open_bucket("writes-trail", account, organization)
    trail = {"Name": "writes", "S3BucketName": "writes-trail", "IsOrganizationTrail": True, "IsMultiRegionTrail": True}
    trail["TagsList"] = [{"Key": "ManagedBy", "Value": "trailwarden"}]
    refused("CloudTrailAccessNotEnabledException", cloudtrail.create_trail, **trail)
    org.enable_aws_service_access(ServicePrincipal=TRAILS)
    org.enable_aws_service_access(ServicePrincipal=TRAILS)
    arn = cloudtrail.create_trail(**trail)["TrailARN"]
    assert client("iam", "us-east-1").get_role(RoleName="AWSServiceRoleForCloudTrail")
    theirs = client("cloudtrail", "us-west-2", enter(member()))
    assert arn in [shown["TrailARN"] for shown in theirs.describe_trails()["trailList"]]
    assert theirs.get_trail_status(Name=arn)["IsLogging"] is False
    cloudtrail.start_logging(Name=arn)
    assert theirs.get_trail_status(Name=arn)["IsLogging"] is True
    assert cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == trail["TagsList"]


@check
def what_a_trail_points_at_must_let_it_in():
    cloudtrail, kms, logs, iam = client("cloudtrail"), client("kms"), client("logs"), client("iam", "us-east-1")
    account = management()

    def update(**settings):
        return cloudtrail.update_trail(Name="writes", **settings)

    key = kms.create_key(Policy=key_policy())["KeyMetadata"]["Arn"]
    refused("KmsKeyNotFoundException", update, KmsKeyId="alias/none")
    refused("InsufficientEncryptionPolicyException", update, KmsKeyId=key)
    service = {"Service": TRAILS}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=key_policy(allow(service, ["kms:GenerateDataKey*", "kms:DescribeKey"], "*")))
    update(KmsKeyId=key)
    kms.disable_key(KeyId=key)
    refused("KmsException", update, KmsKeyId=key)
    logs.create_log_group(logGroupName="writes-trail")
    group = f"arn:aws:logs:{HOME}:{account}:log-group:writes-trail:*"
    role = f"arn:aws:iam::{account}:role/writes-logs"
    refused("InvalidCloudWatchLogsRoleArnException", update, CloudWatchLogsLogGroupArn=group)
    both = {"CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role}
    error = refused("InvalidCloudWatchLogsRoleArnException", update, **both)
    assert "Access denied. Check the trust relationships for your role." in str(error), error
    iam.create_role(RoleName="writes-logs", AssumeRolePolicyDocument=policy(allow(service, "sts:AssumeRole")))
    error = refused("InvalidCloudWatchLogsLogGroupArnException", update, **both)
    assert "Access denied. Check the permissions for your role." in str(error), error
    write = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": f"{group[:-1]}log-stream:*"}
    iam.put_role_policy(RoleName="writes-logs", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": write}))
    update(**both)
    shown = update(KmsKeyId="", CloudWatchLogsLogGroupArn="", CloudWatchLogsRoleArn="", EnableLogFileValidation=True)
    assert "KmsKeyId" not in shown and "CloudWatchLogsRoleArn" not in shown and shown["LogFileValidationEnabled"], shown
    refused("InsufficientSnsTopicPolicyException", update, SnsTopicName="no-such-topic")
    refused("S3BucketDoesNotExistException", update, S3BucketName="writes-nowhere")
    refused("InvalidParameterCombinationException", update, IncludeGlobalServiceEvents=False)


@check
def selectors_are_put_as_a_whole():
    cloudtrail = client("cloudtrail")

    def put(**selectors):
        return cloudtrail.put_event_selectors(TrailName="writes", **selectors)

    fields = [{"Field": "eventCategory", "Equals": ["Management"]}]
    advanced = [{"Name": "management", "FieldSelectors": fields}]
    put(AdvancedEventSelectors=advanced)
    shown = cloudtrail.get_event_selectors(TrailName="writes")
    assert shown["AdvancedEventSelectors"] == advanced and "EventSelectors" not in shown, shown
    invalid = "InvalidEventSelectorsException"
    refused(invalid, put, AdvancedEventSelectors=[{"FieldSelectors": [{"Field": "eventName", "Equals": ["x"]}]}])
    refused(invalid, put, EventSelectors=[{"ReadWriteType": "All"}] * 6)
    star = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::*"]}]
    refused(invalid, put, EventSelectors=[{"ReadWriteType": "All", "DataResources": star}])
    refused("InvalidHomeRegionException", client("cloudtrail", "us-west-2").put_event_selectors, TrailName=f"arn:aws:cloudtrail:{HOME}:{management()}:trail/writes", EventSelectors=[{"ReadWriteType": "All"}])
    put(EventSelectors=[{"ReadWriteType": "ReadOnly"}])
    rate = [{"InsightType": "ApiCallRateInsight"}]
    refused("InvalidInsightSelectorsException", cloudtrail.put_insight_selectors, TrailName="writes", InsightSelectors=rate)
    put(EventSelectors=[{"ReadWriteType": "All"}])
    cloudtrail.put_insight_selectors(TrailName="writes", InsightSelectors=rate)
    assert cloudtrail.get_insight_selectors(TrailName="writes")["InsightSelectors"] == rate
    cloudtrail.put_insight_selectors(TrailName="writes", InsightSelectors=[])
    refused("InsightNotEnabledException", cloudtrail.get_insight_selectors, TrailName="writes")


@check
def a_data_store_keeps_its_key():
    cloudtrail, kms = client("cloudtrail"), client("kms")
    store = cloudtrail.create_event_data_store(Name="writes-store")["EventDataStoreArn"]

    def update(**settings):
        return cloudtrail.update_event_data_store(EventDataStore=store, **settings)

    refused("EventDataStoreTerminationProtectedException", cloudtrail.delete_event_data_store, EventDataStore=store)
    refused("InvalidParameterException", update, RetentionPeriod=3654)
    assert update(RetentionPeriod=2557)["RetentionPeriod"] == 2557
    service = {"Service": TRAILS}
    first, second = (kms.create_key(Policy=key_policy())["KeyMetadata"]["Arn"] for _ in range(2))
    refused("InsufficientEncryptionPolicyException", update, KmsKeyId=first)
    kms.put_key_policy(KeyId=first, PolicyName="default", Policy=key_policy(allow(service, ["kms:GenerateDataKey", "kms:Decrypt"], "*")))
    assert update(KmsKeyId=first)["KmsKeyId"] == first
    refused("OperationNotPermittedException", update, KmsKeyId=second)
    update(TerminationProtectionEnabled=False)
    cloudtrail.delete_event_data_store(EventDataStore=store)
    assert cloudtrail.get_event_data_store(EventDataStore=store)["Status"] == "PENDING_DELETION"


# --- alarms ------------------------------------------------------------------------------------------------------------


@check
def an_alarm_is_put_again_as_it_is_shown():
    cloudwatch = client("cloudwatch")
    alarm = {
        "AlarmName": "writes",
        "AlarmDescription": "somebody changed a trail",
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [f"arn:aws:sns:{HOME}:{management()}:writes"],
        "InsufficientDataActions": [],
        "MetricName": "trail-changes",
        "Namespace": "trailwarden",
        "Statistic": "Sum",
        "Dimensions": [{"Name": "a", "Value": "b"}],
        "Period": 300,
        "Unit": "Count",
        "EvaluationPeriods": 2,
        "DatapointsToAlarm": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    for _ in range(2):
        cloudwatch.put_metric_alarm(**alarm)
        (shown,) = cloudwatch.describe_alarms(AlarmNames=["writes"])["MetricAlarms"]
        assert {name: shown.get(name) for name in alarm} == alarm, shown
        alarm = {name: shown[name] for name in alarm}


if __name__ == "__main__":
    boto3_checks.CHECKS["blank"] = CHECKS
    boto3_checks.main()
