//! The cases of `tests/corpus`, by theme. Each starts from the clean organization and adds what it is about.

use trailwarden_model::storage::LifecycleRule;

use super::World;

mod alarms;
mod delivery;
mod gaps;
mod guards;
mod keys;
mod lifecycle;
mod log_storage;
mod mixed;
mod organization;
mod other_logs;
mod reach;
mod recorded;
mod selectors;
mod storage;

/// One case: the name of its folder and how its snapshot is built.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) world: fn() -> World,
}

const THEMES: &[&[Case]] = &[
    alarms::CASES,
    delivery::CASES,
    gaps::CASES,
    guards::CASES,
    keys::CASES,
    lifecycle::CASES,
    log_storage::CASES,
    mixed::CASES,
    organization::CASES,
    other_logs::CASES,
    reach::CASES,
    recorded::CASES,
    selectors::CASES,
    storage::CASES,
];

pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    THEMES.iter().copied().flatten()
}

/// A lifecycle rule that expires objects.
fn expiring(prefix: &str, days: i32) -> LifecycleRule {
    LifecycleRule { enabled: true, prefix: prefix.to_owned(), expiration_days: Some(days), ..LifecycleRule::default() }
}
