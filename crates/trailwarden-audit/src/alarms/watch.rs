//! Whether the filters of a trail's log group see a family of events and lead to working alarms.

use trailwarden_model::baseline::AlarmPatterns;
use trailwarden_model::monitoring::{self, Alarm, Metric, MetricFilter};
use trailwarden_model::observed::Gap;
use trailwarden_model::storage::LogGroup;
use trailwarden_model::trail::Trail;

use super::action::heard;
use super::raised::raised;
use super::{Link, undecided};
use crate::coverage::Answer;
use crate::cx::Cx;
use crate::delivery::Arrival;
use crate::event_families::{Cover, FAMILIES, Family, ORGANIZATIONS};
use crate::filter_pattern::FilterPattern;

/// Whether somebody hears of a family's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Watched {
    /// The words say by which filter and alarm.
    Heard(String),
    /// Not known.
    Unknown(Gap),
    /// The words say which event goes unheard, and why.
    Unheard(String),
}

/// One filter and where it leads.
struct Filter<'a> {
    name: &'a str,
    pattern: &'a str,
    link: Link,
}

/// The families of a trail, each with whether somebody hears of it. Fails when the group, its filters or its alarms could not
/// be read; a group that does not exist has no filters.
pub(crate) fn watched_families<'f>(
    cx: &Cx<'_>,
    trail: &Trail,
    families: &[&'f Family],
) -> Result<Vec<(&'f Family, Watched)>, Gap> {
    let filters = match &trail.log_group {
        Some(arn) => filters(cx, cx.log_group(arn)?)?,
        None => Vec::new(),
    };
    let watched = |family: &&'f Family| {
        let watched = match unrecorded(cx, trail, family) {
            Ok(None) => watched(cx, trail, family, &filters),
            Ok(Some(why)) => Watched::Unheard(why),
            Err(gap) => Watched::Unknown(gap),
        };
        (*family, watched)
    };
    Ok(families.iter().map(watched).collect())
}

