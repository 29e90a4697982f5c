//! Trusted access, roles, keys and buckets; and their removal.

use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Call, KmsTag, Tag};

use super::{Desk, MANAGEMENT, MEMBER, place, text};

const ROLE: &str = "trailwarden-delivery";
pub const BUCKET: &str = "blank-cloudtrail-logs";

pub fn organization(desk: &Desk) {
    let here = place(MANAGEMENT);
    let service = || "cloudtrail.amazonaws.com".to_owned();
    let aspect = Aspect::TrustedAccess { service: service() };
    let enable = Call::EnableAwsServiceAccess { service_principal: service() };
    desk.change(&here, &aspect, &json!(false), &enable, &json!(true));

    let role = Aspect::Role { name: "AWSServiceRoleForCloudTrail".to_owned() };
    let create = Call::CreateServiceLinkedRole { aws_service_name: service() };
    assert_eq!(desk.look(&here, &role), Value::Null);
    desk.done(&here, &create);
    let trusted = &desk.look(&here, &role)["AssumeRolePolicyDocument"]["Statement"]["Principal"]["Service"];
    assert_eq!(trusted, "cloudtrail.amazonaws.com");
}

pub fn trust(service: &str) -> Value {
    let statement = json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" });
    json!({ "Version": "2012-10-17", "Statement": statement })
}

/// Makes the role that delivers to a log group; answers its ARN.
pub fn role(desk: &Desk) -> String {
    let here = place(MANAGEMENT);
    let (name, policy) = (|| ROLE.to_owned(), || "delivery".to_owned());
    let aspect = Aspect::Role { name: name() };
    let tags = vec![Tag { key: "owner".to_owned(), value: "security".to_owned() }];
    let trusting = |service| json!({ "AssumeRolePolicyDocument": trust(service) });
    let create = Call::CreateRole {
        role_name: name(),
        assume_role_policy_document: text(&trust("ec2.amazonaws.com")),
        description: "delivers".to_owned(),
        tags,
    };
    desk.change(&here, &aspect, &Value::Null, &create, &trusting("ec2.amazonaws.com"));
    let trust = text(&trust("cloudtrail.amazonaws.com"));
    let update = Call::UpdateAssumeRolePolicy { role_name: name(), policy_document: trust };
    desk.change(&here, &aspect, &trusting("ec2.amazonaws.com"), &update, &trusting("cloudtrail.amazonaws.com"));

    let actions = json!(["logs:CreateLogStream", "logs:PutLogEvents"]);
    let document = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": actions, "Resource": ["arn:aws:logs:*:*:log-group:trail:*"] },
    ] });
    let seen = json!({ "Version": "2012-10-17", "Statement":
        { "Effect": "Allow", "Action": actions, "Resource": "arn:aws:logs:*:*:log-group:trail:*" },
    });
    let aspect = Aspect::RolePolicy { role: name(), name: policy() };
    let put = Call::PutRolePolicy { role_name: name(), policy_name: policy(), policy_document: text(&document) };
    desk.change(&here, &aspect, &Value::Null, &put, &seen);
    let arn = format!("arn:aws:iam::{MANAGEMENT}:role/{ROLE}");
    assert_tags(desk, MANAGEMENT, &arn, &json!({ "owner": "security" }));
    arn
}

/// Tags, as they were given on creation.
pub fn assert_tags(desk: &Desk, account: &str, resource: &str, tags: &Value) {
    assert_eq!(desk.look(&place(account), &Aspect::Tags { resource: resource.to_owned() }), *tags, "{resource}");
}

fn key_policy(account: &str) -> Value {
    let root = format!("arn:aws:iam::{account}:root");
    let owner = json!({ "Effect": "Allow", "Principal": { "AWS": root }, "Action": "kms:*", "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": owner })
}

