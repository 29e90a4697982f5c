//! The organization itself: trusted access, features, administrators, accounts in other states.

use trailwarden_model::observed::Observed::Known;
use trailwarden_model::organization::{AccountState, DelegatedAdministrator};
use trailwarden_model::storage::LogBucket;

use super::Case;
use crate::testing::clean::{ORGANIZATION, ROOT, WORKLOADS_OU, member};
use crate::testing::{ARCHIVE, ORG_TRAIL, WORKLOAD, World, account};

pub(super) const CASES: &[Case] = &[
    Case { name: "trusted-access-off", world: trusted_access_off },
    Case { name: "organization-trail-turned-plain", world: organization_trail_turned_plain },
    Case { name: "administrator-undeclared", world: administrator },
    Case { name: "administrator-declared", world: administrator },
    Case { name: "administrator-missing", world: World::clean },
    Case { name: "stricter-unit", world: World::clean },
    Case { name: "suspended-account", world: suspended_account },
];

/// What AWS leaves of an organization trail: a plain trail of the management account, which goes on.
fn plain() -> World {
    World::clean()
        .trail(ORG_TRAIL, |trail| trail.is_organization = false)
        .hide_from(ORG_TRAIL, ARCHIVE)
        .hide_from(ORG_TRAIL, WORKLOAD)
        .bucket(admit_both_prefixes)
}

/// As in CloudTrail's guide, so that a trail that turns plain still delivers.
fn admit_both_prefixes(bucket: &mut LogBucket) {
    if let Known(Some(policy)) = &mut bucket.policy {
        let organization = format!("\"arn:aws:s3:::acme-log-archive/AWSLogs/{ORGANIZATION}/*\"");
        let both = format!("[{organization},\"arn:aws:s3:::acme-log-archive/AWSLogs/111111111111/*\"]");
        *policy = policy.replace(&organization, &both);
    }
}

fn trusted_access_off() -> World {
    plain().edit(|snapshot| snapshot.organization.trusted_services = Known([].into()))
}

fn organization_trail_turned_plain() -> World {
    plain()
}

fn administrator() -> World {
    World::clean().edit(|snapshot| {
        snapshot.organization.delegated_administrators = Known(vec![DelegatedAdministrator {
            account: account(ARCHIVE),
            services: Known(["cloudtrail.amazonaws.com".to_owned()].into()),
        }]);
    })
}

fn suspended_account() -> World {
    World::clean().edit(|snapshot| {
        let (id, mut old) = member("444444444444", "old", WORKLOADS_OU);
        old.state = AccountState::Suspended;
        snapshot.organization.accounts.insert(id, old);
        let (id, mut older) = member("555555555555", "older", ROOT);
        older.state = AccountState::Closed;
        snapshot.organization.accounts.insert(id, older);
    })
}
