//! Shapes both ways: what can be looked at can be written again, and what cannot be sent is refused by name.

use aws_sdk_cloudtrail::types as cloudtrail;
use aws_sdk_cloudwatch::types as cloudwatch;
use aws_sdk_cloudwatchlogs::types as logs;
use aws_sdk_config::types as config;
use aws_sdk_s3::types as s3;
use serde_json::{Value, json};

use super::*;

/// Reads and shows again, without a member lost or made up.
fn assert_both_ways<T: Shape>(value: &Value) {
    let read = T::read(value).unwrap_or_else(|error| panic!("{error}: {value}"));
    assert_eq!(read.show(), *value);
}

fn refused<T: Shape>(value: &Value) -> String {
    T::read(value).map(|_| ()).expect_err("refused").to_string()
}

#[test]
fn a_lifecycle_configuration_keeps_every_member() {
    assert_both_ways::<s3::BucketLifecycleConfiguration>(&json!({ "Rules": [
        {
            "ID": "logs", "Status": "Enabled",
            "Filter": { "And": {
                "Prefix": "AWSLogs/", "Tags": [{ "Key": "k", "Value": "v" }],
                "ObjectSizeGreaterThan": 1, "ObjectSizeLessThan": 5_368_709_120_i64,
            } },
            "Expiration": { "Days": 400 },
            "Transitions": [
                { "Days": 30, "StorageClass": "STANDARD_IA" },
                { "Date": "2027-01-01T00:00:00Z", "StorageClass": "GLACIER_IR" },
            ],
            "NoncurrentVersionTransitions": [
                { "NoncurrentDays": 30, "NewerNoncurrentVersions": 2, "StorageClass": "GLACIER" },
            ],
            "NoncurrentVersionExpiration": { "NoncurrentDays": 90, "NewerNoncurrentVersions": 3 },
            "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 },
        },
        { "ID": "old", "Status": "Disabled", "Prefix": "", "Expiration": { "Date": "2026-11-01T00:00:00Z" } },
        { "Status": "Enabled", "Filter": {}, "Expiration": { "ExpiredObjectDeleteMarker": true } },
        { "Status": "Enabled", "Filter": { "Tag": { "Key": "k", "Value": "" } }, "Expiration": { "Days": 1 } },
        { "Status": "Enabled", "Filter": { "ObjectSizeLessThan": 10 }, "Expiration": { "Days": 1 } },
    ] }));
}

#[test]
fn the_other_settings_of_a_bucket_keep_every_member() {
    assert_both_ways::<s3::ServerSideEncryptionConfiguration>(&json!({ "Rules": [{
        "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:key" },
        "BucketKeyEnabled": true,
        "BlockedEncryptionTypes": { "EncryptionType": ["SSE-C"] },
    }] }));
    assert_both_ways::<s3::ObjectLockConfiguration>(&json!({
        "ObjectLockEnabled": "Enabled", "Rule": { "DefaultRetention": { "Mode": "GOVERNANCE", "Years": 1 } },
    }));
    assert_both_ways::<s3::OwnershipControls>(&json!({ "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] }));
    assert_both_ways::<s3::VersioningConfiguration>(&json!({ "Status": "Suspended", "MFADelete": "Disabled" }));
    assert_both_ways::<s3::BucketLoggingStatus>(&json!({}));
    assert_both_ways::<s3::BucketLoggingStatus>(&json!({ "LoggingEnabled": {
        "TargetBucket": "access", "TargetPrefix": "",
        "TargetGrants": [{ "Grantee": { "Type": "CanonicalUser", "ID": "7f" }, "Permission": "READ" }],
        "TargetObjectKeyFormat": { "PartitionedPrefix": { "PartitionDateSource": "EventTime" } },
    } }));
    let simple = json!({ "TargetObjectKeyFormat": { "SimplePrefix": {} }, "TargetBucket": "b", "TargetPrefix": "p" });
    assert_both_ways::<s3::LoggingEnabled>(&simple);
}

#[test]
fn selectors_keep_every_member() {
    assert_both_ways::<Vec<cloudtrail::EventSelector>>(&json!([{
        "ReadWriteType": "WriteOnly", "IncludeManagementEvents": true,
        "DataResources": [{ "Type": "AWS::S3::Object", "Values": ["arn:aws:s3"] }],
        "ExcludeManagementEventSources": ["kms.amazonaws.com"],
    }]));
    assert_both_ways::<Vec<cloudtrail::AdvancedEventSelector>>(&json!([
        { "Name": "management", "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Management"] }] },
        { "FieldSelectors": [
            { "Field": "resources.ARN", "StartsWith": ["a"], "NotStartsWith": ["b"] },
            { "Field": "eventName", "EndsWith": ["c"], "NotEndsWith": ["d"], "NotEquals": ["e"] },
        ] },
    ]));
    let insights = json!([{ "InsightType": "ApiErrorRateInsight", "EventCategories": ["Data", "Management"] }]);
    assert_both_ways::<Vec<cloudtrail::InsightSelector>>(&insights);
}

