//! Changing trails: create, update, delete, start and stop. In the home region, by those who may, after validation.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;

use super::tags::{TagEntry, checked_tags};
use super::validate;
use super::visibility::{Place, Viewer, arn, find, manages_organization_trails};
use crate::error::AwsError;
use crate::world::World;
use crate::world::cloudtrail::Trail;
use crate::world::settling::Before;
use crate::world::when::When;

/// The most trails of one account in one region, shadows included.
const TRAILS_PER_REGION: usize = 5;

/// The input of `CreateTrail` and `UpdateTrail`; an absent member keeps its value, an empty text clears it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Settings {
    /// Name, or for `UpdateTrail` name or ARN.
    pub name: String,
    s3_bucket_name: Option<String>,
    s3_key_prefix: Option<String>,
    sns_topic_name: Option<String>,
    include_global_service_events: Option<bool>,
    is_multi_region_trail: Option<bool>,
    enable_log_file_validation: Option<bool>,
    cloud_watch_logs_log_group_arn: Option<String>,
    cloud_watch_logs_role_arn: Option<String>,
    kms_key_id: Option<String>,
    is_organization_trail: Option<bool>,
    tags_list: Vec<TagEntry>,
    recursive_logging: Option<bool>,
}

/// `CreateTrail`. The new trail does not log before `StartLogging`.
pub fn create(world: &mut World, viewer: Viewer<'_>, settings: &Settings, now: Timestamp) -> Result<Value, AwsError> {
    validate::trail_name(&settings.name)?;
    let is_organization = settings.is_organization_trail.unwrap_or(false);
    let owner = if is_organization {
        validate::organization_trail_possible(&world.as_seen(), viewer.account)?
    } else {
        viewer.account.clone()
    };
    let draft = Trail {
        name: settings.name.clone(),
        home_region: viewer.region.clone(),
        bucket: String::new(),
        prefix: None,
        sns_topic: None,
        global_service_events: true,
        multi_region: false,
        log_file_validation: false,
        organization: is_organization,
        without_replica: BTreeSet::new(),
        recursive_logging: true,
        log_group: None,
        log_role: None,
        kms_key: None,
        event_selectors: Vec::new(),
        advanced_event_selectors: Vec::new(),
        insight_selectors: Vec::new(),
        aggregations: Vec::new(),
        logging: false,
        started: None,
        stopped: None,
        status: Vec::new(),
        tags: checked_tags(&BTreeMap::new(), &settings.tags_list)?,
    };
    if here(world, &owner, viewer).any(|trail| trail.name == settings.name) {
        let message = format!("Trail {} already exists for customer: {owner}", settings.name);
        return Err(AwsError::bad("TrailAlreadyExistsException", message));
    }
    let trail = changed(&world.as_seen(), viewer, &owner, draft, settings)?;
    check_quota(world, &owner, &trail)?;
    let answer = show_change(world, &owner, &trail);
    let (region, name) = (trail.home_region.clone(), trail.name.clone());
    world.changes(Before::NoTrail { owner: owner.clone(), region, name }, now);
    world.cloudtrail.entry(owner).or_default().trails.push(trail);
    Ok(answer)
}

/// `UpdateTrail`.
pub fn update(world: &mut World, viewer: Viewer<'_>, settings: &Settings) -> Result<Value, AwsError> {
    let (place, trail) = writable(world, viewer, &settings.name)?;
    let mut draft = trail.clone();
    let converted = settings.is_organization_trail.filter(|wanted| *wanted != draft.organization);
    if let Some(wanted) = converted {
        if wanted {
            validate::organization_trail_possible(&world.as_seen(), viewer.account)?;
        }
        if world.management_account() != Some(viewer.account) {
            return Err(validate::not_management());
        }
        draft.organization = wanted;
    }
    let became_multi_region = settings.is_multi_region_trail == Some(true) && !draft.multi_region;
    let draft = changed(&world.as_seen(), viewer, &place.owner, draft, settings)?;
    if became_multi_region {
        check_quota(world, &place.owner, &draft)?;
    }
    let answer = show_change(world, &place.owner, &draft);
    edit(world, &place, |trail| *trail = draft);
    Ok(answer)
}

/// `DeleteTrail`; bucket, log group and objects stay.
pub fn delete(world: &mut World, viewer: Viewer<'_>, name: &str) -> Result<Value, AwsError> {
    let (place, _) = writable(world, viewer, name)?;
    if let Some(held) = world.cloudtrail.get_mut(&place.owner) {
        held.trails.remove(place.index);
    }
    Ok(json!({}))
}

/// `StartLogging` and `StopLogging`; repeating one changes nothing.
pub fn set_logging(
    world: &mut World,
    viewer: Viewer<'_>,
    name: &str,
    on: bool,
    now: Timestamp,
) -> Result<Value, AwsError> {
    let (place, trail) = writable(world, viewer, name)?;
    if trail.logging != on {
        edit(world, &place, |trail| {
            trail.logging = on;
            trail.status.clear();
            let moment = if on { &mut trail.started } else { &mut trail.stopped };
            *moment = Some(When::At(now));
        });
    }
    Ok(json!({}))
}

