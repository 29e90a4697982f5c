"""moto's server with one answer as AWS writes it: moto names the root of GetBucketVersioning after the operation, and only
SDKs that do not look at it can read that. Arguments are those of moto's own server.
"""

import sys

from moto.s3.responses import S3Response
from moto.server import main

answer = S3Response.get_bucket_versioning


def put_right(self):
    status, headers, body = answer(self)
    right = body.replace("GetBucketVersioningResponse", "VersioningConfiguration")
    headers = {**headers, "Content-Length": str(len(right))} if "Content-Length" in headers else headers
    return status, headers, right


S3Response.get_bucket_versioning = put_right
main(sys.argv[1:])
