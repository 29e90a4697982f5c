//! The trail key: dead, far away, closed to CloudTrail, open to everybody.

use serde_json::{Value, json};
use trailwarden_model::observed::GapKind;
use trailwarden_model::observed::Observed::{self, Known};
use trailwarden_model::storage::Rotation;

use super::Case;
use crate::testing::clean::{ARCHIVE_GUARD, KEY_ARN, TRAIL_ARN, archive_guard, key_policy};
use crate::testing::{ARCHIVE, ORG_TRAIL, World, arn, gap, hours_ago};

pub(super) const CASES: &[Case] = &[
    Case { name: "key-disabled", world: key_disabled },
    Case { name: "key-pending-deletion", world: key_pending_deletion },
    Case { name: "key-gone", world: key_gone },
    Case { name: "key-in-another-region", world: key_in_another_region },
    Case { name: "key-closed-to-cloudtrail", world: key_closed_to_cloudtrail },
    Case { name: "key-open-to-everybody", world: key_open_to_everybody },
    Case { name: "key-managed-by-aws", world: key_managed_by_aws },
    Case { name: "key-not-rotated", world: key_not_rotated },
    Case { name: "no-key", world: no_key },
];

fn key_disabled() -> World {
    World::clean().key_detail(|key| key.state = "Disabled".to_owned())
}

/// KMS reports rotation as off while a key waits for its deletion.
fn key_pending_deletion() -> World {
    World::clean()
        .key_detail(|key| {
            key.state = "PendingDeletion".to_owned();
            key.deletion_date = Some(hours_ago(-24 * 7));
        })
        .key(|key| key.rotation = Known(Rotation::Disabled))
}

fn key_gone() -> World {
    World::clean().key(|key| {
        key.detail = Known(None);
        key.policy = Known(None);
        key.rotation = Observed::Gap(gap(GapKind::NotVisible, "kms:GetKeyRotationStatus"));
    })
}

/// A key for a bucket in Ireland must be in Ireland.
fn key_in_another_region() -> World {
    let far = arn("arn:aws:kms:us-east-1:222222222222:key/0ccccccc-1111-4222-8333-444444444444");
    let guard = archive_guard().replace(KEY_ARN, far.as_str());
    World::clean()
        .policy(ARCHIVE_GUARD, &guard, &[ARCHIVE])
        .trail(ORG_TRAIL, |trail| trail.kms_key = Some(far.clone()))
        .edit(|snapshot| {
            let (_, mut key) = snapshot.keys.pop_first().expect("the clean key");
            key.arn = far.clone();
            snapshot.keys.insert(far.clone(), key);
        })
}

fn edited(change: impl FnOnce(&mut Vec<Value>)) -> World {
    let mut policy: Value = serde_json::from_str(&key_policy(TRAIL_ARN)).expect("JSON");
    change(policy["Statement"].as_array_mut().expect("statements"));
    World::clean().key(|key| key.policy = Known(Some(policy.to_string())))
}

/// Only the account that owns the key, which delegates nothing to a service.
fn key_closed_to_cloudtrail() -> World {
    edited(|statements| statements.truncate(1))
}

fn key_open_to_everybody() -> World {
    let anyone = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["kms:Decrypt", "kms:DescribeKey"],
        "Resource": "*"});
    edited(|statements| statements.push(anyone))
}

fn key_managed_by_aws() -> World {
    World::clean().key_detail(|key| key.manager = "AWS".to_owned())
}

fn key_not_rotated() -> World {
    World::clean().key(|key| key.rotation = Known(Rotation::Disabled))
}

fn no_key() -> World {
    World::clean().trail(ORG_TRAIL, |trail| trail.kms_key = None).edit(|snapshot| snapshot.keys.clear())
}
