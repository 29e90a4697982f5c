//! The facts in full that steps need: looked at by the same eyes that will compare them when the plan is applied.

use std::collections::BTreeMap;

use serde_json::Value;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::plan::{Hindrance, Subject};

/// What was looked at so far. Planning asks for more until nothing is missing; see [`crate::Draft`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts(BTreeMap<Subject, Observed<Value>>);

impl Facts {
    /// Adds what a look came to.
    pub fn insert(&mut self, subject: Subject, seen: Observed<Value>) {
        self.0.insert(subject, seen);
    }

    pub(crate) fn get(&self, subject: &Subject) -> Option<&Observed<Value>> {
        self.0.get(subject)
    }
}

/// Why planning a target stops.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stop {
    /// A fact was not looked at yet: the next round knows it.
    NotLooked,
    /// A fact could not be read.
    Unknown(Gap),
    /// Something stands in the way.
    Hindered { hindrance: Hindrance, reason: String, hint: Option<String> },
}

impl Stop {
    pub(crate) fn new(hindrance: Hindrance, reason: impl Into<String>) -> Self {
        Self::Hindered { hindrance, reason: reason.into(), hint: None }
    }

    pub(crate) fn hint(self, text: impl Into<String>) -> Self {
        match self {
            Self::Hindered { hindrance, reason, .. } => Self::Hindered { hindrance, reason, hint: Some(text.into()) },
            other => other,
        }
    }
}

impl From<Gap> for Stop {
    fn from(gap: Gap) -> Self {
        Self::Unknown(gap)
    }
}
