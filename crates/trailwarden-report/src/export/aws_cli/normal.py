import json, re, sys


def document(answer, *path):
    """A policy document in normal form: as text, or as the CLI has parsed it."""
    for name in path:
        answer = (answer or {}).get(name)
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except ValueError:
            return answer
    return policy(answer)


def policy(value):
    """Lists of one entry become that entry; lists of texts are sorted; the order of statements is kept."""
    if isinstance(value, list):
        if len(value) == 1:
            return policy(value[0])
        if all(isinstance(item, str) for item in value):
            return sorted(set(value))
        return [policy(item) for item in value]
    if isinstance(value, dict):
        return {name: policy(member) for name, member in value.items()}
    return value


def part(answer, name):
    return (answer or {}).get(name)


def only(answer, *names):
    return None if answer is None else {name: answer[name] for name in names if answer.get(name) is not None}


def first(items, *names):
    return only(items[0], *names) if items else None


def customer_managed(items):
    return [item for item in items if not item.get("servicePrincipal")]


def is_set(value):
    return value is not None and value != [] and value != {}


def settled(value, name=""):
    """Without what is not set, and without what AWS fills in by itself."""
    if isinstance(value, list):
        items = [settled(item) for item in value]
        return sorted(items) if name == "resourceTypes" else items
    if isinstance(value, dict):
        members = {name: settled(member, name) for name, member in value.items()}
        return {name: member for name, member in members.items() if is_set(member) and DEFAULTS.get(name) != member}
    return value


DEFAULTS = {
    "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K",
    "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"},
    "recordingMode": {"recordingFrequency": "CONTINUOUS"},
}
PLACEHOLDER = re.compile(r"\$\{s[0-9]+\.[A-Za-z]+\}")


def matches(expected, observed):
    """A text that is a placeholder as a whole stands for whatever AWS named."""
    if isinstance(expected, str) and isinstance(observed, str) and PLACEHOLDER.fullmatch(expected):
        return True
    if isinstance(expected, bool) != isinstance(observed, bool):
        return False
    if isinstance(expected, list) and isinstance(observed, list):
        return len(expected) == len(observed) and all(map(matches, expected, observed))
    if isinstance(expected, dict) and isinstance(observed, dict):
        return expected.keys() == observed.keys() and all(matches(expected[name], observed[name]) for name in expected)
    return expected == observed


def answers(text):
    """The JSON texts that stand one after the other."""
    decoder, values = json.JSONDecoder(), []
    while text.strip():
        value, end = decoder.raw_decode(text.lstrip())
        text = text.lstrip()[end:]
        values.append(value)
    return values


# == trusted-access
def trusted_access(answer, service):
    return any(one["ServicePrincipal"] == service for one in answer["EnabledServicePrincipals"])


# == policy-type
def policy_type(answer, kind):
    types = [one for root in answer["Roots"] for one in root.get("PolicyTypes", [])]
    return any((one["Type"], one["Status"]) == (kind, "ENABLED") for one in types)


# == authorization-policy
def policy_id(answer, name):
    return next((one["Id"] for one in answer["Policies"] if one["Name"] == name), None)


def authorization_policy(answer, tags):
    if answer is None:
        return None
    summary = answer["Policy"]["PolicySummary"]
    seen = {"Id": summary["Id"], "Content": document(answer, "Policy", "Content")}
    if summary.get("Description"):
        seen["Description"] = summary["Description"]
    own = {one["Key"]: one["Value"] for one in (tags or {}).get("Tags", []) if one["Key"].startswith("trailwarden")}
    return {**seen, "Tags": own} if own else seen


# == policy-attachment
def policy_attachment(answer, policy):
    return answer and any(one["Id"] == policy for one in answer["Policies"])


# == role
def role(answer):
    return answer and {"AssumeRolePolicyDocument": document(answer, "Role", "AssumeRolePolicyDocument")}


# == tagged-key
def is_tagged(answer, value):
    tags = (answer or {}).get("Tags", [])
    if {"TagKey": "trailwarden:key", "TagValue": value} not in tags:
        sys.exit(3)


def usable_key(*keys):
    keys = [key["KeyMetadata"] for key in keys if key]
    keys = [key for key in keys if key["KeyState"] not in ("PendingDeletion", "PendingReplicaDeletion")]
    if len(keys) > 1:
        sys.exit("several keys carry the tag")
    return first(keys, "Arn", "KeyId", "KeyState")


# == key
def key(answer):
    return answer and only(answer["KeyMetadata"], "Arn", "KeyState")


# == key-deletion
def key_deletion(answer):
    return answer and answer["KeyMetadata"]["KeyState"] in ("PendingDeletion", "PendingReplicaDeletion")


