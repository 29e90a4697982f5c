//! Selectors against events: every operator and field, the splits that defeat simpler rules, and a naive evaluator.

use std::collections::BTreeSet;

use proptest::prelude::*;
use trailwarden_model::trail::{AdvancedSelector, DataResource};

use super::*;
use crate::coverage::events::Event;
use crate::coverage::words::MAX_WORK;
use crate::coverage::{Category, EventClass, NamedEvent, Told};
use crate::testing::selectors::{advanced, basic, equals, not_equals};

/// Whether all of some events are taken; none when a doubt decides.
fn takes(selectors: &Selectors, events: &Events) -> Option<bool> {
    let recording = Recording::of_selectors(selectors);
    let boxes = |doubted: bool| -> Vec<&Events> {
        recording.0.iter().filter(|taken| doubted || taken.doubt.is_none()).map(|taken| &taken.events).collect()
    };
    let covers = |boxes: &[&Events]| events.lost(boxes, &mut MAX_WORK.clone()).expect("small").is_none();
    match (covers(&boxes(false)), covers(&boxes(true))) {
        (true, _) => Some(true),
        (false, false) => Some(false),
        (false, true) => None,
    }
}

fn takes_class(selectors: &Selectors, class: EventClass) -> Option<bool> {
    takes(selectors, class.events())
}

fn both(selectors: &Selectors) -> (Option<bool>, Option<bool>) {
    (takes_class(selectors, EventClass::ManagementRead), takes_class(selectors, EventClass::ManagementWrite))
}

fn event(text: &str) -> Events {
    NamedEvent::parse(text, &Told::default()).expect("a known event").events("aws", false)
}

fn field(name: &str) -> FieldSelector {
    FieldSelector { field: name.to_owned(), ..FieldSelector::default() }
}

fn values(list: &[&str]) -> Vec<String> {
    list.iter().map(|&value| value.to_owned()).collect()
}

