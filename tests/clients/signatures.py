"""Checks and makes signatures of assessments with a library that knows nothing of us.

Usage: signatures.py check FILE PUBLIC_KEY   prints "valid" or "invalid"
       signatures.py rsa FILE PRIVATE_KEY    signs FILE with RSASSA-PSS and writes FILE.sig
"""

import base64
import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


def check(file, key):
    held = json.load(open(file + ".sig"))
    key = serialization.load_pem_public_key(open(key, "rb").read())
    data, made = open(file, "rb").read(), base64.b64decode(held["signature"])
    assert held["sha256"] == hashlib.sha256(data).hexdigest() and held["format"] == "trailwarden.signature/1.0"
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert held["public_key_sha256"] == hashlib.sha256(der).hexdigest()
    ways = {
        "ED25519": lambda: key.verify(made, data),
        "ECDSA_SHA_256": lambda: key.verify(made, data, ec.ECDSA(hashes.SHA256())),
        "RSASSA_PSS_SHA_256": lambda: key.verify(made, data, PSS, hashes.SHA256()),
    }
    try:
        ways[held["algorithm"]]()
        print("valid")
    except InvalidSignature:
        print("invalid")


def rsa(file, key):
    data = open(file, "rb").read()
    key = serialization.load_pem_private_key(open(key, "rb").read(), None)
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    held = {
        "format": "trailwarden.signature/1.0",
        "tool_version": "none",
        "file": file,
        "sha256": hashlib.sha256(data).hexdigest(),
        "algorithm": "RSASSA_PSS_SHA_256",
        "public_key_sha256": hashlib.sha256(der).hexdigest(),
        "kms_key": None,
        "signature": base64.b64encode(key.sign(data, PSS, hashes.SHA256())).decode(),
    }
    json.dump(held, open(file + ".sig", "w"))


{"check": check, "rsa": rsa}[sys.argv[1]](*sys.argv[2:])
