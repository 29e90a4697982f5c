//! Cases about what keeps log objects: how long, how safely, where else, and who looks at them.

use trailwarden_model::observed::Observed::{Gap, Known};
use trailwarden_model::storage::{AccessLogging, ReplicationRule};

use super::Case;
use crate::testing::clean::{BUCKET, BUCKET_ARN};
use crate::testing::{World, denied};

pub(super) const CASES: &[Case] = &[
    Case { name: "log-storage-replicated", world: replicated },
    Case { name: "log-storage-too-little", world: too_little },
    Case { name: "log-storage-unread", world: unread },
];

fn replicating(prefix: &str) -> World {
    let rule = ReplicationRule {
        id: "copy".to_owned(),
        enabled: true,
        prefix: prefix.to_owned(),
        has_tag_filter: false,
        destination: "arn:aws:s3:::acme-log-copy".to_owned(),
        account: "999999999999".parse().ok(),
    };
    World::clean().bucket(|bucket| bucket.replication = Known(vec![rule]))
}

/// Everything is a year too short for one account, the copy leaves its logs out, TLS is demanded of objects only, and the
/// bucket logs into itself.
fn too_little() -> World {
    replicating("AWSLogs/o-exampleorg/111111111111/").bucket(|bucket| {
        bucket.access_logging = Known(Some(AccessLogging { bucket: BUCKET.to_owned(), prefix: "access/".to_owned() }));
        if let Known(Some(policy)) = &mut bucket.policy {
            *policy = policy.replace(&format!("[\"{BUCKET_ARN}\",\"{BUCKET_ARN}/*\"]"), &format!("\"{BUCKET_ARN}/*\""));
        }
    })
}

/// The clean bucket with a copy in an account of its own.
fn replicated() -> World {
    replicating("")
}

/// None of it could be read.
fn unread() -> World {
    World::clean().bucket(|bucket| {
        bucket.versioning = Gap(denied("s3:GetBucketVersioning"));
        bucket.object_lock = Gap(denied("s3:GetObjectLockConfiguration"));
        bucket.access_logging = Gap(denied("s3:GetBucketLogging"));
        bucket.replication = Gap(denied("s3:GetBucketReplication"));
        bucket.policy = Gap(denied("s3:GetBucketPolicy"));
    })
}
