//! Reading trails: `DescribeTrails`, `ListTrails`, `GetTrail`, selectors, Insights, aggregation, tags.

use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;

use super::visibility::{Place, Viewer, arn, find, manages_organization_trails, of_account, sightings, wrong_account};
use crate::error::AwsError;
use crate::world::World;
use crate::world::cloudtrail::{EventSelector, Trail};

/// A trail as `DescribeTrails` and `GetTrail` show it.
pub fn show(world: &World, owner: &AccountId, trail: &Trail) -> Value {
    json!({
        "Name": trail.name,
        "S3BucketName": trail.bucket,
        "S3KeyPrefix": trail.prefix,
        "SnsTopicName": trail.sns_topic.as_deref().and_then(|topic| topic.rsplit(':').next()),
        "SnsTopicARN": trail.sns_topic,
        "IncludeGlobalServiceEvents": trail.global_service_events,
        "IsMultiRegionTrail": trail.multi_region,
        "HomeRegion": trail.home_region,
        "TrailARN": arn(world, owner, trail),
        "LogFileValidationEnabled": trail.log_file_validation,
        "CloudWatchLogsLogGroupArn": trail.log_group,
        "CloudWatchLogsRoleArn": trail.log_role,
        "KmsKeyId": trail.kms_key,
        "HasCustomEventSelectors": has_custom_selectors(trail),
        "HasInsightSelectors": !trail.insight_selectors.is_empty(),
        "IsOrganizationTrail": trail.organization,
        "RecursiveLogging": trail.recursive_logging,
    })
}

fn has_custom_selectors(trail: &Trail) -> bool {
    let is_default = trail.event_selectors.is_empty() || trail.event_selectors == [EventSelector::default()];
    !trail.advanced_event_selectors.is_empty() || !is_default
}

/// `DescribeTrails`: everything here, or the named ones. A name that matches nothing is no error.
pub fn describe(world: &World, viewer: Viewer<'_>, wanted: &[String], with_shadows: bool) -> Result<Value, AwsError> {
    let mut list = Vec::new();
    if wanted.is_empty() {
        list.extend(
            sightings(world, viewer, with_shadows).into_iter().map(|(place, trail)| show(world, &place.owner, trail)),
        );
    }
    for name in wanted {
        match find(world, viewer, name) {
            Ok(place) => list.extend(place.trail(world).map(|trail| show(world, &place.owner, trail))),
            Err(fault) if fault.code == "TrailNotFoundException" => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(json!({ "trailList": list }))
}

/// `ListTrails`: every trail of the account, whatever the region called.
pub fn list(world: &World, viewer: Viewer<'_>) -> Vec<Value> {
    let entry = |(place, trail): (Place, &Trail)| json!({ "TrailARN": arn(world, &place.owner, trail), "Name": trail.name, "HomeRegion": trail.home_region });
    let reaching = |(place, trail): &(Place, &Trail)| {
        let at_home = Viewer { account: viewer.account, region: &trail.home_region };
        super::visibility::is_here(world, &place.owner, trail, at_home)
    };
    of_account(world, viewer.account).into_iter().filter(reaching).map(entry).collect()
}

/// `GetTrail`.
pub fn get(world: &World, viewer: Viewer<'_>, name: &str) -> Result<Value, AwsError> {
    let place = find(world, viewer, name)?;
    Ok(json!({ "Trail": place.trail(world).map(|trail| show(world, &place.owner, trail)) }))
}

/// A trail whose settings the viewer may read: its own, or an organization trail for those who manage organization trails.
fn readable<'w>(world: &'w World, viewer: Viewer<'_>, name: &str) -> Result<(Place, &'w Trail), AwsError> {
    let place = find(world, viewer, name)?;
    if place.owner != *viewer.account && !manages_organization_trails(world, viewer.account) {
        return Err(wrong_account());
    }
    let trail = place.trail(world).ok_or_else(wrong_account)?;
    Ok((place, trail))
}

/// `GetEventSelectors`: only the kind in use; a trail without selectors shows the default one.
pub fn event_selectors(world: &World, viewer: Viewer<'_>, name: &str) -> Result<Value, AwsError> {
    let (place, trail) = readable(world, viewer, name)?;
    let trail_arn = arn(world, &place.owner, trail);
    if !trail.advanced_event_selectors.is_empty() {
        return Ok(json!({ "TrailARN": trail_arn, "AdvancedEventSelectors": trail.advanced_event_selectors }));
    }
    let default = [EventSelector::default()];
    let basic = if trail.event_selectors.is_empty() { &default[..] } else { &trail.event_selectors };
    Ok(json!({ "TrailARN": trail_arn, "EventSelectors": basic }))
}

/// `GetInsightSelectors`: an error where Insights are off.
pub fn insight_selectors(world: &World, viewer: Viewer<'_>, name: &str) -> Result<Value, AwsError> {
    let (place, trail) = readable(world, viewer, name)?;
    let trail_arn = arn(world, &place.owner, trail);
    if trail.insight_selectors.is_empty() {
        let message =
            format!("Trail {trail_arn} does not have Insights enabled. Edit the trail settings to enable Insights.");
        return Err(AwsError::bad("InsightNotEnabledException", message));
    }
    Ok(json!({ "TrailARN": trail_arn, "InsightSelectors": trail.insight_selectors }))
}

/// `GetEventConfiguration` of a trail.
pub fn event_configuration(world: &World, viewer: Viewer<'_>, name: &str) -> Result<Value, AwsError> {
    let (place, trail) = readable(world, viewer, name)?;
    Ok(json!({ "TrailARN": arn(world, &place.owner, trail), "AggregationConfigurations": trail.aggregations }))
}
