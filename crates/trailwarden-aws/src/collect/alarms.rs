//! The alarms that watch the metric filters of the log groups, read once per account and region.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::monitoring::{Alarm, MetricFilter, Watched};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::Need;

use super::Context;
use super::groups::{self, Groups};
use crate::read::cloudwatch;

/// The alarms of each account and region.
type AlarmsByPlace = BTreeMap<(AccountId, Region), Result<Vec<Alarm>, Gap>>;

/// The groups with the alarms that could ring on their filters. A group without metrics needs no asking.
pub(crate) async fn attach(context: &Context<'_>, groups: Groups) -> Groups {
    if !context.needs.contains(&Need::Alarms) {
        return groups;
    }
    let counting = groups.values().filter(|group| group.metric_filters.known().is_some_and(|found| counts(found)));
    let places: BTreeSet<(AccountId, Region)> = counting.filter_map(|group| groups::place(&group.arn)).collect();
    let read = futures::stream::iter(places).map(|place| async move {
        let alarms = read(context, &place.0, &place.1).await;
        (place, alarms)
    });
    let alarms: AlarmsByPlace = read.buffer_unordered(context.width).collect().await;
    let with_alarms = groups.into_iter().map(|(arn, mut group)| {
        group.alarms = of_group(&arn, &group.metric_filters, &alarms);
        (arn, group)
    });
    with_alarms.collect()
}

async fn read(context: &Context<'_>, account: &AccountId, region: &Region) -> Result<Vec<Alarm>, Gap> {
    let site = context.site(account, region).await?;
    Ok(cloudwatch::alarms(context.session, &site).await?)
}

fn counts(filters: &[MetricFilter]) -> bool {
    filters.iter().any(|filter| !filter.metrics.is_empty())
}

fn of_group(group: &Arn, filters: &Observed<Vec<MetricFilter>>, read: &AlarmsByPlace) -> Observed<Vec<Alarm>> {
    let filters = match filters {
        Observed::Gap(gap) => return Observed::Gap(gap.clone()),
        Observed::Known(filters) => filters,
    };
    match groups::place(group).and_then(|place| read.get(&place)) {
        None => Observed::Known(Vec::new()),
        Some(Err(gap)) => Observed::Gap(gap.clone()),
        Some(Ok(alarms)) => Observed::Known(relevant(alarms, filters)),
    }
}

/// The alarms on a metric of the filters, and the composite alarms whose rule names one of those kept, at any depth.
fn relevant(alarms: &[Alarm], filters: &[MetricFilter]) -> Vec<Alarm> {
    let metrics: BTreeSet<(&str, &str)> = filters
        .iter()
        .flat_map(|filter| &filter.metrics)
        .map(|metric| (metric.namespace.as_str(), metric.name.as_str()))
        .collect();
    let mut kept: BTreeSet<&str> = BTreeSet::new();
    loop {
        let is_new = |alarm: &&Alarm| !kept.contains(alarm.name.as_str()) && rings(alarm, &metrics, &kept);
        let more: Vec<&str> = alarms.iter().filter(is_new).map(|alarm| alarm.name.as_str()).collect();
        if more.is_empty() {
            break;
        }
        kept.extend(more);
    }
    alarms.iter().filter(|alarm| kept.contains(alarm.name.as_str())).cloned().collect()
}

/// Whether the alarm could ring on one of the metrics, or on one of the alarms kept so far. Rules and queries are searched
/// for the names as text: one alarm too many does no harm, one too few would hide a chain.
fn rings(alarm: &Alarm, metrics: &BTreeSet<(&str, &str)>, kept: &BTreeSet<&str>) -> bool {
    match &alarm.watches {
        Watched::Metrics { metrics: watched, .. } => {
            watched.iter().any(|metric| metrics.contains(&(metric.namespace.as_str(), metric.name.as_str())))
        }
        Watched::Alarms(rule) => kept.iter().any(|name| rule.contains(name)),
        Watched::Other(text) => metrics.iter().any(|(_, name)| text.contains(name)),
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::monitoring::{Metric, WatchedMetric};

    use super::*;

    fn alarm(name: &str, watches: Watched) -> Alarm {
        Alarm {
            arn: format!("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{name}").parse().unwrap(),
            name: name.to_owned(),
            watches,
            actions_enabled: true,
            alarm_actions: BTreeSet::new(),
        }
    }

    fn on(namespace: &str, metric: &str) -> Watched {
        let watched = WatchedMetric { namespace: namespace.to_owned(), name: metric.to_owned(), has_dimensions: false };
        Watched::Metrics {
            metrics: [watched].into(),
            comparison: None,
            threshold: None,
            statistic: None,
            points_to_alarm: None,
        }
    }

    #[test]
    fn alarms_on_the_metrics_and_composites_over_them_are_kept() {
        let metric = Metric {
            namespace: "CIS".to_owned(),
            name: "Root".to_owned(),
            value: "1".to_owned(),
            has_dimensions: false,
        };
        let filter = MetricFilter {
            name: "root".to_owned(),
            pattern: String::new(),
            field_selection: None,
            metrics: [metric].into(),
        };
        let alarms = [
            alarm("any", Watched::Alarms("ALARM(\"some\") OR ALARM(\"cpu\")".to_owned())),
            alarm("cpu", on("AWS/EC2", "Root")),
            alarm("other", Watched::Alarms("ALARM(\"cpu\")".to_owned())),
            alarm("root", on("CIS", "Root")),
            alarm("query", Watched::Other("SELECT SUM(Root) FROM \"CIS\"".to_owned())),
            alarm(
                "some",
                Watched::Alarms("ALARM(\"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:root\")".to_owned()),
            ),
        ];
        let kept: Vec<String> = relevant(&alarms, &[filter]).into_iter().map(|alarm| alarm.name).collect();
        assert_eq!(kept, ["any", "root", "query", "some"]);
    }
}
