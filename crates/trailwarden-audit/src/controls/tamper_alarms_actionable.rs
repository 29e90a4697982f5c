//! tamper-alarms-actionable: each family of events that the CIS benchmark wants monitored raises an alarm that somebody hears.

use std::collections::BTreeMap;

use trailwarden_model::control::Severity;
use trailwarden_model::finding::{Evidence, Outcome};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::Trail;

use crate::alarms::{Watched, demanded, watched_elsewhere, watched_families};
use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::coverage::{EventClass, Share};
use crate::cx::Cx;
use crate::event_families::Family;
use crate::verdict::{Verdict, enumerate, fact};

pub(super) static CONTROL: Control = Control {
    id: "tamper-alarms-actionable",
    title: "Monitored events raise alarms that somebody hears",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::Trails, Need::TrailStatus, Need::EventSelectors, Need::LogGroup, Need::Alarms],
    rule: "Judges the fifteen event families of the CIS AWS Foundations Benchmark 3.0.0 (4.1 to 4.15) one by one. A family is \
           watched when the trail records its events, metric filters of the trail's log group match every one of them, \
           and each such filter leads to an alarm on its metric and namespace that one event raises, with an enabled \
           action: a topic with a confirmed subscription, or anything but a topic. The alarm's own action or that of a \
           composite alarm which it raises alone counts. Patterns are compared by the events that they match, or, where \
           the baseline sets alarm_patterns to exact, by the text of the benchmark. Changes of the organization are asked \
           only of trails that record the management account. Trails that deliver to one log group count together; whether they are logging and deliver is judged by other controls. Unknown when a pattern or an alarm cannot be decided (a \
           regular expression, metric math, a statistic of several values) or could not be read. Not applicable to a \
           trail that records no management events, and to one whose accounts another multi-Region trail with every family \
           watched records as well.",
    why: "A log that nobody looks at stops no attack. An alarm without a filter, a filter that spares somebody, or a topic \
          without a subscriber looks complete and stays silent.",
    remedy: "Create a metric filter with the pattern of the benchmark for each family named, an alarm on its metric (Sum of \
             300 seconds, at least 1, one period), and let it notify a topic with a confirmed subscription.",
    references: &[
        "CloudWatch Logs User Guide: Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail",
        "CloudTrail User Guide: Creating CloudWatch alarms for CloudTrail events: examples",
        "CloudWatch API Reference: PutMetricAlarm, PutCompositeAlarm",
    ],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["CloudWatch.15", "CloudWatch.17"]),
        (
            "cis-aws-3.0.0",
            &[
                "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8", "4.9", "4.10", "4.11", "4.12", "4.13", "4.14",
                "4.15",
            ],
        ),
        (
            "cis-aws-5.0.0",
            &[
                "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8", "4.9", "4.10", "4.11", "4.12", "4.13", "4.14",
                "4.15",
            ],
        ),
        (
            "cis-aws-7.0.0",
            &[
                "5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "5.10", "5.11", "5.12", "5.13", "5.14",
                "5.15",
            ],
        ),
        ("nist-800-53-r5", &["AU-5", "AU-6"]),
        ("pci-dss-4.0.1", &["10.7.1", "10.7.2"]),
        ("iso-27001-2022", &["A.8.16"]),
        ("soc-2", &["CC7.2", "CC7.3"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::Trail(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, trail: &Trail) -> Judged {
    let families = demanded(cx, trail);
    let own = judge_alone(cx, trail, &families);
    if matches!(&own, Ok(verdict) if matches!(verdict.outcome, Outcome::Pass | Outcome::NotApplicable)) {
        return own;
    }
    // Another trail with every family watched makes up for whatever this one lacks.
    match watched_elsewhere(cx, trail, &families)? {
        None => own,
        Some(other) => Ok(Verdict::not_applicable(format!(
            "Trail {} records the same accounts, and every family is watched there",
            other.name
        ))),
    }
}

fn judge_alone(cx: &Cx<'_>, trail: &Trail, families: &[&'static Family]) -> Judged {
    if records_no_management_events(cx, trail)? {
        let reason = format!("Trail {} records no management events, so none of these families", trail.name);
        return Ok(Verdict::not_applicable(reason));
    }
    Ok(verdict(cx, trail, &watched_families(cx, trail, families)?))
}

/// Fails when the selectors could not be read.
fn records_no_management_events(cx: &Cx<'_>, trail: &Trail) -> Result<bool, Gap> {
    trail.selectors.get()?;
    for class in EventClass::MANAGEMENT {
        if !matches!(cx.selected(trail, class.events())?.share, Share::Nothing(_)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn verdict(cx: &Cx<'_>, trail: &Trail, watched: &[(&Family, Watched)]) -> Verdict {
    let (mut unheard, mut first_gap) = (Vec::new(), None);
    for (family, one) in watched {
        match one {
            Watched::Heard(_) => {}
            Watched::Unheard(why) => unheard.push((family.title, why)),
            Watched::Unknown(gap) => first_gap = first_gap.or_else(|| Some(gap.clone())),
        }
    }
    let name = &trail.name;
    let n_families = watched.len();
    let verdict = match (unheard.first(), first_gap) {
        (Some(_), _) if trail.log_group.is_none() => Verdict::fail(format!(
            "Trail {name} of {} delivers to no log group, so no alarm hears its events",
            cx.name(&trail.owner)
        )),
        (Some((_, why)), _) => {
            let titles: Vec<&str> = unheard.iter().map(|(title, _)| *title).collect();
            let (n_unheard, titles) = (unheard.len(), enumerate(&titles));
            Verdict::fail(format!(
                "{n_unheard} of {n_families} event families of trail {name} raise no alarm that somebody hears: {titles}; for the first, {why}"
            ))
        }
        (None, Some(gap)) => Verdict { evidence: Vec::new(), ..cx.unknown(gap) },
        (None, None) => {
            Verdict::pass(format!("All {n_families} event families of trail {name} raise alarms that somebody hears"))
        }
    };
    let parts = watched.iter().map(|(family, one)| (family.part.to_owned(), one.outcome()));
    // Each family has its line: fifteen answers, not ten and a count.
    Verdict { parts: parts.collect::<BTreeMap<_, _>>(), evidence: lines(trail, watched), ..verdict }
}

/// One line for each family, the unheard ones first.
fn lines(trail: &Trail, watched: &[(&Family, Watched)]) -> Vec<Evidence> {
    let mut watched: Vec<_> = watched.iter().collect();
    watched.sort_by_key(|(_, one)| std::cmp::Reverse(one.outcome()));
    let place = trail.log_group.as_ref().unwrap_or(&trail.arn);
    let account = place.account().unwrap_or_else(|| trail.owner.clone());
    let line = |(family, one): &(&Family, Watched)| {
        let words = match one {
            Watched::Heard(how) => how.clone(),
            Watched::Unheard(why) => why.clone(),
            Watched::Unknown(gap) => format!("not known, {}: {}", gap.code, gap.reason),
        };
        fact(format!("{}: {words}", family.title), "logs:DescribeMetricFilters", &account, place.region().as_ref())
    };
    watched.into_iter().map(line).collect()
}

impl Watched {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Heard(_) => Outcome::Pass,
            Self::Unknown(_) => Outcome::Unknown,
            Self::Unheard(_) => Outcome::Fail,
        }
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::baseline::AlarmPatterns;
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::monitoring::Watched;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::trail::ReadWriteType;

    use crate::testing::selectors::{advanced, basic, equals};
    use crate::testing::{ORG_TRAIL, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;
    const TRAILS: &str = "cloudtrail-configuration-changes";

    fn finding(world: &World) -> Finding {
        world.judge(ID).on(ORG_TRAIL).clone()
    }

    fn outcome(world: &World) -> Outcome {
        finding(world).outcome
    }

    fn fails_with(world: &World, words: &str) {
        let finding = finding(world);
        assert_eq!(finding.outcome, Outcome::Fail, "{}", finding.reason);
        assert!(finding.reason.contains(words), "{}", finding.reason);
        assert_eq!(finding.parts.values().filter(|&&part| part == Outcome::Fail).count(), 1, "{:#?}", finding.parts);
    }

    #[test]
    fn every_family_has_its_line_and_its_part() {
        let finding = finding(&World::clean());
        assert_eq!(finding.outcome, Outcome::Pass, "{}", finding.reason);
        assert_eq!((finding.evidence.len(), finding.parts.len()), (15, 15));
        let line = finding
            .evidence
            .iter()
            .find(|line| line.fact.starts_with("CloudTrail configuration changes"))
            .expect("a line");
        assert!(line.fact.contains("notifies arn:aws:sns:"), "{}", line.fact);
    }

    #[test]
    fn each_broken_link_fails_its_family_and_is_named() {
        fails_with(&World::clean().alarm(TRAILS, |alarm| alarm.actions_enabled = false), "are disabled");
        fails_with(&World::clean().alarm(TRAILS, |alarm| alarm.alarm_actions.clear()), "has no action");
        fails_with(
            &World::clean().alarm(TRAILS, |alarm| alarm.watches = Watched::Alarms("ALARM(other)".into())),
            "no alarm watches",
        );
        fails_with(
            &World::clean().watched(TRAILS, |metric| metric.namespace = "Other".to_owned()),
            "watches one of another namespace",
        );
        fails_with(&World::clean().watched(TRAILS, |metric| metric.has_dimensions = true), "dimensions");
        fails_with(&World::clean().threshold(TRAILS, "5"), "many events");
        let narrower = |pattern: &str| World::clean().filter(TRAILS, |filter| filter.pattern = pattern.to_owned());
        fails_with(
            &narrower("{ $.eventName = *Trail || $.eventName = StopLogging }"),
            "no filter with a working alarm sees StartLogging",
        );
        fails_with(&narrower("{ $.eventName = "), "matches nothing");
    }

    #[test]
    fn a_topic_that_nobody_hears_fails_all_families() {
        let deaf = World::clean().subscriptions(Observed::Known(Some(vec![])));
        let finding = finding(&deaf);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.starts_with("15 of 15"), "{}", finding.reason);
        assert_eq!(outcome(&World::clean().subscriptions(Observed::Known(None))), Outcome::Fail);
    }

    #[test]
    fn an_action_without_a_topic_counts() {
        let automated = World::clean().subscriptions(Observed::Known(None)).edit(|snapshot| {
            for group in snapshot.log_groups.values_mut() {
                let Observed::Known(alarms) = &mut group.alarms else { continue };
                for alarm in alarms {
                    alarm.alarm_actions = ["arn:aws:ssm:eu-west-1:111111111111:opsitem:1".to_owned()].into();
                }
            }
        });
        assert_eq!(outcome(&automated), Outcome::Pass);
    }

    #[test]
    fn a_composite_alarm_speaks_for_those_without_action() {
        let composed =
            |rule: &str| World::clean().alarm(TRAILS, |alarm| alarm.alarm_actions.clear()).composite("any", rule);
        assert_eq!(outcome(&composed(&format!("ALARM(\"{TRAILS}\") OR ALARM(\"other\")"))), Outcome::Pass);
        fails_with(&composed(&format!("ALARM(\"{TRAILS}\") AND ALARM(\"other\")")), "has no action");
        assert_eq!(outcome(&composed("AT_LEAST(1, ALARM, (a, b))")), Outcome::Unknown);
    }

    #[test]
    fn what_could_not_be_read_or_decided_is_unknown() {
        let unread = Observed::Gap(denied("sns:ListSubscriptionsByTopic"));
        assert_eq!(outcome(&World::clean().subscriptions(unread)), Outcome::Unknown);
        let filters =
            World::clean().group(|group| group.metric_filters = Observed::Gap(denied("logs:DescribeMetricFilters")));
        assert_eq!(outcome(&filters), Outcome::Unknown);
        let alarms = World::clean().group(|group| group.alarms = Observed::Gap(denied("cloudwatch:DescribeAlarms")));
        assert_eq!(outcome(&alarms), Outcome::Unknown);
        let regex =
            World::clean().filter(TRAILS, |filter| filter.pattern = "{ $.eventName = %Trail|Logging% }".to_owned());
        assert_eq!(outcome(&regex), Outcome::Unknown);
        let selected =
            World::clean().filter(TRAILS, |filter| filter.field_selection = Some("@aws.region = \"eu-west-1\"".into()));
        assert_eq!(outcome(&selected), Outcome::Unknown);
        let selectors = World::clean()
            .trail(ORG_TRAIL, |trail| trail.selectors = Observed::Gap(denied("cloudtrail:GetEventSelectors")));
        assert_eq!(outcome(&selectors), Outcome::Unknown);
    }

    #[test]
    fn the_exact_text_is_asked_for_only_where_the_baseline_does() {
        let spaced = |pattern: &str| World::clean().filter(TRAILS, |filter| filter.pattern = pattern.to_owned());
        let exact = |world: World| world.baseline(|baseline| baseline.alarm_patterns = AlarmPatterns::Exact);
        let text = "{($.eventName=CreateTrail)||($.eventName=UpdateTrail)||($.eventName=DeleteTrail)||($.eventName=StartLogging)||($.eventName=StopLogging)}";
        assert_eq!(outcome(&exact(spaced(text))), Outcome::Pass);
        assert_eq!(outcome(&spaced("{ $.eventSource = cloudtrail.amazonaws.com }")), Outcome::Pass);
        fails_with(&exact(spaced("{ $.eventSource = cloudtrail.amazonaws.com }")), "the pattern of the benchmark");
    }

    #[test]
    fn a_trail_beside_a_watched_one_need_not_repeat_it() {
        let own = |world: World| world.add_trail("own", WORKLOAD, |trail| trail.log_group = None);
        let beside = own(World::clean()).judge(ID).on("own").clone();
        assert_eq!(beside.outcome, Outcome::NotApplicable);
        assert!(beside.reason.contains(ORG_TRAIL), "{}", beside.reason);
        let alone = own(World::bare()).judge(ID).on("own").clone();
        assert_eq!(alone.outcome, Outcome::Fail);
        assert!(alone.reason.contains("delivers to no log group"), "{}", alone.reason);
        assert_eq!(alone.parts.len(), 14, "changes of the organization happen in the management account");
        let unsure = own(World::clean().subscriptions(Observed::Gap(denied("sns:ListSubscriptionsByTopic"))));
        assert_eq!(unsure.judge(ID).on("own").outcome, Outcome::Unknown);
    }

    #[test]
    fn only_recorded_events_can_be_heard() {
        let data = advanced(vec![vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")]]);
        let data_only = World::clean().trail(ORG_TRAIL, |trail| trail.selectors = Observed::Known(data));
        assert_eq!(outcome(&data_only), Outcome::NotApplicable);
        let reads = basic(ReadWriteType::ReadOnly, true);
        let reads_only = finding(&World::clean().trail(ORG_TRAIL, |trail| trail.selectors = Observed::Known(reads)));
        assert_eq!(reads_only.outcome, Outcome::Fail);
        assert!(reads_only.evidence[0].fact.contains("does not record"), "{}", reads_only.evidence[0].fact);
    }
}