/// A trail that this caller may change from this region.
pub fn writable<'w>(world: &'w World, viewer: Viewer<'_>, name: &str) -> Result<(Place, &'w Trail), AwsError> {
    let wrong_region = |trail: &Trail| {
        let message = format!("The trail {} can only be changed in its home region {}.", trail.name, trail.home_region);
        AwsError::bad("InvalidHomeRegionException", message)
    };
    if !name.starts_with("arn:") {
        let shadow = here(world, viewer.account, viewer).find(|trail| trail.name == name);
        if let Some(trail) = shadow.filter(|trail| trail.home_region != *viewer.region) {
            return Err(wrong_region(trail));
        }
    }
    let place = find(world, viewer, name)?;
    if place.owner != *viewer.account && !manages_organization_trails(world, viewer.account) {
        return Err(validate::not_management());
    }
    let trail = place.trail(world).ok_or_else(super::visibility::wrong_account)?;
    if trail.home_region != *viewer.region {
        return Err(wrong_region(trail));
    }
    Ok((place, trail))
}

/// Changes a trail in place.
pub fn edit(world: &mut World, place: &Place, change: impl FnOnce(&mut Trail)) {
    let trail = world.cloudtrail.get_mut(&place.owner).and_then(|held| held.trails.get_mut(place.index));
    if let Some(trail) = trail {
        change(trail);
    }
}

/// The owner's trails in the region called, shadows included.
fn here<'w>(world: &'w World, owner: &AccountId, viewer: Viewer<'_>) -> impl Iterator<Item = &'w Trail> {
    let trails = world.cloudtrail.get(owner).map(|holder| holder.trails.as_slice()).unwrap_or_default();
    let region = viewer.region.clone();
    trails.iter().filter(move |trail| trail.multi_region || trail.home_region == region)
}

fn check_quota(world: &World, owner: &AccountId, new: &Trail) -> Result<(), AwsError> {
    let Some(held) = world.cloudtrail.get(owner) else { return Ok(()) };
    let others = held.trails.iter().filter(|t| (&t.name, &t.home_region) != (&new.name, &new.home_region));
    let regions = held.trails.iter().map(|trail| &trail.home_region).chain([&new.home_region]);
    let most = regions
        .filter(|region| new.multi_region || **region == new.home_region)
        .map(|region| others.clone().filter(|trail| trail.multi_region || trail.home_region == *region).count())
        .max();
    if most >= Some(TRAILS_PER_REGION) {
        let message = format!("User: {owner} already has {TRAILS_PER_REGION} trails in {}.", new.home_region);
        return Err(AwsError::bad("MaximumNumberOfTrailsExceededException", message));
    }
    Ok(())
}

/// The trail with the settings applied, after every link that changed, or that the caller names, was validated.
fn changed(
    world: &World,
    viewer: Viewer<'_>,
    owner: &AccountId,
    mut trail: Trail,
    settings: &Settings,
) -> Result<Trail, AwsError> {
    trail.multi_region = settings.is_multi_region_trail.unwrap_or(trail.multi_region);
    trail.global_service_events = settings.include_global_service_events.unwrap_or(trail.global_service_events);
    trail.log_file_validation = settings.enable_log_file_validation.unwrap_or(trail.log_file_validation);
    trail.recursive_logging = settings.recursive_logging.unwrap_or(trail.recursive_logging);
    if trail.multi_region && !trail.global_service_events {
        let message = "Multi-Region trail must include global service events.";
        return Err(AwsError::bad("InvalidParameterCombinationException", message));
    }
    if let Some(bucket) = &settings.s3_bucket_name {
        trail.bucket.clone_from(bucket);
    }
    if let Some(prefix) = &settings.s3_key_prefix {
        trail.prefix = Some(prefix.clone()).filter(|prefix| !prefix.is_empty());
    }
    match settings.sns_topic_name.as_deref() {
        Some("") => trail.sns_topic = None,
        Some(topic) => trail.sns_topic = Some(validate::topic(world, viewer, owner, &trail, topic)?),
        None => {}
    }
    let bucket_region = validate::bucket(world, owner, &trail)?;
    match settings.kms_key_id.as_deref() {
        Some("") => trail.kms_key = None,
        Some(key) => trail.kms_key = Some(validate::key(world, viewer, owner, &trail, key, &bucket_region)?),
        None => {}
    }
    match (settings.cloud_watch_logs_log_group_arn.as_deref(), settings.cloud_watch_logs_role_arn.as_deref()) {
        (None, None) => {}
        (Some(""), Some("")) => (trail.log_group, trail.log_role) = (None, None),
        (Some(group), Some(role)) => {
            trail.log_group = Some(validate::log_group(world, viewer, owner, &trail, group, role)?);
            trail.log_role = Some(role.to_owned());
        }
        _ => {
            let message = "You must specify both the log group ARN and the role ARN.";
            return Err(AwsError::bad("InvalidCloudWatchLogsRoleArnException", message));
        }
    }
    Ok(trail)
}

/// The answer of `CreateTrail` and `UpdateTrail`: no home region, nothing about selectors.
fn show_change(world: &World, owner: &AccountId, trail: &Trail) -> Value {
    json!({
        "Name": trail.name,
        "S3BucketName": trail.bucket,
        "S3KeyPrefix": trail.prefix,
        "SnsTopicARN": trail.sns_topic,
        "IncludeGlobalServiceEvents": trail.global_service_events,
        "IsMultiRegionTrail": trail.multi_region,
        "TrailARN": arn(world, owner, trail),
        "LogFileValidationEnabled": trail.log_file_validation,
        "CloudWatchLogsLogGroupArn": trail.log_group,
        "CloudWatchLogsRoleArn": trail.log_role,
        "KmsKeyId": trail.kms_key,
        "IsOrganizationTrail": trail.organization,
        "RecursiveLogging": trail.recursive_logging,
    })
}
