//! The entry that a kept run has in the list: what it found, and what its audit looked at.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trailwarden_audit::controls;
use trailwarden_model::assessment::{Assessment, Counts, Provenance};
use trailwarden_model::ids::{AccountId, Region};

/// The format of an entry; 1.0 had no scope.
pub const FORMAT: &str = "trailwarden.run/1.1";

/// What the list says of one run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    format: String,
    /// The name of its folder; an entry that says another one is not read.
    pub(crate) name: String,
    pub(crate) organization: String,
    pub(crate) collected_at: Timestamp,
    pub(crate) tool_version: String,
    pub(crate) provenance: Option<Provenance>,
    pub(crate) framework: Option<String>,
    pub(crate) n_accounts: usize,
    pub(crate) findings: Counts,
    /// None in entries of 1.0.
    #[serde(default)]
    pub(crate) scope: Option<Scope>,
}

/// What an audit was told to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scope {
    /// The controls, where they were named one by one.
    pub(crate) controls: BTreeSet<String>,
    /// Accounts that were left out.
    pub(crate) excluded: BTreeSet<AccountId>,
    /// Regions, where not all of them were looked at.
    pub(crate) regions: BTreeSet<Region>,
}

impl Scope {
    fn of(assessment: &Assessment) -> Self {
        let is_judged = |id: &str| assessment.summary.controls.contains_key(id);
        let judged: BTreeSet<String> =
            controls::ALL.iter().map(|control| control.id.to_owned()).filter(|id| is_judged(id)).collect();
        let is_named = assessment.framework.is_none() && judged.len() < controls::ALL.len();
        let organization = &assessment.organization;
        Self {
            controls: if is_named { judged } else { BTreeSet::new() },
            excluded: organization.excluded.clone(),
            regions: organization.region_filter.clone(),
        }
    }
}

impl Entry {
    /// The entry of an assessment.
    pub(super) fn new(name: String, assessment: &Assessment) -> Self {
        Self {
            format: FORMAT.to_owned(),
            name,
            organization: assessment.organization.id.clone(),
            collected_at: assessment.collected_at,
            tool_version: assessment.tool_version.clone(),
            provenance: assessment.provenance.clone(),
            framework: assessment.framework.as_ref().map(|answers| answers.id.clone()),
            n_accounts: assessment.organization.n_accounts_in_scope,
            findings: assessment.summary.findings,
            scope: Some(Scope::of(assessment)),
        }
    }

    /// True when both are of one assessment, as far as entries tell.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.collected_at == other.collected_at
            && self.organization == other.organization
            && self.provenance == other.provenance
            && self.framework == other.framework
            && self.findings == other.findings
    }

    /// True when both audits were told to look at the same.
    pub(super) fn looked_at_the_same(&self, other: &Self) -> bool {
        self.organization == other.organization
            && self.framework == other.framework
            && self.sandbox() == other.sandbox()
            && self.scope == other.scope
    }

    /// True when both were judged by one baseline.
    pub(super) fn has_baseline_of(&self, other: &Self) -> bool {
        let baseline = |entry: &Self| entry.provenance.as_ref().map(|made| made.baseline.clone());
        baseline(self) == baseline(other)
    }

    /// The scenario, when the organization is made up.
    pub(crate) fn sandbox(&self) -> Option<&str> {
        self.provenance.as_ref()?.sandbox.as_deref()
    }
}
