//! What could not be read, and what was never asked for.

use trailwarden_model::observed::{Gap, GapKind, Observed};
use trailwarden_model::snapshot::{Need, RegionSnapshot};

use super::Case;
use crate::testing::clean::{GROUP_ARN, ROLE_ARN};
use crate::testing::{LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, arn, denied, gap};

pub(super) const CASES: &[Case] = &[
    Case { name: "account-not-entered", world: account_not_entered },
    Case { name: "management-not-entered", world: management_not_entered },
    Case { name: "region-unread", world: region_unread },
    Case { name: "organization-unread", world: organization_unread },
    Case { name: "nothing-asked", world: nothing_asked },
    Case { name: "older-snapshot", world: older_snapshot },
];

fn account_not_entered() -> World {
    World::clean().unentered(WORKLOAD)
}

/// The organization trail is known from its copies in the members alone.
fn management_not_entered() -> World {
    let refused = || gap(GapKind::AccountNotEntered, "sts:AssumeRole");
    World::clean()
        .unentered(MANAGEMENT)
        .trail(ORG_TRAIL, |trail| {
            trail.read_at_home = false;
            trail.selectors = Observed::Gap(refused());
            trail.insights = Observed::Gap(refused());
        })
        .group(|group| {
            assert_eq!(group.arn, arn(GROUP_ARN));
            group.detail = Observed::Gap(refused());
            group.roles.insert(arn(ROLE_ARN), Observed::Gap(refused()));
            group.metric_filters = Observed::Gap(refused());
            group.alarms = Observed::Gap(refused());
        })
}

fn region_unread() -> World {
    World::clean().unread_region(WORKLOAD, LEADER)
}

fn organization_unread() -> World {
    World::clean().edit(|snapshot| {
        let organization = &mut snapshot.organization;
        organization.root = Observed::Gap(denied("organizations:ListRoots"));
        organization.units = Observed::Gap(denied("organizations:ListOrganizationalUnitsForParent"));
        organization.service_control_policies = Observed::Gap(denied("organizations:ListPolicies"));
        organization.resource_control_policies = Observed::Gap(denied("organizations:ListPolicies"));
        organization.trusted_services = Observed::Gap(denied("organizations:ListAWSServiceAccessForOrganization"));
        organization.delegated_administrators = Observed::Gap(denied("organizations:ListDelegatedAdministrators"));
        for account in organization.accounts.values_mut() {
            account.parent = Observed::Gap(denied("organizations:ListAccountsForParent"));
        }
    })
}

/// A snapshot of another purpose: no read of this audit was made.
fn nothing_asked() -> World {
    World::clean().edit(|snapshot| snapshot.needs.clear())
}

/// As the first version wrote it: without resource control policies, and without what watches, locks and counts.
fn older_snapshot() -> World {
    const NEEDS: [Need; 14] = [
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
        Need::TrustedAccess,
    ];
    World::clean()
        .trail(ORG_TRAIL, |trail| trail.insights = Observed::default())
        .bucket(|bucket| {
            bucket.mfa_delete = Observed::default();
            bucket.object_lock = Observed::default();
            bucket.access_logging = Observed::default();
            bucket.replication = Observed::default();
        })
        .group(|group| {
            group.metric_filters = Observed::default();
            group.alarms = Observed::default();
        })
        .edit(|snapshot| {
            snapshot.format = "trailwarden.snapshot/1.0".to_owned();
            snapshot.needs = NEEDS.into();
            snapshot.organization.resource_control_policies = not_collected("organizations:ListPolicies");
            snapshot.topics.clear();
            for here in snapshot.accounts.values_mut().flat_map(|seen| seen.regions.values_mut()) {
                *here = RegionSnapshot { trails: here.trails.clone(), ..Default::default() };
            }
        })
}

fn not_collected<T>(call: &str) -> Observed<T> {
    Observed::Gap(Gap::not_collected(call, None, None))
}
