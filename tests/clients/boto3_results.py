"""Checks of the sandbox what results of an audit go to, with boto3: keys of KMS that sign, and Security Hub.

Usage: boto3_results.py blank|acme, with the environment variables that `trailwarden sandbox serve` prints.
"""

import datetime
import hashlib

import boto3_checks
from boto3_checks import HOME, check, client, enter, management, member, refused
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

boto3_checks.CHECKS.update(blank=[], acme=[])


@check("blank")
def a_key_signs_and_others_check_with_its_public_half():
    kms, digest = client("kms"), hashlib.sha256(b"assessment").digest()
    refused("ValidationException", kms.create_key, KeySpec="ECC_NIST_P256", KeyUsage="ENCRYPT_DECRYPT")
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    assert key["SigningAlgorithms"] == ["ECDSA_SHA_256"], key
    kms.create_alias(AliasName="alias/signing", TargetKeyId=key["KeyId"])
    ask = {"KeyId": "alias/signing", "Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256"}
    made = kms.sign(**ask)
    assert made["KeyId"] == key["Arn"], made
    half = kms.get_public_key(KeyId=key["Arn"])
    assert (half["KeyUsage"], half["SigningAlgorithms"]) == ("SIGN_VERIFY", ["ECDSA_SHA_256"]), half
    public = serialization.load_der_public_key(half["PublicKey"])
    public.verify(made["Signature"], digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    assert kms.verify(**ask, Signature=made["Signature"])["SignatureValid"] is True
    raw = ask | {"Message": b"assessment", "MessageType": "RAW"}
    assert kms.verify(**raw, Signature=made["Signature"])["SignatureValid"] is True
    raw["Message"] = b"another"
    refused("KMSInvalidSignatureException", kms.verify, **raw, Signature=made["Signature"])
    refused("ValidationException", kms.sign, **(ask | {"Message": digest[:31]}))
    refused("InvalidKeyUsageException", kms.sign, **(ask | {"SigningAlgorithm": "ECDSA_SHA_384"}))
    theirs = client("kms", session=enter(member()))
    refused("AccessDeniedException", theirs.sign, **(ask | {"KeyId": key["Arn"]}))
    refused("UnsupportedOperationException", kms.get_public_key, KeyId=kms.create_key()["KeyMetadata"]["Arn"])
    kms.disable_key(KeyId=key["KeyId"])
    refused("DisabledException", kms.sign, **ask)


def finding(account, name, **more):
    time = datetime.datetime(2026, 11, 20, tzinfo=datetime.timezone.utc).isoformat()
    return {
        "SchemaVersion": "2018-10-08",
        "Id": name,
        "ProductArn": f"arn:aws:securityhub:{HOME}:{account}:product/{account}/default",
        "GeneratorId": "check",
        "AwsAccountId": account,
        "CreatedAt": time,
        "UpdatedAt": time,
        "Title": "title",
        "Description": "description",
        "Resources": [{"Type": "AwsAccount", "Id": f"AWS::::Account:{account}"}],
        "FindingProviderFields": {"Severity": {"Label": "LOW"}, "Types": ["Software and Configuration Checks"]},
    } | more


@check("blank")
def findings_are_taken_from_their_own_account_where_the_hub_is_enabled():
    hub, own, other = client("securityhub"), management(), member()
    send = lambda *findings: hub.batch_import_findings(Findings=list(findings))  # noqa: E731
    refused("InvalidAccessException", hub.describe_hub)
    refused("InvalidAccessException", hub.batch_import_findings, Findings=[finding(own, "a")])
    hub.enable_security_hub()
    assert hub.describe_hub()["HubArn"] == f"arn:aws:securityhub:{HOME}:{own}:hub/default"
    refused("AccessDeniedException", hub.batch_import_findings, Findings=[finding(other, "a")])
    refused("InvalidInputException", hub.batch_import_findings, Findings=[finding(own, "a")] * 101)
    answer = send(finding(own, "a"), finding(own, "b", Title="x" * 257), finding(own, "c"))
    assert (answer["SuccessCount"], answer["FailedCount"]) == (2, 1), answer
    (failed,) = answer["FailedFindings"]
    assert (failed["Id"], failed["ErrorCode"]) == ("b", "InvalidInput"), failed
    assert "data.Title should NOT be longer than 256 characters" in failed["ErrorMessage"], failed
    pages = hub.get_paginator("get_findings").paginate(PaginationConfig={"PageSize": 1})
    assert [found["Id"] for page in pages for found in page["Findings"]] == ["a", "c"]
    by_id = {"Id": [{"Value": "a", "Comparison": "EQUALS"}]}
    (found,) = hub.get_findings(Filters=by_id)["Findings"]
    assert (found["Workflow"], found["RecordState"], found["Region"]) == ({"Status": "NEW"}, "ACTIVE", HOME), found
    refused("InvalidAccessException", client("securityhub", "eu-west-1").get_findings)
    hub.disable_security_hub()
    refused("InvalidAccessException", hub.get_findings)


if __name__ == "__main__":
    boto3_checks.main()
