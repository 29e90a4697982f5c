//! CloudTrail: trails as one account and region shows them, status, selectors.

use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::types;
use trailwarden_model::ids::Arn;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::trail::{
    AdvancedSelector, BasicSelector, DataResource, Delivery, FieldSelector, ReadWriteType, Selectors, Trail,
    TrailStatus,
};

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::convert::{instant, text};
use crate::session::{Session, Site, at};

pub(crate) mod history;
pub(crate) mod insights;
pub(crate) mod stores;

reads! {
    DESCRIBE_TRAILS = Read::regional("cloudtrail:DescribeTrails", 10);
    GET_TRAIL_STATUS = Read::regional("cloudtrail:GetTrailStatus", 10);
    GET_EVENT_SELECTORS = Read::regional("cloudtrail:GetEventSelectors", 10);
}

/// The trails that the site shows, shadows included, each with a selector gap that its owner's answer replaces.
pub(crate) async fn trails(session: &Session, site: &Site) -> Result<Vec<Trail>, Failure> {
    let call = session.clients.cloudtrail.describe_trails().include_shadow_trails(true);
    let call = || call.clone().customize().config_override(at!(aws_sdk_cloudtrail, site)).send();
    let answer = session.call(&DESCRIBE_TRAILS, site, call).await?;
    // A trail we cannot read is not "no trail": the whole list becomes a gap.
    let trails = answer.trail_list().iter().map(|trail| {
        sighted(site, trail).ok_or_else(|| {
            let name = trail.trail_arn().or_else(|| trail.name()).unwrap_or("without a name");
            let reason = format!("trail {name}: its ARN, home region or bucket is missing or malformed");
            unexpected(&DESCRIBE_TRAILS, &site.account, &site.region, &reason)
        })
    });
    trails.collect()
}

fn sighted(site: &Site, trail: &types::Trail) -> Option<Trail> {
    let arn: Arn = trail.trail_arn()?.parse().ok()?;
    let owner = arn.account()?;
    let home_region = match trail.home_region() {
        Some(region) => region.parse().ok()?,
        None => arn.region()?,
    };
    let not_collected = Gap::not_collected(GET_EVENT_SELECTORS.operation, Some(&owner), Some(&home_region));
    let optional_arn = |value: Option<&str>| match text(value) {
        Some(value) => value.parse().ok().map(Some),
        None => Some(None),
    };
    Some(Trail {
        name: trail.name().unwrap_or_default().to_owned(),
        read_at_home: owner == site.account && home_region == site.region,
        is_multi_region: trail.is_multi_region_trail().unwrap_or(false),
        is_organization: trail.is_organization_trail().unwrap_or(false),
        includes_global_service_events: trail.include_global_service_events().unwrap_or(false),
        log_file_validation: trail.log_file_validation_enabled().unwrap_or(false),
        kms_key: optional_arn(key_arn(&arn, trail.kms_key_id()).as_deref())?,
        bucket: text(trail.s3_bucket_name())?,
        prefix: text(trail.s3_key_prefix().map(|prefix| prefix.trim_matches('/'))),
        sns_topic: optional_arn(trail.sns_topic_arn())?,
        log_group: optional_arn(trail.cloud_watch_logs_log_group_arn().map(|arn| arn.trim_end_matches(":*")))?,
        log_role: optional_arn(trail.cloud_watch_logs_role_arn())?,
        recursive_logging: trail.recursive_logging(),
        selectors: Observed::Gap(not_collected),
        insights: Observed::default(),
        arn,
        owner,
        home_region,
    })
}

/// AWS always answers with a full key ARN; stand-ins for AWS echo what was written, which names a key of the trail's owner.
fn key_arn(trail: &Arn, key: Option<&str>) -> Option<String> {
    let key = text(key)?;
    let (partition, region, account) = (trail.partition(), trail.region()?, trail.account()?);
    Some(match key.split_once('/') {
        _ if key.starts_with("arn:") => key,
        Some(("alias", _)) => format!("arn:{partition}:kms:{region}:{account}:{key}"),
        _ => format!("arn:{partition}:kms:{region}:{account}:key/{key}"),
    })
}