/// Why the trail does not record all events of a family; none when it does, alone or with others that deliver to the same log
/// group. Whether it is logging and delivers is told by other controls.
fn unrecorded(cx: &Cx<'_>, trail: &Trail, family: &Family) -> Result<Option<String>, Gap> {
    let (mut trails, mut hidden) = (vec![trail], None);
    for other in beside(cx, trail) {
        match is_delivering(cx, other) {
            Ok(true) => trails.push(other),
            Ok(false) => {}
            Err(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    for class in family.classes {
        let events = class.events();
        let taken: Vec<_> = trails.iter().map(|trail| cx.selected(trail, events)).collect::<Result<_, _>>()?;
        match (cx.together(&taken, events), hidden) {
            (Answer::Covered(_), unread) => hidden = unread,
            (Answer::Undecided(gap), _) | (Answer::Lost(_), Some(gap)) => return Err(gap),
            (Answer::Lost(event), None) => {
                return Ok(Some(format!("the trail does not record all {class}, for example {event}")));
            }
        }
    }
    Ok(None)
}

/// Other trails that deliver to the log group of this one, from at least the same accounts and regions.
fn beside<'a>(cx: &'a Cx<'_>, trail: &Trail) -> impl Iterator<Item = &'a Trail> {
    let of_group = trail.log_group.as_ref().map(|group| cx.trails_of_group(group)).unwrap_or_default();
    of_group.iter().copied().filter(|other| {
        other.arn != trail.arn
            && (other.is_organization || (other.owner == trail.owner && !trail.is_organization))
            && (other.is_multi_region || !trail.is_multi_region)
    })
}

fn filters<'a>(cx: &Cx<'_>, group: &'a LogGroup) -> Result<Vec<Filter<'a>>, Gap> {
    if group.detail.known().is_some_and(Option::is_none) {
        return Ok(Vec::new());
    }
    let filters = group.metric_filters.get()?;
    let alarms: &[Alarm] = if filters.is_empty() { &[] } else { group.alarms.get()? };
    Ok(filters.iter().map(|filter| followed(cx, group, filter, alarms)).collect())
}

fn followed<'a>(cx: &Cx<'_>, group: &LogGroup, filter: &'a MetricFilter, alarms: &[Alarm]) -> Filter<'a> {
    let link = match &filter.field_selection {
        None => follow(cx, filter, alarms),
        Some(criteria) => follow(cx, filter, alarms).then(|_| {
            let reason = format!("filter {} is narrowed by {criteria:?}, which is not looked into", filter.name);
            Link::Unread(undecided(reason, "logs:DescribeMetricFilters", &group.arn))
        }),
    };
    Filter { name: &filter.name, pattern: &filter.pattern, link }
}

fn follow(cx: &Cx<'_>, filter: &MetricFilter, alarms: &[Alarm]) -> Link {
    let through = |metric: &Metric| {
        if metric.has_dimensions {
            return Link::Broken(format!("metric {} is split by dimensions, which no plain alarm sees", metric.name));
        }
        let unwatched = || {
            let elsewhere = alarms.iter().find(|alarm| watches_name(alarm, &metric.name));
            let hint = elsewhere.map(|alarm| format!("; alarm {} watches one of another namespace", alarm.name));
            let (namespace, name) = (&metric.namespace, &metric.name);
            Link::Broken(format!("no alarm watches metric {name} of namespace {namespace}{}", hint.unwrap_or_default()))
        };
        let raised = alarms.iter().filter_map(|alarm| {
            let heard = |words| match heard(cx, alarm, alarms) {
                Link::Holds(more) => Link::Holds(format!("{words}, which {more}")),
                other => other,
            };
            Some(raised(metric, alarm)?.then(heard))
        });
        Link::best(raised, unwatched)
    };
    Link::best(filter.metrics.iter().map(through), || Link::Broken("it counts in no metric".to_owned()))
}

fn watches_name(alarm: &Alarm, name: &str) -> bool {
    match &alarm.watches {
        monitoring::Watched::Metrics { metrics, .. } => metrics.iter().any(|one| one.name == name),
        _ => false,
    }
}

/// Whether filters that lead to working alarms see the family. A filter whose alarm is hidden or broken is tried besides, to
/// tell whether it is the link that is missing.
fn watched(cx: &Cx<'_>, trail: &Trail, family: &Family, filters: &[Filter<'_>]) -> Watched {
    let holding = |filter: &&Filter<'_>| matches!(filter.link, Link::Holds(_));
    let not_broken = |filter: &&Filter<'_>| !matches!(filter.link, Link::Broken(_));
    match seen(cx, family, filters, holding) {
        Cover::Seen => return Watched::Heard(by(cx, family, filters)),
        Cover::Undecided(what) => return Watched::Unknown(pattern_gap(trail, &what)),
        Cover::Missed(_) => {}
    }
    match seen(cx, family, filters, not_broken) {
        Cover::Missed(event) => Watched::Unheard(unheard(cx, family, filters, &event)),
        Cover::Undecided(what) => Watched::Unknown(pattern_gap(trail, &what)),
        Cover::Seen => {
            let gap = filters.iter().find_map(|filter| match &filter.link {
                Link::Unread(gap) => Some(gap.clone()),
                _ => None,
            });
            Watched::Unknown(gap.unwrap_or_else(|| pattern_gap(trail, "its links")))
        }
    }
}

fn seen(cx: &Cx<'_>, family: &Family, filters: &[Filter<'_>], counts: impl Fn(&&Filter<'_>) -> bool) -> Cover {
    let mut counting = filters.iter().filter(counts);
    let is_exact = cx.baseline.alarm_patterns == AlarmPatterns::Exact && !family.texts.is_empty();
    if !is_exact {
        return cx.covers.of(family, &counting.map(|filter| filter.pattern).collect::<Vec<_>>());
    }
    match counting.any(|filter| family.is_literally(filter.pattern)) {
        true => Cover::Seen,
        false => Cover::Missed("the pattern of the benchmark".to_owned()),
    }
}

/// The filter that sees the family alone, or all that do together.
fn by(cx: &Cx<'_>, family: &Family, filters: &[Filter<'_>]) -> String {
    let alone = filters.iter().find_map(|filter| {
        let Link::Holds(words) = &filter.link else { return None };
        let is_it = |other: &&Filter<'_>| std::ptr::eq(*other, filter);
        (seen(cx, family, filters, is_it) == Cover::Seen).then(|| format!("filter {} {words}", filter.name))
    });
    alone.unwrap_or_else(|| "filters that lead to working alarms see it together".to_owned())
}

/// Why an event goes unheard: a filter sees all of the family, but its chain breaks; or none does.
fn unheard(cx: &Cx<'_>, family: &Family, filters: &[Filter<'_>], event: &str) -> String {
    let broken = filters.iter().find_map(|filter| {
        let Link::Broken(why) = &filter.link else { return None };
        let is_it = |other: &&Filter<'_>| std::ptr::eq(*other, filter);
        (seen(cx, family, filters, is_it) == Cover::Seen).then(|| format!("filter {}: {why}", filter.name))
    });
    let malformed = || {
        filters.iter().find_map(|filter| match FilterPattern::parse(filter.pattern) {
            FilterPattern::Malformed(why) => Some(format!("; filter {} matches nothing: {why}", filter.name)),
            _ => None,
        })
    };
    broken.unwrap_or_else(|| format!("no filter with a working alarm sees {event}{}", malformed().unwrap_or_default()))
}

