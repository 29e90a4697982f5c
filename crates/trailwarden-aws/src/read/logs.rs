//! CloudWatch Logs: the log group of a trail and its metric filters.

use aws_sdk_cloudwatchlogs::types;
use trailwarden_model::monitoring::{Metric, MetricFilter};
use trailwarden_model::storage::LogGroupDetail;

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::convert::text;
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    DESCRIBE_LOG_GROUPS = Read::regional("logs:DescribeLogGroups", 10);
    DESCRIBE_METRIC_FILTERS = Read::regional("logs:DescribeMetricFilters", 5);
}

/// The group with exactly this name; none when there is none. AWS searches by prefix only.
pub(crate) async fn group(session: &Session, site: &Site, name: &str) -> Result<Option<LogGroupDetail>, Failure> {
    let groups = pages::all(|token| async move {
        let call = session.clients.logs.describe_log_groups().log_group_name_prefix(name);
        let call = call.limit(50).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_cloudwatchlogs, site)).send();
        let answer = session.call(&DESCRIBE_LOG_GROUPS, site, call).await?;
        let exact = answer.log_groups().iter().filter(|group| group.log_group_name() == Some(name));
        Ok((exact.cloned().collect(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    Ok(groups.first().map(|group| LogGroupDetail {
        retention_days: group.retention_in_days(),
        kms_key: text(group.kms_key_id()),
        class: group.log_group_class().map_or_else(|| "STANDARD".to_owned(), ToString::to_string),
        is_account_retention: group.retention_policy_name().is_some(),
    }))
}

/// The metric filters of a group in the order of their names; a group that does not exist has none.
pub(crate) async fn metric_filters(session: &Session, site: &Site, group: &str) -> Result<Vec<MetricFilter>, Failure> {
    let listed = match list_filters(session, site, group).await {
        Err(failure) if failure.code() == "ResourceNotFoundException" => return Ok(Vec::new()),
        listed => listed?,
    };
    let filters = listed.iter().map(|listed| {
        let reason = "the answer holds a metric filter without a name";
        filter(listed).ok_or_else(|| unexpected(&DESCRIBE_METRIC_FILTERS, &site.account, &site.region, reason))
    });
    let mut filters: Vec<MetricFilter> = filters.collect::<Result<_, _>>()?;
    filters.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(filters)
}

/// The metric filters of a group as CloudWatch Logs has them.
pub(crate) async fn list_filters(
    session: &Session,
    site: &Site,
    group: &str,
) -> Result<Vec<types::MetricFilter>, Failure> {
    pages::all(|token| async move {
        let call = session.clients.logs.describe_metric_filters().log_group_name(group).limit(50).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_cloudwatchlogs, site)).send();
        let answer = session.call(&DESCRIBE_METRIC_FILTERS, site, call).await?;
        Ok((answer.metric_filters().to_vec(), answer.next_token().map(str::to_owned)))
    })
    .await
}

fn filter(filter: &types::MetricFilter) -> Option<MetricFilter> {
    let of_system = !filter.emit_system_field_dimensions().is_empty();
    let metric = |to: &types::MetricTransformation| Metric {
        namespace: to.metric_namespace().to_owned(),
        name: to.metric_name().to_owned(),
        value: to.metric_value().to_owned(),
        has_dimensions: of_system || to.dimensions().is_some_and(|dimensions| !dimensions.is_empty()),
    };
    Some(MetricFilter {
        name: filter.filter_name()?.to_owned(),
        pattern: filter.filter_pattern().unwrap_or_default().to_owned(),
        field_selection: text(filter.field_selection_criteria()),
        metrics: filter.metric_transformations().iter().map(metric).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_of_a_filter_and_of_its_system_fields_split_the_metric() {
        let to = |dimension: Option<&str>| {
            types::MetricTransformation::builder()
                .metric_namespace("CIS")
                .metric_name("Root")
                .metric_value("1")
                .set_dimensions(dimension.map(|name| [(name.to_owned(), "$.x".to_owned())].into()))
                .build()
                .unwrap()
        };
        let split = |dimension, system: Option<&str>| {
            let built = types::MetricFilter::builder().filter_name("f").metric_transformations(to(dimension));
            let built = built.set_emit_system_field_dimensions(system.map(|field| vec![field.to_owned()])).build();
            filter(&built).unwrap().metrics.iter().any(|metric| metric.has_dimensions)
        };
        assert!(!split(None, None));
        assert!(split(Some("user"), None));
        assert!(split(None, Some("@aws.account")));
    }
}
