//! Steps of the management account: what the organization trail needs, the trail, and an alarm on its events.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Call, Step, Tag, TrailInput};

use super::{LOGS, ROOT, TRAIL, With, archive_place, created_by, nothing, place, policy, step, text, trail_place};

const GROUP: &str = "/aws/cloudtrail/acme-org";
const ROLE: &str = "acme-org-trail-delivery";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:acme-alarms";

fn tags() -> Vec<Tag> {
    vec![Tag { key: "managed-by".to_owned(), value: "trailwarden".to_owned() }]
}

pub(super) fn steps() -> Vec<Step> {
    [delivery(), trail()].concat()
}

fn delivery() -> Vec<Step> {
    let leader = || place(ROOT, "us-east-1");
    let trust = policy(&[json!({
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole",
    })]);
    let write = policy(&[json!({
        "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": format!("arn:aws:logs:eu-west-1:{ROOT}:log-group:{GROUP}:log-stream:*"),
    })]);
    let create = Call::CreateRole {
        role_name: ROLE.to_owned(),
        assume_role_policy_document: text(&trust),
        description: "Lets CloudTrail deliver".to_owned(),
        tags: tags(),
    };
    let put = Call::PutRolePolicy {
        role_name: ROLE.to_owned(),
        policy_name: "deliver".to_owned(),
        policy_document: text(&write),
    };
    let group = Call::CreateLogGroup {
        log_group_name: GROUP.to_owned(),
        kms_key_id: None,
        tags: BTreeMap::from([("managed-by".to_owned(), "trailwarden".to_owned())]),
    };
    let retain = Call::PutRetentionPolicy { log_group_name: GROUP.to_owned(), retention_in_days: 365 };
    let role = Aspect::Role { name: ROLE.to_owned() };
    let role_policy = Aspect::RolePolicy { role: ROLE.to_owned(), name: "deliver".to_owned() };
    let group_aspect = Aspect::LogGroup { group: GROUP.to_owned() };
    let retention = Aspect::LogGroupRetention { group: GROUP.to_owned() };
    let made = json!({"logGroupClass": "STANDARD"});
    let trusted = json!({"AssumeRolePolicyDocument": trust});
    vec![
        step("s014", "create the delivery role", (leader(), role), create, nothing(), trusted)
            .undo(Call::DeleteRole { role_name: ROLE.to_owned() }),
        step("s015", "let it write to the log group", (leader(), role_policy), put, nothing(), write)
            .needs(&["s014"])
            .undo(Call::DeleteRolePolicy { role_name: ROLE.to_owned(), policy_name: "deliver".to_owned() }),
        step("s016", "create the log group", (trail_place(), group_aspect), group, nothing(), made)
            .undo(Call::DeleteLogGroup { log_group_name: GROUP.to_owned() })
            .costs("ingestion of about 2 GB a month"),
        step(
            "s017",
            "keep a year of events",
            (trail_place(), retention),
            retain,
            created_by("s016"),
            json!({"retentionInDays": 365}),
        )
        .needs(&["s016"]),
    ]
}

fn made_trail() -> Value {
    json!({
        "Name": "acme-org", "TrailARN": TRAIL, "HomeRegion": "eu-west-1", "S3BucketName": LOGS,
        "KmsKeyId": "${s003.Arn}",
        "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true, "IsOrganizationTrail": true,
        "LogFileValidationEnabled": true,
        "CloudWatchLogsLogGroupArn": format!("arn:aws:logs:eu-west-1:{ROOT}:log-group:{GROUP}:*"),
        "CloudWatchLogsRoleArn": format!("arn:aws:iam::{ROOT}:role/{ROLE}"),
    })
}

