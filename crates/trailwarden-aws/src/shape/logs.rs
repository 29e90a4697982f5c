//! Metric filters.

use aws_sdk_cloudwatchlogs::types;

use super::{shapes, words};

words!(types::StandardUnit);

shapes! {
    types::MetricTransformation {
        "metricName" metric_name set_metric_name,
        "metricNamespace" metric_namespace set_metric_namespace,
        "metricValue" metric_value set_metric_value,
        "defaultValue" default_value set_default_value,
        "dimensions" dimensions set_dimensions,
        "unit" unit set_unit,
    }
}
