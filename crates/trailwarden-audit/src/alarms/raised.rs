//! Whether one matching event raises a metric alarm.
//!
//! Sources: CloudWatch API Reference, `PutMetricAlarm`; CloudWatch Logs User Guide, "Configuring metric values for a metric
//! filter".

use trailwarden_model::monitoring::{Alarm, Metric, Watched};

use super::{Link, undecided};

const CALL: &str = "cloudwatch:DescribeAlarms";

/// Follows a metric, in which each match counts, to one alarm. None when the alarm does not watch that metric.
pub(super) fn raised(metric: &Metric, alarm: &Alarm) -> Option<Link> {
    let name = &alarm.name;
    let doubt = |what: &str| Link::Unread(undecided(format!("alarm {name} {what}"), CALL, &alarm.arn));
    let Watched::Metrics { metrics, comparison, threshold, statistic, points_to_alarm } = &alarm.watches else {
        // A query names its metrics in a language of its own.
        return matches!(alarm.watches, Watched::Other(_)).then(|| doubt("watches a query that is not looked into"));
    };
    let watched = metrics.iter().find(|one| one.namespace == metric.namespace && one.name == metric.name)?;
    if watched.has_dimensions {
        return Some(Link::Broken(format!("alarm {name} narrows the metric to dimensions, which it does not have")));
    }
    let (Some(comparison), Some(threshold), 1) = (comparison, threshold, metrics.len()) else {
        return Some(doubt("computes with metrics"));
    };
    match points_to_alarm {
        Some(1) => {}
        Some(many) => {
            return Some(Link::Broken(format!("alarm {name} needs many events: {many} periods must have some")));
        }
        None => return Some(doubt("does not say how many periods must breach")),
    }
    Some(
        compared(metric, alarm, comparison, threshold, statistic.as_deref())
            .unwrap_or_else(|| doubt("has no threshold in numbers")),
    )
}

fn compared(
    metric: &Metric,
    alarm: &Alarm,
    comparison: &str,
    threshold: &str,
    statistic: Option<&str>,
) -> Option<Link> {
    let name = &alarm.name;
    let limit: f64 = threshold.parse().ok()?;
    let statistic = statistic?;
    let Ok(value) = metric.value.parse::<f64>() else {
        return Some(Link::Broken(format!("a match adds {} to the metric, which is no number", metric.value)));
    };
    let breaches = |reported: f64| match comparison {
        "GreaterThanOrEqualToThreshold" => Some(reported >= limit),
        "GreaterThanThreshold" => Some(reported > limit),
        _ => None,
    };
    let counted = if statistic == "SampleCount" { 1.0 } else { value };
    let (Some(is_raised), Some(is_raised_by_zero)) = (breaches(counted), breaches(0.0)) else {
        return Some(Link::Broken(format!("alarm {name} compares by {comparison}, so that events do not raise it")));
    };
    let doubt = |reason: String| Link::Unread(undecided(reason, CALL, &alarm.arn));
    Some(if !is_raised && value <= 0.0 {
        Link::Broken(format!("a match adds {} to the metric, so that alarm {name} is never raised", metric.value))
    } else if !is_raised {
        Link::Broken(format!("alarm {name} needs many events: {statistic} {comparison} {threshold}"))
    } else if !matches!(statistic, "Sum" | "Maximum") {
        // Periods without a match may count as well, even as samples, with the default value of the filter.
        doubt(format!("whether one event raises alarm {name} depends on other values, by statistic {statistic}"))
    } else if is_raised_by_zero {
        // With a default value of zero it never leaves the alarm state, and only entering that state notifies.
        doubt(format!("alarm {name} may be raised without any event: {statistic} {comparison} {threshold}"))
    } else {
        Link::Holds(format!("raises alarm {name}"))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use trailwarden_model::monitoring::WatchedMetric;

    use super::*;

    fn metric(value: &str) -> Metric {
        Metric { namespace: "CIS".into(), name: "Trails".into(), value: value.into(), has_dimensions: false }
    }

    fn link(value: &str, [comparison, threshold, statistic]: [&str; 3], points: Option<i32>) -> Link {
        let watched = WatchedMetric { namespace: "CIS".into(), name: "Trails".into(), has_dimensions: false };
        let alarm = Alarm {
            arn: "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a".parse().expect("an ARN"),
            name: "a".to_owned(),
            watches: Watched::Metrics {
                metrics: BTreeSet::from([watched]),
                comparison: (!comparison.is_empty()).then(|| comparison.to_owned()),
                threshold: Some(threshold.to_owned()),
                statistic: Some(statistic.to_owned()),
                points_to_alarm: points,
            },
            actions_enabled: true,
            alarm_actions: BTreeSet::new(),
        };
        raised(&metric(value), &alarm).expect("it watches the metric")
    }

    #[test]
    fn one_event_must_reach_the_threshold() {
        const AT_LEAST: &str = "GreaterThanOrEqualToThreshold";
        let holds = |link| matches!(link, Link::Holds(_));
        assert!(holds(link("1", [AT_LEAST, "1.0", "Sum"], Some(1))));
        assert!(holds(link("1", ["GreaterThanThreshold", "0", "Maximum"], Some(1))));
        assert!(holds(link("10", [AT_LEAST, "5", "Sum"], Some(1))));
        let words = |link| match link {
            Link::Broken(words) => words,
            other => panic!("{other:?}"),
        };
        assert!(words(link("1", [AT_LEAST, "5", "Sum"], Some(1))).contains("many events"));
        assert!(words(link("1", ["GreaterThanThreshold", "1", "Sum"], Some(1))).contains("many events"));
        assert!(words(link("1", [AT_LEAST, "1", "Sum"], Some(3))).contains("many events"));
        assert!(words(link("0", [AT_LEAST, "1", "Sum"], Some(1))).contains("never raised"));
        assert!(words(link("$.bytes", [AT_LEAST, "1", "Sum"], Some(1))).contains("no number"));
        assert!(words(link("1", ["LessThanThreshold", "1", "Sum"], Some(1))).contains("do not raise"));
    }

    #[test]
    fn what_depends_on_more_than_the_event_is_not_guessed() {
        let unread = |link| matches!(link, Link::Unread(_));
        assert!(unread(link("1", ["GreaterThanOrEqualToThreshold", "1", "Average"], Some(1))));
        assert!(
            unread(link("1", ["GreaterThanOrEqualToThreshold", "1", "SampleCount"], Some(1))),
            "default values count"
        );
        assert!(unread(link("1", ["", "1", "Sum"], Some(1))), "metric math");
        assert!(unread(link("1", ["GreaterThanOrEqualToThreshold", "1", "Sum"], None)));
    }

    #[test]
    fn an_alarm_that_zero_raises_may_never_be_raised_anew() {
        for [comparison, threshold] in [["GreaterThanOrEqualToThreshold", "0"], ["GreaterThanThreshold", "-1"]] {
            let link = link("1", [comparison, threshold, "Sum"], Some(1));
            assert!(matches!(&link, Link::Unread(gap) if gap.reason.contains("without any event")), "{link:?}");
        }
    }
}
