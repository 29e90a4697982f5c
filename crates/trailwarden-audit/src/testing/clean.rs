//! The clean organization: management, log archive and workload account, one organization trail with everything right.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use trailwarden_model::baseline::Baseline;
use trailwarden_model::history::History;
use trailwarden_model::ids::AccountId;
use trailwarden_model::log_source::ConfigRecorder;
use trailwarden_model::observed::Observed::{self, Known};
use trailwarden_model::organization::{
    Account, AccountState, AuthorizationPolicy, CLOUDTRAIL_PRINCIPAL, FULL_AWS_ACCESS, FeatureSet, Organization, Root,
    SERVICE_CONTROL_POLICY, Unit,
};
use trailwarden_model::snapshot::{AccountSnapshot, Caller, FORMAT, Need, RegionList, RegionSnapshot, Snapshot};
use trailwarden_model::storage::{
    AccessLogging, AclGrant, BlockPublicAccess, BucketOwner, DefaultRetention, DeliveryRole, KeyDetail, LifecycleRule,
    LogBucket, LogGroup, LogGroupDetail, ObjectLock, Rotation, TrailKey, Transition, Versioning,
};
use trailwarden_model::trail::{Delivery, ReadWriteType, Trail, TrailStatus};

use super::monitoring;
use super::{ARCHIVE, HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, account, arn, hours_ago, now, region};

pub(crate) const ORGANIZATION: &str = "o-exampleorg";
pub(crate) const ROOT: &str = "r-root";
pub(crate) const WORKLOADS_OU: &str = "ou-root-workload";
pub(crate) const GUARD: &str = "p-guard";
pub(crate) const ARCHIVE_GUARD: &str = "p-archive";
pub(crate) const BUCKET: &str = "acme-log-archive";
pub(crate) const BUCKET_ARN: &str = "arn:aws:s3:::acme-log-archive";
pub(crate) const TRAIL_ARN: &str = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/org-trail";
pub(crate) const KEY_ARN: &str = "arn:aws:kms:eu-west-1:222222222222:key/0aaaaaaa-1111-4222-8333-444444444444";
pub(crate) const GROUP_ARN: &str = "arn:aws:logs:eu-west-1:111111111111:log-group:org-trail";
pub(crate) const ROLE_ARN: &str = "arn:aws:iam::111111111111:role/trail-to-logs";

/// All reads: what a snapshot of the clean organization was asked for does not depend on which controls exist.
const EVERY_NEED: [Need; 28] = [
    Need::Trails,
    Need::TrailStatus,
    Need::EventSelectors,
    Need::BucketOwner,
    Need::BucketPolicy,
    Need::BucketPublicAccess,
    Need::BucketLifecycle,
    Need::Key,
    Need::KeyPolicy,
    Need::KeyRotation,
    Need::LogGroup,
    Need::DeliveryRole,
    Need::ServiceControlPolicies,
    Need::ResourceControlPolicies,
    Need::TrustedAccess,
    Need::DelegatedAdministrators,
    Need::Insights,
    Need::BucketLock,
    Need::BucketAccessLogging,
    Need::BucketReplication,
    Need::Topics,
    Need::Alarms,
    Need::EventRules,
    Need::EventHistory,
    Need::EventDataStores,
    Need::ConfigRecorders,
    Need::FlowLogs,
    Need::WebAcls,
];

