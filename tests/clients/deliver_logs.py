"""Delivers log files and digests to a bucket of the caller's, as CloudTrail lays them out for an organization trail.

Standard input: {"bucket", "prefix", "organization", "days": ["2026-11-28", …], "places": [[account, region], …], "records": […]}.
Every place gets a digest of every day; a record goes to the file of its account, region and day.
"""

import gzip
import json
import sys

import boto3

told = json.load(sys.stdin)
s3 = boto3.client("s3", region_name="us-east-1")
s3.create_bucket(Bucket=told["bucket"])


def put(account, kind, region, day, name, document):
    folder = f"{told['prefix']}/AWSLogs/{told['organization']}/{account}/{kind}/{region}/{day.replace('-', '/')}"
    body = gzip.compress(json.dumps(document).encode())
    s3.put_object(Bucket=told["bucket"], Key=f"{folder}/{name}.json.gz", Body=body)


for account, region in told["places"]:
    for day in told["days"]:
        put(account, "CloudTrail-Digest", region, day, f"{account}_CloudTrail-Digest_{region}", {})

files = {}
for record in told["records"]:
    key = (record["recipientAccountId"], record["awsRegion"], record["eventTime"][:10])
    files.setdefault(key, []).append(record)
for (account, region, day), records in files.items():
    put(account, "CloudTrail", region, day, f"{account}_CloudTrail_{region}", {"Records": records})
