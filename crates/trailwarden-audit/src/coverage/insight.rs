//! CloudTrail Insights as events: what each type is made of, and the events that it adds to a trail.
//!
//! Source: CloudTrail User Guide, "Working with CloudTrail Insights"; CloudTrail API Reference, `InsightSelector`.

use trailwarden_model::trail::Insight;

use super::events::{Events, Field};
use super::words::Words;

/// The events that a type of Insights analyses; none when its category is not one that has Insights.
pub(crate) fn analysed(insight: &Insight) -> Option<Events> {
    let of_category = Events::default().with(Field::Category, &Words::is(&insight.category));
    match (insight.category.as_str(), insight.kind.as_str()) {
        // The call rate of management events counts what changes something; the error rate counts everything.
        ("Management", "ApiCallRateInsight") => Some(of_category.with(Field::ReadOnly, &Words::is("false"))),
        ("Management" | "Data", _) => Some(of_category),
        _ => None,
    }
}

/// The Insights events of one type.
pub(crate) fn events_of(insight: &Insight) -> Events {
    every_event()
        .with(Field::InsightType, &Words::is(&insight.kind))
        .with(Field::InsightCategory, &Words::is(&insight.category))
}

/// The Insights events of every type.
pub(super) fn every_event() -> Events {
    Events::default().with(Field::Category, &Words::is("Insight"))
}

/// `ApiCallRateInsight on Management events`.
pub(crate) fn words(insight: &Insight) -> String {
    format!("{} on {} events", insight.kind, insight.category)
}