pub(super) fn world() -> World {
    let accounts = [MANAGEMENT, ARCHIVE, WORKLOAD].map(|id| (account(id), seen()));
    let snapshot = Snapshot {
        format: FORMAT.to_owned(),
        tool_version: "test".to_owned(),
        collected_at: now(),
        caller: Caller { account: account(MANAGEMENT), arn: arn("arn:aws:iam::111111111111:user/auditor") },
        needs: BTreeSet::from(EVERY_NEED),
        organization: organization(),
        accounts: BTreeMap::from(accounts),
        excluded: BTreeSet::new(),
        region_filter: BTreeSet::new(),
        trails: BTreeMap::new(),
        buckets: BTreeMap::from([(BUCKET.to_owned(), bucket())]),
        keys: BTreeMap::from([(arn(KEY_ARN), key())]),
        log_groups: BTreeMap::from([(arn(GROUP_ARN), log_group())]),
        topics: BTreeMap::from([monitoring::topic()]),
    };
    World { snapshot, baseline: Baseline::default() }.add_trail(ORG_TRAIL, MANAGEMENT, |trail| {
        trail.is_organization = true;
    })
}

fn seen() -> AccountSnapshot {
    let regions = [HOME, LEADER].map(|code| (region(code), here()));
    AccountSnapshot { entered_as: Known(None), region_list: Known(RegionList::Read), regions: BTreeMap::from(regions) }
}

/// A region with nothing in it but a recorder, everything read.
fn here() -> RegionSnapshot {
    RegionSnapshot {
        trails: Known(BTreeMap::new()),
        event_data_stores: Known(Vec::new()),
        config_recorders: Known(vec![recorder()]),
        vpcs: Known(Vec::new()),
        web_acls: Known(Vec::new()),
        event_rules: Known(Vec::new()),
        history: Known(History { since: hours_ago(24 * 14), events: Vec::new() }),
    }
}

/// A recorder that records everything.
pub(crate) fn recorder() -> ConfigRecorder {
    ConfigRecorder {
        name: "default".to_owned(),
        is_recording: true,
        last_status: Some("SUCCESS".to_owned()),
        last_error: None,
        records_all_types: true,
        includes_global_types: true,
        excluded_types: BTreeSet::new(),
        has_delivery_channel: true,
        service_principal: None,
    }
}

fn organization() -> Organization {
    let unit = Unit { id: WORKLOADS_OU.to_owned(), name: "Workloads".to_owned(), parent: ROOT.to_owned() };
    Organization {
        id: ORGANIZATION.to_owned(),
        arn: arn("arn:aws:organizations::111111111111:organization/o-exampleorg"),
        management_account: account(MANAGEMENT),
        feature_set: FeatureSet::All,
        root: Known(Root {
            id: ROOT.to_owned(),
            enabled_policy_types: BTreeSet::from([SERVICE_CONTROL_POLICY.to_owned()]),
        }),
        units: Known(BTreeMap::from([(WORKLOADS_OU.to_owned(), unit)])),
        accounts: BTreeMap::from([
            member(MANAGEMENT, "management", ROOT),
            member(ARCHIVE, "log-archive", ROOT),
            member(WORKLOAD, "payments", WORKLOADS_OU),
        ]),
        service_control_policies: Known(BTreeMap::from([
            policy(FULL_AWS_ACCESS, true, &full_access(), &[ROOT, WORKLOADS_OU, MANAGEMENT, ARCHIVE, WORKLOAD]),
            policy(GUARD, false, &guard(), &[ROOT]),
            policy(ARCHIVE_GUARD, false, &archive_guard(), &[ARCHIVE]),
        ])),
        resource_control_policies: Known(BTreeMap::new()),
        trusted_services: Known(BTreeSet::from([CLOUDTRAIL_PRINCIPAL.to_owned()])),
        delegated_administrators: Known(Vec::new()),
    }
}

/// An account of the organization, active.
pub(crate) fn member(id: &str, name: &str, parent: &str) -> (AccountId, Account) {
    let account = Account {
        id: account(id),
        name: name.to_owned(),
        state: AccountState::Active,
        joined_method: Some("CREATED".to_owned()),
        parent: Known(parent.to_owned()),
    };
    (account.id.clone(), account)
}

