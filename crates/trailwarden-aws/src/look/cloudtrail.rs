//! CloudTrail: a trail and what it records, an event data store.

use std::collections::BTreeMap;

use aws_sdk_cloudtrail::types::Trail;
use serde_json::{Value, json};

use crate::catalog::{Read, reads};
use crate::gap::Failure;
use crate::read::cloudtrail::{self, insights as insight, stores};
use crate::read::convert::text;
use crate::session::{Session, Site, at};
use crate::shape::{Shape, object};

reads! {
    GET_TRAIL = Read::regional("cloudtrail:GetTrail", 10);
}

pub(super) async fn trail(session: &Session, site: &Site, trail: &str) -> Result<Value, Failure> {
    let call = session.clients.cloudtrail.get_trail().name(trail);
    let call = || call.clone().customize().config_override(at!(aws_sdk_cloudtrail, site)).send();
    Ok(session.call(&GET_TRAIL, site, call).await?.trail.map(plain).show())
}

/// What was cleared with an empty text is not set. Where nothing is answered of its own deliveries, a trail records them.
fn plain(mut trail: Trail) -> Trail {
    trail.recursive_logging = trail.recursive_logging.or(Some(true));
    for member in [
        &mut trail.s3_key_prefix,
        &mut trail.sns_topic_arn,
        &mut trail.cloud_watch_logs_log_group_arn,
        &mut trail.cloud_watch_logs_role_arn,
        &mut trail.kms_key_id,
    ] {
        *member = text(member.as_deref());
    }
    trail
}

pub(super) async fn logging(session: &Session, site: &Site, trail: &str) -> Result<Value, Failure> {
    Ok(Value::Bool(cloudtrail::status(session, site, trail).await?.is_logging))
}

pub(super) async fn selectors(session: &Session, site: &Site, trail: &str) -> Result<Value, Failure> {
    let answer = cloudtrail::get_selectors(session, site, trail).await?;
    Ok(match answer.advanced_event_selectors().is_empty() {
        true => json!({ "EventSelectors": answer.event_selectors().to_vec().show() }),
        false => json!({ "AdvancedEventSelectors": answer.advanced_event_selectors.show() }),
    })
}

/// Types and categories in the order of their names: CloudTrail gives them none.
pub(super) async fn insights(session: &Session, site: &Site, trail: &str) -> Result<Value, Failure> {
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for insight in insight::insights(session, site, trail).await? {
        kinds.entry(insight.kind).or_default().push(insight.category);
    }
    let selector = |(kind, categories)| json!({ "InsightType": kind, "EventCategories": categories });
    Ok(kinds.into_iter().map(selector).collect())
}

pub(super) async fn event_data_store(session: &Session, site: &Site, store: &str) -> Result<Value, Failure> {
    let store = stores::get_store(session, site, store).await?;
    Ok(object([
        ("Status", store.status.show()),
        ("RetentionPeriod", store.retention_period.show()),
        ("TerminationProtectionEnabled", store.termination_protection_enabled.show()),
        ("KmsKeyId", text(store.kms_key_id()).show()),
        ("BillingMode", store.billing_mode.show()),
    ]))
}
