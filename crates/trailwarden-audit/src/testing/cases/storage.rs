//! The log bucket: whose it is, who reaches it, what protects its objects, where else they are.

use serde_json::{Value, json};
use trailwarden_model::observed::Observed::Known;
use trailwarden_model::observed::{GapKind, Observed};
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;
use trailwarden_model::storage::{
    AccessPoint, AclGrant, BlockPublicAccess, BucketOwner, DefaultRetention, LogBucket, ObjectLock, ReplicationRule,
    Versioning,
};
use trailwarden_model::trail::{BasicSelector, DataResource, ReadWriteType, Selectors};

use super::Case;
use crate::testing::clean::{BUCKET_ARN, ORGANIZATION, TRAIL_ARN, bucket_policy};
use crate::testing::selectors::{advanced, equals};
use crate::testing::{MANAGEMENT, ORG_TRAIL, World, account, gap, region};

pub(super) const CASES: &[Case] = &[
    Case { name: "bucket-taken-over", world: bucket_taken_over },
    Case { name: "bucket-deleted", world: bucket_deleted },
    Case { name: "bucket-owner-unread", world: bucket_owner_unread },
    Case { name: "bucket-in-the-management-account", world: bucket_in_the_management_account },
    Case { name: "bucket-in-the-management-account-unwatched", world: unwatched_in_the_management_account },
    Case { name: "public-to-every-aws-user", world: public_to_every_aws_user },
    Case { name: "public-policy-stopped-by-the-account", world: public_policy_stopped_by_the_account },
    Case { name: "public-access-point", world: public_access_point },
    Case { name: "policy-without-organization-prefix", world: policy_without_organization_prefix },
    Case { name: "policy-not-pinned", world: policy_not_pinned },
    Case { name: "policy-denies-the-service", world: policy_denies_the_service },
    Case { name: "plain-http-allowed", world: plain_http_allowed },
    Case { name: "lock-shorter-than-retention", world: lock_shorter_than_retention },
    Case { name: "lock-without-default-retention", world: lock_without_default_retention },
    Case { name: "governance-mode", world: governance_mode },
    Case { name: "mfa-delete-instead-of-lock", world: mfa_delete_instead_of_lock },
    Case { name: "versioning-suspended", world: versioning_suspended },
    Case { name: "reads-of-logs-unrecorded", world: reads_of_logs_unrecorded },
    Case { name: "feedback-loop", world: feedback_loop },
    Case { name: "loop-cured-by-recursive-logging-off", world: loop_cured_by_recursive_logging_off },
    Case { name: "loop-cured-by-exclusion", world: loop_cured_by_exclusion },
    Case { name: "replication-missing", world: World::clean },
    Case { name: "replication-of-other-objects", world: replication_of_other_objects },
];

fn nobody_blocks(bucket: &mut LogBucket) {
    bucket.block_public_access = Known(Some(BlockPublicAccess::default()));
    bucket.account_block_public_access = Known(None);
}

/// Adds a statement to the bucket policy.
fn add_statement(bucket: &mut LogBucket, statement: Value) {
    let mut policy: Value = serde_json::from_str(&bucket_policy(&[TRAIL_ARN])).expect("JSON");
    policy["Statement"].as_array_mut().expect("statements").push(statement);
    bucket.policy = Known(Some(policy.to_string()));
}

/// A stranger made a bucket of this name after ours was deleted; it takes what CloudTrail delivers.
fn bucket_taken_over() -> World {
    World::clean().bucket(|bucket| {
        let gap = gap(GapKind::NotVisible, "s3:ListBuckets");
        *bucket = without_settings(bucket, BucketOwner::OutsideOrganization, &gap);
        bucket.region = Known(region("eu-west-1"));
    })
}

