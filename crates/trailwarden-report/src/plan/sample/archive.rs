//! Steps of the log archive account: a key, a bucket, and everything that hangs on the bucket.

use serde_json::{Value, json};
use trailwarden_model::ids::Region;
use trailwarden_model::plan::{Aspect, Call, KmsTag, Step};

use super::{ARCHIVE, LOGS, ROOT, With, archive_place, created_by, for_cloudtrail, nothing, place, policy, step, text};

const KEY: &str = "${s003.Arn}";

pub(super) fn steps() -> Vec<Step> {
    [access(), key(), bucket(), locked()].concat()
}

fn access() -> Vec<Step> {
    let leader = place(ROOT, "us-east-1");
    let service = "cloudtrail.amazonaws.com".to_owned();
    let role = "AWSServiceRoleForCloudTrail".to_owned();
    let trust = policy(&[json!({
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole",
    })]);
    vec![
        step(
            "s001",
            "let CloudTrail work in the whole organization",
            (leader.clone(), Aspect::TrustedAccess { service: service.clone() }),
            Call::EnableAwsServiceAccess { service_principal: service.clone() },
            trailwarden_model::plan::Before::Is(false.into()),
            true.into(),
        )
        .undo(Call::DisableAwsServiceAccess { service_principal: service.clone() })
        .mends(&["organization-has-organization-trail-0a1b2c3d4e5f"]),
        step(
            "s002",
            "create CloudTrail's service-linked role",
            (leader, Aspect::Role { name: role }),
            Call::CreateServiceLinkedRole { aws_service_name: service },
            nothing(),
            json!({"AssumeRolePolicyDocument": trust}),
        )
        .needs(&["s001"]),
    ]
}

fn key_policy() -> Value {
    policy(&[
        json!({
            "Sid": "Administration", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ARCHIVE}:root")},
            "Action": "kms:*", "Resource": "*",
        }),
        for_cloudtrail("CloudTrailEncrypts", "kms:GenerateDataKey*", "*"),
    ])
}

fn key() -> Vec<Step> {
    let (at, tag) = (archive_place, "trail".to_owned());
    let made = json!({"Arn": "${s003.Arn}", "KeyId": "${s003.KeyId}", "KeyState": "Enabled"});
    let call = Call::CreateKey {
        description: "Encrypts the log files of trail acme-org".to_owned(),
        policy: text(&key_policy()),
        tags: vec![KmsTag { tag_key: "trailwarden:key".to_owned(), tag_value: tag.clone() }],
    };
    let alias = "alias/acme-org-trail".to_owned();
    vec![
        step("s003", "create the key of the log files", (at(), Aspect::TaggedKey { tag }), call, nothing(), made)
            .undo(Call::ScheduleKeyDeletion { key_id: "${s003.KeyId}".to_owned(), pending_window_in_days: 7 })
            .mends(&["trail-is-encrypted-1f2e3d4c5b6a", "trail-key-is-rotated-77aa88bb99cc"])
            .costs("about 1 USD a month, and requests"),
        step(
            "s004",
            "name the key",
            (at(), Aspect::KeyAlias { name: alias.clone() }),
            Call::CreateAlias { alias_name: alias.clone(), target_key_id: "${s003.KeyId}".to_owned() },
            nothing(),
            json!({"TargetKeyId": "${s003.KeyId}"}),
        )
        .needs(&["s003"])
        .undo(Call::DeleteAlias { alias_name: alias }),
        step(
            "s005",
            "rotate the key every year",
            (at(), Aspect::KeyRotation { key: KEY.to_owned() }),
            Call::EnableKeyRotation { key_id: "${s003.KeyId}".to_owned() },
            created_by("s003"),
            true.into(),
        )
        .needs(&["s003"])
        .mends(&["trail-key-is-rotated-77aa88bb99cc"]),
    ]
}

