"""Seeds an organization with planted flaws into a running moto server and prints its ground truth.

Usage: seed.py ENDPOINT OUT_DIR. Writes OUT_DIR/truth.json and OUT_DIR/baseline.toml.

The truth is written down here, by hand, beside each planted fact. A row is
{"control", "account", "region", "resource", "outcome"}; a null region or resource means any.
"""

import json
import pathlib
import sys

import boto3

ENDPOINT, OUT = sys.argv[1], pathlib.Path(sys.argv[2])
MANAGEMENT = "123456789012"  # moto gives every unknown access key this account
HOME = "eu-central-1"

truth = []


def plant(control, account, outcome, region=None, resource=None):
    truth.append(
        {"control": control, "account": account, "region": region, "resource": resource, "outcome": outcome}
    )


def client(service, session=None, region=HOME):
    return (session or ROOT).client(service, region_name=region, endpoint_url=ENDPOINT)


ROOT = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=HOME)
org = client("organizations", region="us-east-1")
org.create_organization(FeatureSet="ALL")
root = org.list_roots()["Roots"][0]["Id"]


def unit(parent, name):
    return org.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"]


security, workloads = unit(root, "Security"), unit(root, "Workloads")
production, test = unit(workloads, "Production"), unit(workloads, "Test")


def account(name, parent):
    status = org.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
    org.move_account(AccountId=status["AccountId"], SourceParentId=root, DestinationParentId=parent)
    return status["AccountId"]


ARCHIVE = account("log-archive", security)
SHOP = account("shop-prod", production)
BILLING = account("billing-prod", production)
SHOP_TEST = account("shop-test", test)
STOPPED = account("data-test", test)
EMPTY = account("playground", test)
MEMBERS = [ARCHIVE, SHOP, BILLING, SHOP_TEST, STOPPED, EMPTY]


def enter(account_id):
    if account_id == MANAGEMENT:
        return ROOT
    credentials = client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole", RoleSessionName="seed"
    )["Credentials"]
    return boto3.Session(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])


# --- guardrails: SCPs on production, none on test; trusted access stays off -------------------------------------------
org.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
guard = org.create_policy(
    Name="deny-trail-tampering",
    Description="Nobody switches logging off",
    Type="SERVICE_CONTROL_POLICY",
    Content=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Action": [
                    "cloudtrail:StopLogging",
                    "cloudtrail:DeleteTrail",
                    "cloudtrail:UpdateTrail",
                    "cloudtrail:Put*",
                    "organizations:LeaveOrganization",
                ],
                "Resource": "*",
            },
        }
    ),
)["Policy"]["PolicySummary"]["Id"]
org.attach_policy(PolicyId=guard, TargetId=production)
org.enable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
perimeter = org.create_policy(
    Name="perimeter",
    Description="Strangers stay out; AWS services may come in",
    Type="RESOURCE_CONTROL_POLICY",
    Content=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:*", "kms:*"],
                "Resource": "*",
                "Condition": {
                    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": org.describe_organization()["Organization"]["Id"]},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                },
            },
        }
    ),
)["Policy"]["PolicySummary"]["Id"]
org.attach_policy(PolicyId=perimeter, TargetId=root)
plant("scp-policy-type-enabled", MANAGEMENT, "pass")
plant("trusted-access-enabled", MANAGEMENT, "fail")
plant("organization-trail-enabled", MANAGEMENT, "fail")
for control in ("tampering-denied-by-scp", "leaving-organization-denied", "log-archive-guarded"):
    plant(control, MANAGEMENT, "not-applicable")
plant("scp-headroom-sufficient", MANAGEMENT, "pass")
for member in MEMBERS:
    for control in ("tampering-denied-by-scp", "leaving-organization-denied"):
        plant(control, member, "pass" if member in (SHOP, BILLING) else "fail")
    plant("every-account-audited", member, "pass")


# --- storage: a central bucket and key that are right, and some that are not --------------------------------------------
def bucket(account_id, name, policy=None, lifecycle=None, block=True):
    s3 = client("s3", enter(account_id))
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": HOME})
    if block:
        flags = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={flag: True for flag in flags})
    if policy:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    if lifecycle:
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": lifecycle})


def trail_arn(owner, name):
    return f"arn:aws:cloudtrail:{HOME}:{owner}:trail/{name}"


def log_policy(name, trails, pinned=True):
    service = {"Service": "cloudtrail.amazonaws.com"}
    pin = {"aws:SourceArn": [trail_arn(owner, trail) for owner, trail in trails]} if pinned else {}
    statements = [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{name}"},
        {
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:PutObject",
            "Resource": [f"arn:aws:s3:::{name}/AWSLogs/{owner}/*" for owner, _ in trails],
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **pin}},
        },
    ]
    if pinned:
        statements[0]["Condition"] = {"StringEquals": pin}
    return {"Version": "2012-10-17", "Statement": statements}


