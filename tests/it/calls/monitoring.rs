//! Log groups, metric filters, alarms and topics.

use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Call, Tag};

use super::storage::assert_tags;
use super::{Desk, MANAGEMENT, MEMBER, place, text};

pub fn group(desk: &Desk, key: &str) {
    let here = place(MEMBER);
    let group = || "trail".to_owned();
    let aspect = Aspect::LogGroup { group: group() };
    let tags = [("owner".to_owned(), "security".to_owned())].into();
    let create = Call::CreateLogGroup { log_group_name: group(), kms_key_id: None, tags };
    let bare = json!({ "logGroupClass": "STANDARD" });
    assert_eq!(desk.look(&here, &Aspect::LogGroupKey { group: group() }), Value::Null);
    desk.change(&here, &aspect, &Value::Null, &create, &bare);
    let arn = format!("arn:aws:logs:eu-west-1:{MEMBER}:log-group:trail");
    assert_tags(desk, MEMBER, &arn, &json!({ "owner": "security" }));
    assert_tags(desk, MEMBER, &format!("{arn}:*"), &json!({ "owner": "security" }));

    let retention = Aspect::LogGroupRetention { group: group() };
    let year = json!({ "retentionInDays": 365 });
    let put = Call::PutRetentionPolicy { log_group_name: group(), retention_in_days: 365 };
    let delete = Call::DeleteRetentionPolicy { log_group_name: group() };
    desk.change(&here, &retention, &json!({}), &put, &year);
    desk.change(&here, &retention, &year, &delete, &json!({}));

    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{MEMBER}:root") }, "Action": "kms:*", "Resource": "*" },
        {
            "Effect": "Allow", "Principal": { "Service": "logs.eu-west-1.amazonaws.com" }, "Resource": "*",
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        },
    ] });
    let put = Call::PutKeyPolicy { key_id: key.to_owned(), policy_name: "default".to_owned(), policy: text(&policy) };
    desk.done(&here, &put);
    let aspect = Aspect::LogGroupKey { group: group() };
    let with = Call::AssociateKmsKey { log_group_name: group(), kms_key_id: key.to_owned() };
    let without = Call::DisassociateKmsKey { log_group_name: group() };
    desk.change(&here, &aspect, &json!({}), &with, &json!({ "kmsKeyId": key }));
    desk.change(&here, &aspect, &json!({ "kmsKeyId": key }), &without, &json!({}));
    metric_filter(desk);
    let aspect = Aspect::LogGroup { group: group() };
    desk.change(&here, &aspect, &bare, &Call::DeleteLogGroup { log_group_name: group() }, &Value::Null);
}

fn metric_filter(desk: &Desk) {
    let here = place(MEMBER);
    let aspect = Aspect::MetricFilter { group: "trail".to_owned(), name: "root".to_owned() };
    let pattern = "{ $.userIdentity.type = \"Root\" }";
    let metrics = json!([
        { "metricName": "Root", "metricNamespace": "CIS", "metricValue": "1", "defaultValue": 0.0, "unit": "Count" },
    ]);
    let put = Call::PutMetricFilter {
        log_group_name: "trail".to_owned(),
        filter_name: "root".to_owned(),
        filter_pattern: pattern.to_owned(),
        metric_transformations: metrics.clone(),
    };
    let seen = json!({ "filterPattern": pattern, "metricTransformations": metrics });
    desk.change(&here, &aspect, &Value::Null, &put, &seen);
    let delete = Call::DeleteMetricFilter { log_group_name: "trail".to_owned(), filter_name: "root".to_owned() };
    desk.change(&here, &aspect, &seen, &delete, &Value::Null);
    let elsewhere = Aspect::MetricFilter { group: "no such group".to_owned(), name: "root".to_owned() };
    assert_eq!(desk.look(&here, &elsewhere), Value::Null);
}

pub fn alarm(desk: &Desk) {
    let here = place(MEMBER);
    let aspect = Aspect::Alarm { name: "root".to_owned() };
    let alarm = json!({
        "AlarmName": "root", "AlarmDescription": "root was used", "ActionsEnabled": true,
        "AlarmActions": [format!("arn:aws:sns:eu-west-1:{MEMBER}:alarms")], "MetricName": "Root", "Namespace": "CIS",
        "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
    });
    desk.change(&here, &aspect, &Value::Null, &Call::PutMetricAlarm(alarm.clone()), &alarm);
    let mut silent = alarm.clone();
    silent["ActionsEnabled"] = json!(false);
    let names = || vec!["root".to_owned()];
    desk.change(&here, &aspect, &alarm, &Call::DisableAlarmActions { alarm_names: names() }, &silent);
    desk.change(&here, &aspect, &silent, &Call::EnableAlarmActions { alarm_names: names() }, &alarm);
    desk.change(&here, &aspect, &alarm, &Call::DeleteAlarms { alarm_names: names() }, &Value::Null);
}

pub fn topic(desk: &Desk) {
    let here = place(MANAGEMENT);
    let arn = || format!("arn:aws:sns:eu-west-1:{MANAGEMENT}:alarms");
    let aspect = Aspect::Topic { topic: arn() };
    let tags = vec![Tag { key: "owner".to_owned(), value: "security".to_owned() }];
    let create = Call::CreateTopic { name: "alarms".to_owned(), tags };
    desk.change(&here, &aspect, &Value::Null, &create, &json!({ "TopicArn": arn() }));
    assert_tags(desk, MANAGEMENT, &arn(), &json!({ "owner": "security" }));

    let aspect = Aspect::TopicPolicy { topic: arn() };
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "Service": "cloudwatch.amazonaws.com" }, "Action": "sns:Publish", "Resource": arn(),
    } });
    let set = Call::SetTopicAttributes {
        topic_arn: arn(),
        attribute_name: "Policy".to_owned(),
        attribute_value: text(&policy),
    };
    let default = desk.look(&here, &aspect);
    desk.change(&here, &aspect, &default, &set, &policy);

    let email = || ("email".to_owned(), "security@blank.example".to_owned());
    let (protocol, endpoint) = email();
    let aspect = Aspect::Subscription { topic: arn(), protocol, endpoint };
    let (protocol, endpoint) = email();
    let subscribe = Call::Subscribe { topic_arn: arn(), protocol, endpoint };
    desk.change(&here, &aspect, &Value::Null, &subscribe, &json!({ "Confirmed": false }));
    let delete = Call::DeleteTopic { topic_arn: arn() };
    desk.change(&here, &Aspect::Topic { topic: arn() }, &json!({ "TopicArn": arn() }), &delete, &Value::Null);
    assert_eq!(desk.look(&here, &aspect), Value::Null);
}
