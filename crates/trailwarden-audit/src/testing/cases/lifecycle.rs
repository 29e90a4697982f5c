//! How long log objects live: lifecycle rules that are short, innocent, harmless or not there.

use trailwarden_model::observed::Observed::{self, Known};
use trailwarden_model::storage::{LifecycleRule, Transition};

use super::{Case, expiring};
use crate::testing::{World, denied, hours_ago};

pub(super) const CASES: &[Case] = &[
    Case { name: "one-day-lifecycle", world: one_day_lifecycle },
    Case { name: "digests-expire-early", world: digests_expire_early },
    Case { name: "one-member-expires-early", world: one_member_expires_early },
    Case { name: "noncurrent-versions-expire", world: noncurrent_versions_expire },
    Case { name: "expiry-at-a-date", world: expiry_at_a_date },
    Case { name: "large-objects-expire", world: large_objects_expire },
    Case { name: "tagged-objects-expire", world: tagged_objects_expire },
    Case { name: "other-objects-expire", world: other_objects_expire },
    Case { name: "transition-only", world: transition_only },
    Case { name: "rules-switched-off", world: rules_switched_off },
    Case { name: "no-lifecycle", world: no_lifecycle },
    Case { name: "lifecycle-unread", world: lifecycle_unread },
];

/// The clean rule and one more.
fn beside(rule: LifecycleRule) -> World {
    World::clean().bucket(|bucket| match &mut bucket.lifecycle {
        Known(rules) => rules.push(rule),
        Observed::Gap(_) => panic!("the lifecycle is a gap"),
    })
}

fn named(id: &str, rule: LifecycleRule) -> LifecycleRule {
    LifecycleRule { id: id.to_owned(), ..rule }
}

fn one_day_lifecycle() -> World {
    beside(named("housekeeping", expiring("", 1)))
}

fn digests_expire_early() -> World {
    beside(named("digests", expiring("AWSLogs/o-exampleorg/111111111111/CloudTrail-Digest/", 30)))
}

fn one_member_expires_early() -> World {
    beside(named("payments", expiring("AWSLogs/o-exampleorg/333333333333/CloudTrail/us-east-1/", 7)))
}

/// An overwritten or deleted object is gone after a day: versioning protects nothing.
fn noncurrent_versions_expire() -> World {
    let rule = LifecycleRule { enabled: true, noncurrent_days: Some(1), ..LifecycleRule::default() };
    beside(named("old-versions", rule))
}

fn expiry_at_a_date() -> World {
    let rule = LifecycleRule { enabled: true, expiration_date: Some(hours_ago(-24 * 30)), ..LifecycleRule::default() };
    beside(named("spring-cleaning", rule))
}

fn large_objects_expire() -> World {
    beside(named("large", LifecycleRule { size_greater_than: Some(1_000_000), ..expiring("AWSLogs/", 30) }))
}

fn tagged_objects_expire() -> World {
    beside(named("temporary", LifecycleRule { has_tag_filter: true, ..expiring("", 1) }))
}

fn other_objects_expire() -> World {
    beside(named("query-results", expiring("athena/", 1)))
}

fn transition_only() -> World {
    let transitions = vec![Transition { days: Some(90), storage_class: "DEEP_ARCHIVE".to_owned() }];
    World::clean().lifecycle(vec![LifecycleRule { enabled: true, transitions, ..LifecycleRule::default() }])
}

fn rules_switched_off() -> World {
    World::clean().bucket(|bucket| {
        if let Known(rules) = &mut bucket.lifecycle {
            rules.iter_mut().for_each(|rule| rule.enabled = false);
        }
    })
}

/// Nothing ever expires, and nothing is ever moved.
fn no_lifecycle() -> World {
    World::clean().lifecycle(Vec::new())
}

fn lifecycle_unread() -> World {
    World::clean().bucket(|bucket| {
        bucket.lifecycle = Observed::Gap(denied("s3:GetBucketLifecycleConfiguration"));
    })
}
