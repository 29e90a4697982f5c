//! What one trail's selectors take: a box of events for each, and a doubt where one uses words this version does not know.
//!
//! `RecursiveLogging` and aggregation take nothing away here: the first drops CloudTrail's own deliveries, which nobody
//! demands; the second adds summaries to the events. Insights add the events that they make of others.
//!
//! Sources: CloudTrail API Reference, `EventSelector`, `DataResource` and `AdvancedFieldSelector`; CloudTrail User Guide,
//! "Filtering data events by using advanced event selectors".

use std::collections::BTreeSet;

use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::trail::{
    AdvancedSelector, BasicSelector, DataResource, FieldSelector, Insight, ReadWriteType, Selectors, Trail,
};

use super::events::{Events, Field};
use super::insight;
use super::words::{Affix, MAX_WORK, TooComplex, Words};

/// Categories that selectors of trails and event data stores may name today.
const CATEGORIES: [&str; 7] =
    ["Management", "Data", "NetworkActivity", "Insight", "ConfigurationItem", "Evidence", "ActivityAuditLog"];

/// The events that one selector takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Its number from 1 and its name.
    title: String,
    /// At most these events; exactly these where there is no doubt.
    pub(super) events: Events,
    /// Why it may take fewer, or none.
    pub(super) doubt: Option<Doubt>,
}

/// Why it is not known what is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Doubt {
    /// A word of the selector that this version does not know.
    Word(String),
    /// A setting that could not be read.
    Unread(Gap),
}

/// The events that one trail takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recording(pub(super) Vec<Taken>);

impl Recording {
    /// What a trail takes where it is logging. Fails when its selectors could not be read.
    pub(crate) fn of(trail: &Trail) -> Result<Self, Gap> {
        let mut recording = Self::of_selectors(trail.selectors.get()?);
        if !trail.includes_global_service_events {
            for taken in &mut recording.0 {
                taken.events = std::mem::take(&mut taken.events).with(Field::Global, &Words::is("false"));
            }
        }
        let insights = insights_taken(&recording, &trail.insights);
        recording.0.extend(insights);
        Ok(recording)
    }

    pub(super) fn of_selectors(selectors: &Selectors) -> Self {
        match selectors {
            // The default of a trail whose selectors were never set.
            Selectors::Basic(list) if list.is_empty() => {
                Self(vec![Taken { title: "the default selector".to_owned(), events: management(), doubt: None }])
            }
            Selectors::Basic(list) => {
                Self(list.iter().enumerate().flat_map(|(index, selector)| basic(selector, index + 1)).collect())
            }
            Selectors::Advanced(list) => {
                Self(list.iter().enumerate().map(|(index, selector)| advanced(selector, index + 1)).collect())
            }
        }
    }

    /// Its boxes at these places.
    pub(super) fn boxes(&self, indices: &[usize]) -> Vec<&Events> {
        indices.iter().filter_map(|&index| Some(&self.0.get(index)?.events)).collect()
    }

    /// Why no selector takes any of these events, in words that follow the trail's name.
    pub(super) fn why_nothing(&self, wanted: &Events, budget: &mut usize) -> Result<String, TooComplex> {
        let mut reasons = Vec::new();
        for taken in &self.0 {
            match wanted.parting(&taken.events, budget)? {
                Some((Field::Category, _)) | None => {}
                Some((Field::Global, _)) => {
                    return Ok("does not include global service events".to_owned());
                }
                Some((field, words)) => {
                    reasons.push(format!("{} takes only events whose {} {words}", taken.title, field.name()));
                }
            }
        }
        if reasons.is_empty() {
            let of_insights = wanted.is_apart_from(&insight::every_event(), budget)?;
            let none = match of_insights {
                true => "has no selector for events of this category",
                false => "does not have these Insights on for events that it records",
            };
            return Ok(none.to_owned());
        }
        Ok(reasons.join("; "))
    }
}

/// True when two lists of selectors take the same events. Selectors that this version cannot compare are the same when they
/// say the same, whatever they are called.
pub(crate) fn record_the_same(one: &Selectors, other: &Selectors) -> bool {
    if without_names(one) == without_names(other) {
        return true;
    }
    let [one, other] = [one, other].map(Recording::of_selectors);
    if one.0.iter().chain(&other.0).any(|taken| taken.doubt.is_some()) {
        return false;
    }
    let budget = &mut MAX_WORK.clone();
    let mut is_within = |inner: &Recording, outer: &Recording| {
        let outer: Vec<&Events> = outer.0.iter().map(|taken| &taken.events).collect();
        inner.0.iter().all(|taken| taken.events.lost(&outer, budget) == Ok(None))
    };
    is_within(&one, &other) && is_within(&other, &one)
}

fn without_names(selectors: &Selectors) -> Selectors {
    match selectors {
        Selectors::Basic(list) => Selectors::Basic(list.clone()),
        Selectors::Advanced(list) => {
            let nameless = |one: &AdvancedSelector| AdvancedSelector { name: None, ..one.clone() };
            Selectors::Advanced(list.iter().map(nameless).collect())
        }
    }
}

