//! Selectors in few words.

use std::collections::BTreeSet;

use trailwarden_model::trail::{
    AdvancedSelector, BasicSelector, DataResource, FieldSelector, ReadWriteType, Selectors,
};

pub(crate) fn basic(read_write: ReadWriteType, include_management_events: bool) -> Selectors {
    Selectors::Basic(vec![BasicSelector {
        read_write,
        include_management_events,
        exclude_management_event_sources: BTreeSet::new(),
        data_resources: Vec::new(),
    }])
}

/// Management events, and the data events of one resource type.
pub(crate) fn basic_data(read_write: ReadWriteType, resource_type: &str, values: &[&str]) -> Selectors {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    Selectors::Basic(vec![BasicSelector {
        read_write,
        include_management_events: true,
        exclude_management_event_sources: BTreeSet::new(),
        data_resources: vec![DataResource { resource_type: resource_type.to_owned(), values }],
    }])
}

pub(crate) fn advanced(selectors: Vec<Vec<FieldSelector>>) -> Selectors {
    let named = |fields| AdvancedSelector { name: None, fields };
    Selectors::Advanced(selectors.into_iter().map(named).collect())
}

pub(crate) fn equals(field: &str, value: &str) -> FieldSelector {
    FieldSelector { field: field.to_owned(), equals: vec![value.to_owned()], ..FieldSelector::default() }
}

pub(crate) fn not_equals(field: &str, value: &str) -> FieldSelector {
    FieldSelector { field: field.to_owned(), not_equals: vec![value.to_owned()], ..FieldSelector::default() }
}