fn on_objects(condition: FieldSelector) -> Selectors {
    advanced(vec![vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object"), condition]])
}

#[test]
fn no_selector_at_all_is_the_default_and_records_both_halves() {
    assert_eq!(both(&Selectors::Basic(vec![])), (Some(true), Some(true)));
    assert_eq!(both(&Selectors::Advanced(vec![])), (Some(false), Some(false)));
}

#[test]
fn basic_halves_and_data_only() {
    assert_eq!(both(&basic(ReadWriteType::ReadOnly, true)), (Some(true), Some(false)));
    assert_eq!(both(&basic(ReadWriteType::WriteOnly, true)), (Some(false), Some(true)));
    assert_eq!(both(&basic(ReadWriteType::All, false)), (Some(false), Some(false)));
    assert_eq!(both(&basic(ReadWriteType::Other("Audit".into()), true)), (None, None));
}

#[test]
fn two_advanced_halves_make_a_whole_whatever_they_are_called() {
    let half = |value| vec![equals("eventCategory", "Management"), equals("readOnly", value)];
    assert_eq!(both(&advanced(vec![half("true")])), (Some(true), Some(false)));
    let mut whole = advanced(vec![half("true"), half("false")]);
    if let Selectors::Advanced(list) = &mut whole {
        list[0].name = Some("S3 data events".to_owned());
    }
    assert_eq!(both(&whole), (Some(true), Some(true)));
}

#[test]
fn excluding_kms_loses_kms_events_and_no_others() {
    let no_kms =
        advanced(vec![vec![equals("eventCategory", "Management"), not_equals("eventSource", "kms.amazonaws.com")]]);
    assert_eq!(both(&no_kms), (Some(true), Some(true)));
    assert_eq!(takes_class(&no_kms, EventClass::KmsWrite), Some(false));
    assert_eq!(takes_class(&no_kms, EventClass::RdsData), Some(true));
    assert_eq!(takes(&no_kms, &event("kms:DisableKey")), Some(false));
    let only = |source| vec![equals("eventCategory", "Management"), equals("eventSource", source)];
    let Selectors::Advanced(mut list) = no_kms else { panic!("advanced") };
    let Selectors::Advanced(more) = advanced(vec![only("kms.amazonaws.com")]) else { panic!("advanced") };
    list.extend(more);
    assert_eq!(takes_class(&Selectors::Advanced(list), EventClass::KmsWrite), Some(true), "included again elsewhere");
}

#[test]
fn another_source_left_out_is_lost() {
    let narrowed =
        advanced(vec![vec![equals("eventCategory", "Management"), not_equals("eventSource", "ec2.amazonaws.com")]]);
    assert_eq!(both(&narrowed), (Some(false), Some(false)));
}

#[test]
fn data_selectors_record_no_management_event_whatever_else_they_say() {
    let data = vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")];
    assert_eq!(both(&advanced(vec![data])), (Some(false), Some(false)));
}

#[test]
fn words_of_the_future_are_a_doubt_unless_another_selector_decides() {
    let future = vec![equals("eventCategory", "Management"), equals("accountTag", "prod")];
    let plain = vec![equals("eventCategory", "Management")];
    assert_eq!(both(&advanced(vec![future.clone()])), (None, None));
    assert_eq!(both(&advanced(vec![future, plain])), (Some(true), Some(true)));
    assert_eq!(both(&advanced(vec![vec![equals("eventCategory", "Reasoning")]])), (None, None));
    assert_eq!(takes_class(&advanced(vec![vec![equals("readOnly", "true")]]), EventClass::ManagementRead), None);
    let empty = vec![equals("eventCategory", "Management"), field("readOnly")];
    assert_eq!(both(&advanced(vec![empty])), (None, None), "an operator that this version does not know");
    let odd = vec![equals("eventCategory", "Management"), equals("readOnly", "maybe")];
    assert_eq!(both(&advanced(vec![odd])), (None, None));
}

#[test]
fn a_future_field_cannot_save_a_half_that_a_known_field_excludes() {
    let selector = vec![equals("eventCategory", "Management"), equals("accountTag", "x"), equals("readOnly", "true")];
    assert_eq!(takes_class(&advanced(vec![selector]), EventClass::ManagementWrite), Some(false));
}

#[test]
fn every_operator_on_the_arn() {
    let arn = || field("resources.ARN");
    let put = |key: &str| event(&format!("s3:PutObject arn:aws:s3:::{key}"));
    let cases = [
        (FieldSelector { equals: values(&["arn:aws:s3:::b/k"]), ..arn() }, [Some(true), Some(false), Some(false)]),
        (FieldSelector { starts_with: values(&["arn:aws:s3:::b/"]), ..arn() }, [Some(true), Some(true), Some(false)]),
        (FieldSelector { ends_with: values(&["k", "z"]), ..arn() }, [Some(true), Some(false), Some(true)]),
        (FieldSelector { not_equals: values(&["arn:aws:s3:::b/k"]), ..arn() }, [Some(false), Some(true), Some(true)]),
        (
            FieldSelector { not_starts_with: values(&["arn:aws:s3:::b/"]), ..arn() },
            [Some(false), Some(false), Some(true)],
        ),
        (FieldSelector { not_ends_with: values(&["k", "z"]), ..arn() }, [Some(false), Some(true), Some(false)]),
        // What selects is ORed, what deselects is none of, and both hold.
        (
            FieldSelector {
                equals: values(&["arn:aws:s3:::c/k"]),
                starts_with: values(&["arn:aws:s3:::b/"]),
                not_ends_with: values(&["/j"]),
                ..arn()
            },
            [Some(true), Some(false), Some(true)],
        ),
    ];
    for (condition, expected) in cases {
        let selectors = on_objects(condition.clone());
        assert_eq!(["b/k", "b/j", "c/k"].map(|key| takes(&selectors, &put(key))), expected, "{condition:?}");
    }
}

#[test]
fn every_field_narrows() {
    let every = event("s3:PutObject");
    for name in ["readOnly", "eventName", "eventSource", "resources.ARN", "eventType", "userIdentity.arn"] {
        let value = if name == "readOnly" { "true" } else { "other" };
        assert_eq!(takes(&on_objects(equals(name, value)), &every), Some(false), "{name}");
    }
    assert_eq!(takes(&on_objects(equals("eventName", "PutObject")), &every), Some(true));
    assert_eq!(takes(&on_objects(equals("sessionCredentialFromConsole", "true")), &every), Some(false));
    assert_eq!(takes(&on_objects(not_equals("userIdentity.arn", "arn:aws:iam::1:user/ci")), &every), Some(false));
    let halves = |own: &str| vec![equals("eventCategory", "Data"), equals("resources.type", own)];
    assert_eq!(takes(&advanced(vec![halves("AWS::Lambda::Function")]), &every), Some(false));
}

#[test]
fn a_split_by_user_or_prefix_makes_a_whole() {
    let base = || vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")];
    let user = "arn:aws:iam::111111111111:user/ci";
    let split = advanced(vec![
        [base(), vec![equals("userIdentity.arn", user)]].concat(),
        [base(), vec![not_equals("userIdentity.arn", user)]].concat(),
    ]);
    assert_eq!(takes(&split, &event("s3:GetObject")), Some(true));
    let start = |list: &[&str]| FieldSelector { starts_with: values(list), ..field("resources.ARN") };
    let rest = FieldSelector { not_starts_with: values(&["arn:aws:s3:::b/"]), ..field("resources.ARN") };
    let split = advanced(vec![[base(), vec![start(&["arn:aws:s3:::b"])]].concat(), [base(), vec![rest]].concat()]);
    assert_eq!(takes(&split, &event("s3:GetObject")), Some(true));
}

#[test]
fn network_activity_is_told_apart_by_source_endpoint_and_error() {
    let told = Told { category: Some(Category::NetworkActivity), ..Told::default() };
    let every = NamedEvent::parse("s3:GetObject", &told).expect("told").events("aws", false);
    let with = |more: Vec<FieldSelector>| {
        let source = vec![equals("eventCategory", "NetworkActivity"), equals("eventSource", "s3.amazonaws.com")];
        takes(&advanced(vec![[source, more].concat()]), &every)
    };
    assert_eq!(with(vec![]), Some(true));
    assert_eq!(with(vec![equals("errorCode", "VpceAccessDenied")]), Some(false));
    assert_eq!(with(vec![equals("vpcEndpointId", "vpce-1")]), Some(false));
    assert_eq!(both(&advanced(vec![vec![equals("eventCategory", "NetworkActivity")]])), (Some(false), Some(false)));
}

#[test]
fn basic_data_resources() {
    let with = |resource_type: &str, list: &[&str]| {
        Selectors::Basic(vec![BasicSelector {
            read_write: ReadWriteType::All,
            include_management_events: true,
            exclude_management_event_sources: BTreeSet::new(),
            data_resources: vec![DataResource { resource_type: resource_type.to_owned(), values: values(list) }],
        }])
    };
    let s3 = |list: &[&str], text: &str| takes(&with("AWS::S3::Object", list), &event(text));
    for all in ["arn:aws:s3", "arn:aws:s3:::"] {
        assert_eq!(s3(&[all], "s3:GetObject"), Some(true), "{all}");
    }
    assert_eq!(s3(&["arn:aws:s3:::b/"], "s3:GetObject arn:aws:s3:::b/k"), Some(true));
    assert_eq!(s3(&["arn:aws:s3:::b/"], "s3:GetObject"), Some(false));
    assert_eq!(s3(&[], "s3:GetObject arn:aws:s3:::b/k"), Some(false));
    assert_eq!(s3(&["arn:aws:s3:::*"], "s3:GetObject"), None, "AWS takes no stars");
    let function = "arn:aws:lambda:eu-west-1:111111111111:function:pay";
    let invoke = |name: &str| event(&format!("lambda:Invoke {function}{name}"));
    assert_eq!(takes(&with("AWS::Lambda::Function", &[function]), &invoke("")), Some(true));
    assert_eq!(takes(&with("AWS::Lambda::Function", &[function]), &invoke("-all")), Some(false), "functions are exact");
    assert_eq!(takes(&with("AWS::Lambda::Function", &["arn:aws:lambda"]), &invoke("-all")), Some(true));
}

/// One event, and what the documentation says about whether a selector records it, word by word.
mod by_the_book {
    use super::*;

    const FIELDS: [(&str, &[&str]); 5] = [
        ("eventCategory", &["Management", "Data"]),
        ("readOnly", &["true", "false"]),
        ("eventSource", &["a", "ab", "b"]),
        ("eventName", &["a", "ab", "ba", "bb"]),
        ("resources.ARN", &["", "a", "aab", "ab", "bab"]),
    ];

    fn every_event() -> Vec<Event> {
        let mut events = vec![Event(Default::default())];
        for (name, values) in FIELDS {
            let field = Field::of_selector(name).expect("a field");
            let with = |event: &Event, value: &str| {
                let mut longer = event.clone();
                longer.0.insert(field, value.to_owned());
                longer
            };
            events = events.iter().flat_map(|event| values.iter().map(move |value| with(event, value))).collect();
        }
        events
    }

    fn holds(condition: &FieldSelector, event: &Event) -> bool {
        let field = Field::of_selector(&condition.field).expect("a field");
        let value = event.0.get(&field).map_or("", String::as_str);
        let (equals, not_equals) = (&condition.equals, &condition.not_equals);
        let selects = equals.iter().any(|v| v == value)
            || condition.starts_with.iter().any(|v| value.starts_with(v))
            || condition.ends_with.iter().any(|v| value.ends_with(v));
        let selects_all = equals.is_empty() && condition.starts_with.is_empty() && condition.ends_with.is_empty();
        let deselects = not_equals.iter().any(|v| v == value)
            || condition.not_starts_with.iter().any(|v| value.starts_with(v))
            || condition.not_ends_with.iter().any(|v| value.ends_with(v));
        (selects || selects_all) && !deselects
    }

    fn by_the_book(list: &[AdvancedSelector], event: &Event) -> bool {
        list.iter().any(|selector| selector.fields.iter().all(|condition| holds(condition, event)))
    }

    fn condition() -> impl Strategy<Value = FieldSelector> {
        let name = prop_oneof![Just("eventSource"), Just("eventName"), Just("resources.ARN")];
        (name, prop::collection::vec("[ab]{1,2}", 1..3), 0..6_usize, prop::option::of("[ab]{1,2}")).prop_map(
            |(name, list, operator, but)| {
                let mut condition = field(name);
                *[
                    &mut condition.equals,
                    &mut condition.starts_with,
                    &mut condition.ends_with,
                    &mut condition.not_equals,
                    &mut condition.not_starts_with,
                    &mut condition.not_ends_with,
                ]
                .into_iter()
                .nth(operator)
                .expect("six operators") = list;
                condition.not_ends_with.extend(but);
                condition
            },
        )
    }

    fn selector() -> impl Strategy<Value = AdvancedSelector> {
        let category = prop_oneof![3 => Just("Management"), 1 => Just("Data")];
        let half = prop::option::of(prop_oneof![Just("true"), Just("false")]);
        (category, half, prop::collection::vec(condition(), 0..3)).prop_map(|(category, half, conditions)| {
            let mut fields = vec![equals("eventCategory", category)];
            fields.extend(half.map(|half| equals("readOnly", half)));
            fields.extend(conditions);
            AdvancedSelector { name: None, fields }
        })
    }

    proptest! {
        #[test]
        fn a_box_is_covered_exactly_when_its_events_are(
            list in prop::collection::vec(selector(), 1..5),
            demanded in selector(),
        ) {
            let demand = Recording::of_selectors(&Selectors::Advanced(vec![demanded.clone()]));
            let demand = &demand.0[0].events;
            let recording = Recording::of_selectors(&Selectors::Advanced(list.clone()));
            let boxes: Vec<&Events> = recording.0.iter().map(|taken| &taken.events).collect();
            let lost = demand.lost(&boxes, &mut MAX_WORK.clone()).expect("small");
            if let Some(event) = &lost {
                let asked = by_the_book(std::slice::from_ref(&demanded), event);
                prop_assert!(asked && !by_the_book(&list, event), "{event:?}");
            }
            let is_lost = |event: &Event| {
                by_the_book(std::slice::from_ref(&demanded), event) && !by_the_book(&list, event)
            };
            prop_assert!(lost.is_some() || !every_event().iter().any(is_lost));
        }
    }
}