def expire(days, prefix=""):
    return [{"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}}]


CENTRAL = "example-org-logs"
central_trails = [(SHOP, "shop"), (BILLING, "billing"), (ARCHIVE, "archive"), (STOPPED, "stopped")]
bucket(ARCHIVE, CENTRAL, log_policy(CENTRAL, central_trails), expire(400))
plant("log-bucket-exists", ARCHIVE, "pass", resource=f"arn:aws:s3:::{CENTRAL}")
plant("log-bucket-policy-correct", ARCHIVE, "pass", resource=f"arn:aws:s3:::{CENTRAL}")
plant("log-bucket-lifecycle-configured", ARCHIVE, "pass", resource=f"arn:aws:s3:::{CENTRAL}")
plant("log-bucket-retention-sufficient", ARCHIVE, "pass", resource=f"arn:aws:s3:::{CENTRAL}")
plant("log-bucket-not-public", ARCHIVE, "pass", resource=f"arn:aws:s3:::{CENTRAL}")

LOCAL = "example-shop-test-logs"  # own account, expires after a day, any trail of anyone may write
bucket(SHOP_TEST, LOCAL, log_policy(LOCAL, [(SHOP_TEST, "local")], pinned=False), expire(1, "AWSLogs/"))
plant("log-bucket-retention-sufficient", SHOP_TEST, "fail", resource=f"arn:aws:s3:::{LOCAL}")
plant("log-bucket-lifecycle-configured", SHOP_TEST, "pass", resource=f"arn:aws:s3:::{LOCAL}")
plant("log-bucket-policy-correct", SHOP_TEST, "fail", resource=f"arn:aws:s3:::{LOCAL}")

OPEN = "example-management-logs"  # readable by the world, no Block Public Access, no lifecycle
world = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{OPEN}/*"}
open_policy = log_policy(OPEN, [(MANAGEMENT, "management")])
open_policy["Statement"].append(world)
bucket(MANAGEMENT, OPEN, open_policy, block=False)
plant("log-bucket-lifecycle-configured", MANAGEMENT, "fail", resource=f"arn:aws:s3:::{OPEN}")
plant("log-bucket-not-public", MANAGEMENT, "fail", resource=f"arn:aws:s3:::{OPEN}")

GONE = "example-gone-logs"
bucket(STOPPED, GONE)


def key(account_id, trails, rotate=True):
    kms = client("kms", enter(account_id))
    arns = [trail_arn(owner, trail) for owner, trail in trails]
    service = {"Service": "cloudtrail.amazonaws.com"}
    root_user = {"AWS": f"arn:aws:iam::{account_id}:root"}
    encrypt = {
        "Effect": "Allow",
        "Principal": service,
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceArn": arns},
            "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": arns},
        },
    }
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": root_user, "Action": "kms:*", "Resource": "*"},
            encrypt,
            {"Effect": "Allow", "Principal": service, "Action": "kms:DescribeKey", "Resource": "*"},
        ],
    }
    arn = kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    if rotate:
        kms.enable_key_rotation(KeyId=arn)
    return arn


good_key = key(ARCHIVE, central_trails)
plant("kms-key-usable", ARCHIVE, "pass", resource=good_key)
plant("kms-key-rotation-enabled", ARCHIVE, "pass", resource=good_key)
dying_key = key(MANAGEMENT, [(MANAGEMENT, "management")], rotate=False)
plant("kms-key-usable", MANAGEMENT, "fail", resource=dying_key)
plant("kms-key-rotation-enabled", MANAGEMENT, "fail", resource=dying_key)
for owner, arn in ((ARCHIVE, good_key), (MANAGEMENT, dying_key)):
    plant("kms-key-policy-least-privilege", owner, "pass", resource=arn)

archive_guard = org.create_policy(
    Name="deny-log-destruction",
    Description="Nobody removes the central logs",
    Type="SERVICE_CONTROL_POLICY",
    Content=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Action": ["s3:Bypass*", "s3:Delete*", "s3:Put*"],
                    "Resource": [f"arn:aws:s3:::{CENTRAL}", f"arn:aws:s3:::{CENTRAL}/*"],
                },
                {
                    "Effect": "Deny",
                    "Action": ["kms:D*Key*", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:ScheduleKeyDeletion"],
                    "Resource": good_key,
                },
            ],
        }
    ),
)["Policy"]["PolicySummary"]["Id"]
org.attach_policy(PolicyId=archive_guard, TargetId=ARCHIVE)
plant("log-archive-guarded", ARCHIVE, "pass")
plant("log-archive-guarded", SHOP_TEST, "fail")  # its own bucket, under no policy
plant("log-archive-guarded", SHOP, "fail")  # log group and role, under a policy that speaks of trails only
for member in (BILLING, STOPPED, EMPTY):  # logs of theirs lie with the archive, or nowhere
    plant("log-archive-guarded", member, "not-applicable")


# --- log groups and delivery roles -----------------------------------------------------------------------------------
def log_group(account_id, retention):
    session = enter(account_id)
    logs, iam = client("logs", session), client("iam", session, "us-east-1")
    logs.create_log_group(logGroupName="trail")
    if retention:
        logs.put_retention_policy(logGroupName="trail", retentionInDays=retention)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = iam.create_role(RoleName="trail-delivery", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    group = f"arn:aws:logs:{HOME}:{account_id}:log-group:trail"
    allow = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"{group}:log-stream:{account_id}_CloudTrail_*",
            }
        ],
    }
    iam.put_role_policy(RoleName="trail-delivery", PolicyName="deliver", PolicyDocument=json.dumps(allow))
    return {"CloudWatchLogsLogGroupArn": f"{group}:*", "CloudWatchLogsRoleArn": role}


shop_group = log_group(SHOP, 365)
plant("log-delivery-role-valid", SHOP, "pass")
plant("log-group-retained-and-encrypted", SHOP, "fail")  # retained, but moto knows no key on a log group


# --- trails ------------------------------------------------------------------------------------------------------------
def trail(owner, name, bucket_name, start=True, **settings):
    cloudtrail = client("cloudtrail", enter(owner))
    cloudtrail.create_trail(Name=name, S3BucketName=bucket_name, **settings)
    if start:
        cloudtrail.start_logging(Name=name)
    return cloudtrail


FULL = {"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": True, "EnableLogFileValidation": True}

trail(SHOP, "shop", CENTRAL, KmsKeyId=good_key, **FULL, **shop_group)
trail(ARCHIVE, "archive", CENTRAL, KmsKeyId=good_key, **FULL)
for owner, name in ((SHOP, "shop"), (ARCHIVE, "archive")):
    arn = trail_arn(owner, name)
    plant("multi-region-trail-enabled", owner, "pass")
    plant("management-events-recorded", owner, "pass")
    plant("logs-centralized", owner, "pass")
    plant("trail-is-logging", owner, "pass", resource=arn)
    plant("log-file-validation-enabled", owner, "pass", resource=arn)
    plant("trail-encrypted-with-kms", owner, "pass", resource=arn)
    plant("log-delivery-healthy", owner, "pass", resource=arn)
    # moto never reports a digest, and the trail is minutes old: too early to tell, said aloud.
    plant("digest-delivery-healthy", owner, "unknown", resource=arn)
plant("cloudwatch-logs-delivery-healthy", SHOP, "unknown", resource=trail_arn(SHOP, "shop"))
plant("cloudwatch-logs-delivery-healthy", ARCHIVE, "fail", resource=trail_arn(ARCHIVE, "archive"))

billing = trail(BILLING, "billing", CENTRAL, KmsKeyId=good_key, **FULL)
billing.put_event_selectors(
    TrailName="billing",
    AdvancedEventSelectors=[
        {
            "Name": "Management events selector",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Management"]},
                {"Field": "readOnly", "Equals": ["true"]},
            ],
        }
    ],
)
plant("multi-region-trail-enabled", BILLING, "pass")
plant("management-events-recorded", BILLING, "fail")  # write events are lost, whatever the selector is called
plant("logs-centralized", BILLING, "fail")

trail(SHOP_TEST, "local", LOCAL, IsMultiRegionTrail=False)
plant("multi-region-trail-enabled", SHOP_TEST, "fail")
plant("management-events-recorded", SHOP_TEST, "pass", region=HOME)
plant("management-events-recorded", SHOP_TEST, "fail", region="us-east-1")
plant("log-file-validation-enabled", SHOP_TEST, "fail", resource=trail_arn(SHOP_TEST, "local"))
plant("digest-delivery-healthy", SHOP_TEST, "not-applicable", resource=trail_arn(SHOP_TEST, "local"))
plant("trail-encrypted-with-kms", SHOP_TEST, "fail", resource=trail_arn(SHOP_TEST, "local"))
plant("logs-centralized", SHOP_TEST, "fail")

trail(STOPPED, "stopped", CENTRAL, start=False, KmsKeyId=good_key, **FULL)
trail(STOPPED, "gone", GONE, **FULL)
client("s3", enter(STOPPED)).delete_bucket(Bucket=GONE)
plant("trail-is-logging", STOPPED, "fail", resource=trail_arn(STOPPED, "stopped"))
plant("trail-is-logging", STOPPED, "pass", resource=trail_arn(STOPPED, "gone"))
plant("log-bucket-exists", STOPPED, "fail", resource=f"arn:aws:s3:::{GONE}")
plant("multi-region-trail-enabled", STOPPED, "fail")  # one is stopped, the other writes to a bucket that is gone
plant("management-events-recorded", STOPPED, "fail")

trail(MANAGEMENT, "management", OPEN, KmsKeyId=dying_key, **FULL)
client("kms").schedule_key_deletion(KeyId=dying_key.rsplit("/", 1)[1])
plant("trail-is-logging", MANAGEMENT, "pass", resource=trail_arn(MANAGEMENT, "management"))
plant("multi-region-trail-enabled", MANAGEMENT, "fail")  # its key is pending deletion: nothing is delivered

for control in ("multi-region-trail-enabled", "management-events-recorded", "logs-centralized"):
    plant(control, EMPTY, "fail")
plant("log-file-validation-enabled", EMPTY, "fail")

(OUT / "truth.json").write_text(json.dumps(truth, indent=1))
(OUT / "baseline.toml").write_text(f'log_archive_accounts = ["{ARCHIVE}"]\n')
print(f"seeded {1 + len(MEMBERS)} accounts, {len(truth)} rows of truth")
