//! CloudWatch Logs: a log group and its metric filters.

use serde_json::Value;
use trailwarden_model::storage::LogGroupDetail;

use crate::gap::Failure;
use crate::read::logs;
use crate::session::{Session, Site};
use crate::shape::{Shape, object};

pub(super) async fn group(session: &Session, site: &Site, group: &str) -> Result<Value, Failure> {
    seen(session, site, group, |group| object([("logGroupClass", group.class.show())])).await
}

pub(super) async fn retention(session: &Session, site: &Site, group: &str) -> Result<Value, Failure> {
    seen(session, site, group, |group| {
        object([
            ("retentionInDays", group.retention_days.show()),
            ("isAccountRetention", group.is_account_retention.then_some(true).show()),
        ])
    })
    .await
}

pub(super) async fn key(session: &Session, site: &Site, group: &str) -> Result<Value, Failure> {
    seen(session, site, group, |group| object([("kmsKeyId", group.kms_key.show())])).await
}

/// What `show` tells of a group; null when there is none.
async fn seen(
    session: &Session,
    site: &Site,
    group: &str,
    show: impl Fn(LogGroupDetail) -> Value,
) -> Result<Value, Failure> {
    Ok(logs::group(session, site, group).await?.map_or(Value::Null, show))
}

/// Members that no plan writes are shown where they are set, so that nobody takes the filter for a plain one.
pub(super) async fn metric_filter(session: &Session, site: &Site, group: &str, name: &str) -> Result<Value, Failure> {
    let filters = logs::list_filters(session, site, group).await?;
    let filter = filters.into_iter().find(|filter| filter.filter_name() == Some(name));
    Ok(filter.map_or(Value::Null, |filter| {
        object([
            ("filterPattern", filter.filter_pattern.unwrap_or_default().show()),
            ("metricTransformations", filter.metric_transformations.show()),
            ("applyOnTransformedLogs", filter.apply_on_transformed_logs.then_some(true).show()),
            ("fieldSelectionCriteria", filter.field_selection_criteria.filter(|text| !text.is_empty()).show()),
            ("emitSystemFieldDimensions", filter.emit_system_field_dimensions.show()),
        ])
    }))
}
