//! Metric filters, alarms and the topic that somebody hears, for event families that nobody hears of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::monitoring::{Alarm, Watched};
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback, Subject};
use trailwarden_model::snapshot::Snapshot;

use crate::asks::Asks;
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::inputs::{Family, Group};
use crate::organization::NewTrail;

/// The namespace of the metrics that filters of ours count in.
const NAMESPACE: &str = "Trailwarden";

/// The topic of ours that alarms notify.
const TOPIC: &str = "trailwarden-alarms";

/// The family of events that switch trails off, which the management account needs somebody to hear of.
const TAMPERING: &str = "trail-tampering";

/// Metric filters that AWS allows on a log group. Source: CloudWatch Logs User Guide, quotas.
const FILTERS_PER_GROUP: usize = 100;

/// Where the alarms of a trail live.
struct Watch {
    account: AccountId,
    region: Region,
    group: String,
    needs: BTreeSet<Subject>,
}

/// Plans the alarms: on the organization trail, since a trail with every family watched serves all others.
pub(crate) fn plan(bench: &mut Bench<'_>, asks: &Asks, made: Option<&NewTrail>) {
    let mut findings: Findings = asks.alarms.values().flat_map(|(findings, _)| findings).cloned().collect();
    findings.extend(asks.guard_management.iter().cloned());
    let management = bench.management().clone();
    if made.is_none() && findings.is_empty() {
        return;
    }
    if !bench.inputs.options.takes(Group::Alarms) {
        bench.leave(&management, None, &findings, crate::asks::left_out());
        return;
    }
    bench.target(&management, None, &findings.clone(), |bench| {
        let (watch, mut parts) = match made {
            Some(made) => (of_new(made), bench.inputs.families.iter().map(|family| family.part.clone()).collect()),
            None => of_present(bench, asks)?,
        };
        let of_trail = made.is_none() && parts.is_empty() && mends_trail(bench);
        if of_trail {
            let reason = "whether somebody hears of tampering shows once the organization trail itself is mended";
            bench.leave(
                &management,
                None,
                &asks.guard_management,
                Stop::new(Hindrance::Dependent, reason).hint("plan again then"),
            );
            return Ok(());
        }
        if !asks.guard_management.is_empty() || made.is_some() {
            parts.insert(TAMPERING.to_owned());
        }
        // On a trail that is not there yet, no finding asks for alarms: those that ask for the trail do.
        let asking = made.map_or(&findings, |made| &made.findings);
        let Some((topic, needs)) = topic(bench, &watch, asking, &findings)? else { return Ok(()) };
        let is_mended = made.is_none() && mends_trail(bench);
        let wanted = bench.inputs.families.iter().filter(|family| parts.contains(&family.part));
        let families: Vec<Family> = wanted
            .filter(|family| !(is_mended && has_filter(bench.inputs.snapshot, &watch, family)))
            .cloned()
            .collect();
        let aspects = families.iter().flat_map(|family| {
            let name = format!("trailwarden-{}", family.part);
            [Aspect::MetricFilter { group: watch.group.clone(), name: name.clone() }, Aspect::Alarm { name }]
        });
        bench.foresee(&watch.account, &watch.region, aspects);
        for family in families {
            family_alarm(bench, &watch, &family, (&topic, &needs), asking)?;
        }
        Ok(())
    });
}

/// Whether this plan changes what the organization trail records or delivers: alarms that are there may only be silent for that.
fn mends_trail(bench: &Bench<'_>) -> bool {
    let is_of_organization = |arn: &String| {
        bench.inputs.snapshot.trails.values().any(|trail| trail.is_organization && trail.arn.as_str() == arn)
    };
    bench.drafts.keys().any(|subject| match &subject.aspect {
        Aspect::Trail { trail } | Aspect::TrailLogging { trail } | Aspect::TrailSelectors { trail } => {
            is_of_organization(trail)
        }
        Aspect::Role { .. } | Aspect::RolePolicy { .. } => subject.place.account == *bench.management(),
        _ => false,
    })
}

