//! `trailwarden.assessment/1.3`: the JSON that scripts rely on. Bump the version before changing the meaning of a name.
//!
//! The types here borrow from the model and fix names and order, so that a change of the model cannot change the format
//! unseen. Equal assessments give equal bytes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use trailwarden_model::assessment::{self, Assessment};
use trailwarden_model::control::Severity;
use trailwarden_model::finding::{self, Outcome};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::map;
use trailwarden_model::observed::{self, GapKind};
use trailwarden_model::waiver;

use crate::ReportError;

mod framework;
mod read;

use framework::Framework;
pub use read::read;

/// The format written by [`render`].
pub const FORMAT: &str = assessment::FORMAT;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    tool_version: &'a str,
    collected_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<Provenance<'a>>,
    organization: Organization<'a>,
    summary: Summary<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    framework: Option<Framework<'a>>,
    // The model keeps these two as they are written: they exist for this format alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<&'a map::Tree>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<&'a [map::Coverage]>,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Provenance<'a> {
    partition: &'a str,
    snapshot: &'a str,
    baseline: &'a str,
    sandbox: Option<&'a str>,
}

#[derive(Serialize)]
struct Organization<'a> {
    id: &'a str,
    management_account: &'a AccountId,
    accounts: &'a BTreeMap<AccountId, String>,
    n_accounts_in_scope: usize,
    excluded: &'a BTreeSet<AccountId>,
    region_filter: &'a BTreeSet<Region>,
    regions_assumed: &'a BTreeSet<AccountId>,
}

#[derive(Serialize)]
struct Summary<'a> {
    practices: Vec<Practice<'a>>,
    findings: Counts,
    controls: BTreeMap<&'a str, Counts>,
}

#[derive(Serialize)]
struct Practice<'a> {
    id: &'static str,
    title: &'a str,
    verdict: Outcome,
    n_waived: usize,
    is_waived: bool,
    organization: Outcome,
    accounts: Counts,
    remedy: Option<&'a str>,
    by_account: &'a BTreeMap<AccountId, Outcome>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Counts {
    pass: usize,
    fail: usize,
    unknown: usize,
    not_applicable: usize,
    waived: usize,
}

#[derive(Serialize)]
pub(crate) struct Finding<'a> {
    id: String,
    control: &'a str,
    outcome: Outcome,
    severity: Severity,
    account: &'a AccountId,
    region: Option<&'a Region>,
    resource: Option<&'a str>,
    title: &'a str,
    reason: &'a str,
    pub(crate) evidence: Vec<Evidence<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    parts: BTreeMap<&'a str, Outcome>,
    pub(crate) gap: Option<Gap<'a>>,
    pub(crate) waiver: Option<Waiver<'a>>,
}

#[derive(Serialize)]
pub(crate) struct Waiver<'a> {
    id: &'a str,
    reason: &'a str,
    owner: &'a str,
    expires: String,
}

#[derive(Serialize)]
pub(crate) struct Evidence<'a> {
    fact: &'a str,
    call: Option<&'a str>,
    account: Option<&'a AccountId>,
    region: Option<&'a Region>,
}

#[derive(Serialize)]
pub(crate) struct Gap<'a> {
    kind: GapKind,
    call: &'a str,
    account: Option<&'a AccountId>,
    region: Option<&'a Region>,
    code: &'a str,
    reason: &'a str,
}

/// Renders an assessment as pretty-printed JSON with a newline at the end.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render(assessment: &Assessment) -> Result<String, ReportError> {
    let document = Document {
        format: FORMAT,
        tool_version: &assessment.tool_version,
        collected_at: assessment.collected_at.to_string(),
        provenance: assessment.provenance.as_ref().map(provenance),
        organization: organization(&assessment.organization),
        summary: summary(&assessment.summary),
        framework: assessment.framework.as_ref().map(framework::framework),
        tree: assessment.tree.as_ref(),
        coverage: assessment.coverage.as_deref(),
        findings: assessment.findings.iter().map(finding).collect(),
    };
    write(FORMAT, &document)
}