pub(super) fn policy(id: &str, aws_managed: bool, content: &str, targets: &[&str]) -> (String, AuthorizationPolicy) {
    let policy = AuthorizationPolicy {
        id: id.to_owned(),
        name: id.trim_start_matches("p-").to_owned(),
        aws_managed,
        content: Known(content.to_owned()),
        targets: Known(targets.iter().map(|&target| target.to_owned()).collect()),
    };
    (id.to_owned(), policy)
}

fn full_access() -> String {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}).to_string()
}

/// `RCPFullAWSAccess`.
pub(super) fn full_access_to_resources() -> String {
    let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// The guard of the clean world: the core tamper actions, denied to everybody.
pub(crate) fn guard() -> String {
    guard_unless(&json!({}))
}

/// The guard of the log archive account: whatever destroys or opens the bucket, its objects or the key.
pub(crate) fn archive_guard() -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "ProtectBucket", "Effect": "Deny", "Resource": [BUCKET_ARN, format!("{BUCKET_ARN}/*")], "Action": [
            "s3:Delete*", "s3:PutBucket*", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
            "s3:PutReplicationConfiguration", "s3:PutObjectRetention", "s3:BypassGovernanceRetention"]},
        {"Sid": "ProtectKey", "Effect": "Deny", "Resource": KEY_ARN, "Action": [
            "kms:Delete*", "kms:Disable*", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:ScheduleKeyDeletion"]},
    ]})
    .to_string()
}

/// The guard under a condition.
pub(crate) fn guard_unless(condition: &serde_json::Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "ProtectTrails",
        "Effect": "Deny",
        "Action": [
            "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail",
            "cloudtrail:PutEventSelectors", "cloudtrail:PutInsightSelectors", "cloudtrail:PutEventConfiguration",
            "organizations:LeaveOrganization"
        ],
        "Resource": "*",
        "Condition": condition,
    }]})
    .to_string()
}

/// A multi-region trail of an account, homed in the home region, with the organization trail's links.
pub(crate) fn trail(name: &str, owner: &str) -> Trail {
    Trail {
        arn: arn(&format!("arn:aws:cloudtrail:{HOME}:{owner}:trail/{name}")),
        name: name.to_owned(),
        owner: account(owner),
        home_region: region(HOME),
        read_at_home: true,
        is_multi_region: true,
        is_organization: false,
        includes_global_service_events: true,
        log_file_validation: true,
        kms_key: Some(arn(KEY_ARN)),
        bucket: BUCKET.to_owned(),
        prefix: None,
        sns_topic: None,
        log_group: Some(arn(GROUP_ARN)),
        log_role: Some(arn(ROLE_ARN)),
        recursive_logging: Some(true),
        selectors: Known(super::selectors::basic(ReadWriteType::All, true)),
        insights: Known(BTreeSet::new()),
    }
}

/// Logging for a year, everything delivered within the hour.
pub(crate) fn status() -> TrailStatus {
    let fresh = || Delivery { last_time: Some(hours_ago(1)), last_error: None };
    TrailStatus {
        is_logging: true,
        started_at: Some(hours_ago(24 * 365)),
        stopped_at: None,
        log_files: fresh(),
        digests: fresh(),
        cloudwatch_logs: fresh(),
        notifications: Delivery::default(),
    }
}

