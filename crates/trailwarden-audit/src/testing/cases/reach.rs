//! Where trails reach: stopped, shadows, single regions, opt-in regions, copies.

use trailwarden_model::observed::{GapKind, Observed::Known};

use super::Case;
use crate::testing::{ARCHIVE, HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, arn, hours_ago, region};

pub(super) const CASES: &[Case] = &[
    Case { name: "organization-trail-stopped", world: organization_trail_stopped },
    Case { name: "organization-trail-deleted", world: organization_trail_deleted },
    Case { name: "stopped-in-one-region", world: stopped_in_one_region },
    Case { name: "members-may-not-read-the-trail", world: members_may_not_read_the_trail },
    Case { name: "shadow-trails", world: shadow_trails },
    Case { name: "single-region-trails", world: single_region_trails },
    Case { name: "single-region-trails-but-one", world: single_region_trails_but_one },
    Case { name: "trails-without-organization", world: trails_without_organization },
    Case { name: "home-in-an-opt-in-region", world: home_in_an_opt_in_region },
    Case { name: "opted-in-without-trail", world: opted_in_without_trail },
    Case { name: "duplicate-copies", world: duplicate_copies },
    Case { name: "control-tower", world: control_tower },
    Case { name: "control-tower-stopped", world: control_tower_stopped },
];

const ACCOUNTS: [&str; 3] = [MANAGEMENT, ARCHIVE, WORKLOAD];
const OPT_IN: &str = "me-south-1";

fn organization_trail_stopped() -> World {
    World::clean().status_everywhere(ORG_TRAIL, |status| {
        status.is_logging = false;
        status.stopped_at = Some(hours_ago(1));
    })
}

/// Bucket, key and log group are still there; nothing points at them any more.
fn organization_trail_deleted() -> World {
    World::clean().forget_trail(ORG_TRAIL).edit(|snapshot| {
        snapshot.buckets.clear();
        snapshot.keys.clear();
        snapshot.log_groups.clear();
    })
}

fn stopped_in_one_region() -> World {
    World::clean().status(ORG_TRAIL, (WORKLOAD, LEADER), |status| {
        status.is_logging = false;
        status.stopped_at = Some(hours_ago(1));
    })
}

fn members_may_not_read_the_trail() -> World {
    let places = [(ARCHIVE, HOME), (ARCHIVE, LEADER), (WORKLOAD, HOME), (WORKLOAD, LEADER)];
    places.into_iter().fold(World::clean(), |world, at| world.status_gap(ORG_TRAIL, at, GapKind::NotVisible))
}

/// Twelve sightings of one trail.
fn shadow_trails() -> World {
    let places = ACCOUNTS.into_iter().flat_map(|id| [(id, "ap-southeast-1"), (id, "us-west-2")]);
    places.fold(World::clean(), |world, (id, code)| world.add_region(id, code))
}

fn single_region_trails() -> World {
    let places = ACCOUNTS.into_iter().flat_map(|id| [(id, HOME), (id, LEADER)]);
    single_region(places)
}

fn single_region_trails_but_one() -> World {
    let places = ACCOUNTS.into_iter().flat_map(|id| [(id, HOME), (id, LEADER)]);
    single_region(places.filter(|&place| place != (WORKLOAD, LEADER)))
}

/// A trail for each place and none for the organization.
fn single_region(places: impl Iterator<Item = (&'static str, &'static str)>) -> World {
    let mut world = without_organization_trail();
    for (id, code) in places {
        let name = format!("{code}-{id}");
        world = world
            .add_trail(&name, id, |trail| {
                trail.arn = arn(&format!("arn:aws:cloudtrail:{code}:{id}:trail/{name}"));
                trail.home_region = region(code);
                trail.is_multi_region = false;
            })
            .own_group(&name, &name);
    }
    forget_clean_group(world.admit_trails())
}

/// A multi-region trail in each account, all of them into the log archive.
fn trails_without_organization() -> World {
    let add = |world: World, id: &str| {
        let name = format!("local-{id}");
        world.add_trail(&name, id, |_| {}).own_group(&name, &name)
    };
    forget_clean_group(ACCOUNTS.into_iter().fold(without_organization_trail(), add).admit_trails())
}

fn without_organization_trail() -> World {
    World::clean().forget_trail(ORG_TRAIL)
}

/// The log group of the organization trail, which nothing delivers to any more.
fn forget_clean_group(world: World) -> World {
    world.edit(|snapshot| {
        snapshot
            .log_groups
            .retain(|group, _| snapshot.trails.values().any(|trail| trail.log_group.as_ref() == Some(group)));
    })
}

/// The workload account never enabled the home region of the organization trail.
fn home_in_an_opt_in_region() -> World {
    let world = World::clean()
        .hide_from(ORG_TRAIL, WORKLOAD)
        .rename_trail(ORG_TRAIL, |trail| {
            trail.arn = arn(&format!("arn:aws:cloudtrail:{OPT_IN}:{MANAGEMENT}:trail/{ORG_TRAIL}"));
            trail.home_region = region(OPT_IN);
        })
        .add_region(MANAGEMENT, OPT_IN)
        .add_region(ARCHIVE, OPT_IN)
        .own_group(ORG_TRAIL, ORG_TRAIL);
    forget_clean_group(world.admit_trails())
}

/// A region enabled in one account a moment ago; the organization trail is not there yet.
fn opted_in_without_trail() -> World {
    World::clean().add_region(WORKLOAD, OPT_IN).hide(ORG_TRAIL, (WORKLOAD, OPT_IN))
}

/// A trail of the workload account's own records what the organization trail records.
fn duplicate_copies() -> World {
    World::clean().add_trail("payments", WORKLOAD, |_| {}).own_group("payments", "payments").admit_trails()
}

/// The trail that Control Tower makes, under the names that it gives.
fn control_tower() -> World {
    let name = "aws-controltower-BaselineCloudTrail";
    let world = World::clean()
        .rename_trail(ORG_TRAIL, |trail| {
            trail.arn = arn(&format!("arn:aws:cloudtrail:{HOME}:{MANAGEMENT}:trail/{name}"));
            trail.name = name.to_owned();
            trail.prefix = Some("o-exampleorg".to_owned());
        })
        .rename_bucket("aws-controltower-logs-222222222222-eu-west-1")
        .bucket(|bucket| {
            if let Known(rules) = &mut bucket.lifecycle {
                rules.iter_mut().for_each(|rule| rule.prefix.clear());
            }
        })
        .own_group(name, "aws-controltower/CloudTrailLogs");
    forget_clean_group(world.admit_trails())
}

fn control_tower_stopped() -> World {
    control_tower().status_everywhere("aws-controltower-BaselineCloudTrail", |status| {
        status.is_logging = false;
        status.stopped_at = Some(hours_ago(1));
    })
}
