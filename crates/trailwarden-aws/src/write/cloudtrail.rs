//! CloudTrail: trails and event data stores.

use serde_json::{Value, json};
use trailwarden_model::plan::TrailInput;

use super::writes;
use crate::shape::{Invalid, Shape};

/// The members that creation and update share.
macro_rules! trail {
    ($call:expr, $input:ident) => {
        $call
            .name(&$input.name)
            .set_s3_bucket_name($input.s3_bucket_name.clone())
            .set_s3_key_prefix($input.s3_key_prefix.clone())
            .set_sns_topic_name($input.sns_topic_name.clone())
            .set_include_global_service_events($input.include_global_service_events)
            .set_is_multi_region_trail($input.is_multi_region_trail)
            .set_enable_log_file_validation($input.enable_log_file_validation)
            .set_cloud_watch_logs_log_group_arn($input.cloud_watch_logs_log_group_arn.clone())
            .set_cloud_watch_logs_role_arn($input.cloud_watch_logs_role_arn.clone())
            .set_kms_key_id($input.kms_key_id.clone())
            .set_is_organization_trail($input.is_organization_trail)
            .set_recursive_logging($input.recursive_logging)
    };
}

// Source: AWS General Reference, "AWS CloudTrail endpoints and quotas": one a second for each.
writes! { aws_sdk_cloudtrail cloudtrail;
    create_trail(input: TrailInput) at 1 = "cloudtrail:CreateTrail",
        |client| trail!(client.create_trail(), input).set_tags_list(list(&json!(input.tags_list))?);
    update_trail(input: TrailInput) at 1 = "cloudtrail:UpdateTrail", |client| {
        if !input.tags_list.is_empty() {
            return Err(Invalid("TagsList is no member of this input".to_owned()).into());
        }
        trail!(client.update_trail(), input)
    };
    delete_trail(name: str) at 1 = "cloudtrail:DeleteTrail", |client| client.delete_trail().name(name);
    start_logging(name: str) at 1 = "cloudtrail:StartLogging", |client| client.start_logging().name(name);
    stop_logging(name: str) at 1 = "cloudtrail:StopLogging", |client| client.stop_logging().name(name);
    put_event_selectors(trail: str, basic: Option<Value>, advanced: Option<Value>) at 1 =
        "cloudtrail:PutEventSelectors",
        |client| client.put_event_selectors().trail_name(trail)
            .set_event_selectors(basic.as_ref().map(Shape::read).transpose()?)
            .set_advanced_event_selectors(advanced.as_ref().map(Shape::read).transpose()?);
    put_insight_selectors(trail: str, selectors: Value) at 1 = "cloudtrail:PutInsightSelectors",
        |client| client.put_insight_selectors().trail_name(trail)
            .set_insight_selectors(Some(Shape::read(selectors)?));
    update_event_data_store(store: str, days: Option<i32>, protection: Option<bool>, key: Option<String>) at 1 =
        "cloudtrail:UpdateEventDataStore",
        |client| client.update_event_data_store().event_data_store(store).set_retention_period(*days)
            .set_termination_protection_enabled(*protection).set_kms_key_id(key.clone());
}

/// A list that is not sent when it is empty.
fn list<T: Shape>(value: &Value) -> Result<Option<Vec<T>>, Invalid> {
    Ok(Some(Vec::read(value)?).filter(|items| !items.is_empty()))
}
