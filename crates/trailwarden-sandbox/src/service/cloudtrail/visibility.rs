//! Which trails an account sees from a region, and what a name or an ARN means there.

use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;

use crate::error::AwsError;
use crate::world::World;
use crate::world::cloudtrail::Trail;

/// Who looks, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Viewer<'a> {
    /// The calling account.
    pub account: &'a AccountId,
    /// The region called.
    pub region: &'a Region,
}

/// Where a trail is kept: its owner, and its index among the owner's trails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The owning account.
    pub owner: AccountId,
    /// Index into the owner's trails.
    pub index: usize,
}

impl Place {
    /// The trail there.
    pub fn trail<'w>(&self, world: &'w World) -> Option<&'w Trail> {
        world.cloudtrail.get(&self.owner)?.trails.get(self.index)
    }
}

/// The ARN of a trail, which names its owner and home region.
pub fn arn(world: &World, owner: &AccountId, trail: &Trail) -> String {
    format!("arn:{}:cloudtrail:{}:{owner}:trail/{}", world.partition_id(), trail.home_region, trail.name)
}

/// Every trail the viewer's account has, anywhere: its own, and the organization trails that reach it in some region; but one
/// that was just created, which nobody sees yet.
pub fn of_account<'w>(world: &'w World, account: &AccountId) -> Vec<(Place, &'w Trail)> {
    let mut owners = vec![account];
    let management = world.management_account();
    owners.extend(management.filter(|management| *management != account && world.in_organization(account)));
    let mut found = Vec::new();
    for owner in owners {
        let trails = world.cloudtrail.get(owner).map(|holder| holder.trails.as_slice()).unwrap_or_default();
        for (index, trail) in trails.iter().enumerate() {
            if (owner == account || trail.organization) && !world.is_unseen(owner, trail) {
                found.push((Place { owner: owner.clone(), index }, trail));
            }
        }
    }
    found
}

/// True when the trail, or a shadow of it, is in the viewer's account and region.
///
/// An organization trail homed in an opt-in region reaches only members that enabled that region.
pub fn is_here(world: &World, owner: &AccountId, trail: &Trail, viewer: Viewer<'_>) -> bool {
    let in_region = trail.multi_region || trail.home_region == *viewer.region;
    if owner == viewer.account {
        return in_region;
    }
    let home_enabled = world.is_region_enabled(viewer.account, &trail.home_region);
    let has_replica = trail.organization && !trail.without_replica.contains(viewer.account);
    has_replica && world.in_organization(viewer.account) && in_region && home_enabled
}

/// The trails in the viewer's account and region, shadows included when wanted.
pub fn sightings<'w>(world: &'w World, viewer: Viewer<'_>, with_shadows: bool) -> Vec<(Place, &'w Trail)> {
    of_account(world, viewer.account)
        .into_iter()
        .filter(|(place, trail)| {
            let is_shadow = place.owner != *viewer.account || trail.home_region != *viewer.region;
            is_here(world, &place.owner, trail, viewer) && (with_shadows || !is_shadow)
        })
        .collect()
}

/// Finds a trail by name (only the viewer's own, at home) or by ARN (from any region, organization trails included).
pub fn find(world: &World, viewer: Viewer<'_>, name_or_arn: &str) -> Result<Place, AwsError> {
    if !name_or_arn.starts_with("arn:") {
        super::validate::trail_name(name_or_arn)?;
        return of_account(world, viewer.account)
            .into_iter()
            .find(|(place, trail)| {
                place.owner == *viewer.account && trail.name == name_or_arn && trail.home_region == *viewer.region
            })
            .map(|(place, _)| place)
            .ok_or_else(|| not_found(viewer.account, name_or_arn));
    }
    let (owner, home, name) = parse_arn(world, name_or_arn)?;
    if owner != *viewer.account && !sees_trails_of(world, viewer.account, &owner) {
        return Err(wrong_account());
    }
    let found = of_account(world, viewer.account)
        .into_iter()
        .find(|(place, trail)| place.owner == owner && trail.name == name && trail.home_region == home);
    match found {
        Some((place, trail)) if owner == *viewer.account || reaches(world, &place.owner, trail, viewer.account) => {
            Ok(place)
        }
        Some(_) => Err(wrong_account()),
        None => Err(not_found(&owner, name_or_arn)),
    }
}

/// True when an organization trail reaches the account in some region.
fn reaches(world: &World, owner: &AccountId, trail: &Trail, account: &AccountId) -> bool {
    is_here(world, owner, trail, Viewer { account, region: &trail.home_region })
}

fn sees_trails_of(world: &World, account: &AccountId, owner: &AccountId) -> bool {
    world.in_organization(account) && world.management_account() == Some(owner)
}

/// True for the management account and for delegated administrators of CloudTrail.
pub fn manages_organization_trails(world: &World, account: &AccountId) -> bool {
    world.organization.as_ref().is_some_and(|organization| organization.administers(account, CLOUDTRAIL_PRINCIPAL))
}

/// Owner, home region and name in a trail's ARN.
pub fn parse_arn(world: &World, text: &str) -> Result<(AccountId, Region, String), AwsError> {
    let invalid = || AwsError::bad("CloudTrailARNInvalidException", format!("Invalid trail ARN: {text}"));
    let arn: Arn = text.parse().map_err(|_| invalid())?;
    let name = arn.resource().strip_prefix("trail/").filter(|name| !name.is_empty()).ok_or_else(invalid)?;
    if arn.service() != "cloudtrail" || arn.partition() != world.partition_id() {
        return Err(invalid());
    }
    Ok((arn.account().ok_or_else(invalid)?, arn.region().ok_or_else(invalid)?, name.to_owned()))
}

/// A call about a trail of another account.
pub fn wrong_account() -> AwsError {
    AwsError::bad(
        "CloudTrailARNInvalidException",
        "AccountID in ARN is wrong or the trail is not visible to this account",
    )
}

fn not_found(account: &AccountId, name: &str) -> AwsError {
    AwsError::bad("TrailNotFoundException", format!("Unknown trail: {name} for the user: {account}"))
}
