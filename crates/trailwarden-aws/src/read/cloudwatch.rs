//! CloudWatch: the alarms of an account and region, reduced to what they watch and whom they tell.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::{self, AlarmType};
use trailwarden_model::monitoring::{Alarm, Watched, WatchedMetric};

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    // Source: CloudWatch User Guide, "CloudWatch service quotas".
    DESCRIBE_ALARMS = Read::regional("cloudwatch:DescribeAlarms", 9);
}

/// Metric alarms and composite alarms, in the order of their names. AWS leaves composite alarms out unless asked for them.
pub(crate) async fn alarms(session: &Session, site: &Site) -> Result<Vec<Alarm>, Failure> {
    let mut alarms = pages::all(|token| async move {
        let call = session.clients.cloudwatch.describe_alarms().max_records(100).set_next_token(token);
        let call = call.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
        let call = || call.clone().customize().config_override(at!(aws_sdk_cloudwatch, site)).send();
        let answer = session.call(&DESCRIBE_ALARMS, site, call).await?;
        let metric = answer.metric_alarms().iter().map(|alarm| metric_alarm(alarm, site.account.as_str()));
        let alarms = metric.chain(answer.composite_alarms().iter().map(composite_alarm)).map(|alarm| {
            let reason = "the answer holds an alarm without an ARN, a name or a rule";
            alarm.ok_or_else(|| unexpected(&DESCRIBE_ALARMS, &site.account, &site.region, reason))
        });
        Ok((alarms.collect::<Result<_, _>>()?, answer.next_token().map(str::to_owned)))
    })
    .await?;
    alarms.sort_by(|a: &Alarm, b: &Alarm| a.arn.cmp(&b.arn));
    Ok(alarms)
}

fn metric_alarm(alarm: &types::MetricAlarm, account: &str) -> Option<Alarm> {
    Some(Alarm {
        arn: alarm.alarm_arn()?.parse().ok()?,
        name: alarm.alarm_name()?.to_owned(),
        watches: watched(alarm, account),
        actions_enabled: alarm.actions_enabled().unwrap_or(false),
        alarm_actions: alarm.alarm_actions().iter().cloned().collect(),
    })
}

fn composite_alarm(alarm: &types::CompositeAlarm) -> Option<Alarm> {
    Some(Alarm {
        arn: alarm.alarm_arn()?.parse().ok()?,
        name: alarm.alarm_name()?.to_owned(),
        watches: Watched::Alarms(alarm.alarm_rule()?.to_owned()),
        actions_enabled: alarm.actions_enabled().unwrap_or(false),
        alarm_actions: alarm.alarm_actions().iter().cloned().collect(),
    })
}

/// A metric named directly, the metrics of its queries, or a query language that names them in its own way.
fn watched(alarm: &types::MetricAlarm, account: &str) -> Watched {
    let threshold = alarm.threshold().filter(|_| alarm.threshold_metric_id().is_none()).map(|value| value.to_string());
    let comparison = alarm.comparison_operator().map(ToString::to_string);
    let points_to_alarm = alarm.datapoints_to_alarm().or(alarm.evaluation_periods());
    if let Some((namespace, name)) = alarm.namespace().zip(alarm.metric_name()) {
        let statistic = alarm.statistic().map(ToString::to_string);
        return Watched::Metrics {
            metrics: BTreeSet::from([watched_metric(namespace, name, alarm.dimensions())]),
            comparison: comparison.filter(|_| threshold.is_some()),
            threshold,
            statistic: statistic.or_else(|| alarm.extended_statistic().map(str::to_owned)),
            points_to_alarm,
        };
    }
    let queries = alarm.metrics();
    let expressions: Vec<&str> = queries.iter().filter_map(types::MetricDataQuery::expression).collect();
    let metrics: BTreeSet<WatchedMetric> = queries.iter().filter_map(|query| queried_metric(query, account)).collect();
    if metrics.is_empty() {
        return Watched::Other(if expressions.is_empty() { "no metric".to_owned() } else { expressions.join("; ") });
    }
    let is_math = !expressions.is_empty();
    let statistic = queries.iter().find_map(|query| query.metric_stat()?.stat());
    Watched::Metrics {
        metrics,
        comparison: comparison.filter(|_| !is_math && threshold.is_some()),
        threshold,
        statistic: statistic.filter(|_| !is_math).map(str::to_owned),
        points_to_alarm,
    }
}