/// Makes a key with an alias; answers its ARN.
pub fn key(desk: &Desk) -> String {
    let here = place(MEMBER);
    let tagged = Aspect::TaggedKey { tag: "logs".to_owned() };
    let tags = vec![KmsTag { tag_key: "trailwarden:key".to_owned(), tag_value: "logs".to_owned() }];
    let create = Call::CreateKey { description: "logs".to_owned(), policy: text(&key_policy(MEMBER)), tags };
    assert_eq!(desk.look(&here, &tagged), Value::Null);
    desk.done(&here, &create);
    let found = desk.look(&here, &tagged);
    let arn = found["Arn"].as_str().expect("an ARN").to_owned();
    let id = found["KeyId"].as_str().expect("an id").to_owned();
    assert_eq!(found, json!({ "Arn": arn, "KeyId": id, "KeyState": "Enabled" }));
    assert_tags(desk, MEMBER, &arn, &json!({ "trailwarden:key": "logs" }));

    let alias = Aspect::KeyAlias { name: "alias/logs".to_owned() };
    let create = Call::CreateAlias { alias_name: "alias/logs".to_owned(), target_key_id: id.clone() };
    desk.change(&here, &alias, &Value::Null, &create, &json!({ "TargetKeyId": id }));

    let aspect = Aspect::KeyPolicy { key: arn.clone() };
    let mut policy = key_policy(MEMBER);
    policy["Id"] = json!("changed");
    let put = Call::PutKeyPolicy { key_id: arn.clone(), policy_name: "default".to_owned(), policy: text(&policy) };
    desk.change(&here, &aspect, &key_policy(MEMBER), &put, &policy);

    let rotation = Aspect::KeyRotation { key: arn.clone() };
    let (on, off) = (Call::EnableKeyRotation { key_id: arn.clone() }, Call::DisableKeyRotation { key_id: arn.clone() });
    desk.change(&here, &rotation, &json!(false), &on, &json!(true));
    desk.change(&here, &rotation, &json!(true), &off, &json!(false));

    let aspect = Aspect::Key { key: arn.clone() };
    let state = |state: &str| json!({ "Arn": arn, "KeyState": state });
    let (off, on) = (Call::DisableKey { key_id: arn.clone() }, Call::EnableKey { key_id: arn.clone() });
    desk.change(&here, &aspect, &state("Enabled"), &off, &state("Disabled"));
    desk.change(&here, &aspect, &state("Disabled"), &on, &state("Enabled"));
    arn
}

pub fn bucket(desk: &Desk, key: &str) {
    let here = place(MEMBER);
    let bucket = || BUCKET.to_owned();
    let aspect = Aspect::Bucket { bucket: bucket() };
    let create = Call::CreateBucket {
        bucket: bucket(),
        create_bucket_configuration: Some(json!({ "LocationConstraint": "eu-west-1" })),
        object_lock_enabled_for_bucket: None,
    };
    desk.change(&here, &aspect, &Value::Null, &create, &json!({ "Region": "eu-west-1" }));
    assert_eq!(desk.look(&place(MANAGEMENT), &aspect), json!({ "Owner": "another account" }));
    assert_tags(desk, MEMBER, &format!("arn:aws:s3:::{BUCKET}"), &json!({}));

    let block = json!({
        "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
    });
    let aspect = Aspect::BucketPublicAccess { bucket: bucket() };
    let put = Call::PutPublicAccessBlock { bucket: bucket(), public_access_block_configuration: block.clone() };
    let delete = Call::DeletePublicAccessBlock { bucket: bucket() };
    if desk.look(&here, &aspect) != Value::Null {
        desk.done(&here, &delete);
    }
    desk.change(&here, &aspect, &Value::Null, &put, &block);

    let aspect = Aspect::BucketOwnership { bucket: bucket() };
    let controls = |ownership: &str| json!({ "Rules": [{ "ObjectOwnership": ownership }] });
    let put =
        |ownership| Call::PutBucketOwnershipControls { bucket: bucket(), ownership_controls: controls(ownership) };
    let delete = Call::DeleteBucketOwnershipControls { bucket: bucket() };
    desk.change(&here, &aspect, &controls("BucketOwnerEnforced"), &delete, &Value::Null);
    desk.change(&here, &aspect, &Value::Null, &put("BucketOwnerPreferred"), &controls("BucketOwnerPreferred"));

    let aspect = Aspect::BucketVersioning { bucket: bucket() };
    let enabled = json!({ "Status": "Enabled" });
    let put = Call::PutBucketVersioning { bucket: bucket(), versioning_configuration: enabled.clone() };
    desk.change(&here, &aspect, &json!({}), &put, &enabled);

    let encryption = json!({ "Rules": [{
        "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key },
        "BucketKeyEnabled": true,
    }] });
    let aspect = Aspect::BucketEncryption { bucket: bucket() };
    let put = Call::PutBucketEncryption { bucket: bucket(), server_side_encryption_configuration: encryption.clone() };
    let before = desk.look(&here, &aspect);
    assert_eq!(before["Rules"][0]["ApplyServerSideEncryptionByDefault"], json!({ "SSEAlgorithm": "AES256" }));
    desk.change(&here, &aspect, &before, &put, &encryption);
    objects(desk);
}

