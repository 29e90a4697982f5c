"""Seeds one account with a flawed CloudTrail into a running moto server.

Usage: flaws.py ENDPOINT. The account is the management account of an organization without members.
"""

import json
import sys

import boto3

ACCOUNT = "123456789012"  # moto gives every unknown access key this account
HOME = "eu-central-1"
BUCKET, TRAIL, GROUP = "flawed-trail-logs", "flawed", "flawed-trail"

session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=HOME)


def client(service, region=HOME):
    return session.client(service, region_name=region, endpoint_url=sys.argv[1])


client("organizations", "us-east-1").create_organization(FeatureSet="ALL")

# A key that does not rotate, and serves CloudTrail for anybody's trail.
everybody = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Owner", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
        {
            "Sid": "Trails",
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
        },
    ],
}
key = client("kms").create_key(Policy=json.dumps(everybody))["KeyMetadata"]["Arn"]

# A bucket that the world may read, with a policy that lets CloudTrail in for anybody's trail.
s3 = client("s3")
s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": HOME})
s3.put_bucket_policy(
    Bucket=BUCKET,
    Policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Acl",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudtrail.amazonaws.com"},
                    "Action": "s3:GetBucketAcl",
                    "Resource": f"arn:aws:s3:::{BUCKET}",
                },
                {
                    "Sid": "Write",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudtrail.amazonaws.com"},
                    "Action": "s3:PutObject",
                    "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/{ACCOUNT}/*",
                    "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
                },
                {
                    "Sid": "Readers",
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "Resource": f"arn:aws:s3:::{BUCKET}/*",
                },
            ],
        }
    ),
)

# A log group that forgets after a month, and a role for it. It has its key: moto takes none later.
logs = client("logs")
logs.create_log_group(logGroupName=GROUP, kmsKeyId=client("kms").create_key()["KeyMetadata"]["Arn"])
logs.put_retention_policy(logGroupName=GROUP, retentionInDays=30)
iam = client("iam")
trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"}}
role = iam.create_role(RoleName="flawed-delivery", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **trust}))
streams = f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:{GROUP}:log-stream:*"
write = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": streams}
iam.put_role_policy(
    RoleName="flawed-delivery",
    PolicyName="delivery",
    PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": write}),
)

# A trail of one region that writes changes alone, validates nothing, and is stopped.
cloudtrail = client("cloudtrail")
cloudtrail.create_trail(
    Name=TRAIL,
    S3BucketName=BUCKET,
    KmsKeyId=key,
    IsMultiRegionTrail=False,
    EnableLogFileValidation=False,
    CloudWatchLogsLogGroupArn=f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:{GROUP}:*",
    CloudWatchLogsRoleArn=role["Role"]["Arn"],
)
cloudtrail.put_event_selectors(
    TrailName=TRAIL, EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": []}]
)
cloudtrail.start_logging(Name=TRAIL)
cloudtrail.stop_logging(Name=TRAIL)