/// The metric of one query, unless it is one of another account.
fn queried_metric(query: &types::MetricDataQuery, account: &str) -> Option<WatchedMetric> {
    if query.account_id().is_some_and(|of| of != account) {
        return None;
    }
    let metric = query.metric_stat()?.metric()?;
    Some(watched_metric(metric.namespace()?, metric.metric_name()?, metric.dimensions()))
}

fn watched_metric(namespace: &str, name: &str, dimensions: &[types::Dimension]) -> WatchedMetric {
    WatchedMetric { namespace: namespace.to_owned(), name: name.to_owned(), has_dimensions: !dimensions.is_empty() }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, Metric, MetricAlarm, MetricDataQuery, MetricStat};

    use super::*;

    fn query(id: &str, name: &str, account: Option<&str>) -> MetricDataQuery {
        let metric = Metric::builder().namespace("CIS").metric_name(name).build();
        let stat = MetricStat::builder().metric(metric).stat("Sum").period(300).build();
        MetricDataQuery::builder().id(id).metric_stat(stat).set_account_id(account.map(str::to_owned)).build()
    }

    fn alarm() -> aws_sdk_cloudwatch::types::builders::MetricAlarmBuilder {
        MetricAlarm::builder().comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold).threshold(1.0)
    }

    fn metric(name: &str, has_dimensions: bool) -> WatchedMetric {
        WatchedMetric { namespace: "CIS".to_owned(), name: name.to_owned(), has_dimensions }
    }

    #[test]
    fn a_plain_alarm_says_when_it_rings() {
        let dimension = Dimension::builder().name("user").value("root").build();
        let plain = alarm().namespace("CIS").metric_name("Root").statistic("Sum".into()).dimensions(dimension);
        let plain = plain.evaluation_periods(3).build();
        let expected = Watched::Metrics {
            metrics: BTreeSet::from([metric("Root", true)]),
            comparison: Some("GreaterThanOrEqualToThreshold".to_owned()),
            threshold: Some("1".to_owned()),
            statistic: Some("Sum".to_owned()),
            points_to_alarm: Some(3),
        };
        assert_eq!(watched(&plain, "111122223333"), expected);
    }

    #[test]
    fn metric_math_watches_every_metric_of_its_own_account_and_is_not_compared() {
        let sum = MetricDataQuery::builder().id("e").expression("a + b").build();
        let queries = [query("a", "Root", None), query("b", "Policy", Some("111122223333")), sum];
        let foreign = query("c", "Foreign", Some("999999999999"));
        let math = alarm().set_metrics(Some([queries.as_slice(), &[foreign]].concat())).build();
        let Watched::Metrics { metrics, comparison, statistic, .. } = watched(&math, "111122223333") else {
            panic!("metric math watches metrics");
        };
        assert_eq!(metrics, BTreeSet::from([metric("Policy", false), metric("Root", false)]));
        assert_eq!((comparison, statistic), (None, None));
    }

    #[test]
    fn a_query_in_words_is_kept_as_it_stands() {
        let insights = MetricDataQuery::builder().id("q").expression("SELECT SUM(Root) FROM \"CIS\"").build();
        let watches = watched(&alarm().metrics(insights).build(), "111122223333");
        assert_eq!(watches, Watched::Other("SELECT SUM(Root) FROM \"CIS\"".to_owned()));
    }
}
