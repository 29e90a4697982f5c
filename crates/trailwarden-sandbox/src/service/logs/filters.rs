//! Metric filters, which only groups of class STANDARD carry.

use serde_json::{Value, json};

use super::{group, group_mut, invalid, own, paged, pattern};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::logs::MetricFilter;
use crate::world::when::When;

/// The most metric filters of one log group.
const MOST: usize = 100;
/// The longest filter pattern and the longest criteria, in characters.
const LONGEST_PATTERN: usize = 1_024;
const LONGEST_CRITERIA: usize = 2_000;
/// What a metric can be split by beside fields of the event.
const SYSTEM_FIELDS: &[&str] = &["@aws.account", "@aws.region"];

/// `PutMetricFilter`: makes or replaces. The pattern is kept as it is written.
pub fn put(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    if request.flag("applyOnTransformedLogs") == Some(true) {
        return Err(request.not_implemented("logs (transformed logs)"));
    }
    let name = request.require("filterName", "InvalidParameterException")?;
    if name.chars().count() > 512 || name.contains([':', '*']) {
        return Err(invalid(format!("{name} is not a valid filter name.")));
    }
    let filter_pattern = request.text("filterPattern").ok_or_else(|| invalid("filterPattern must be given."))?;
    if filter_pattern.chars().count() > LONGEST_PATTERN || !pattern::is_valid(filter_pattern) {
        return Err(invalid("Invalid metric filter pattern"));
    }
    let field_selection = request.text("fieldSelectionCriteria").filter(|criteria| !criteria.is_empty());
    if field_selection.is_some_and(|criteria| criteria.chars().count() > LONGEST_CRITERIA) {
        return Err(invalid("fieldSelectionCriteria is too long."));
    }
    let system_dimensions = request.texts("emitSystemFieldDimensions");
    if !system_dimensions.iter().all(|field| SYSTEM_FIELDS.contains(&field.as_str())) {
        return Err(invalid("emitSystemFieldDimensions takes @aws.account and @aws.region."));
    }
    let filter = MetricFilter {
        pattern: filter_pattern.to_owned(),
        transformations: vec![transformation(request)?],
        field_selection: field_selection.map(str::to_owned),
        system_dimensions,
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

/// The one metric that a match counts in.
fn transformation(request: &Request) -> Result<Value, AwsError> {
    let given = request.input.get("metricTransformations").and_then(Value::as_array);
    let [transformation] = given.map(Vec::as_slice).unwrap_or_default() else {
        return Err(invalid("metricTransformations takes one entry."));
    };
    let is_name = |text: &str| !text.is_empty() && text.chars().count() <= 255 && !text.contains([':', '*', '$']);
    let text = |member: &str| transformation.get(member).and_then(Value::as_str);
    if !["metricName", "metricNamespace"].into_iter().all(|member| text(member).is_some_and(is_name)) {
        return Err(invalid("A metric transformation needs a metricName and a metricNamespace without : * or $."));
    }
    let is_value = |text: &str| text.starts_with('$') || text.parse::<f64>().is_ok();
    if !text("metricValue").is_some_and(is_value) {
        return Err(invalid("metricValue must be a number or name a field."));
    }
    let dimensions = transformation.get("dimensions").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    if dimensions > 3 || (dimensions > 0 && transformation.get("defaultValue").is_some_and(Value::is_number)) {
        return Err(invalid("A metric transformation takes three dimensions, and no default value beside them."));
    }
    Ok(transformation.clone())
}

/// `DescribeMetricFilters`, of one group or of all.
pub fn describe(request: &Request, world: &World) -> Result<Value, AwsError> {
    if request.text("metricName").is_some() != request.text("metricNamespace").is_some() {
        return Err(invalid("metricName and metricNamespace are given together or not at all."));
    }
    let groups = match request.text("logGroupName") {
        Some(_) => vec![group(request, world)?],
        None => own(request, world).collect(),
    };
    let metric = |filter: &MetricFilter, member: &str| {
        request.text(member).is_none_or(|wanted| filter.transformations.iter().any(|t| text(t, member) == wanted))
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
                    "applyOnTransformedLogs": false,
                    "fieldSelectionCriteria": filter.field_selection,
                    "emitSystemFieldDimensions": Some(&filter.system_dimensions).filter(|fields| !fields.is_empty()),
                }));
            }
        }
    }
    found.sort_by(|a, b| text(a, "filterName").cmp(text(b, "filterName")));
    paged(request, found, "metricFilters")
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// `DeleteMetricFilter`.
pub fn delete(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let name = request.require("filterName", "InvalidParameterException")?;
    match group_mut(request, world)?.metric_filters.remove(name) {
        Some(_) => Ok(json!({})),
        None => Err(AwsError::bad("ResourceNotFoundException", "The specified metric filter does not exist.")),
    }
}
