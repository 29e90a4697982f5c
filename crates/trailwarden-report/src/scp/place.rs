//! Statements, nodes and requests in JSON, the same in every format about policies.

use std::collections::BTreeMap;

use serde::Serialize;
use trailwarden_policy::{Place, Request, Values};

use crate::names::Names;

/// One statement of one policy at one node.
#[derive(Debug, Serialize)]
pub(super) struct PlaceJson<'a> {
    node: &'a str,
    node_name: Option<&'a str>,
    policy: &'a str,
    policy_name: Option<&'a str>,
    /// Counted from 1.
    statement: usize,
    sid: Option<&'a str>,
    line: usize,
    column: usize,
}

impl<'a> PlaceJson<'a> {
    pub(super) fn new(names: Names<'a>, place: &'a Place) -> Self {
        Self {
            node: &place.node,
            node_name: names.node_name(&place.node),
            policy: &place.policy,
            policy_name: names.policy_name(&place.policy),
            statement: place.statement.index + 1,
            sid: place.statement.sid.as_deref(),
            line: place.statement.span.line,
            column: place.statement.span.column,
        }
    }

    pub(super) fn all(names: Names<'a>, places: &'a [Place]) -> Vec<Self> {
        places.iter().map(|place| Self::new(names, place)).collect()
    }
}

/// One request.
#[derive(Debug, Serialize)]
pub(super) struct RequestJson<'a> {
    principal: String,
    action: &'a str,
    resource: &'a str,
    context: BTreeMap<&'a str, ValuesJson<'a>>,
}

impl<'a> RequestJson<'a> {
    pub(super) fn new(request: &'a Request) -> Self {
        Self {
            principal: request.principal.to_string(),
            action: &request.action,
            resource: &request.resource,
            context: request.context.iter().map(|(key, values)| (key, ValuesJson::new(values))).collect(),
        }
    }
}

/// A text for a single-valued key, a list for a multivalued one.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ValuesJson<'a> {
    One(&'a str),
    Many(&'a [String]),
}

impl<'a> ValuesJson<'a> {
    pub(super) fn new(values: &'a Values) -> Self {
        match values {
            Values::One(value) => Self::One(value),
            Values::Many(values) => Self::Many(values),
        }
    }
}
