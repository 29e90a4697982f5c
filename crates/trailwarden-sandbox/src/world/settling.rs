//! Changes that count only after a while: what stood before each, until its time has come.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use trailwarden_model::ids::{AccountId, Arn, Region};

use super::World;
use super::cloudtrail::Trail;
use super::iam::Role;

/// What waits, and for how long.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settling {
    /// How many milliseconds a change takes to count everywhere.
    pub milliseconds: i64,
    /// The changes under way, oldest first.
    pub changes: Vec<Change>,
}

/// One change that other services, and those who decide about requests, do not see yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// When it counts.
    pub until: Timestamp,
    /// What counts before.
    pub before: Before,
}

/// What something was before it changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Before {
    /// A bucket with this policy.
    BucketPolicy {
        /// Its name.
        bucket: String,
        /// The policy; none when it had none.
        policy: Option<String>,
    },
    /// No such key.
    NoKey {
        /// The account that holds it.
        owner: AccountId,
        /// Its id.
        id: String,
    },
    /// A key with this policy.
    KeyPolicy {
        /// The account that holds it.
        owner: AccountId,
        /// Its id.
        id: String,
        /// The policy; none means the default one.
        policy: Option<String>,
    },
    /// A role with these policies, or no such role.
    Role {
        /// Its account.
        account: AccountId,
        /// Its name.
        name: String,
        /// The role.
        role: Option<Box<Role>>,
    },
    /// A topic with this policy.
    TopicPolicy {
        /// Its ARN.
        topic: Arn,
        /// The policy; none means the one that SNS writes.
        policy: Option<String>,
    },
    /// Trusted access of a service.
    TrustedAccess {
        /// The service principal.
        service: String,
        /// Since when; none when it had none.
        since: Option<Timestamp>,
    },
    /// No such trail.
    NoTrail {
        /// The account that owns it.
        owner: AccountId,
        /// Its home region.
        region: Region,
        /// Its name.
        name: String,
    },
}

impl Before {
    fn restore(&self, world: &mut World) {
        match self.clone() {
            Self::BucketPolicy { bucket, policy } => {
                if let Some(bucket) = world.bucket_mut(&bucket) {
                    bucket.policy = policy;
                }
            }
            Self::NoKey { owner, id } => {
                if let Some(held) = world.kms.get_mut(&owner) {
                    held.keys.retain(|key| key.id != id);
                }
            }
            Self::KeyPolicy { owner, id, policy } => {
                let keys = world.kms.get_mut(&owner).map(|held| held.keys.as_mut_slice()).unwrap_or_default();
                if let Some(key) = keys.iter_mut().find(|key| key.id == id) {
                    key.policy = policy;
                }
            }
            Self::Role { account, name, role } => {
                let roles = &mut world.iam.entry(account).or_default().roles;
                match role {
                    Some(role) => drop(roles.insert(name, *role)),
                    None => drop(roles.remove(&name)),
                }
            }
            Self::TopicPolicy { topic, policy } => {
                if let Some(topic) = world.topic_mut(&topic) {
                    topic.policy = policy;
                }
            }
            Self::TrustedAccess { service, since } => {
                let Some(organization) = &mut world.organization else { return };
                match since {
                    Some(since) => drop(organization.trusted_services.insert(service, since)),
                    None => drop(organization.trusted_services.remove(&service)),
                }
            }
            // Whoever asks for a trail is told by `is_unseen`; nobody but its own calls looks for it.
            Self::NoTrail { .. } => {}
        }
    }
}

impl World {
    /// Notes what something is, just before it changes; it goes on counting for a while.
    pub fn changes(&mut self, before: Before, now: Timestamp) {
        let lag = SignedDuration::from_millis(self.settling.milliseconds);
        if !lag.is_zero() {
            let until = now.saturating_add(lag).unwrap_or(now);
            self.settling.changes.push(Change { until, before });
        }
    }

    /// Lets the changes count whose time has come.
    pub fn settle(&mut self, now: Timestamp) {
        self.settling.changes.retain(|change| change.until > now);
    }

    /// The world as services see each other's policies, and as requests are decided: without what has not settled.
    pub fn as_seen(&self) -> Cow<'_, World> {
        if self.settling.changes.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut seen = self.clone();
        self.settling.changes.iter().rev().for_each(|change| change.before.restore(&mut seen));
        Cow::Owned(seen)
    }

    /// True for a trail just created, which its own calls do not find yet.
    pub fn is_unseen(&self, owner: &AccountId, trail: &Trail) -> bool {
        self.settling.changes.iter().any(|change| {
            matches!(&change.before, Before::NoTrail { owner: of, region, name }
                if of == owner && *region == trail.home_region && *name == trail.name)
        })
    }
}
