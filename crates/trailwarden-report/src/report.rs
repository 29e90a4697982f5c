//! What every format of an assessment is made from: the assessment, what its controls say, and which findings to show.

use std::collections::BTreeMap;

use trailwarden_model::assessment::{Assessment, Provenance};
use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::finding::Finding;
use trailwarden_model::ids::AccountId;

use crate::plain::{plain, plain_assessment};

/// The texts of one control.
#[derive(Debug, Clone, Default)]
pub struct ControlText {
    /// The good state in a few words.
    pub title: String,
    /// What exactly is judged.
    pub rule: String,
    /// Why it matters.
    pub why: String,
    /// What to change when it fails.
    pub remedy: String,
    /// The best practice it helps to decide.
    pub practice: Option<BestPractice>,
    /// Ids of the requirements it helps to answer, by id of the framework.
    pub requirements: BTreeMap<String, Vec<String>>,
}

impl ControlText {
    /// The requirements by name, for example `cis-aws-5.0.0/3.1`.
    pub(crate) fn requirement_names(&self) -> impl Iterator<Item = String> {
        let of = |(framework, ids): (&String, &Vec<String>)| {
            ids.iter().map(|id| format!("{framework}/{id}")).collect::<Vec<_>>()
        };
        self.requirements.iter().flat_map(of)
    }
}

/// The texts of controls, by id. A stored assessment may name controls that this version does not know.
pub type Catalogue = BTreeMap<String, ControlText>;

/// An assessment with what its readers need besides.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What was found.
    pub assessment: &'a Assessment,
    /// What its controls say.
    pub controls: &'a Catalogue,
    /// Findings below it are counted, but not shown.
    pub min_severity: Severity,
}

impl<'a> Report<'a> {
    /// The findings to show.
    pub(crate) fn findings(self) -> impl Iterator<Item = &'a Finding> {
        self.assessment.findings.iter().filter(move |finding| self.is_shown(finding))
    }

    /// True when it is not below the least severity.
    pub(crate) fn is_shown(self, finding: &Finding) -> bool {
        finding.severity >= self.min_severity
    }

    /// How many findings are not shown.
    pub(crate) fn n_left_out(self) -> usize {
        self.assessment.findings.iter().filter(|finding| !self.is_shown(finding)).count()
    }

    /// `312 below severity high`, when some findings are not shown.
    pub(crate) fn left_out(self) -> Option<String> {
        let n = self.n_left_out();
        (n > 0).then(|| format!("{n} below severity {}", self.min_severity.as_str()))
    }

    /// What to change when this control fails.
    pub(crate) fn remedy(self, control: &str) -> Option<&'a str> {
        self.controls.get(control).map(|text| text.remedy.as_str()).filter(|remedy| !remedy.is_empty())
    }

    /// The name of an account, when it has one.
    pub(crate) fn account_name(self, id: &AccountId) -> Option<&'a str> {
        self.assessment.organization.accounts.get(id).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// `payments-prod (523908114477)`.
    pub(crate) fn account(self, id: &AccountId) -> String {
        self.account_name(id).map_or_else(|| id.to_string(), |name| format!("{name} ({id})"))
    }

    /// Account, region and resource in one line.
    pub(crate) fn place(self, finding: &Finding) -> String {
        let region = finding.region.as_ref().map(|region| format!(" {region}")).unwrap_or_default();
        let resource = finding.resource.as_ref().map(|resource| format!(" {}", plain(resource))).unwrap_or_default();
        format!("{}{region}{resource}", self.account(&finding.account))
    }

    /// The id of the partition.
    pub(crate) fn partition(self) -> &'a str {
        self.assessment.provenance.as_ref().map_or("aws", |provenance| provenance.partition.as_str())
    }

    /// What the report was made from, as names and values.
    pub(crate) fn provenance(self) -> Vec<(&'static str, String)> {
        let assessment = self.assessment;
        let mut facts = vec![
            ("organization", assessment.organization.id.clone()),
            ("collected_at", assessment.collected_at.to_string()),
            ("tool_version", assessment.tool_version.clone()),
        ];
        if let Some(Provenance { snapshot, baseline, sandbox, .. }) = &assessment.provenance {
            facts.extend([("snapshot_sha256", snapshot.clone()), ("baseline_sha256", baseline.clone())]);
            facts.extend(sandbox.clone().map(|scenario| ("sandbox", scenario)));
        }
        facts.extend(self.left_out().map(|left_out| ("findings_left_out", left_out)));
        facts
    }

    /// Renders the same with every text in it made plain.
    pub(crate) fn plainly<T>(self, render: impl FnOnce(Report<'_>) -> T) -> T {
        let assessment = plain_assessment(self.assessment);
        render(Report { assessment: &assessment, controls: self.controls, min_severity: self.min_severity })
    }
}
