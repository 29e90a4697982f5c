//! CloudWatch: one metric alarm.

use aws_sdk_cloudwatch::types::{AlarmType, EvaluationWindow, MetricAlarm};
use serde_json::Value;

use crate::gap::Failure;
use crate::read::cloudwatch::DESCRIBE_ALARMS;
use crate::session::{Session, Site, at};
use crate::shape::Shape;

pub(super) async fn alarm(session: &Session, site: &Site, name: &str) -> Result<Value, Failure> {
    let call = session.clients.cloudwatch.describe_alarms().alarm_names(name).alarm_types(AlarmType::MetricAlarm);
    let call = || call.clone().customize().config_override(at!(aws_sdk_cloudwatch, site)).send();
    let answer = session.call(&DESCRIBE_ALARMS, site, call).await?;
    let alarm = answer.metric_alarms.unwrap_or_default().into_iter().find(|alarm| alarm.alarm_name() == Some(name));
    Ok(alarm.map(plain).show())
}

/// A sliding window is what an alarm has that was made without a word on windows.
fn plain(mut alarm: MetricAlarm) -> MetricAlarm {
    alarm.evaluation_window =
        alarm.evaluation_window.filter(|window| !matches!(window, EvaluationWindow::SlidingWindow(_)));
    alarm
}
