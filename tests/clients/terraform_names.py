"""Reads a Terraform file with a parser that is not ours, and prints every type, argument and block that the provider's
schema does not have, and every required argument that is missing."""

import json
import sys

import hcl2

# Arguments of Terraform itself.
META = {"provider", "depends_on", "lifecycle"}


def name(text):
    return text.strip('"')


def check(where, body, schema):
    for required in (one for one, need in schema["arguments"].items() if need == "required"):
        if required not in body:
            print(f"{where}: {required} is missing")
    for key, value in body.items():
        if key.startswith("__") or key in META:
            continue
        is_block = isinstance(value, list) and value and isinstance(value[0], dict) and "__is_block__" in value[0]
        if is_block and key in schema["blocks"]:
            for one in value:
                check(f"{where}.{key}", one, schema["blocks"][key])
        elif is_block or key not in schema["arguments"]:
            print(f"{where}: there is no {'block' if is_block else 'argument'} {key}")


source, schema = sys.argv[1:]
with open(schema) as file:
    resources = json.load(file)["resources"]
with open(source) as file:
    document = hcl2.load(file)
for resource in document["resource"]:
    for kind, bodies in resource.items():
        if kind.startswith("__"):
            continue
        for label, body in bodies.items():
            if name(kind) not in resources:
                print(f"there is no {kind}")
            else:
                check(f"{name(kind)}.{name(label)}", body, resources[name(kind)])
print(len(document["resource"]), "resources,", len(document.get("import", [])), "imports", file=sys.stderr)