# == key-alias
def key_alias(answer, name):
    return first([one for one in answer["Aliases"] if one["AliasName"] == name], "TargetKeyId")


# == bucket
def is_owned(answer, name):
    if name not in [bucket["Name"] for bucket in answer.get("Buckets", [])]:
        sys.exit(3)


def bucket(answer):
    region = answer.get("LocationConstraint") or "us-east-1"
    return {"Region": "eu-west-1" if region == "EU" else region}


# == log-group log-group-retention log-group-key
def log_group(answer, name, *names):
    groups = [group for group in answer["logGroups"] if group["logGroupName"] == name]
    for group in groups:
        group.setdefault("logGroupClass", "STANDARD")
        if "retentionPolicyName" in group:
            group["isAccountRetention"] = True
    return first(groups, *names)


# == metric-filter
def metric_filter(answer, name):
    filters = [one for one in (answer or {}).get("metricFilters", []) if one["filterName"] == name]
    # What nobody set is answered as false or as an empty text.
    set_ones = [{key: one[key] for key in one if key == "filterPattern" or one[key] not in (False, "")} for one in filters]
    return first(
        set_ones, "filterPattern", "metricTransformations", "applyOnTransformedLogs", "fieldSelectionCriteria",
        "emitSystemFieldDimensions",
    )


# == alarm
def alarm(answer):
    return first(
        answer["MetricAlarms"], "AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions",
        "InsufficientDataActions", "MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period",
        "Unit", "EvaluationPeriods", "DatapointsToAlarm", "Threshold", "ComparisonOperator", "TreatMissingData",
        "EvaluateLowSampleCountPercentile", "Metrics", "ThresholdMetricId",
    )


# == topic
def topic(answer):
    return answer and only(answer["Attributes"], "TopicArn")


# == subscription
def subscription(answer, endpoint, protocol):
    listed = (answer or {}).get("Subscriptions", [])
    ours = [one for one in listed if (one["Endpoint"], one["Protocol"]) == (endpoint, protocol)]
    arns = [one["SubscriptionArn"] for one in ours if one["SubscriptionArn"] != "Deleted"]
    return {"Confirmed": any(arn.startswith("arn:") for arn in arns)} if arns else None


# == trail
def trail(answer):
    hidden = ("HasCustomEventSelectors", "HasInsightSelectors", "SnsTopicName")
    # Versions of the AWS CLI that do not know this leave it out of what they show.
    members = {"RecursiveLogging": True, **(answer or {}).get("Trail", {})}.items()
    return answer and {name: member for name, member in members if name not in hidden and member != ""}


# == trail-selectors
def trail_selectors(answer):
    if answer is None:
        return None
    kind = "AdvancedEventSelectors" if answer.get("AdvancedEventSelectors") else "EventSelectors"
    return {kind: answer.get(kind, [])}


# == trail-insights
def trail_insights(answer):
    selectors = (answer or {}).get("InsightSelectors", [])
    kinds = {one["InsightType"]: sorted(one.get("EventCategories") or ["Management"]) for one in selectors}
    return [{"InsightType": kind, "EventCategories": kinds[kind]} for kind in sorted(kinds)]


# == config-recorder
def config_recorder(answer):
    recorders = customer_managed(answer["ConfigurationRecorders"])
    return first(recorders, "name", "roleARN", "recordingGroup", "recordingMode")


# == config-channel
def config_channel(answer):
    channels = answer["DeliveryChannels"]
    return channels[0] if channels else None


# == config-recording
def config_recording(answer):
    statuses = customer_managed(answer["ConfigurationRecordersStatus"])
    return statuses[0]["recording"] if statuses else None


# == tags
def tags(answer):
    if answer is None:
        return None
    if "ResourceTagList" in answer:
        answer = {"Tags": answer["ResourceTagList"][0]["TagsList"]}
    if isinstance(answer.get("tags"), dict):
        return answer["tags"]
    listed = answer.get("Tags") or answer.get("TagSet") or []
    return {tag.get("Key", tag.get("TagKey")): tag.get("Value", tag.get("TagValue")) for tag in listed}


# == end
verb, arguments = sys.argv[1], sys.argv[2:]
if verb == "same":
    expected, observed = (settled(json.loads(argument)) for argument in arguments)
    sys.exit(0 if matches(expected, observed) else 3)
read = answers(sys.stdin.read())
if not read and verb != "usable_key":
    sys.exit(1)  # what could not be asked has been said
if verb == "member":
    print((read[0] or {}).get(arguments[0], arguments[1]))
else:
    value = globals()[verb](*read, *arguments)
    print(json.dumps(value, sort_keys=True))