/// What becomes of the objects in the bucket.
fn objects(desk: &Desk) {
    let here = place(MEMBER);
    let bucket = || BUCKET.to_owned();
    let lifecycle = json!({ "Rules": [{
        "ID": "logs", "Status": "Enabled", "Filter": { "And": { "Prefix": "AWSLogs/", "ObjectSizeGreaterThan": 10 } },
        "Expiration": { "Days": 400 }, "Transitions": [{ "Days": 90, "StorageClass": "STANDARD_IA" }],
        "NoncurrentVersionExpiration": { "NoncurrentDays": 90 },
    }, {
        "ID": "uploads", "Status": "Enabled", "Filter": { "Prefix": "" },
        "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 },
    }] });
    let aspect = Aspect::BucketLifecycle { bucket: bucket() };
    let size = "varies_by_storage_class".to_owned();
    let put = Call::PutBucketLifecycleConfiguration {
        bucket: bucket(),
        lifecycle_configuration: lifecycle.clone(),
        transition_default_minimum_object_size: Some(size.clone()),
    };
    let mut seen = lifecycle;
    seen["TransitionDefaultMinimumObjectSize"] = json!(size);
    desk.change(&here, &aspect, &Value::Null, &put, &seen);
    let delete = Call::DeleteBucketLifecycle { bucket: bucket() };
    desk.change(&here, &aspect, &seen, &delete, &Value::Null);

    let create = Call::CreateBucket {
        bucket: "blank-access-logs".to_owned(),
        create_bucket_configuration: Some(json!({ "LocationConstraint": "eu-west-1" })),
        object_lock_enabled_for_bucket: None,
    };
    desk.done(&here, &create);
    let aspect = Aspect::BucketLogging { bucket: bucket() };
    let logging = json!({ "TargetBucket": "blank-access-logs", "TargetPrefix": "logs/" });
    let put = |status: Value| Call::PutBucketLogging { bucket: bucket(), bucket_logging_status: status };
    desk.change(&here, &aspect, &Value::Null, &put(json!({ "LoggingEnabled": logging })), &logging);
    desk.change(&here, &aspect, &logging, &put(json!({})), &Value::Null);

    let aspect = Aspect::BucketObjectLock { bucket: bucket() };
    let lock = json!({
        "ObjectLockEnabled": "Enabled", "Rule": { "DefaultRetention": { "Mode": "GOVERNANCE", "Days": 30 } },
    });
    let put = Call::PutObjectLockConfiguration { bucket: bucket(), object_lock_configuration: lock.clone() };
    desk.change(&here, &aspect, &Value::Null, &put, &lock);

    let aspect = Aspect::BucketPolicy { bucket: bucket() };
    let put = |policy: &Value| Call::PutBucketPolicy { bucket: bucket(), policy: text(policy) };
    let delete = Call::DeleteBucketPolicy { bucket: bucket() };
    desk.change(&here, &aspect, &Value::Null, &put(&bucket_policy()), &bucket_policy());
    desk.change(&here, &aspect, &bucket_policy(), &delete, &Value::Null);
    desk.change(&here, &aspect, &Value::Null, &put(&bucket_policy()), &bucket_policy());
}

