"""The composed resource control policies of the sandbox's organization `clean`, attached and tried with boto3.

Usage: perimeter.py FILE, one composed RCP of the log archive, with the environment that `trailwarden sandbox serve` prints.
An account that has left the organization is the outsider: bucket and key let it in before.
"""

import json
import sys

from attacks import ARCHIVE, ARCHIVE_GUARD, BUCKET, GUARD, KEY, ROOT, TRAIL, VICTIM, client, enter, lifted
from botocore.exceptions import ClientError

RCP = "RESOURCE_CONTROL_POLICY"


def refused(call, *codes, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] in codes, error
        return str(error)
    raise AssertionError(f"{arguments} got through")


def let_in(archive, outsider):
    """Bucket and key policy let the outsider in, and CloudTrail for whatever trail."""
    root = f"arn:aws:iam::{outsider}:root"
    s3, kms = client("s3", session=archive), client("kms", session=archive)
    both = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    policy["Statement"] += [
        {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "s3:*", "Resource": both},
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": both,
        },
    ]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    policy = json.loads(kms.get_key_policy(KeyId=KEY)["Policy"])
    policy["Statement"].append({"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"})
    kms.put_key_policy(KeyId=KEY, Policy=json.dumps(policy))


def detach_others(organizations):
    """What the organization has itself would hide what the composed policy does."""
    for policy in organizations.list_policies(Filter=RCP)["Policies"]:
        if not policy["AwsManaged"]:
            for target in organizations.list_targets_for_policy(PolicyId=policy["Id"])["Targets"]:
                organizations.detach_policy(PolicyId=policy["Id"], TargetId=target["TargetId"])


def delivery_error():
    return client("cloudtrail").get_trail_status(Name=TRAIL).get("LatestDeliveryError")


def main():
    organizations = client("organizations", "us-east-1")
    outsider, archive = enter(VICTIM), enter(ARCHIVE)
    with lifted(GUARD, ROOT):
        client("organizations", "us-east-1", outsider).leave_organization()
    with lifted(ARCHIVE_GUARD, ARCHIVE):
        let_in(archive, VICTIM)
    detach_others(organizations)
    s3, kms, cloudtrail = (client(name, session=outsider) for name in ("s3", "kms", "cloudtrail"))

    def forge(name):
        return {"Name": name, "S3BucketName": BUCKET}

    # The bucket and the key are as open as can be.
    s3.list_objects_v2(Bucket=BUCKET)
    kms.describe_key(KeyId=KEY)
    cloudtrail.create_trail(**forge("forger"))
    assert delivery_error() is None

    with open(sys.argv[1], encoding="utf-8") as file:
        content = file.read()
    made = organizations.create_policy(Name="perimeter", Description="", Type=RCP, Content=content)
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=ARCHIVE)

    why = refused(s3.list_objects_v2, "AccessDenied", Bucket=BUCKET)
    assert "explicit deny in a resource control policy" in why, why
    refused(s3.put_bucket_versioning, "AccessDenied", Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    why = refused(kms.describe_key, "AccessDeniedException", KeyId=KEY)
    assert "explicit deny in a resource control policy" in why, why
    refused(kms.disable_key, "AccessDeniedException", KeyId=KEY)
    refused(cloudtrail.create_trail, "InsufficientS3BucketPolicyException", **forge("forger-2"))

    # The archive, the management account and CloudTrail go on.
    own = client("s3", session=archive)
    own.list_objects_v2(Bucket=BUCKET)
    client("kms", session=archive).describe_key(KeyId=KEY)
    assert delivery_error() is None, delivery_error()


if __name__ == "__main__":
    main()
