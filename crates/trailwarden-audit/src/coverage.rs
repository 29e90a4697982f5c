//! What selectors record, as sets of event classes: per trail, their union over trails, and an example of a lost event.
//!
//! A class is a part of the events that a selector either records wholly or not at all. This version knows the classes
//! of management events; data and network activity events become further classes, with further fields, not further rules.
//!
//! Source: CloudTrail API Reference, `EventSelector` and `AdvancedFieldSelector`.

use std::fmt;

use trailwarden_model::trail::{AdvancedSelector, BasicSelector, FieldSelector, ReadWriteType, Selectors};

/// Which half of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Events that read.
    Read,
    /// Events that change something.
    Write,
}

/// Where an event comes from, as far as selectors can tell sources of management events apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// `kms.amazonaws.com`, which a selector may exclude.
    Kms,
    /// `rdsdata.amazonaws.com`, which a selector may exclude.
    RdsData,
    /// Every other service.
    Other,
}

impl Source {
    fn from_name(name: &str) -> Self {
        match name {
            "kms.amazonaws.com" => Self::Kms,
            "rdsdata.amazonaws.com" => Self::RdsData,
            _ => Self::Other,
        }
    }
}

/// A part of the events that is recorded wholly or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventClass {
    /// Management events of one half and one source.
    Management(Access, Source),
}

impl EventClass {
    /// The management events that no selector can exclude by source: what every account and region must have recorded.
    pub const MANAGEMENT: [Self; 2] =
        [Self::Management(Access::Read, Source::Other), Self::Management(Access::Write, Source::Other)];

    /// An event of this class, `source eventName`: what would be lost were it not recorded.
    pub fn example(self) -> &'static str {
        let Self::Management(access, source) = self;
        match (access, source) {
            (Access::Read, Source::Kms) => "kms.amazonaws.com Decrypt",
            (Access::Write, Source::Kms) => "kms.amazonaws.com ScheduleKeyDeletion",
            (Access::Read, Source::RdsData) => "rdsdata.amazonaws.com ExecuteSql",
            (Access::Write, Source::RdsData) => "rdsdata.amazonaws.com ExecuteStatement",
            (Access::Read, Source::Other) => "ec2.amazonaws.com DescribeInstances",
            (Access::Write, Source::Other) => "ec2.amazonaws.com RunInstances",
        }
    }
}

impl fmt::Display for EventClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Management(access, source) = self;
        let access = match access {
            Access::Read => "read",
            Access::Write => "write",
        };
        match source {
            Source::Kms => write!(f, "management {access} events of kms.amazonaws.com"),
            Source::RdsData => write!(f, "management {access} events of rdsdata.amazonaws.com"),
            Source::Other => write!(f, "management {access} events"),
        }
    }
}

/// Whether a class is recorded. Ordered by strength, so that the union of several answers is their maximum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recorded {
    /// No event of the class.
    No,
    /// Not decidable: the selectors use a word this version does not know, which is named.
    Unsure(String),
    /// Every event of the class.
    Yes,
}

/// Whether one trail's selectors record a class: some selector does.
pub fn records(selectors: &Selectors, class: EventClass) -> Recorded {
    let answers: Vec<Recorded> = match selectors {
        Selectors::Basic(list) if list.is_empty() => vec![Recorded::Yes],
        Selectors::Basic(list) => list.iter().map(|selector| basic(selector, class)).collect(),
        Selectors::Advanced(list) => list.iter().map(|selector| advanced(selector, class)).collect(),
    };
    answers.into_iter().max().unwrap_or(Recorded::No)
}

fn basic(selector: &BasicSelector, class: EventClass) -> Recorded {
    let EventClass::Management(access, source) = class;
    let excluded = selector.exclude_management_event_sources.iter().any(|name| Source::from_name(name) == source);
    if !selector.include_management_events || (excluded && source != Source::Other) {
        return Recorded::No;
    }
    if excluded {
        return Recorded::Unsure("an excluded source this version does not know".to_owned());
    }
    match (&selector.read_write, access) {
        (ReadWriteType::All, _)
        | (ReadWriteType::ReadOnly, Access::Read)
        | (ReadWriteType::WriteOnly, Access::Write) => Recorded::Yes,
        (ReadWriteType::ReadOnly | ReadWriteType::WriteOnly, _) => Recorded::No,
        (ReadWriteType::Other(word), _) => Recorded::Unsure(format!("ReadWriteType {word}")),
    }
}

/// Fields are ANDed: one that excludes the class decides, then one that this version cannot read, then all agree.
fn advanced(selector: &AdvancedSelector, class: EventClass) -> Recorded {
    if !selector.fields.iter().any(|field| field.field == "eventCategory") {
        return Recorded::Unsure("a selector without eventCategory".to_owned());
    }
    selector.fields.iter().map(|field| field_admits(field, class)).min().unwrap_or(Recorded::No)
}