fn bucket_policy() -> Value {
    let arn = format!("arn:aws:s3:::{BUCKET}");
    let cloudtrail = json!({ "Service": "cloudtrail.amazonaws.com" });
    let acl = json!({ "StringEquals": { "s3:x-amz-acl": "bucket-owner-full-control" } });
    let logs = format!("{arn}/AWSLogs/{MANAGEMENT}/*");
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": cloudtrail, "Action": "s3:GetBucketAcl", "Resource": arn },
        { "Effect": "Allow", "Principal": cloudtrail, "Action": "s3:PutObject", "Resource": logs, "Condition": acl },
    ] })
}

/// The way back.
pub fn removal(desk: &Desk, key: &str) {
    let here = place(MEMBER);
    let bucket = || BUCKET.to_owned();
    let aspect = Aspect::BucketPublicAccess { bucket: bucket() };
    desk.done(&here, &Call::DeletePublicAccessBlock { bucket: bucket() });
    assert_eq!(desk.look(&here, &aspect), Value::Null);
    let aspect = Aspect::Bucket { bucket: bucket() };
    let there = json!({ "Region": "eu-west-1" });
    desk.change(&here, &aspect, &there, &Call::DeleteBucket { bucket: bucket() }, &Value::Null);
    assert_eq!(desk.look(&here, &Aspect::BucketVersioning { bucket: bucket() }), Value::Null);

    let alias = Aspect::KeyAlias { name: "alias/logs".to_owned() };
    let id = key.rsplit('/').next().expect("an id");
    let delete = Call::DeleteAlias { alias_name: "alias/logs".to_owned() };
    desk.change(&here, &alias, &json!({ "TargetKeyId": id }), &delete, &Value::Null);
    let tagged = Aspect::TaggedKey { tag: "logs".to_owned() };
    let usable = json!({ "Arn": key, "KeyId": id, "KeyState": "Enabled" });
    let schedule = Call::ScheduleKeyDeletion { key_id: key.to_owned(), pending_window_in_days: 30 };
    desk.change(&here, &tagged, &usable, &schedule, &Value::Null);
    let (aspect, deletion) = (Aspect::Key { key: key.to_owned() }, Aspect::KeyDeletion { key: key.to_owned() });
    let state = |state: &str| json!({ "Arn": key, "KeyState": state });
    assert_eq!(desk.look(&here, &aspect), state("PendingDeletion"));
    let cancel = Call::CancelKeyDeletion { key_id: key.to_owned() };
    desk.change(&here, &deletion, &json!(true), &cancel, &json!(false));
    assert_eq!(desk.look(&here, &aspect), state("Disabled"));

    let here = place(MANAGEMENT);
    let policy = Aspect::RolePolicy { role: ROLE.to_owned(), name: "delivery".to_owned() };
    let delete = Call::DeleteRolePolicy { role_name: ROLE.to_owned(), policy_name: "delivery".to_owned() };
    let before = desk.look(&here, &policy);
    desk.change(&here, &policy, &before, &delete, &Value::Null);
    let role = Aspect::Role { name: ROLE.to_owned() };
    let before = desk.look(&here, &role);
    desk.change(&here, &role, &before, &Call::DeleteRole { role_name: ROLE.to_owned() }, &Value::Null);
    let service = || "cloudtrail.amazonaws.com".to_owned();
    let aspect = Aspect::TrustedAccess { service: service() };
    let disable = Call::DisableAwsServiceAccess { service_principal: service() };
    desk.change(&here, &aspect, &json!(true), &disable, &json!(false));
}