/// A document of any of our formats, pretty-printed, with a newline at the end.
pub(crate) fn write(format: &'static str, document: &impl Serialize) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(document).map_err(|source| ReportError::Json { format, source })?;
    text.push('\n');
    Ok(text)
}

fn provenance(from: &assessment::Provenance) -> Provenance<'_> {
    let assessment::Provenance { partition, snapshot, baseline, sandbox } = from;
    Provenance { partition, snapshot, baseline, sandbox: sandbox.as_deref() }
}

fn organization(from: &assessment::OrganizationSummary) -> Organization<'_> {
    Organization {
        id: &from.id,
        management_account: &from.management_account,
        accounts: &from.accounts,
        n_accounts_in_scope: from.n_accounts_in_scope,
        excluded: &from.excluded,
        region_filter: &from.region_filter,
        regions_assumed: &from.regions_assumed,
    }
}

fn summary(from: &assessment::Summary) -> Summary<'_> {
    Summary {
        practices: from.practices.iter().map(practice).collect(),
        findings: counts(from.findings),
        controls: from.controls.iter().map(|(id, n)| (id.as_str(), counts(*n))).collect(),
    }
}

fn practice(from: &assessment::PracticeSummary) -> Practice<'_> {
    Practice {
        id: from.practice.id(),
        title: &from.title,
        verdict: from.verdict,
        n_waived: from.n_waived,
        is_waived: from.is_waived,
        organization: from.organization,
        accounts: counts(from.accounts),
        remedy: from.remedy.as_deref(),
        by_account: &from.by_account,
    }
}

fn counts(from: assessment::Counts) -> Counts {
    let assessment::Counts { pass, fail, unknown, not_applicable, waived } = from;
    Counts { pass, fail, unknown, not_applicable, waived }
}

pub(crate) fn finding(from: &finding::Finding) -> Finding<'_> {
    Finding {
        id: from.id(),
        control: &from.control,
        outcome: from.outcome,
        severity: from.severity,
        account: &from.account,
        region: from.region.as_ref(),
        resource: from.resource.as_deref(),
        title: &from.title,
        reason: &from.reason,
        evidence: from.evidence.iter().map(evidence).collect(),
        parts: from.parts.iter().map(|(part, outcome)| (part.as_str(), *outcome)).collect(),
        gap: from.gap.as_ref().map(gap),
        waiver: from.waiver.as_ref().map(waiver),
    }
}

fn waiver(from: &waiver::Acceptance) -> Waiver<'_> {
    Waiver { id: &from.id, reason: &from.reason, owner: &from.owner, expires: from.expires.to_string() }
}

fn evidence(from: &finding::Evidence) -> Evidence<'_> {
    Evidence {
        fact: &from.fact,
        call: from.call.as_deref(),
        account: from.account.as_ref(),
        region: from.region.as_ref(),
    }
}

fn gap(from: &observed::Gap) -> Gap<'_> {
    Gap {
        kind: from.kind,
        call: &from.call,
        account: from.account.as_ref(),
        region: from.region.as_ref(),
        code: &from.code,
        reason: &from.reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_names_scripts_rely_on_stay() {
        insta::assert_snapshot!(render(&sample::assessment()).expect("writes"));
    }

    #[test]
    fn a_waived_finding_carries_its_waiver_and_keeps_its_outcome() {
        let written: serde_json::Value =
            serde_json::from_str(&render(&sample::waived()).expect("writes")).expect("JSON");
        let finding = &written["findings"][0];
        assert_eq!((&finding["outcome"], &finding["waiver"]["expires"]), (&"fail".into(), &"2027-02-28".into()));
        assert_eq!(written["summary"]["findings"]["waived"], 8);
    }

    #[test]
    fn equal_assessments_give_equal_bytes() {
        assert_eq!(render(&sample::assessment()).expect("writes"), render(&sample::assessment()).expect("writes"));
    }
}