fn trail() -> Vec<Step> {
    let at = trail_place;
    let arn = || TRAIL.to_owned();
    let input = TrailInput {
        name: "acme-org".to_owned(),
        s3_bucket_name: Some(LOGS.to_owned()),
        kms_key_id: Some("${s003.Arn}".to_owned()),
        include_global_service_events: Some(true),
        is_multi_region_trail: Some(true),
        is_organization_trail: Some(true),
        enable_log_file_validation: Some(true),
        cloud_watch_logs_log_group_arn: Some(format!("arn:aws:logs:eu-west-1:{ROOT}:log-group:{GROUP}:*")),
        cloud_watch_logs_role_arn: Some(format!("arn:aws:iam::{ROOT}:role/{ROLE}")),
        tags_list: tags(),
        ..TrailInput::default()
    };
    let field = |name: &str, value: &str| json!({"Field": name, "Equals": [value]});
    let selectors = json!([
        {"Name": "management", "FieldSelectors": [field("eventCategory", "Management")]},
        {"Name": "log objects", "FieldSelectors": [
            field("eventCategory", "Data"), field("resources.type", "AWS::S3::Object"),
            {"Field": "resources.ARN", "StartsWith": [format!("arn:aws:s3:::{LOGS}/")]},
        ]},
    ]);
    let insights = json!([{"InsightType": "ApiCallRateInsight", "EventCategories": ["Management"]}]);
    let select = Call::PutEventSelectors {
        trail_name: arn(),
        event_selectors: None,
        advanced_event_selectors: Some(selectors.clone()),
    };
    let insight = Call::PutInsightSelectors { trail_name: arn(), insight_selectors: insights.clone() };
    let hung = |id: &str, title: &str, aspect: Aspect, call: Call, after: Value| {
        step(id, title, (at(), aspect), call, created_by("s018"), after).needs(&["s018"])
    };
    vec![
        step(
            "s018",
            "create the organization trail",
            (at(), Aspect::Trail { trail: arn() }),
            Call::CreateTrail(input),
            nothing(),
            made_trail(),
        )
        .needs(&["s001", "s002", "s003", "s011", "s015", "s016"])
        .mends(&["organization-has-organization-trail-0a1b2c3d4e5f"])
        .guard(
            (archive_place(), Aspect::BucketOwnership { bucket: LOGS.to_owned() }),
            json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}),
            "log files would belong to somebody else",
        )
        .undo(Call::DeleteTrail { name: arn() })
        .costs("none for the first copy of management events"),
        hung(
            "s019",
            "start logging",
            Aspect::TrailLogging { trail: arn() },
            Call::StartLogging { name: arn() },
            true.into(),
        )
        .mends(&["trail-is-logging-3f9a2c81d04b"])
        .undo(Call::StopLogging { name: arn() }),
        hung(
            "s020",
            "record who reads log files",
            Aspect::TrailSelectors { trail: arn() },
            select,
            json!({"AdvancedEventSelectors": selectors}),
        ),
        hung("s021", "watch for unusual rates", Aspect::TrailInsights { trail: arn() }, insight, insights)
            .costs("0.35 USD for every 100,000 events analysed"),
    ]
}

pub(super) fn alarm_steps() -> Vec<Step> {
    let at = trail_place;
    let pattern = "{ ($.eventName = \"StopLogging\") || ($.eventName = \"DeleteTrail\") }";
    let transformations = json!([{
        "metricName": "TrailChanges", "metricNamespace": "Acme", "metricValue": "1", "defaultValue": 0.0,
    }]);
    let alarm = json!({
        "AlarmName": "trail-changes",
        "AlarmDescription": "Somebody touched a trail \u{9b}31m$(reboot)`id`'\"\\ ${var.x} %{if} 😀",
        "ActionsEnabled": true,
        "AlarmActions": [TOPIC], "MetricName": "TrailChanges", "Namespace": "Acme", "Statistic": "Sum", "Period": 300,
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    });
    let publish = policy(&[json!({
        "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish",
        "Resource": TOPIC, "Condition": {"StringEquals": {"aws:SourceAccount": ROOT}},
    })]);
    let filter = Call::PutMetricFilter {
        log_group_name: GROUP.to_owned(),
        filter_name: "trail-changes".to_owned(),
        filter_pattern: pattern.to_owned(),
        metric_transformations: transformations.clone(),
    };
    let topic = Call::CreateTopic { name: "acme-alarms".to_owned(), tags: tags() };
    let allow = Call::SetTopicAttributes {
        topic_arn: TOPIC.to_owned(),
        attribute_name: "Policy".to_owned(),
        attribute_value: text(&publish),
    };
    let (protocol, endpoint) = ("email".to_owned(), "security@acme.example".to_owned());
    let subscribe =
        Call::Subscribe { topic_arn: TOPIC.to_owned(), protocol: protocol.clone(), endpoint: endpoint.clone() };
    let filter_aspect = Aspect::MetricFilter { group: GROUP.to_owned(), name: "trail-changes".to_owned() };
    let filtered = json!({"filterPattern": pattern, "metricTransformations": transformations});
    let topic_aspect = Aspect::Topic { topic: TOPIC.to_owned() };
    let policy_aspect = Aspect::TopicPolicy { topic: TOPIC.to_owned() };
    let subscription = Aspect::Subscription { topic: TOPIC.to_owned(), protocol, endpoint };
    let (topic_arn, alarm_name) = (TOPIC.to_owned(), "trail-changes".to_owned());
    let alarm_aspect = Aspect::Alarm { name: alarm_name.clone() };
    vec![
        step("s022", "count changes of trails", (at(), filter_aspect), filter, nothing(), filtered).needs(&["s016"]),
        step(
            "s023",
            "create the topic of the alarms",
            (at(), topic_aspect),
            topic,
            nothing(),
            json!({"TopicArn": TOPIC}),
        )
        .undo(Call::DeleteTopic { topic_arn }),
        step("s024", "let CloudWatch publish", (at(), policy_aspect), allow, created_by("s023"), publish)
            .needs(&["s023"]),
        step("s025", "tell the security team", (at(), subscription), subscribe, nothing(), json!({"Confirmed": false}))
            .needs(&["s023"]),
        step(
            "s026",
            "alarm when a trail changes",
            (at(), alarm_aspect),
            Call::PutMetricAlarm(alarm.clone()),
            nothing(),
            alarm,
        )
        .needs(&["s022", "s024"])
        .undo(Call::DeleteAlarms { alarm_names: vec![alarm_name] }),
    ]
}
