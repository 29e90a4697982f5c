//! Metric alarms.

use aws_sdk_cloudwatch::types;

use super::{shapes, unions, words};

words!(types::ComparisonOperator, types::StandardUnit, types::Statistic);

unions! {
    types::EvaluationCriteria {
        "PromQLCriteria" PromQlCriteria,
    }
    types::EvaluationWindow {
        "SlidingWindow" SlidingWindow,
        "WallClockWindow" WallClockWindow,
    }
}

shapes! {
    // What `PutMetricAlarm` takes, without tags; not what only an alarm that exists has.
    types::MetricAlarm {
        "AlarmName" alarm_name set_alarm_name,
        "AlarmDescription" alarm_description set_alarm_description,
        "ActionsEnabled" actions_enabled set_actions_enabled,
        "OKActions" ok_actions set_ok_actions,
        "AlarmActions" alarm_actions set_alarm_actions,
        "InsufficientDataActions" insufficient_data_actions set_insufficient_data_actions,
        "MetricName" metric_name set_metric_name,
        "Namespace" namespace set_namespace,
        "Statistic" statistic set_statistic,
        "ExtendedStatistic" extended_statistic set_extended_statistic,
        "Dimensions" dimensions set_dimensions,
        "Period" period set_period,
        "Unit" unit set_unit,
        "EvaluationPeriods" evaluation_periods set_evaluation_periods,
        "DatapointsToAlarm" datapoints_to_alarm set_datapoints_to_alarm,
        "Threshold" threshold set_threshold,
        "ComparisonOperator" comparison_operator set_comparison_operator,
        "TreatMissingData" treat_missing_data set_treat_missing_data,
        "EvaluateLowSampleCountPercentile"
            evaluate_low_sample_count_percentile set_evaluate_low_sample_count_percentile,
        "Metrics" metrics set_metrics,
        "ThresholdMetricId" threshold_metric_id set_threshold_metric_id,
        "EvaluationWindow" evaluation_window set_evaluation_window,
        "WarmUpConfiguration" warm_up_configuration set_warm_up_configuration,
        "EvaluationCriteria" evaluation_criteria set_evaluation_criteria,
        "EvaluationInterval" evaluation_interval set_evaluation_interval,
        "ActionConfiguration" action_configuration set_action_configuration,
    }
    types::Dimension {
        "Name" name set_name,
        "Value" value set_value,
    }
    types::MetricDataQuery {
        "Id" id set_id,
        "MetricStat" metric_stat set_metric_stat,
        "Expression" expression set_expression,
        "Label" label set_label,
        "ReturnData" return_data set_return_data,
        "Period" period set_period,
        "AccountId" account_id set_account_id,
    }
    types::MetricStat {
        "Metric" metric set_metric,
        "Period" period set_period,
        "Stat" stat set_stat,
        "Unit" unit set_unit,
    }
    types::Metric {
        "Namespace" namespace set_namespace,
        "MetricName" metric_name set_metric_name,
        "Dimensions" dimensions set_dimensions,
    }
    types::SlidingWindow {}
    types::WallClockWindow {
        "Timezone" timezone set_timezone,
    }
    types::WarmUpConfiguration {
        "WarmUpPeriodDurationInMinutes" warm_up_period_duration_in_minutes set_warm_up_period_duration_in_minutes,
        "OnlyStartEvaluatingAfterWarmUpPeriodEnds"
            only_start_evaluating_after_warm_up_period_ends set_only_start_evaluating_after_warm_up_period_ends,
    }
    types::AlarmPromQlCriteria {
        "Query" query set_query,
        "PendingPeriod" pending_period set_pending_period,
        "RecoveryPeriod" recovery_period set_recovery_period,
    }
    types::ActionConfiguration {
        "AlarmTagsPropagation" alarm_tags_propagation set_alarm_tags_propagation,
    }
    types::AlarmTagsPropagation {
        "Enabled" enabled set_enabled,
        "IncludedTagKeys" included_tag_keys set_included_tag_keys,
        "ExcludedTagKeys" excluded_tag_keys set_excluded_tag_keys,
    }
}