fn bucket_policy() -> Value {
    let (all, bucket) = (format!("arn:aws:s3:::{LOGS}/*"), format!("arn:aws:s3:::{LOGS}"));
    policy(&[
        for_cloudtrail("AWSCloudTrailAclCheck", "s3:GetBucketAcl", &bucket),
        for_cloudtrail("AWSCloudTrailWrite", "s3:PutObject", &format!("arn:aws:s3:::{LOGS}/AWSLogs/*")),
        json!({
            "Sid": "DenyPlain", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [bucket, all],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }),
        json!({
            "Sid": "OwnPrefix", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ARCHIVE}:root")},
            "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{LOGS}/${{aws:username}}/*"),
        }),
    ])
}

fn bucket() -> Vec<Step> {
    let name = || LOGS.to_owned();
    let region: Region = "eu-west-1".parse().expect("a region");
    let switches = json!({
        "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
    });
    let encryption = json!({"Rules": [{
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
        "BucketKeyEnabled": true,
    }]});
    let ownership = json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]});
    let hung = |id: &str, title: &str, aspect: Aspect, call: Call, after: Value| {
        step(id, title, (archive_place(), aspect), call, created_by("s006"), after).needs(&["s006"])
    };
    let create = Call::CreateBucket {
        bucket: name(),
        create_bucket_configuration: Some(json!({"LocationConstraint": region})),
        object_lock_enabled_for_bucket: Some(true),
    };
    let access = Call::PutPublicAccessBlock { bucket: name(), public_access_block_configuration: switches.clone() };
    let versions = Call::PutBucketVersioning { bucket: name(), versioning_configuration: json!({"Status": "Enabled"}) };
    let encrypt =
        Call::PutBucketEncryption { bucket: name(), server_side_encryption_configuration: encryption.clone() };
    let own = Call::PutBucketOwnershipControls { bucket: name(), ownership_controls: ownership.clone() };
    let policy = Call::PutBucketPolicy { bucket: name(), policy: text(&bucket_policy()) };
    let made = json!({"Region": region});
    vec![
        step(
            "s006",
            "create the log bucket",
            (archive_place(), Aspect::Bucket { bucket: name() }),
            create,
            nothing(),
            made,
        )
        .undo(Call::DeleteBucket { bucket: name() })
        .mends(&["log-bucket-exists-83cd489db6b6"])
        .costs("storage of the log files"),
        hung("s007", "block public access", Aspect::BucketPublicAccess { bucket: name() }, access, switches),
        hung(
            "s008",
            "keep versions",
            Aspect::BucketVersioning { bucket: name() },
            versions,
            json!({"Status": "Enabled"}),
        ),
        hung("s009", "encrypt by default", Aspect::BucketEncryption { bucket: name() }, encrypt, encryption)
            .needs(&["s003", "s006"]),
        hung("s010", "let the bucket own its objects", Aspect::BucketOwnership { bucket: name() }, own, ownership),
        hung("s011", "let CloudTrail write", Aspect::BucketPolicy { bucket: name() }, policy, bucket_policy())
            .undo(Call::DeleteBucketPolicy { bucket: name() }),
    ]
}

fn locked() -> Vec<Step> {
    let bucket = || LOGS.to_owned();
    let lock = json!({
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}},
    });
    let rules = json!({"Rules": [{
        "ID": "expire", "Status": "Enabled", "Filter": {"Prefix": "AWSLogs/"}, "Expiration": {"Days": 2555},
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
    }]});
    let lock_call = Call::PutObjectLockConfiguration { bucket: bucket(), object_lock_configuration: lock.clone() };
    let lifecycle_call = Call::PutBucketLifecycleConfiguration {
        bucket: bucket(),
        lifecycle_configuration: rules.clone(),
        transition_default_minimum_object_size: None,
    };
    vec![
        step(
            "s012",
            "lock the log files for a year",
            (archive_place(), Aspect::BucketObjectLock { bucket: bucket() }),
            lock_call,
            created_by("s006"),
            lock,
        )
        .needs(&["s008"])
        .mends(&["log-bucket-is-locked-5566778899aa"])
        .irreversible("nobody, not even AWS, can delete a locked version before its time"),
        step(
            "s013",
            "expire log files after seven years",
            (archive_place(), Aspect::BucketLifecycle { bucket: bucket() }),
            lifecycle_call,
            created_by("s006"),
            rules,
        )
        .needs(&["s012"])
        .costs("saves storage from the ninetieth day on"),
    ]
}
