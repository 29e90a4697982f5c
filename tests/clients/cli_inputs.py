"""Compares the commands of an exported script, and the inputs of a plan, with the AWS CLI's own models; prints what the
CLI would not take."""

import json
import re
import sys

import botocore.session
import botocore.validate
from botocore import xform_name

script, plan = sys.argv[1:]
commands = {"s3": "s3api", "config": "configservice"}
with open(script) as file:
    sections = dict(re.findall(r"^step (s\d+) .*?^  perform (\S+ \S+)$", file.read(), re.DOTALL | re.MULTILINE))
with open(plan) as file:
    steps = json.load(file)["steps"]
session, validator = botocore.session.get_session(), botocore.validate.ParamValidator()
for step in steps:
    undo = step["rollback"].get("undo")
    for call in [step["call"]] + ([undo] if undo else []):
        service, operation = call["operation"].split(":")
        model = session.get_service_model(service).operation_model(operation)
        report = validator.validate(call["input"], model.input_shape)
        if report.has_errors():
            print(step["id"], call["operation"], report.generate_report())
    service, operation = step["call"]["operation"].split(":")
    wanted = f"{commands.get(service, service)} {xform_name(operation, '-')}"
    if sections.get(step["id"]) != wanted:
        print(step["id"], "runs", sections.get(step["id"]), "instead of", wanted)
