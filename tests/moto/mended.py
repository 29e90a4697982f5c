"""Looks with boto3 at what a plan made of the account that flaws.py seeded.

Usage: mended.py ENDPOINT PLAN. Prints what is not as it should be, and exits with 1 then. What should be is written down
here; of the plan only the names that it gave are taken, and the policies that it promised.
"""

import json
import sys

import boto3

HOME, BUCKET, TRAIL, GROUP = "eu-central-1", "flawed-trail-logs", "flawed", "flawed-trail"
session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=HOME)
plan = json.load(open(sys.argv[2], encoding="utf-8"))
wrong = []


def client(service):
    return session.client(service, endpoint_url=sys.argv[1])


def check(what, observed, expected):
    if observed != expected:
        wrong.append(f"{what}: {observed} instead of {expected}")


def statements(policy):
    """The statements of a policy, with lists where one value may stand for a list, in an order of their own."""

    def listed(value, name=""):
        if isinstance(value, dict):
            return {key: listed(one, key) for key, one in value.items()}
        if name in ("Effect", "Sid"):
            return value
        return sorted(value if isinstance(value, list) else [value])

    return sorted((listed(one) for one in policy["Statement"]), key=str)


def promised(aspect, name, resource):
    steps = [one for one in plan["steps"] if one["subject"]["aspect"] == {"of": aspect, name: resource}]
    return steps[0]["after"]


def closed(bucket):
    block = client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    check(f"Block Public Access of {bucket}", block, dict.fromkeys(names, True))


def denies_plain(bucket, policy):
    denied = [one for one in policy["Statement"] if one["Effect"] == "Deny" and one["Principal"] == "*"]
    check(f"denied without TLS in {bucket}", [one["Condition"] for one in denied], [{"Bool": {"aws:SecureTransport": "false"}}])


def bucket_policy(bucket):
    policy = json.loads(client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    check(f"policy of {bucket}", statements(policy), statements(promised("bucket-policy", "bucket", bucket)))
    denies_plain(bucket, policy)
    return policy


# The trail validates and logs; it goes on delivering to the same places, with the same key.
cloudtrail = client("cloudtrail")
trail = cloudtrail.get_trail(Name=TRAIL)["Trail"]
check("validation", trail["LogFileValidationEnabled"], True)
check("bucket", trail["S3BucketName"], BUCKET)
check("log group", trail["CloudWatchLogsLogGroupArn"].split(":log-group:")[1], f"{GROUP}:*")
check("logging", cloudtrail.get_trail_status(Name=TRAIL)["IsLogging"], True)

# Its key rotates, and serves CloudTrail for this trail alone.
kms, key = client("kms"), trail["KmsKeyId"]
check("rotation", kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], True)
policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
check("policy of the key", statements(policy), statements(promised("key-policy", "key", key)))
for statement in policy["Statement"]:
    if statement["Principal"] == {"Service": "cloudtrail.amazonaws.com"}:
        check("source of the key", statement["Condition"]["StringEquals"]["aws:SourceArn"], trail["TrailARN"])

# The bucket is closed, keeps versions, moves old logs and says who uses it; CloudTrail writes for this trail alone.
s3 = client("s3")
closed(BUCKET)
for statement in bucket_policy(BUCKET)["Statement"]:
    if statement["Principal"] == {"Service": "cloudtrail.amazonaws.com"}:
        check("source of the bucket", statement["Condition"]["StringEquals"]["aws:SourceArn"], trail["TrailARN"])
check("versioning", s3.get_bucket_versioning(Bucket=BUCKET).get("Status"), "Enabled")
rules = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
check("rules", [(one["Status"], one["Filter"], one["Transitions"]) for one in rules],
      [("Enabled", {"Prefix": "AWSLogs/"}, [{"Days": 90, "StorageClass": "GLACIER_IR"}])])
check("expiry", [one for one in rules if "Expiration" in one], [])
logging = s3.get_bucket_logging(Bucket=BUCKET)["LoggingEnabled"]
check("prefix of access logs", logging["TargetPrefix"], f"{BUCKET}/")

# Who uses it is written to a bucket that is closed as well.
access_logs = logging["TargetBucket"]
closed(access_logs)
writers = [one["Principal"] for one in bucket_policy(access_logs)["Statement"] if one["Effect"] == "Allow"]
check("writers of access logs", writers, [{"Service": "logging.s3.amazonaws.com"}])

# The log group keeps events for a year, under the key that it had.
groups = client("logs").describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
check("retention", [one["retentionInDays"] for one in groups], [365])
check("key of the log group", [bool(one.get("kmsKeyId")) for one in groups], [True])

print("\n".join(wrong), end="")
sys.exit(1 if wrong else 0)