fn bucket_deleted() -> World {
    World::clean()
        .bucket(|bucket| {
            let gap = gap(GapKind::NotVisible, "s3:HeadBucket");
            *bucket = without_settings(bucket, BucketOwner::Missing, &gap);
            bucket.region = Observed::Gap(gap);
        })
        .status_everywhere(ORG_TRAIL, |status| {
            status.log_files.last_error = Some("NoSuchBucket".to_owned());
            status.digests.last_error = Some("NoSuchBucket".to_owned());
        })
}

fn bucket_owner_unread() -> World {
    World::clean().bucket(|bucket| {
        let gap = gap(GapKind::AccountNotEntered, "sts:AssumeRole");
        *bucket = LogBucket {
            owner: Observed::Gap(gap.clone()),
            region: bucket.region.clone(),
            ..without_settings(bucket, BucketOwner::Missing, &gap)
        };
    })
}

fn without_settings(bucket: &LogBucket, owner: BucketOwner, gap: &trailwarden_model::observed::Gap) -> LogBucket {
    LogBucket {
        name: bucket.name.clone(),
        owner: Known(owner),
        region: bucket.region.clone(),
        policy: Observed::Gap(gap.clone()),
        policy_is_public: Observed::Gap(gap.clone()),
        acl: Observed::Gap(gap.clone()),
        block_public_access: Observed::Gap(gap.clone()),
        account_block_public_access: Observed::Gap(gap.clone()),
        access_points: Observed::Gap(gap.clone()),
        versioning: Observed::Gap(gap.clone()),
        lifecycle: Observed::Gap(gap.clone()),
        mfa_delete: Observed::Gap(gap.clone()),
        object_lock: Observed::Gap(gap.clone()),
        access_logging: Observed::Gap(gap.clone()),
        replication: Observed::Gap(gap.clone()),
    }
}

/// Central, but where no policy of the organization binds anybody.
fn bucket_in_the_management_account() -> World {
    World::clean().bucket(|bucket| bucket.owner = Known(BucketOwner::Account(account(MANAGEMENT))))
}

/// And one change of its policy raises no alarm.
fn unwatched_in_the_management_account() -> World {
    bucket_in_the_management_account().threshold("s3-bucket-policy-changes", "10")
}

fn public_to_every_aws_user() -> World {
    let grantee = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers".to_owned();
    World::clean().bucket(|bucket| {
        nobody_blocks(bucket);
        if let Known(grants) = &mut bucket.acl {
            grants.push(AclGrant { grantee, permission: "READ".to_owned() });
        }
    })
}

fn public_policy_stopped_by_the_account() -> World {
    World::clean().bucket(|bucket| {
        let all = bucket.block_public_access.clone();
        nobody_blocks(bucket);
        bucket.account_block_public_access = all;
        bucket.policy_is_public = Known(Some(true));
        let object = format!("{BUCKET_ARN}/*");
        add_statement(
            bucket,
            json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": object}),
        );
    })
}

fn public_access_point() -> World {
    World::clean().bucket(|bucket| {
        nobody_blocks(bucket);
        bucket.access_points = Known(vec![AccessPoint {
            name: "partners".to_owned(),
            network_origin: "Internet".to_owned(),
            policy_is_public: Known(Some(true)),
        }]);
    })
}

/// The policy of a plain trail: the management account's own prefix only.
fn policy_without_organization_prefix() -> World {
    World::clean().bucket(|bucket| {
        let policy = bucket_policy(&[TRAIL_ARN]).replace(&format!("AWSLogs/{ORGANIZATION}/"), "AWSLogs/111111111111/");
        bucket.policy = Known(Some(policy));
    })
}

/// CloudTrail may write for anybody's trail.
fn policy_not_pinned() -> World {
    let service = json!({"Service": CLOUDTRAIL_PRINCIPAL});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": BUCKET_ARN},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": format!("{BUCKET_ARN}/AWSLogs/*"),
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [BUCKET_ARN, format!("{BUCKET_ARN}/*")],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]});
    World::clean().bucket(|bucket| bucket.policy = Known(Some(policy.to_string())))
}