/// Whether the group counts the events of a family already, by the pattern of the benchmark, with an alarm that acts: then
/// nobody hears of them only because the trail does not record them yet.
fn has_filter(snapshot: &Snapshot, watch: &Watch, family: &Family) -> bool {
    let bare = |pattern: &str| -> String { pattern.chars().filter(|one| !" \t\n\"()".contains(*one)).collect() };
    let Some(group) = snapshot.log_groups.values().find(|group| group.arn.resource().ends_with(&watch.group)) else {
        return false;
    };
    let filters = group.metric_filters.known().into_iter().flatten();
    let mut counted =
        filters.filter(|filter| bare(&filter.pattern) == bare(&family.pattern)).flat_map(|filter| &filter.metrics);
    counted.any(|metric| {
        let acts = |alarm: &&Alarm| alarm.actions_enabled && !alarm.alarm_actions.is_empty();
        group.alarms.known().into_iter().flatten().filter(acts).any(|alarm| match &alarm.watches {
            Watched::Metrics { metrics, .. } => {
                metrics.iter().any(|watched| (&watched.namespace, &watched.name) == (&metric.namespace, &metric.name))
            }
            Watched::Alarms(_) | Watched::Other(_) => false,
        })
    })
}

fn of_new(made: &NewTrail) -> Watch {
    Watch {
        account: made.account.clone(),
        region: made.region.clone(),
        group: made.group.clone(),
        needs: made.needs.clone(),
    }
}

/// The organization trail's log group, with the families that nobody hears of there.
fn of_present(bench: &Bench<'_>, asks: &Asks) -> Result<(Watch, BTreeSet<String>), Stop> {
    let trails = bench.inputs.snapshot.trails.values();
    let best = trails.filter(|trail| trail.is_organization).max_by_key(|trail| trail.is_multi_region);
    let Some(trail) = best else {
        let reason = "alarms are planned on the log group of the organization trail, and there is none";
        return Err(Stop::new(Hindrance::Dependent, reason));
    };
    let planned = bench.drafts.values().find_map(|draft| match &draft.call {
        Call::UpdateTrail(input) if input.name == trail.arn.as_str() => input.cloud_watch_logs_log_group_arn.clone(),
        _ => None,
    });
    let Some(group) = planned.or_else(|| trail.log_group.as_ref().map(ToString::to_string)) else {
        let reason = format!("trail {} delivers to no log group, and none is planned", trail.name);
        return Err(Stop::new(Hindrance::Dependent, reason));
    };
    let name = group.split(":log-group:").nth(1).unwrap_or_default().trim_end_matches(":*").to_owned();
    let created = Aspect::LogGroup { group: name.clone() };
    let needs = bench.drafts.keys().filter(|subject| subject.aspect == created).cloned().collect();
    let parts = asks.alarms.get(&trail.arn).map(|(_, parts)| parts.iter().cloned().collect()).unwrap_or_default();
    let watch = Watch { account: trail.owner.clone(), region: trail.home_region.clone(), group: name, needs };
    Ok((watch, parts))
}

/// A topic that somebody hears already, else one of ours; none where nobody is known who should hear.
fn topic(
    bench: &mut Bench<'_>,
    watch: &Watch,
    asking: &Findings,
    open: &Findings,
) -> Result<Option<(String, BTreeSet<Subject>)>, Stop> {
    if let Some(heard) = heard_topic(bench.inputs.snapshot, watch) {
        return Ok(Some((heard.to_string(), BTreeSet::new())));
    }
    let (partition, region, account) = (bench.partition(), &watch.region, &watch.account);
    let arn: Arn = format!("arn:{partition}:sns:{region}:{account}:{TOPIC}")
        .parse()
        .map_err(|_| Stop::new(Hindrance::Impossible, "the topic has no name"))?;
    if bench.inputs.options.notify.is_none() {
        let reason = format!(
            "no topic of {} in {region} has a confirmed subscriber, so alarms would ring unheard",
            bench.name(account)
        );
        return Err(Stop::new(Hindrance::OnRequest, reason).hint("plan with --notify ADDRESS"));
    }
    let present = bench.look(account, region, Aspect::Topic { topic: arn.to_string() })?;
    let created = if present.is_null() { Some(bench.create_topic(&arn, asking)?) } else { None };
    bench.subscribe(&arn, created.clone(), asking, open)?;
    Ok(Some((arn.to_string(), created.into_iter().collect())))
}

