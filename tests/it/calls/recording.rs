//! Trails, event data stores, and the recorder of AWS Config.

use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Call, Tag, TrailInput};

use super::storage::{BUCKET, assert_tags, trust};
use super::{Desk, MANAGEMENT, MEMBER, place, text};

pub fn trail(desk: &Desk, role: &str) {
    let here = place(MANAGEMENT);
    let arn = || format!("arn:aws:cloudtrail:eu-west-1:{MANAGEMENT}:trail/all");
    let aspect = Aspect::Trail { trail: arn() };
    let created = json!({
        "Name": "all", "S3BucketName": BUCKET, "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true,
        "HomeRegion": "eu-west-1", "TrailARN": arn(), "LogFileValidationEnabled": false, "IsOrganizationTrail": false,
        "RecursiveLogging": true,
    });
    let create = Call::CreateTrail(TrailInput {
        name: "all".to_owned(),
        s3_bucket_name: Some(BUCKET.to_owned()),
        include_global_service_events: Some(true),
        is_multi_region_trail: Some(true),
        tags_list: vec![Tag { key: "owner".to_owned(), value: "security".to_owned() }],
        ..TrailInput::default()
    });
    assert_eq!(desk.look(&here, &Aspect::TrailLogging { trail: arn() }), Value::Null);
    desk.change(&here, &aspect, &Value::Null, &create, &created);
    assert_tags(desk, MANAGEMENT, &arn(), &json!({ "owner": "security" }));

    let group = Call::CreateLogGroup { log_group_name: "trail".to_owned(), kms_key_id: None, tags: [].into() };
    desk.done(&here, &group);
    let group = format!("arn:aws:logs:eu-west-1:{MANAGEMENT}:log-group:trail:*");
    let update = |group: &str, role: &str| {
        Call::UpdateTrail(TrailInput {
            name: arn(),
            enable_log_file_validation: Some(true),
            cloud_watch_logs_log_group_arn: Some(group.to_owned()),
            cloud_watch_logs_role_arn: Some(role.to_owned()),
            ..TrailInput::default()
        })
    };
    let mut validated = created.clone();
    validated["LogFileValidationEnabled"] = json!(true);
    let mut updated = validated.clone();
    updated["CloudWatchLogsLogGroupArn"] = json!(group);
    updated["CloudWatchLogsRoleArn"] = json!(role);
    desk.change(&here, &aspect, &created, &update(&group, role), &updated);
    desk.change(&here, &aspect, &updated, &update("", ""), &validated);

    let logging = Aspect::TrailLogging { trail: arn() };
    desk.change(&here, &logging, &json!(false), &Call::StartLogging { name: arn() }, &json!(true));
    selectors(desk, &arn());
    desk.change(&here, &logging, &json!(true), &Call::StopLogging { name: arn() }, &json!(false));
    desk.change(&here, &aspect, &validated, &Call::DeleteTrail { name: arn() }, &Value::Null);
    assert_eq!(desk.look(&here, &Aspect::TrailSelectors { trail: arn() }), Value::Null);
    assert_eq!(desk.look(&here, &Aspect::TrailInsights { trail: arn() }), Value::Null);
}

fn selectors(desk: &Desk, trail: &str) {
    let here = place(MANAGEMENT);
    let aspect = Aspect::TrailSelectors { trail: trail.to_owned() };
    let default = json!({ "EventSelectors": [{ "ReadWriteType": "All", "IncludeManagementEvents": true }] });
    let advanced = json!([
        { "Name": "management", "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Management"] }] },
        { "FieldSelectors": [
            { "Field": "eventCategory", "Equals": ["Data"] },
            { "Field": "resources.type", "Equals": ["AWS::S3::Object"] },
            { "Field": "resources.ARN", "NotStartsWith": [format!("arn:aws:s3:::{BUCKET}/")] },
        ] },
    ]);
    let basic = json!([{
        "ReadWriteType": "WriteOnly", "IncludeManagementEvents": true,
        "DataResources": [{ "Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"] }],
        "ExcludeManagementEventSources": ["kms.amazonaws.com"],
    }]);
    let put = |basic: Option<&Value>, advanced: Option<&Value>| Call::PutEventSelectors {
        trail_name: trail.to_owned(),
        event_selectors: basic.cloned(),
        advanced_event_selectors: advanced.cloned(),
    };
    let shown = json!({ "AdvancedEventSelectors": advanced });
    desk.change(&here, &aspect, &default, &put(None, Some(&advanced)), &shown);
    desk.change(&here, &aspect, &shown, &put(Some(&basic), None), &json!({ "EventSelectors": basic }));

    let aspect = Aspect::TrailInsights { trail: trail.to_owned() };
    let put =
        |selectors: Value| Call::PutInsightSelectors { trail_name: trail.to_owned(), insight_selectors: selectors };
    let both = json!([{ "InsightType": "ApiErrorRateInsight" }, { "InsightType": "ApiCallRateInsight" }]);
    let seen = json!([
        { "InsightType": "ApiCallRateInsight", "EventCategories": ["Management"] },
        { "InsightType": "ApiErrorRateInsight", "EventCategories": ["Management"] },
    ]);
    desk.change(&here, &aspect, &json!([]), &put(both), &seen);
    desk.change(&here, &aspect, &seen, &put(json!([])), &json!([]));
}