/// Whoever is not of the organization is refused, and a service is of no organization.
fn policy_denies_the_service() -> World {
    World::clean().bucket(|bucket| {
        let object = format!("{BUCKET_ARN}/*");
        add_statement(
            bucket,
            json!({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": object,
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}}),
        );
    })
}

fn plain_http_allowed() -> World {
    World::clean().bucket(|bucket| {
        let mut policy: Value = serde_json::from_str(&bucket_policy(&[TRAIL_ARN])).expect("JSON");
        policy["Statement"].as_array_mut().expect("statements").retain(|statement| statement["Effect"] == "Allow");
        bucket.policy = Known(Some(policy.to_string()));
    })
}

fn locked(mode: &str, days: u32) -> Observed<Option<ObjectLock>> {
    Known(Some(ObjectLock { default_retention: Some(DefaultRetention { mode: mode.to_owned(), days }) }))
}

fn lock_shorter_than_retention() -> World {
    World::clean().bucket(|bucket| bucket.object_lock = locked("COMPLIANCE", 30))
}

fn lock_without_default_retention() -> World {
    World::clean().bucket(|bucket| bucket.object_lock = Known(Some(ObjectLock::default())))
}

fn governance_mode() -> World {
    World::clean().bucket(|bucket| bucket.object_lock = locked("GOVERNANCE", 400))
}

/// MFA delete and a lifecycle configuration exclude each other.
fn mfa_delete_instead_of_lock() -> World {
    World::clean().bucket(|bucket| {
        bucket.object_lock = Known(None);
        bucket.mfa_delete = Known(true);
        bucket.lifecycle = Known(Vec::new());
    })
}

/// A bucket that had versions once; Object Lock would forbid to suspend them.
fn versioning_suspended() -> World {
    World::clean().bucket(|bucket| {
        bucket.versioning = Known(Versioning::Suspended);
        bucket.object_lock = Known(None);
    })
}

fn reads_of_logs_unrecorded() -> World {
    World::clean().bucket(|bucket| bucket.access_logging = Known(None))
}

/// Data events of every bucket, the log bucket among them.
fn all_objects(recursive: bool) -> World {
    let selector = BasicSelector {
        read_write: ReadWriteType::All,
        include_management_events: true,
        exclude_management_event_sources: [].into(),
        data_resources: vec![DataResource {
            resource_type: "AWS::S3::Object".to_owned(),
            values: vec!["arn:aws:s3".to_owned()],
        }],
    };
    World::clean().trail(ORG_TRAIL, |trail| {
        trail.selectors = Known(Selectors::Basic(vec![selector]));
        trail.recursive_logging = Some(recursive);
    })
}

fn feedback_loop() -> World {
    all_objects(true)
}

/// The data events of the log bucket also stand in for its access log.
fn loop_cured_by_recursive_logging_off() -> World {
    all_objects(false).bucket(|bucket| bucket.access_logging = Known(None))
}

/// Every bucket but the log bucket.
fn loop_cured_by_exclusion() -> World {
    let mut buckets = equals("resources.ARN", "");
    buckets.equals.clear();
    buckets.not_starts_with = vec![format!("{BUCKET_ARN}/")];
    let objects = vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object"), buckets];
    let selectors = advanced(vec![vec![equals("eventCategory", "Management")], objects]);
    World::clean().trail(ORG_TRAIL, |trail| trail.selectors = Known(selectors))
}

/// The only rule replicates what a query wrote.
fn replication_of_other_objects() -> World {
    World::clean().bucket(|bucket| {
        bucket.replication = Known(vec![ReplicationRule {
            id: "to-the-vault".to_owned(),
            enabled: true,
            prefix: "athena/".to_owned(),
            has_tag_filter: false,
            destination: "arn:aws:s3:::acme-log-vault".to_owned(),
            account: Some(account("333333333333")),
        }]);
    })
}