fn field_admits(field: &FieldSelector, class: EventClass) -> Recorded {
    let EventClass::Management(access, source) = class;
    let unsure = || Recorded::Unsure(format!("field {} used in a way this version does not know", field.field));
    match (field.field.as_str(), only_operator(field)) {
        ("eventCategory", Some((Operator::Equals, values))) => category_admits(values).unwrap_or_else(unsure),
        ("readOnly", Some((Operator::Equals, values))) => read_only_admits(values, access).unwrap_or_else(unsure),
        ("eventSource", Some((Operator::NotEquals, values))) => match excluded_by_name(values, source) {
            Some(true) => Recorded::No,
            Some(false) => Recorded::Yes,
            None => unsure(),
        },
        _ => unsure(),
    }
}

/// Categories of the future make the answer unsure; the known ones besides Management record no management event.
fn category_admits(values: &[String]) -> Option<Recorded> {
    const WITHOUT_MANAGEMENT: [&str; 2] = ["Data", "NetworkActivity"];
    if values.iter().any(|value| value == "Management") {
        return Some(Recorded::Yes);
    }
    values.iter().all(|value| WITHOUT_MANAGEMENT.contains(&value.as_str())).then_some(Recorded::No)
}

fn read_only_admits(values: &[String], access: Access) -> Option<Recorded> {
    let known = values.iter().all(|value| value == "true" || value == "false");
    let wanted = match access {
        Access::Read => "true",
        Access::Write => "false",
    };
    let admitted = if values.iter().any(|value| value == wanted) { Recorded::Yes } else { Recorded::No };
    known.then_some(admitted)
}

/// Whether a list of excluded sources names this one; none when it names a source that cannot be excluded today.
fn excluded_by_name(names: &[String], source: Source) -> Option<bool> {
    let mut sources = names.iter().map(|name| Source::from_name(name));
    if source != Source::Other {
        return Some(sources.any(|excluded| excluded == source));
    }
    sources.all(|excluded| excluded != Source::Other).then_some(false)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    NotEquals,
}

