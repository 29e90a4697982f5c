//! Published frameworks: their requirements, and what a run answered of each.

use serde::{Deserialize, Serialize};

use crate::assessment::Counts;
use crate::finding::Outcome;

/// A framework, as far as trailwarden reports by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// For example `cis-aws-5.0.0`.
    pub id: String,
    /// Its name without the version.
    pub title: String,
    /// Who publishes it.
    pub publisher: String,
    /// Its version.
    pub version: String,
    /// Which part of it the requirements are.
    pub covers: String,
    /// Where the mappings were looked up.
    pub source: String,
    /// Its requirements, in its own order.
    #[serde(rename = "requirement")]
    pub requirements: Vec<Requirement>,
}

/// One requirement of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// As the framework numbers it, for example `3.2`.
    pub id: String,
    /// In our own words.
    pub title: String,
    /// What of it is not judged, or where it is not.
    #[serde(default)]
    pub limit: Option<String>,
    /// The part of a finding that answers it, where a control judges several things.
    #[serde(default)]
    pub part: Option<String>,
}

/// What a run says about one requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The requirement.
    pub requirement: Requirement,
    /// Ids of the controls that answer it, in the order of the catalogue; empty when none does.
    pub controls: Vec<String>,
    /// The worst outcome of their findings; none when no control answers it.
    pub verdict: Option<Outcome>,
    /// Their findings by outcome.
    pub findings: Counts,
}

/// What a run says about a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameworkAnswers {
    /// The framework's id.
    pub id: String,
    /// Its name without the version.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Which part of it the requirements are.
    pub covers: String,
    /// One answer per requirement, in the framework's order.
    pub answers: Vec<Answer>,
}
