//! Metric filters, which only groups of class STANDARD carry.

use serde_json::{Value, json};

use super::{group, group_mut, invalid, own, paged};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::logs::MetricFilter;
use crate::world::when::When;

/// The most metric filters of one log group.
const MOST: usize = 100;

/// `PutMetricFilter`: makes or replaces.
pub fn put(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let name = request.require("filterName", "InvalidParameterException")?;
    let pattern = request.text("filterPattern").ok_or_else(|| invalid("filterPattern must be given."))?;
    let transformations = request.input.get("metricTransformations").and_then(Value::as_array);
    let transformations = transformations.filter(|list| list.len() == 1);
    let transformations = transformations.ok_or_else(|| invalid("metricTransformations takes one entry."))?;
    let has = |member: &str| transformations.iter().all(|t| t.get(member).is_some_and(Value::is_string));
    if !["metricName", "metricNamespace", "metricValue"].into_iter().all(has) {
        return Err(invalid("A metric transformation needs metricName, metricNamespace and metricValue."));
    }
    let filter = MetricFilter {
        pattern: pattern.to_owned(),
        transformations: transformations.clone(),
        created: When::At(request.now),
    };
    let group = group_mut(request, world)?;
    if group.class != "STANDARD" {
        let message = format!("Metric filters are not supported for log groups of class {}.", group.class);
        return Err(AwsError::bad("InvalidOperationException", message));
    }
    if group.metric_filters.len() >= MOST && !group.metric_filters.contains_key(name) {
        return Err(AwsError::bad("LimitExceededException", "Resource limit exceeded."));
    }
    group.metric_filters.insert(name.to_owned(), filter);
    Ok(json!({}))
}

/// `DescribeMetricFilters`, of one group or of all.
pub fn describe(request: &Request, world: &World) -> Result<Value, AwsError> {
    let groups = match request.text("logGroupName") {
        Some(_) => vec![group(request, world)?],
        None => own(request, world).collect(),
    };
    let metric = |filter: &MetricFilter, member: &str| {
        let wanted = request.text(member);
        wanted.is_none_or(|wanted| {
            filter.transformations.iter().any(|t| t.get(member).and_then(Value::as_str) == Some(wanted))
        })
    };
    let prefix = request.text("filterNamePrefix").unwrap_or_default();
    let mut found = Vec::new();
    for group in groups {
        for (name, filter) in &group.metric_filters {
            if name.starts_with(prefix) && metric(filter, "metricName") && metric(filter, "metricNamespace") {
                found.push(json!({
                    "filterName": name,
                    "filterPattern": filter.pattern,
                    "metricTransformations": filter.transformations,
                    "creationTime": filter.created.by(request.now).as_millisecond(),
                    "logGroupName": group.name,
                }));
            }
        }
    }
    paged(request, found, "metricFilters")
}

/// `DeleteMetricFilter`.
pub fn delete(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let name = request.require("filterName", "InvalidParameterException")?;
    match group_mut(request, world)?.metric_filters.remove(name) {
        Some(_) => Ok(json!({})),
        None => Err(AwsError::bad("ResourceNotFoundException", "The specified metric filter does not exist.")),
    }
}