/// The operator of a field when it is a single `Equals` or `NotEquals`, as every field of management events is.
fn only_operator(field: &FieldSelector) -> Option<(Operator, &[String])> {
    let others = [&field.starts_with, &field.ends_with, &field.not_starts_with, &field.not_ends_with];
    if others.iter().any(|values| !values.is_empty()) {
        return None;
    }
    match (field.equals.as_slice(), field.not_equals.as_slice()) {
        (values @ [_, ..], []) => Some((Operator::Equals, values)),
        ([], values @ [_, ..]) => Some((Operator::NotEquals, values)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::selectors::{advanced, basic, equals, not_equals};

    const READ: EventClass = EventClass::MANAGEMENT[0];
    const WRITE: EventClass = EventClass::MANAGEMENT[1];

    fn both(selectors: &Selectors) -> (Recorded, Recorded) {
        (records(selectors, READ), records(selectors, WRITE))
    }

    #[test]
    fn no_selector_at_all_is_the_default_and_records_both_halves() {
        assert_eq!(both(&Selectors::Basic(vec![])), (Recorded::Yes, Recorded::Yes));
        assert_eq!(both(&Selectors::Advanced(vec![])), (Recorded::No, Recorded::No));
    }

    #[test]
    fn basic_halves_and_data_only() {
        assert_eq!(both(&basic(ReadWriteType::ReadOnly, true)), (Recorded::Yes, Recorded::No));
        assert_eq!(both(&basic(ReadWriteType::WriteOnly, true)), (Recorded::No, Recorded::Yes));
        assert_eq!(both(&basic(ReadWriteType::All, false)), (Recorded::No, Recorded::No));
        assert!(matches!(records(&basic(ReadWriteType::Other("Audit".into()), true), READ), Recorded::Unsure(_)));
    }

    #[test]
    fn two_advanced_halves_make_a_whole() {
        let half = |value| vec![equals("eventCategory", "Management"), equals("readOnly", value)];
        assert_eq!(both(&advanced(vec![half("true")])), (Recorded::Yes, Recorded::No));
        assert_eq!(both(&advanced(vec![half("true"), half("false")])), (Recorded::Yes, Recorded::Yes));
    }

    #[test]
    fn excluding_kms_loses_kms_events_and_no_others() {
        let selectors =
            advanced(vec![vec![equals("eventCategory", "Management"), not_equals("eventSource", "kms.amazonaws.com")]]);
        assert_eq!(both(&selectors), (Recorded::Yes, Recorded::Yes));
        assert_eq!(records(&selectors, EventClass::Management(Access::Write, Source::Kms)), Recorded::No);
        assert_eq!(records(&selectors, EventClass::Management(Access::Write, Source::RdsData)), Recorded::Yes);
    }

    #[test]
    fn data_selectors_record_no_management_event_whatever_else_they_say() {
        let data = vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")];
        assert_eq!(both(&advanced(vec![data])), (Recorded::No, Recorded::No));
    }

    #[test]
    fn words_of_the_future_are_unsure_unless_another_selector_decides() {
        let future = vec![equals("eventCategory", "Management"), equals("accountTag", "prod")];
        let plain = vec![equals("eventCategory", "Management")];
        assert!(matches!(records(&advanced(vec![future.clone()]), READ), Recorded::Unsure(_)));
        assert_eq!(both(&advanced(vec![future, plain])), (Recorded::Yes, Recorded::Yes));
        assert!(matches!(
            records(&advanced(vec![vec![equals("eventCategory", "Reasoning")]]), READ),
            Recorded::Unsure(_)
        ));
        assert!(matches!(records(&advanced(vec![vec![equals("readOnly", "true")]]), READ), Recorded::Unsure(_)));
    }

    #[test]
    fn a_future_field_cannot_save_a_half_that_a_known_field_excludes() {
        let selector =
            vec![equals("eventCategory", "Management"), equals("accountTag", "x"), equals("readOnly", "true")];
        assert_eq!(records(&advanced(vec![selector]), WRITE), Recorded::No);
    }

    /// One event, and what the documentation says about whether a selector records it, word by word.
    mod by_the_book {
        use proptest::prelude::*;
        use trailwarden_model::trail::{AdvancedSelector, DataResource};

        use super::super::*;
        use crate::testing::selectors;

        #[derive(Debug, Clone, Copy)]
        struct Event {
            read_only: bool,
            source: &'static str,
        }

        const SOURCES: [(&str, Source); 3] = [
            ("kms.amazonaws.com", Source::Kms),
            ("rdsdata.amazonaws.com", Source::RdsData),
            ("ec2.amazonaws.com", Source::Other),
        ];

        fn basic_records(selector: &BasicSelector, event: Event) -> bool {
            let half = match selector.read_write {
                ReadWriteType::All => true,
                ReadWriteType::ReadOnly => event.read_only,
                ReadWriteType::WriteOnly => !event.read_only,
                ReadWriteType::Other(_) => unreachable!("not generated"),
            };
            selector.include_management_events
                && half
                && !selector.exclude_management_event_sources.contains(event.source)
        }

        fn field_holds(field: &FieldSelector, event: Event) -> bool {
            let value = match field.field.as_str() {
                "eventCategory" => "Management".to_owned(),
                "readOnly" => event.read_only.to_string(),
                _ => event.source.to_owned(),
            };
            (field.equals.is_empty() || field.equals.contains(&value)) && !field.not_equals.contains(&value)
        }

        fn by_the_book(selectors: &Selectors, event: Event) -> bool {
            match selectors {
                Selectors::Basic(list) => list.is_empty() || list.iter().any(|one| basic_records(one, event)),
                Selectors::Advanced(list) => {
                    list.iter().any(|one| one.fields.iter().all(|field| field_holds(field, event)))
                }
            }
        }

        fn excludable() -> impl Strategy<Value = String> {
            prop_oneof![Just("kms.amazonaws.com".to_owned()), Just("rdsdata.amazonaws.com".to_owned())]
        }

        fn basic() -> impl Strategy<Value = BasicSelector> {
            let half =
                prop_oneof![Just(ReadWriteType::All), Just(ReadWriteType::ReadOnly), Just(ReadWriteType::WriteOnly)];
            let excluded = prop::collection::btree_set(excludable(), 0..3);
            (half, any::<bool>(), excluded).prop_map(|(read_write, include_management_events, excluded)| {
                BasicSelector {
                    read_write,
                    include_management_events,
                    exclude_management_event_sources: excluded,
                    data_resources: vec![DataResource { resource_type: "AWS::S3::Object".to_owned(), values: vec![] }],
                }
            })
        }

        fn advanced() -> impl Strategy<Value = AdvancedSelector> {
            let category = prop_oneof![4 => Just("Management"), 1 => Just("Data"), 1 => Just("NetworkActivity")];
            let half = prop::option::of(prop_oneof![Just("true"), Just("false")]);
            let excluded = prop::collection::vec(excludable(), 0..3);
            (category, half, excluded).prop_map(|(category, half, excluded)| {
                let mut fields = vec![selectors::equals("eventCategory", category)];
                fields.extend(half.map(|half| selectors::equals("readOnly", half)));
                if !excluded.is_empty() {
                    let field = "eventSource".to_owned();
                    fields.push(FieldSelector { field, not_equals: excluded, ..FieldSelector::default() });
                }
                AdvancedSelector { name: None, fields }
            })
        }

        fn any_selectors() -> impl Strategy<Value = Selectors> {
            prop_oneof![
                prop::collection::vec(basic(), 0..5).prop_map(Selectors::Basic),
                prop::collection::vec(advanced(), 1..5).prop_map(Selectors::Advanced),
            ]
        }

        proptest! {
            #[test]
            fn a_class_is_recorded_exactly_when_its_events_are(selectors in any_selectors(), read_only in any::<bool>()) {
                for (name, source) in SOURCES {
                    let access = if read_only { Access::Read } else { Access::Write };
                    let expected = by_the_book(&selectors, Event { read_only, source: name });
                    let answer = records(&selectors, EventClass::Management(access, source));
                    prop_assert_eq!(answer, if expected { Recorded::Yes } else { Recorded::No });
                }
            }
        }
    }
}