pub(super) fn bucket() -> LogBucket {
    let all = BlockPublicAccess {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
    LogBucket {
        name: BUCKET.to_owned(),
        owner: Known(BucketOwner::Account(account(ARCHIVE))),
        region: Known(region(HOME)),
        policy: Known(Some(bucket_policy(&[TRAIL_ARN]))),
        policy_is_public: Known(Some(false)),
        acl: Known(vec![AclGrant { grantee: "0123abcd".to_owned(), permission: "FULL_CONTROL".to_owned() }]),
        block_public_access: Known(Some(all)),
        account_block_public_access: Known(None),
        access_points: Known(Vec::new()),
        versioning: Known(Versioning::Enabled),
        lifecycle: Known(vec![LifecycleRule {
            id: "keep-a-year".to_owned(),
            enabled: true,
            prefix: "AWSLogs/".to_owned(),
            expiration_days: Some(400),
            noncurrent_days: Some(400),
            transitions: vec![Transition { days: Some(90), storage_class: "GLACIER_IR".to_owned() }],
            ..LifecycleRule::default()
        }]),
        mfa_delete: Known(false),
        object_lock: Known(Some(ObjectLock {
            default_retention: Some(DefaultRetention { mode: "COMPLIANCE".to_owned(), days: 400 }),
        })),
        access_logging: Known(Some(AccessLogging { bucket: "acme-access-logs".to_owned(), prefix: String::new() })),
        replication: Known(Vec::new()),
    }
}

/// The bucket policy that CloudTrail's guide asks for, pinned to these trails and refusing plain HTTP.
pub(crate) fn bucket_policy(trails: &[&str]) -> String {
    let service = json!({"Service": CLOUDTRAIL_PRINCIPAL});
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AclCheck", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
         "Resource": BUCKET_ARN, "Condition": {"StringEquals": {"aws:SourceArn": trails}}},
        {"Sid": "Write", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": format!("{BUCKET_ARN}/AWSLogs/{ORGANIZATION}/*"),
         "Condition": {"StringEquals": {"aws:SourceArn": trails, "s3:x-amz-acl": "bucket-owner-full-control"}}},
        {"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
         "Resource": [BUCKET_ARN, format!("{BUCKET_ARN}/*")],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]})
    .to_string()
}

pub(super) fn key() -> TrailKey {
    TrailKey {
        arn: arn(KEY_ARN),
        detail: Known(Some(KeyDetail {
            state: "Enabled".to_owned(),
            manager: "CUSTOMER".to_owned(),
            origin: "AWS_KMS".to_owned(),
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            usage: "ENCRYPT_DECRYPT".to_owned(),
            deletion_date: None,
            multi_region: false,
        })),
        policy: Known(Some(key_policy(TRAIL_ARN))),
        rotation: Known(Rotation::Enabled),
    }
}

/// A key policy that lets CloudTrail encrypt for one trail.
pub(crate) fn key_policy(trail: &str) -> String {
    let service = json!({"Service": CLOUDTRAIL_PRINCIPAL});
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ARCHIVE}:root")}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": service, "Action": "kms:GenerateDataKey*", "Resource": "*",
         "Condition": {
            "StringEquals": {"aws:SourceArn": trail},
            "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": format!("arn:aws:cloudtrail:*:{MANAGEMENT}:trail/*")}}},
        {"Effect": "Allow", "Principal": service, "Action": "kms:DescribeKey", "Resource": "*"},
    ]})
    .to_string()
}

fn log_group() -> LogGroup {
    LogGroup {
        arn: arn(GROUP_ARN),
        detail: Known(Some(LogGroupDetail {
            retention_days: Some(400),
            kms_key: Some("arn:aws:kms:eu-west-1:111111111111:key/0bbbbbbb-1111-4222-8333-444444444444".to_owned()),
            class: "STANDARD".to_owned(),
            is_account_retention: false,
        })),
        roles: BTreeMap::from([(arn(ROLE_ARN), Observed::Known(Some(role(ORGANIZATION))))]),
        metric_filters: Known(monitoring::filters()),
        alarms: Known(monitoring::alarms()),
    }
}

/// The delivery role; its policy allows the account's own streams and those that begin with the given word.
pub(crate) fn role(streams: &str) -> DeliveryRole {
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": CLOUDTRAIL_PRINCIPAL}, "Action": "sts:AssumeRole"}]});
    let stream = |name: String| format!("{GROUP_ARN}:log-stream:{name}*");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
         "Resource": [stream(format!("{MANAGEMENT}_CloudTrail_{HOME}")), stream(format!("{streams}_"))]}]});
    DeliveryRole { trust_policy: trust.to_string(), policies: BTreeSet::from([policy.to_string()]) }
}
