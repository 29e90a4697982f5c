//! CloudWatch: metric alarms.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::MetricAlarm;
use serde_json::Value;

use super::writes;
use crate::shape::Shape;

// Source: CloudWatch User Guide, "CloudWatch service quotas", of which 3 a second are those of the other calls.
writes! { aws_sdk_cloudwatch cloudwatch;
    put_metric_alarm(input: Value) at 3 = "cloudwatch:PutMetricAlarm", |client| put(client, Shape::read(input)?);
    delete_alarms(names: [String]) at 3 = "cloudwatch:DeleteAlarms",
        |client| client.delete_alarms().set_alarm_names(Some(names.to_vec()));
    enable_alarm_actions(names: [String]) at 3 = "cloudwatch:EnableAlarmActions",
        |client| client.enable_alarm_actions().set_alarm_names(Some(names.to_vec()));
    disable_alarm_actions(names: [String]) at 3 = "cloudwatch:DisableAlarmActions",
        |client| client.disable_alarm_actions().set_alarm_names(Some(names.to_vec()));
}

/// Every member that [`MetricAlarm`]'s shape has.
fn put(client: &Client, alarm: MetricAlarm) -> PutMetricAlarmFluentBuilder {
    client
        .put_metric_alarm()
        .set_alarm_name(alarm.alarm_name)
        .set_alarm_description(alarm.alarm_description)
        .set_actions_enabled(alarm.actions_enabled)
        .set_ok_actions(alarm.ok_actions)
        .set_alarm_actions(alarm.alarm_actions)
        .set_insufficient_data_actions(alarm.insufficient_data_actions)
        .set_metric_name(alarm.metric_name)
        .set_namespace(alarm.namespace)
        .set_statistic(alarm.statistic)
        .set_extended_statistic(alarm.extended_statistic)
        .set_dimensions(alarm.dimensions)
        .set_period(alarm.period)
        .set_unit(alarm.unit)
        .set_evaluation_periods(alarm.evaluation_periods)
        .set_datapoints_to_alarm(alarm.datapoints_to_alarm)
        .set_threshold(alarm.threshold)
        .set_comparison_operator(alarm.comparison_operator)
        .set_treat_missing_data(alarm.treat_missing_data)
        .set_evaluate_low_sample_count_percentile(alarm.evaluate_low_sample_count_percentile)
        .set_metrics(alarm.metrics)
        .set_threshold_metric_id(alarm.threshold_metric_id)
        .set_evaluation_window(alarm.evaluation_window)
        .set_warm_up_configuration(alarm.warm_up_configuration)
        .set_evaluation_criteria(alarm.evaluation_criteria)
        .set_evaluation_interval(alarm.evaluation_interval)
        .set_action_configuration(alarm.action_configuration)
}
