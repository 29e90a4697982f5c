//! Steps on what exists already in a member account, and AWS Config in two accounts alike.

use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Before, Call, Step, TrailInput};

use super::{ARCHIVE, MEMBER, With, created_by, for_cloudtrail, nothing, place, policy, step, text};

const BUCKET: &str = "payments-trail";
const TRAIL: &str = "arn:aws:cloudtrail:eu-central-1:523908114477:trail/payments";
const STORE: &str = "arn:aws:cloudtrail:eu-central-1:523908114477:eventdatastore/0c1d2e3f";

pub(super) fn steps() -> Vec<Step> {
    [changes(), removals()].concat()
}

fn trail(is_validated: bool) -> Value {
    json!({
        "Name": "payments", "TrailARN": TRAIL, "HomeRegion": "eu-central-1", "S3BucketName": BUCKET,
        "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true, "IsOrganizationTrail": false,
        "LogFileValidationEnabled": is_validated,
    })
}

fn changes() -> Vec<Step> {
    let at = || place(MEMBER, "eu-central-1");
    let objects = format!("arn:aws:s3:::{BUCKET}/*");
    let check = for_cloudtrail("Check", "s3:GetBucketAcl", &format!("arn:aws:s3:::{BUCKET}"));
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let write = |actions: Value| -> Value {
        json!({"Sid": "Write", "Effect": "Allow", "Principal": service, "Action": actions, "Resource": objects})
    };
    let open = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": objects});
    let deny = json!({
        "Sid": "DenyPlain", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": objects,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    });
    let was = policy(&[check.clone(), write(json!(["s3:PutObject", "s3:PutObjectAcl"])), open]);
    let is = policy(&[check, write(json!("s3:PutObject")), deny]);
    let validate =
        TrailInput { name: TRAIL.to_owned(), enable_log_file_validation: Some(true), ..TrailInput::default() };
    let unvalidate = TrailInput { enable_log_file_validation: Some(false), ..validate.clone() };
    let put = |policy: &Value| Call::PutBucketPolicy { bucket: BUCKET.to_owned(), policy: text(policy) };
    let group = "/trails/payments".to_owned();
    let retain = Call::PutRetentionPolicy { log_group_name: group.clone(), retention_in_days: 365 };
    let forget = Call::DeleteRetentionPolicy { log_group_name: group.clone() };
    let logging = json!({"TargetBucket": "payments-access-logs", "TargetPrefix": "trail/"});
    let log = |status: Value| Call::PutBucketLogging { bucket: BUCKET.to_owned(), bucket_logging_status: status };
    vec![
        step(
            "s027",
            "validate log files of trail payments\u{1b}[31m\r\nFAKE",
            (at(), Aspect::Trail { trail: TRAIL.to_owned() }),
            Call::UpdateTrail(validate),
            Before::Is(trail(false)),
            trail(true),
        )
        .undo(Call::UpdateTrail(unvalidate))
        .mends(&["trail-has-log-file-validation-a0b1c2d3e4f5"]),
        step(
            "s028",
            "close the bucket of trail payments",
            (at(), Aspect::BucketPolicy { bucket: BUCKET.to_owned() }),
            put(&is),
            Before::Is(was.clone()),
            is,
        )
        .undo(put(&was))
        .mends(&["log-bucket-is-private-9f8e7d6c5b4a"]),
        step(
            "s029",
            "keep a year of events",
            (at(), Aspect::LogGroupRetention { group }),
            retain,
            Before::Is(json!({"retentionInDays": 30})),
            json!({"retentionInDays": 365}),
        )
        .undo(forget)
        .costs("storage of eleven months more"),
        step(
            "s030",
            "log access to the bucket",
            (at(), Aspect::BucketLogging { bucket: BUCKET.to_owned() }),
            log(json!({"LoggingEnabled": logging})),
            nothing(),
            logging,
        )
        .undo(log(json!({}))),
    ]
}

fn removals() -> Vec<Step> {
    let at = || place(MEMBER, "eu-central-1");
    let store = |days: i32, is_protected: bool| -> Value {
        json!({"Status": "ENABLED", "RetentionPeriod": days, "TerminationProtectionEnabled": is_protected})
    };
    let protect = Call::UpdateEventDataStore {
        event_data_store: STORE.to_owned(),
        retention_period: None,
        termination_protection_enabled: Some(true),
        kms_key_id: None,
    };
    let old = TRAIL.replace("payments", "old");
    let gone = json!({"Name": "old", "TrailARN": old, "HomeRegion": "eu-central-1", "S3BucketName": BUCKET});
    vec![
        step(
            "s031",
            "protect the event data store",
            (at(), Aspect::EventDataStore { store: STORE.to_owned() }),
            protect,
            Before::Is(store(90, false)),
            store(90, true),
        ),
        step(
            "s032",
            "delete the redundant trail old",
            (at(), Aspect::Trail { trail: old.clone() }),
            Call::DeleteTrail { name: old },
            Before::Is(gone),
            Value::Null,
        )
        .needs(&["s019", "s020"])
        .irreversible("a deleted trail cannot be had back, its log files stay")
        .costs("saves the second copy of management events"),
    ]
}

pub(super) fn config_steps() -> Vec<Step> {
    let ids = [(ARCHIVE, ["s033", "s034", "s035"]), (MEMBER, ["s036", "s037", "s038"])];
    ids.into_iter().flat_map(|(account, ids)| config(account, ids)).collect()
}

fn config(account: &str, [recorder_id, channel_id, recording_id]: [&str; 3]) -> Vec<Step> {
    let at = || place(account, "eu-north-1");
    let role = format!("arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig");
    let recorder = json!({
        "name": "default", "roleARN": role, "recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": false},
    });
    let channel = json!({
        "name": "default", "s3BucketName": "acme-config",
        "configSnapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"},
    });
    let name = || "default".to_owned();
    let put = Call::PutConfigurationRecorder { configuration_recorder: recorder.clone() };
    let deliver = Call::PutDeliveryChannel { delivery_channel: channel.clone() };
    let start = Call::StartConfigurationRecorder { configuration_recorder_name: name() };
    vec![
        step(recorder_id, "set up AWS Config's recorder", (at(), Aspect::ConfigRecorder), put, nothing(), recorder)
            .undo(Call::DeleteConfigurationRecorder { configuration_recorder_name: name() })
            .costs("0.003 USD for every item recorded"),
        step(channel_id, "deliver what it records", (at(), Aspect::ConfigChannel), deliver, nothing(), channel)
            .needs(&[recorder_id])
            .undo(Call::DeleteDeliveryChannel { delivery_channel_name: name() }),
        step(recording_id, "record", (at(), Aspect::ConfigRecording), start, created_by(recorder_id), true.into())
            .needs(&[channel_id])
            .undo(Call::StopConfigurationRecorder { configuration_recorder_name: name() }),
    ]
}
