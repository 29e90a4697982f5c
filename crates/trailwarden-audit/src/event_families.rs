//! The families of events that the CIS AWS Foundations Benchmark wants monitored, and whether metric filters see all of one.
//!
//! A family is compared by its events, not by the text of its pattern: a monitored event leaves open whatever the benchmark
//! does not ask for, and a pattern sees it when it matches whatever stands there.

mod catalogue;
mod cover;
mod memo;
mod samples;

pub(crate) use catalogue::{BUCKET_POLICY, CMK, FAMILIES, ORGANIZATIONS, TAMPERING};
pub(crate) use cover::{Cover, cover};
pub(crate) use memo::Covers;

use crate::coverage::EventClass;
use crate::filter_pattern::{Datum, Glob};

/// A family of events for those who set up alarms: its name in findings' parts, its title, and a filter pattern that matches
/// all of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonitoredFamily {
    /// As in the parts of findings; `trail-tampering` for the calls that switch trails off.
    pub part: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// A filter pattern of CloudWatch Logs.
    pub pattern: String,
}

/// The fifteen families of the benchmark with its newest patterns, and trail tampering.
pub fn monitored_families() -> Vec<MonitoredFamily> {
    let family = |family: &Family| MonitoredFamily {
        part: family.part,
        title: family.title,
        pattern: match (family.texts.last(), family.events) {
            (Some(text), _) => (*text).to_owned(),
            (None, Monitored::Calls { source, names }) => pattern_of_calls(source, names),
            (None, Monitored::Described(_)) => String::new(),
        },
    };
    FAMILIES.into_iter().chain([&TAMPERING]).map(family).collect()
}

fn pattern_of_calls(source: &str, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("($.eventName = {name})")).collect();
    format!("{{ ($.eventSource = {source}) && ({}) }}", names.join(" || "))
}

/// One family of monitored events.
#[derive(Debug)]
pub(crate) struct Family {
    /// Its name in `policies/frameworks.toml`.
    pub(crate) part: &'static str,
    /// In a few words.
    pub(crate) title: &'static str,
    /// The patterns of the benchmark, which changed between its versions.
    pub(crate) texts: &'static [&'static str],
    /// What a trail must record for it.
    pub(crate) classes: &'static [EventClass],
    pub(crate) events: Monitored,
}

/// The events of a family.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Monitored {
    /// API calls by their names at one service.
    Calls { source: &'static str, names: &'static [&'static str] },
    /// Anything else.
    Described(fn() -> MonitoredEvent),
}

/// Events that agree in some fields; all other fields may hold anything.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MonitoredEvent {
    /// What they are, in words.
    pub(crate) title: String,
    /// Who causes them is left open.
    pub(crate) is_by_anybody: bool,
    pub(crate) fields: Vec<(&'static str, Domain)>,
}

/// What a monitored event may hold in a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Domain {
    Is(Datum),
    OneOf(&'static [&'static str]),
    /// Some text within one of these, and none of those; within nothing means any text.
    Text {
        within: Vec<Glob>,
        except: Vec<Glob>,
    },
    Flag,
}

impl Family {
    /// Its events, those apart that a pattern may tell apart by name.
    pub(crate) fn monitored(&self) -> Vec<MonitoredEvent> {
        match self.events {
            Monitored::Calls { source, names } => names.iter().map(|name| call(source, name)).collect(),
            Monitored::Described(event) => vec![event()],
        }
    }

    /// True when a pattern is the benchmark's own. Spaces do not count, nor do quotation marks, which the benchmark itself sets
    /// now here, now there.
    pub(crate) fn is_literally(&self, pattern: &str) -> bool {
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '"').collect::<String>();
        self.texts.iter().any(|text| bare(text) == bare(pattern))
    }
}

pub(crate) fn text(value: &str) -> Domain {
    Domain::Is(Datum::Text(value.to_owned()))
}

/// An API call that changes something, as CloudTrail records it. Source: CloudTrail User Guide, "CloudTrail record contents".
fn call(source: &str, name: &str) -> MonitoredEvent {
    let fields = vec![
        ("eventName", text(name)),
        ("eventSource", text(source)),
        ("eventType", text("AwsApiCall")),
        ("eventCategory", text("Management")),
        ("managementEvent", Domain::Is(Datum::Flag(true))),
        ("readOnly", Domain::Is(Datum::Flag(false))),
    ];
    MonitoredEvent { title: name.to_owned(), is_by_anybody: true, fields }
}