fn heard_topic<'a>(snapshot: &'a Snapshot, watch: &Watch) -> Option<&'a Arn> {
    let is_here =
        |arn: &Arn| arn.account().as_ref() == Some(&watch.account) && arn.region().as_ref() == Some(&watch.region);
    let alarms = snapshot.log_groups.values().filter_map(|group| group.alarms.known()).flatten();
    let notified: BTreeMap<&str, ()> =
        alarms.flat_map(|alarm| &alarm.alarm_actions).map(|action| (action.as_str(), ())).collect();
    snapshot.topics.values().map(|topic| (&topic.arn, topic)).find_map(|(arn, topic)| {
        let subscriptions = topic.subscriptions.known()?.as_ref()?;
        let is_heard = subscriptions.iter().any(|subscription| subscription.is_confirmed);
        (is_here(arn) && is_heard && notified.contains_key(arn.as_str())).then_some(arn)
    })
}

fn family_alarm(
    bench: &mut Bench<'_>,
    watch: &Watch,
    family: &Family,
    (topic, of_topic): (&str, &BTreeSet<Subject>),
    findings: &Findings,
) -> Result<(), Stop> {
    let name = format!("trailwarden-{}", family.part);
    let filter = filter(bench, watch, family, &name, findings)?;
    let aspect = Aspect::Alarm { name: name.clone() };
    let before = bench.look(&watch.account, &watch.region, aspect.clone())?;
    let after = json!({
        "AlarmName": name, "AlarmDescription": format!("{} (trailwarden)", family.title), "ActionsEnabled": true,
        "AlarmActions": [topic], "MetricName": family.part, "Namespace": NAMESPACE, "Statistic": "Sum", "Period": 300,
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    });
    if before == after {
        return Ok(());
    }
    let undo = match &before {
        Value::Null => Call::DeleteAlarms { alarm_names: vec![name.clone()] },
        before => Call::PutMetricAlarm(before.clone()),
    };
    bench.step(Draft {
        phase: Phase::Alarms,
        title: format!("raise an alarm on {}", family.title.to_lowercase()),
        subject: subject(&watch.account, &watch.region, aspect),
        call: Call::PutMetricAlarm(after.clone()),
        before: Earlier::Is(before),
        after,
        guards: vec![],
        needs: of_topic.iter().cloned().chain(filter).collect(),
        findings: findings.clone(),
        rollback: Rollback::Undo(undo),
        cost: Some("one alarm".to_owned()),
    })?;
    Ok(())
}

fn filter(
    bench: &mut Bench<'_>,
    watch: &Watch,
    family: &Family,
    name: &str,
    findings: &Findings,
) -> Result<Option<Subject>, Stop> {
    let present = bench.inputs.snapshot.log_groups.values().find(|group| group.arn.resource().ends_with(&watch.group));
    let n_filters = present.and_then(|group| group.metric_filters.known()).map_or(0, Vec::len);
    if n_filters + bench.inputs.families.len() > FILTERS_PER_GROUP {
        let reason =
            format!("log group {} has {n_filters} metric filters, and AWS allows {FILTERS_PER_GROUP}", watch.group);
        return Err(Stop::new(Hindrance::Impossible, reason));
    }
    let aspect = Aspect::MetricFilter { group: watch.group.clone(), name: name.to_owned() };
    let before = bench.look(&watch.account, &watch.region, aspect.clone())?;
    let transformations = json!([{"metricName": family.part, "metricNamespace": NAMESPACE, "metricValue": "1"}]);
    let after = json!({"filterPattern": family.pattern, "metricTransformations": transformations});
    if before == after {
        return Ok(None);
    }
    let put = |pattern: &str, transformations: Value| Call::PutMetricFilter {
        log_group_name: watch.group.clone(),
        filter_name: name.to_owned(),
        filter_pattern: pattern.to_owned(),
        metric_transformations: transformations,
    };
    let undo = match &before {
        Value::Null => Call::DeleteMetricFilter { log_group_name: watch.group.clone(), filter_name: name.to_owned() },
        before => put(
            before.get("filterPattern").and_then(Value::as_str).unwrap_or_default(),
            before.get("metricTransformations").cloned().unwrap_or_default(),
        ),
    };
    let step = bench.step(Draft {
        phase: Phase::Alarms,
        title: format!("count {} in log group {}", family.title.to_lowercase(), watch.group),
        subject: subject(&watch.account, &watch.region, aspect),
        call: put(&family.pattern, transformations),
        before: Earlier::Is(before),
        after,
        guards: vec![],
        needs: watch.needs.clone(),
        findings: findings.clone(),
        rollback: Rollback::Undo(undo),
        cost: Some("one metric".to_owned()),
    })?;
    Ok(Some(step))
}
