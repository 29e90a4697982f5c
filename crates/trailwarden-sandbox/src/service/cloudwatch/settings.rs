//! What a metric alarm watches, and what CloudWatch refuses in it.

use serde_json::{Map, Value};

use super::{constraint, validation};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::cloudwatch::MetricSettings;

/// The members of `PutMetricAlarm` that say what is watched.
const MEMBERS: &[&str] = &[
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
    "ThresholdMetricId",
];
/// Comparisons with a threshold, and with an anomaly band.
const COMPARISONS: &[&str] = &[
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
];
const STATISTICS: &[&str] = &["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
const MISSING_DATA: &[&str] = &["breaching", "notBreaching", "ignore", "missing"];
/// Seconds that an alarm may look back, and those of one whose periods last an hour or more.
const A_DAY: i64 = 86_400;
const A_WEEK: i64 = 7 * A_DAY;

/// The settings of the request.
pub fn read(request: &Request) -> Result<MetricSettings, AwsError> {
    for member in ["EvaluationPeriods", "ComparisonOperator"] {
        if request.input.get(member).is_none_or(Value::is_null) {
            return Err(constraint("null", member, "not be null"));
        }
    }
    let given = request.input.as_object().into_iter().flatten();
    let given = given.filter(|(name, value)| MEMBERS.contains(&name.as_str()) && !value.is_null());
    let members: Map<String, Value> = given.map(|(name, value)| (name.clone(), value.clone())).collect();
    let settings: MetricSettings = serde_json::from_value(Value::Object(members))
        .map_err(|error| AwsError::bad("SerializationException", error.to_string()))?;
    check(&settings)?;
    Ok(settings)
}

fn check(settings: &MetricSettings) -> Result<(), AwsError> {
    one_of("comparisonOperator", Some(&settings.comparison_operator), COMPARISONS)?;
    one_of("statistic", settings.statistic.as_ref(), STATISTICS)?;
    if let Some(treatment) = settings.treat_missing_data.as_deref()
        && !MISSING_DATA.contains(&treatment)
    {
        return Err(validation(format!("Option {treatment} for TreatMissingData is not supported.")));
    }
    if settings.evaluation_periods < 1 {
        return Err(constraint(
            settings.evaluation_periods,
            "evaluationPeriods",
            "have value greater than or equal to 1",
        ));
    }
    if settings.datapoints_to_alarm.is_some_and(|n| n < 1 || n > settings.evaluation_periods) {
        return Err(validation("DatapointsToAlarm must be between 1 and EvaluationPeriods."));
    }
    let is_band = settings.comparison_operator.contains("Lower") || settings.comparison_operator.contains("Upper");
    if is_band != settings.threshold_metric_id.is_some() || is_band == settings.threshold.is_some() {
        return Err(validation(
            "Exactly one of Threshold and ThresholdMetricId must be given, as the comparison asks.",
        ));
    }
    if settings.metrics.is_empty() { check_metric(settings) } else { check_math(settings) }
}

fn one_of(member: &str, value: Option<&String>, known: &[&str]) -> Result<(), AwsError> {
    match value {
        Some(value) if !known.contains(&value.as_str()) => {
            Err(constraint(value, member, &format!("satisfy enum value set: [{}]", known.join(", "))))
        }
        _ => Ok(()),
    }
}

/// One metric, with one statistic over periods.
fn check_metric(settings: &MetricSettings) -> Result<(), AwsError> {
    let is_given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    if !is_given(&settings.metric_name) || !is_given(&settings.namespace) {
        return Err(validation("The metric's MetricName and Namespace are required, or Metrics."));
    }
    if settings.statistic.is_some() == settings.extended_statistic.is_some() {
        return Err(AwsError::bad(
            "InvalidParameterCombination",
            "Exactly one of the Statistic and ExtendedStatistic must be specified.",
        ));
    }
    let period = settings.period.ok_or_else(|| constraint("null", "period", "not be null"))?;
    if ![10, 20, 30].contains(&period) && (period < 60 || period % 60 != 0) {
        return Err(validation("Period must be 10, 20, 30 or a multiple of 60"));
    }
    let most = if period >= 3_600 { A_WEEK } else { A_DAY };
    if period.saturating_mul(settings.evaluation_periods) > most {
        return Err(validation(format!(
            "Metrics cannot be checked across more than {} (EvaluationPeriods * Period must be <= {most}).",
            if most == A_DAY { "a day" } else { "seven days" }
        )));
    }
    Ok(())
}

/// Metric math: queries with ids, one of which is the result.
fn check_math(settings: &MetricSettings) -> Result<(), AwsError> {
    let named_too = settings.metric_name.is_some() || settings.namespace.is_some() || settings.statistic.is_some();
    if named_too || settings.period.is_some() || !settings.dimensions.is_empty() {
        return Err(AwsError::bad(
            "InvalidParameterCombination",
            "The parameters MetricName, Namespace, Statistic, Period and Dimensions do not go with Metrics.",
        ));
    }
    let has_id = |query: &Value| query.get("Id").is_some_and(Value::is_string);
    let has_source = |query: &Value| query.get("Expression").is_some() != query.get("MetricStat").is_some();
    if !settings.metrics.iter().all(|query| has_id(query) && has_source(query)) {
        return Err(validation("Each of Metrics needs an Id and one of Expression and MetricStat."));
    }
    let returns = |query: &&Value| query.get("ReturnData").and_then(Value::as_bool).unwrap_or(true);
    let most = if settings.threshold_metric_id.is_some() { 2 } else { 1 };
    if settings.metrics.iter().filter(returns).count() != most {
        return Err(validation(format!("Exactly {most} of Metrics must return data.")));
    }
    Ok(())
}