#[test]
fn an_alarm_keeps_every_member() {
    assert_both_ways::<cloudwatch::MetricAlarm>(&json!({
        "AlarmName": "root", "AlarmDescription": "somebody used root", "ActionsEnabled": true,
        "OKActions": ["arn:ok"], "AlarmActions": ["arn:alarm"], "InsufficientDataActions": ["arn:none"],
        "MetricName": "Root", "Namespace": "CIS", "Statistic": "Sum", "Unit": "Count", "Period": 300,
        "Dimensions": [{ "Name": "user", "Value": "root" }], "EvaluationPeriods": 1, "DatapointsToAlarm": 1,
        "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
        "EvaluateLowSampleCountPercentile": "ignore", "EvaluationWindow": { "WallClockWindow": { "Timezone": "UTC" } },
        "WarmUpConfiguration": { "WarmUpPeriodDurationInMinutes": 5 },
    }));
    assert_both_ways::<cloudwatch::MetricAlarm>(&json!({
        "AlarmName": "math", "ExtendedStatistic": "p90", "ThresholdMetricId": "band",
        "EvaluationCriteria": { "PromQLCriteria": { "Query": "up", "PendingPeriod": 60 } }, "EvaluationInterval": 60,
        "ActionConfiguration": { "AlarmTagsPropagation": { "Enabled": true, "IncludedTagKeys": ["team"] } },
        "Metrics": [
            { "Id": "sum", "Expression": "m1 + m2", "Label": "both", "ReturnData": true, "Period": 60 },
            { "Id": "m1", "AccountId": "111122223333", "ReturnData": false, "MetricStat": {
                "Metric": { "Namespace": "N", "MetricName": "M", "Dimensions": [{ "Name": "n", "Value": "v" }] },
                "Period": 300, "Stat": "Sum", "Unit": "Count",
            } },
        ],
    }));
}

#[test]
fn metric_transformations_recorders_and_channels_keep_every_member() {
    assert_both_ways::<Vec<logs::MetricTransformation>>(&json!([{
        "metricName": "Root", "metricNamespace": "CIS", "metricValue": "1", "defaultValue": 0.0,
        "dimensions": { "user": "$.userIdentity.arn" }, "unit": "Count",
    }]));
    assert_both_ways::<config::ConfigurationRecorder>(&json!({
        "name": "default", "roleARN": "arn:role",
        "recordingGroup": {
            "allSupported": false, "includeGlobalResourceTypes": false,
            "exclusionByResourceTypes": { "resourceTypes": ["AWS::EC2::Instance"] },
            "recordingStrategy": { "useOnly": "EXCLUSION_BY_RESOURCE_TYPES" },
        },
        "recordingMode": { "recordingFrequency": "DAILY", "recordingModeOverrides": [
            { "description": "d", "resourceTypes": ["AWS::IAM::Role"], "recordingFrequency": "CONTINUOUS" },
        ] },
    }));
    assert_both_ways::<config::DeliveryChannel>(&json!({
        "name": "default", "s3BucketName": "b", "s3KeyPrefix": "p", "s3KmsKeyArn": "arn:k", "snsTopicARN": "arn:t",
        "configSnapshotDeliveryProperties": { "deliveryFrequency": "TwentyFour_Hours" },
    }));
}

#[test]
fn what_the_sdk_has_no_place_for_is_refused_by_name() {
    let rule = |more: Value| {
        let mut rule = json!({ "Status": "Enabled" });
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        refused::<s3::BucketLifecycleConfiguration>(&json!({ "Rules": [rule] }))
    };
    assert_eq!(rule(json!({ "Colour": "red" })), "Rules.0.Colour is no member of this input");
    assert_eq!(rule(json!({ "Expiration": { "Days": "400" } })), "Rules.0.Expiration.Days is no whole number");
    assert_eq!(
        rule(json!({ "Expiration": { "Days": 5_000_000_000_i64 } })),
        "Rules.0.Expiration.Days is no number of 32 bits"
    );
    assert_eq!(rule(json!({ "Expiration": { "Date": "tomorrow" } })), "Rules.0.Expiration.Date is no time");
    assert_eq!(refused::<s3::BucketLifecycleConfiguration>(&json!("all")), "is no object");
    let incomplete = refused::<s3::BucketLifecycleConfiguration>(&json!({ "Rules": [{ "ID": "x" }] }));
    assert!(incomplete.starts_with("Rules.0 is incomplete") && incomplete.contains("status"), "{incomplete}");
    let alarm = json!({ "AlarmName": "a", "Tags": [] });
    assert_eq!(refused::<cloudwatch::MetricAlarm>(&alarm), "Tags is no member of this input");
    assert_eq!(refused::<cloudwatch::EvaluationWindow>(&json!({})), "is empty");
}

#[test]
fn numbers_times_and_lists_are_read_as_people_write_them() {
    assert_eq!(f64::read(&json!(1)), Ok(1.0));
    assert_eq!(1.0_f64.show(), json!(1.0));
    let time = <DateTime as Shape>::read(&json!("2026-11-01T02:00:00+02:00")).unwrap();
    assert_eq!(time.show(), json!("2026-11-01T00:00:00Z"));
    let empty = json!({ "ReadWriteType": "All", "DataResources": [], "ExcludeManagementEventSources": null });
    assert_eq!(cloudtrail::EventSelector::read(&empty).unwrap().show(), json!({ "ReadWriteType": "All" }));
}
