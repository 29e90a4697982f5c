//! Cases of several flaws that belong together.

use serde_json::json;
use trailwarden_model::observed::{GapKind, Observed};
use trailwarden_model::organization::{AccountState, FeatureSet};
use trailwarden_model::snapshot::RegionList;
use trailwarden_model::storage::{
    AclGrant, BlockPublicAccess, BucketOwner, LifecycleRule, LogBucket, Rotation, Versioning,
};
use trailwarden_model::trail::ReadWriteType;

use super::{Case, expiring};
use crate::testing::clean::{
    ARCHIVE_GUARD, BUCKET, BUCKET_ARN, GUARD, KEY_ARN, ORGANIZATION, ROLE_ARN, ROOT, TRAIL_ARN, guard, guard_unless,
    key_policy, member, role,
};
use crate::testing::selectors::{advanced, basic, equals};
use crate::testing::{
    ARCHIVE, HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, account, arn, denied, gap, hours_ago,
};

pub(super) const CASES: &[Case] = &[
    Case { name: "blank", world: blank },
    Case { name: "blind-spots", world: blind_spots },
    Case { name: "broken-storage", world: broken_storage },
    Case { name: "clean", world: World::clean },
    Case { name: "guard-with-holes", world: guard_with_holes },
    Case { name: "loose-guards", world: loose_guards },
    Case { name: "member-left-out", world: member_left_out },
    Case { name: "neglected", world: neglected },
    Case { name: "services-forgotten", world: services_forgotten },
    Case { name: "split-and-stopped", world: split_and_stopped },
    Case { name: "young", world: young },
];

/// Nothing is on.
fn blank() -> World {
    World::bare().disable_policies().edit(|snapshot| {
        snapshot.organization.trusted_services = Observed::Known([].into());
        snapshot.organization.feature_set = FeatureSet::ConsolidatedBilling;
    })
}

/// Facts that could not be read, one of each kind, and regions that are assumed.
fn blind_spots() -> World {
    let (id, outsider) = member("444444444444", "acquired", ROOT);
    World::clean()
        .edit(|snapshot| {
            let seen = snapshot.accounts.get(&account(WORKLOAD)).expect("in scope").clone();
            snapshot.accounts.insert(id.clone(), seen);
            snapshot.organization.accounts.insert(id, outsider);
            let archive = snapshot.accounts.get_mut(&account(ARCHIVE)).expect("in scope");
            archive.region_list = Observed::Known(RegionList::Assumed(denied("account:ListRegions")));
        })
        .unentered("444444444444")
        .unread_region(WORKLOAD, LEADER)
        .status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::NotVisible)
        .status_gap(ORG_TRAIL, (ARCHIVE, LEADER), GapKind::Throttled)
        .key(|key| key.policy = Observed::Gap(denied("kms:GetKeyPolicy")))
        .bucket(|bucket| {
            bucket.lifecycle = Observed::Gap(denied("s3:GetBucketLifecycleConfiguration"));
            bucket.block_public_access = Observed::Known(None);
            bucket.acl = Observed::Gap(denied("s3:GetBucketAcl"));
        })
        .group(|group| {
            group.roles.insert(arn(ROLE_ARN), Observed::Gap(denied("iam:GetRole")));
        })
        .edit(|snapshot| {
            if let Observed::Known(policies) = &mut snapshot.organization.service_control_policies {
                let guard = policies.get_mut(GUARD).expect("the guard");
                guard.content = Observed::Gap(gap(GapKind::Throttled, "organizations:DescribePolicy"));
            }
        })
}

/// A bucket in a stranger's hands, a public bucket that forgets, a key about to be deleted.
fn broken_storage() -> World {
    let own_bucket = |bucket: &LogBucket| LogBucket {
        name: "payments-logs".to_owned(),
        owner: Observed::Known(BucketOwner::Account(account(WORKLOAD))),
        policy_is_public: Observed::Known(Some(true)),
        block_public_access: Observed::Known(Some(BlockPublicAccess::default())),
        acl: Observed::Known(vec![AclGrant { grantee: "0123abcd".to_owned(), permission: "FULL_CONTROL".to_owned() }]),
        versioning: Observed::Known(Versioning::Never),
        lifecycle: Observed::Known(vec![
            LifecycleRule { id: "keep".to_owned(), ..expiring("", 400) },
            LifecycleRule { id: "save".to_owned(), ..expiring("AWSLogs/333333333333/CloudTrail/", 1) },
        ]),
        ..bucket.clone()
    };
    World::clean()
        .key_detail(|key| {
            key.state = "PendingDeletion".to_owned();
            key.deletion_date = Some(hours_ago(-24 * 20));
        })
        .key(|key| key.rotation = Observed::Known(Rotation::Disabled))
        .add_trail("payments", WORKLOAD, |trail| {
            trail.bucket = "payments-logs".to_owned();
            trail.kms_key = None;
            trail.log_group = None;
            trail.log_role = None;
        })
        .edit(|snapshot| {
            let clean = snapshot.buckets.get(BUCKET).expect("the bucket").clone();
            snapshot.buckets.insert("payments-logs".to_owned(), own_bucket(&clean));
            let owner = Observed::Known(BucketOwner::OutsideOrganization);
            snapshot.buckets.insert(BUCKET.to_owned(), LogBucket { owner, ..clean });
        })
}