fn pattern_gap(trail: &Trail, what: &str) -> Gap {
    let place = trail.log_group.as_ref().unwrap_or(&trail.arn);
    undecided(format!("a filter pattern cannot be decided: {what}"), "logs:DescribeMetricFilters", place)
}

/// The families that a trail's events can belong to: changes of the organization are recorded in the management account only.
pub(crate) fn demanded(cx: &Cx<'_>, trail: &Trail) -> Vec<&'static Family> {
    let is_of_management = trail.is_organization || cx.is_management(&trail.owner);
    FAMILIES.into_iter().filter(|family| is_of_management || family.part != ORGANIZATIONS.part).collect()
}

/// Whether events of a trail reach its log group: at home something always happens, so that the last delivery must be fresh.
/// Alarms need nothing else of it: not its bucket, nor its key.
pub(crate) fn is_delivering(cx: &Cx<'_>, trail: &Trail) -> Result<bool, Gap> {
    let status = cx.status(trail, &trail.owner, &trail.home_region)?;
    let is_overdue = || matches!(cx.arrival("delivery", status, status.cloudwatch_logs.last_time), Arrival::Broken(_));
    Ok(status.is_logging && status.cloudwatch_logs.last_error.is_none() && !is_overdue())
}

/// Another multi-Region trail, delivering to its log group, that records every account this one concerns and watches all of these
/// families. Fails when one may, but a fact about it could not be read.
pub(crate) fn watched_elsewhere<'a>(
    cx: &'a Cx<'_>,
    trail: &Trail,
    families: &[&'static Family],
) -> Result<Option<&'a Trail>, Gap> {
    let accounts = cx.concerned(trail);
    let is_candidate = |other: &&Trail| {
        let reaches_all = || accounts.is_subset(&cx.concerned(other));
        other.arn != trail.arn && other.is_multi_region && other.log_group.is_some() && reaches_all()
    };
    let mut first_gap = None;
    for other in cx.sighted(&trail.owner, &trail.home_region)?.into_iter().filter(is_candidate) {
        let watched = match is_delivering(cx, other)
            .and_then(|is| is.then(|| watched_families(cx, other, families)).transpose())
        {
            Ok(Some(watched)) => watched,
            Ok(None) => continue,
            Err(gap) => {
                first_gap = first_gap.or(Some(gap));
                continue;
            }
        };
        if watched.iter().all(|(_, one)| matches!(one, Watched::Heard(_))) {
            return Ok(Some(other));
        }
        if !watched.iter().any(|(_, one)| matches!(one, Watched::Unheard(_))) {
            let gap = watched.into_iter().find_map(|(_, one)| match one {
                Watched::Unknown(gap) => Some(gap),
                _ => None,
            });
            first_gap = first_gap.or(gap);
        }
    }
    first_gap.map_or(Ok(None), Err)
}