pub fn event_data_store(desk: &Desk) {
    let here = place(MEMBER);
    desk.served.sandbox().change(|world| {
        let store = json!({ "id": "5b0f9f2e-0d4c-4d0f-9d15-3f1f2f0a9c11", "name": "lake", "region": "eu-west-1" });
        let held = world.cloudtrail.entry(here.account.clone()).or_default();
        held.event_data_stores.push(serde_json::from_value(store).expect("a store"));
    });
    let store = format!("arn:aws:cloudtrail:eu-west-1:{MEMBER}:eventdatastore/5b0f9f2e-0d4c-4d0f-9d15-3f1f2f0a9c11");
    let aspect = Aspect::EventDataStore { store: store.clone() };
    let seen = |days: i32, protected: bool| {
        json!({
            "Status": "ENABLED", "RetentionPeriod": days, "TerminationProtectionEnabled": protected,
            "BillingMode": "EXTENDABLE_RETENTION_PRICING",
        })
    };
    let update = Call::UpdateEventDataStore {
        event_data_store: store.clone(),
        retention_period: Some(731),
        termination_protection_enabled: Some(false),
        kms_key_id: None,
    };
    let before = desk.look(&here, &aspect);
    desk.change(&here, &aspect, &before, &update, &seen(731, false));
    assert_tags(desk, MEMBER, &store, &json!({}));
    let missing = Aspect::EventDataStore { store: store.replace("9c11", "0000") };
    assert_eq!(desk.look(&here, &missing), Value::Null);
}

pub fn recorder(desk: &Desk) {
    let here = place(MEMBER);
    let create = Call::CreateRole {
        role_name: "recorder".to_owned(),
        assume_role_policy_document: text(&trust("config.amazonaws.com")),
        description: "records".to_owned(),
        tags: Vec::new(),
    };
    desk.done(&here, &create);
    let role = format!("arn:aws:iam::{MEMBER}:role/recorder");
    let recorder = json!({ "name": "default", "roleARN": role, "recordingGroup": {
        "allSupported": true, "includeGlobalResourceTypes": true,
        "recordingStrategy": { "useOnly": "ALL_SUPPORTED_RESOURCE_TYPES" },
    } });
    let name = || "default".to_owned();
    let put = Call::PutConfigurationRecorder { configuration_recorder: recorder.clone() };
    assert_eq!(desk.look(&here, &Aspect::ConfigRecording), Value::Null);
    desk.change(&here, &Aspect::ConfigRecorder, &Value::Null, &put, &recorder);

    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "config.amazonaws.com" },
        "Action": ["s3:GetBucketAcl", "s3:ListBucket", "s3:PutObject"],
        "Resource": [format!("arn:aws:s3:::{BUCKET}"), format!("arn:aws:s3:::{BUCKET}/*")],
    }] });
    let allow = Call::PutBucketPolicy { bucket: BUCKET.to_owned(), policy: text(&policy) };
    desk.done(&here, &allow);
    let channel = json!({
        "name": "default", "s3BucketName": BUCKET, "s3KeyPrefix": "config",
        "configSnapshotDeliveryProperties": { "deliveryFrequency": "TwentyFour_Hours" },
    });
    let put = Call::PutDeliveryChannel { delivery_channel: channel.clone() };
    desk.change(&here, &Aspect::ConfigChannel, &Value::Null, &put, &channel);
    let start = Call::StartConfigurationRecorder { configuration_recorder_name: name() };
    let stop = Call::StopConfigurationRecorder { configuration_recorder_name: name() };
    desk.change(&here, &Aspect::ConfigRecording, &json!(false), &start, &json!(true));
    desk.change(&here, &Aspect::ConfigRecording, &json!(true), &stop, &json!(false));
    let delete = Call::DeleteDeliveryChannel { delivery_channel_name: name() };
    desk.change(&here, &Aspect::ConfigChannel, &channel, &delete, &Value::Null);
    let delete = Call::DeleteConfigurationRecorder { configuration_recorder_name: name() };
    desk.change(&here, &Aspect::ConfigRecorder, &recorder, &delete, &Value::Null);
}