/// What the Insights of a trail add. Each is made of events that the trail records: without any, there is none.
fn insights_taken(recording: &Recording, insights: &Observed<BTreeSet<Insight>>) -> Vec<Taken> {
    let taken = |events, doubt| Taken { title: "Insights".to_owned(), events, doubt };
    let known = match insights {
        Observed::Gap(gap) => return vec![taken(insight::every_event(), Some(Doubt::Unread(gap.clone())))],
        Observed::Known(known) => known,
    };
    let made = |on: &Insight| {
        let analysed = insight::analysed(on)?;
        let budget = &mut MAX_WORK.clone();
        let mut sources = recording.0.iter().filter(|one| analysed.is_apart_from(&one.events, budget) != Ok(true));
        let first = sources.next()?;
        let is_sure = first.doubt.is_none() || sources.any(|one| one.doubt.is_none());
        Some(taken(insight::events_of(on), if is_sure { None } else { first.doubt.clone() }))
    };
    known.iter().filter_map(made).collect()
}

fn management() -> Events {
    Events::default().with(Field::Category, &Words::is("Management"))
}

fn basic(selector: &BasicSelector, number: usize) -> Vec<Taken> {
    let title = format!("selector {number}");
    let (half, doubt) = match &selector.read_write {
        ReadWriteType::All => (None, None),
        ReadWriteType::ReadOnly => (Some("true"), None),
        ReadWriteType::WriteOnly => (Some("false"), None),
        ReadWriteType::Other(word) => (None, Some(Doubt::Word(format!("ReadWriteType {word}")))),
    };
    let halved =
        |events: Events| half.iter().fold(events, |events, half| events.with(Field::ReadOnly, &Words::is(half)));
    let excluded = &selector.exclude_management_event_sources;
    let sources = Words::none_of(excluded.iter().cloned().map(Affix::Whole));
    let mut taken = Vec::new();
    if selector.include_management_events {
        let events = match excluded.is_empty() {
            true => management(),
            false => management().with(Field::Source, &sources),
        };
        taken.push(Taken { title: title.clone(), events: halved(events), doubt: doubt.clone() });
    }
    for resource in &selector.data_resources {
        let (events, strange) = data_resource(resource);
        let doubt = doubt.clone().or(strange.map(Doubt::Word));
        taken.push(Taken { title: title.clone(), events: halved(events), doubt });
    }
    taken
}

/// The data events of a basic selector. No value at all takes none.
fn data_resource(resource: &DataResource) -> (Events, Option<String>) {
    let of_type = Events::default()
        .with(Field::Category, &Words::is("Data"))
        .with(Field::ResourceType, &Words::is(&resource.resource_type));
    // The service alone stands for everything in it, also in other accounts.
    if resource.values.iter().any(|value| value.split(':').count() == 3) {
        return (of_type, None);
    }
    let star = resource.values.iter().find(|value| value.contains('*'));
    let strange = star.map(|value| format!("data resource {value}, which is no ARN or prefix of one"));
    let affix = |value: &String| match resource.resource_type.as_str() {
        "AWS::S3::Object" => Affix::Start(value.clone()),
        _ => Affix::Whole(value.clone()),
    };
    match strange {
        Some(_) => (of_type, strange),
        None => (of_type.with(Field::ResourceArn, &Words::one_of(resource.values.iter().map(affix))), None),
    }
}

/// The conditions of a selector are ANDed. One that this version cannot read takes nothing away and leaves a doubt.
fn advanced(selector: &AdvancedSelector, number: usize) -> Taken {
    let title = match selector.name.as_deref() {
        Some(name) if !name.is_empty() => format!("selector {number} ({name})"),
        _ => format!("selector {number}"),
    };
    let mut taken = Taken { title, events: Events::default(), doubt: None };
    if !selector.fields.iter().any(|field| field.field == "eventCategory") {
        taken.doubt = Some(Doubt::Word("a selector without eventCategory".to_owned()));
    }
    for condition in &selector.fields {
        match condition_of(condition) {
            Some((field, words)) => taken.events = std::mem::take(&mut taken.events).with(field, &words),
            None => {
                let doubt = format!("field {} used in a way this version does not know", condition.field);
                taken.doubt = taken.doubt.or(Some(Doubt::Word(doubt)));
            }
        }
    }
    taken
}

/// The values of a field that a condition admits: one of those it selects, and none of those it deselects.
fn condition_of(condition: &FieldSelector) -> Option<(Field, Words)> {
    let field = Field::of_selector(&condition.field)?;
    let affixes = |equals: &[String], starts: &[String], ends: &[String]| -> Vec<Affix> {
        let equals = equals.iter().cloned().map(Affix::Whole);
        equals.chain(starts.iter().cloned().map(Affix::Start)).chain(ends.iter().cloned().map(Affix::End)).collect()
    };
    let selected = affixes(&condition.equals, &condition.starts_with, &condition.ends_with);
    let deselected = affixes(&condition.not_equals, &condition.not_starts_with, &condition.not_ends_with);
    let is_readable = match field {
        // Only with Equals, and at least one known category: a category of the future may be anything.
        Field::Category => {
            deselected.is_empty()
                && condition.equals.len() == selected.len()
                && condition.equals.iter().any(|value| CATEGORIES.contains(&value.as_str()))
        }
        _ => match field.values() {
            Some(values) => {
                let named = condition.equals.iter().chain(&condition.not_equals);
                let n_whole = condition.equals.len() + condition.not_equals.len();
                n_whole == selected.len() + deselected.len()
                    && named.into_iter().all(|value| values.contains(&value.as_str()))
            }
            None => true,
        },
    };
    let words = match (selected.is_empty(), deselected.is_empty()) {
        (true, true) => return None,
        (true, false) => Words::none_of(deselected),
        (false, true) => Words::one_of(selected),
        (false, false) => Words::one_of(selected).and(&Words::none_of(deselected)),
    };
    is_readable.then_some((field, words))
}

#[cfg(test)]
mod tests;