/// The status of a trail in the region of the site, as its account sees it. By ARN: by name a member finds nothing.
pub(crate) async fn status(session: &Session, site: &Site, trail: &str) -> Result<TrailStatus, Failure> {
    let call = session.clients.cloudtrail.get_trail_status().name(trail);
    let call = || call.clone().customize().config_override(at!(aws_sdk_cloudtrail, site)).send();
    let answer = session.call(&GET_TRAIL_STATUS, site, call).await?;
    let Some(is_logging) = answer.is_logging() else {
        let reason = "the answer does not say whether the trail is logging";
        return Err(unexpected(&GET_TRAIL_STATUS, &site.account, &site.region, reason));
    };
    let delivery = |time, error| Delivery { last_time: instant(time), last_error: text(error) };
    Ok(TrailStatus {
        is_logging,
        started_at: instant(answer.start_logging_time()),
        stopped_at: instant(answer.stop_logging_time()),
        log_files: delivery(answer.latest_delivery_time(), answer.latest_delivery_error()),
        digests: delivery(answer.latest_digest_delivery_time(), answer.latest_digest_delivery_error()),
        cloudwatch_logs: delivery(
            answer.latest_cloud_watch_logs_delivery_time(),
            answer.latest_cloud_watch_logs_delivery_error(),
        ),
        notifications: delivery(answer.latest_notification_time(), answer.latest_notification_error()),
    })
}

/// The event selectors of a trail. The site must be its owner in its home region.
pub(crate) async fn selectors(session: &Session, site: &Site, trail: &Arn) -> Result<Selectors, Failure> {
    let answer = get_selectors(session, site, trail.as_str()).await?;
    let advanced = answer.advanced_event_selectors();
    Ok(match advanced.is_empty() {
        true => Selectors::Basic(answer.event_selectors().iter().map(basic).collect()),
        false => Selectors::Advanced(advanced.iter().map(advanced_selector).collect()),
    })
}

/// The event selectors of a trail as CloudTrail has them: one list of the two is empty.
pub(crate) async fn get_selectors(
    session: &Session,
    site: &Site,
    trail: &str,
) -> Result<GetEventSelectorsOutput, Failure> {
    let call = session.clients.cloudtrail.get_event_selectors().trail_name(trail);
    let call = || call.clone().customize().config_override(at!(aws_sdk_cloudtrail, site)).send();
    session.call(&GET_EVENT_SELECTORS, site, call).await
}

fn basic(selector: &types::EventSelector) -> BasicSelector {
    let data = |resource: &types::DataResource| DataResource {
        resource_type: resource.r#type().unwrap_or_default().to_owned(),
        values: resource.values().to_vec(),
    };
    BasicSelector {
        read_write: match selector.read_write_type().map(types::ReadWriteType::as_str) {
            None | Some("All") => ReadWriteType::All,
            Some("ReadOnly") => ReadWriteType::ReadOnly,
            Some("WriteOnly") => ReadWriteType::WriteOnly,
            Some(other) => ReadWriteType::Other(other.to_owned()),
        },
        include_management_events: selector.include_management_events().unwrap_or(true),
        exclude_management_event_sources: selector.exclude_management_event_sources().iter().cloned().collect(),
        data_resources: selector.data_resources().iter().map(data).collect(),
    }
}

fn advanced_selector(selector: &types::AdvancedEventSelector) -> AdvancedSelector {
    let field = |field: &types::AdvancedFieldSelector| FieldSelector {
        field: field.field().to_owned(),
        equals: field.equals().to_vec(),
        starts_with: field.starts_with().to_vec(),
        ends_with: field.ends_with().to_vec(),
        not_equals: field.not_equals().to_vec(),
        not_starts_with: field.not_starts_with().to_vec(),
        not_ends_with: field.not_ends_with().to_vec(),
    };
    AdvancedSelector { name: text(selector.name()), fields: selector.field_selectors().iter().map(field).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_written_as_an_id_is_a_key_of_the_owner_at_home() {
        let trail: Arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t".parse().unwrap();
        let of = |key| key_arn(&trail, Some(key)).unwrap();
        assert_eq!(of("1234-ab"), "arn:aws:kms:eu-west-1:111122223333:key/1234-ab");
        assert_eq!(of("alias/logs"), "arn:aws:kms:eu-west-1:111122223333:alias/logs");
        assert_eq!(of("arn:aws:kms:us-east-1:999999999999:key/k"), "arn:aws:kms:us-east-1:999999999999:key/k");
        assert_eq!(key_arn(&trail, None), None);
    }
}