/// A guard that exempts every role at the root, a suspended account, and an account left out.
fn guard_with_holes() -> World {
    let condition = json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}});
    World::clean().guard(&guard_unless(&condition), &[ROOT]).edit(|snapshot| {
        let (id, mut old) = member("444444444444", "old", ROOT);
        old.state = AccountState::Suspended;
        snapshot.organization.accounts.insert(id, old);
        let (id, partner) = member("555555555555", "partner", ROOT);
        snapshot.excluded.insert(id.clone());
        snapshot.organization.accounts.insert(id, partner);
    })
}

/// Guards that almost do: an exemption that covers leaving too, an archive whose objects and key are forgotten but for a
/// resource control policy on the key, and a key policy that lets the whole organization decrypt.
fn loose_guards() -> World {
    let exemption = json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/automation"}});
    let bucket = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Action": "s3:*", "Resource": BUCKET_ARN}});
    let key = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": KEY_ARN,
        "Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}}}});
    let readers = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}});
    let mut key_policy: serde_json::Value = serde_json::from_str(&key_policy(TRAIL_ARN)).expect("JSON");
    key_policy["Statement"].as_array_mut().expect("statements").push(readers);
    World::clean()
        .guard(&guard_unless(&exemption), &[ROOT])
        .policy(ARCHIVE_GUARD, &bucket.to_string(), &[ARCHIVE])
        .resource_control(&key.to_string(), &[ROOT])
        .key(|key| key.policy = Observed::Known(Some(key_policy.to_string())))
}

/// A resource control policy that keeps strangers away from buckets and keys, and CloudTrail with them.
fn services_forgotten() -> World {
    let perimeter = json!({"Version": "2012-10-17", "Statement": {
        "Sid": "OnlyUs", "Effect": "Deny", "Principal": "*", "Action": ["s3:*", "kms:*"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}}});
    World::clean().resource_control(&perimeter.to_string(), &[ROOT])
}

/// The organization trail does not reach one member, whose own trail knows one region; the guard sits on the wrong OU.
fn member_left_out() -> World {
    World::clean()
        .hide_from(ORG_TRAIL, WORKLOAD)
        .add_trail("local", WORKLOAD, |trail| {
            trail.is_multi_region = false;
            trail.kms_key = None;
            trail.log_group = None;
            trail.log_role = None;
            trail.log_file_validation = false;
        })
        .unit("ou-root-elsewhere")
        .guard(&guard(), &["ou-root-elsewhere"])
}

/// Old flaws around a trail that turned plain when trusted access went off and on again.
fn neglected() -> World {
    World::clean()
        .trail(ORG_TRAIL, |trail| trail.is_organization = false)
        .hide_from(ORG_TRAIL, ARCHIVE)
        .hide_from(ORG_TRAIL, WORKLOAD)
        .group_detail(|group| {
            group.class = "INFREQUENT_ACCESS".to_owned();
            group.retention_days = Some(30);
        })
        .group(|group| {
            group.roles.insert(arn(ROLE_ARN), Observed::Known(None));
        })
        .status(ORG_TRAIL, (MANAGEMENT, HOME), |status| {
            status.cloudwatch_logs.last_error = Some("AccessDenied".to_owned());
        })
        .lifecycle(vec![
            LifecycleRule { id: "off".to_owned(), enabled: false, ..expiring("", 1) },
            LifecycleRule { id: "tagged".to_owned(), has_tag_filter: true, ..expiring("", 1) },
        ])
        .key(|key| key.rotation = Observed::Known(Rotation::Unsupported))
}

/// Two halves that make a whole in one account, a stopped organization trail, and a field of the future.
fn split_and_stopped() -> World {
    let half = |world: World, name: &str, half: ReadWriteType| {
        world.add_trail(name, WORKLOAD, |trail| trail.selectors = Observed::Known(basic(half, true)))
    };
    let world = World::clean().status_everywhere(ORG_TRAIL, |status| status.is_logging = false);
    let world = half(half(world, "reads", ReadWriteType::ReadOnly), "writes", ReadWriteType::WriteOnly);
    let future = vec![equals("eventCategory", "Management"), equals("accountTag", "prod")];
    world.add_trail("future", ARCHIVE, |trail| trail.selectors = Observed::Known(advanced(vec![future])))
}

/// A trail that began to log two hours ago, beside a quiet region with a fresh digest.
fn young() -> World {
    World::clean()
        .status_everywhere(ORG_TRAIL, |status| {
            status.started_at = Some(hours_ago(2));
            status.log_files.last_time = None;
            status.digests.last_time = None;
            status.cloudwatch_logs.last_time = None;
        })
        .add_trail("quiet", WORKLOAD, |_| {})
        .status("quiet", (WORKLOAD, LEADER), |status| {
            status.log_files.last_time = Some(hours_ago(300));
            status.cloudwatch_logs.last_time = Some(hours_ago(301));
        })
        .group(|group| {
            group.roles.insert(arn(ROLE_ARN), Observed::Known(Some(role(ORGANIZATION))));
        })
        .edit(|snapshot| {
            let key = snapshot.keys.get_mut(&arn(KEY_ARN)).expect("the key");
            key.rotation = Observed::Gap(denied("kms:GetKeyRotationStatus"));
        })
}
