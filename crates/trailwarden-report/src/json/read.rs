//! Reads `trailwarden.assessment/1` back. Older minors are read too; what they do not hold is absent.

use jiff::Timestamp;
use serde::Deserialize;
use trailwarden_model::assessment::{Assessment, Counts, OrganizationSummary, PracticeSummary, Provenance, Summary};
use trailwarden_model::control::BestPractice;
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::format::{self, FormatError};
use trailwarden_model::framework::{Answer, FrameworkAnswers, Requirement};
use trailwarden_model::ids::AccountId;
use trailwarden_model::map::{Coverage, Tree};

use super::FORMAT;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Document {
    format: String,
    tool_version: String,
    collected_at: Timestamp,
    provenance: Option<Provenance>,
    organization: OrganizationSummary,
    summary: Totals,
    framework: Option<Framework>,
    tree: Option<Tree>,
    coverage: Option<Vec<Coverage>>,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Totals {
    practices: Vec<Practice>,
    findings: Counts,
    controls: BTreeMap<String, Counts>,
}

#[derive(Deserialize)]
struct Practice {
    id: BestPractice,
    title: String,
    verdict: Outcome,
    #[serde(default)]
    n_waived: usize,
    #[serde(default)]
    is_waived: bool,
    organization: Outcome,
    accounts: Counts,
    remedy: Option<String>,
    by_account: BTreeMap<AccountId, Outcome>,
}

#[derive(Deserialize)]
struct Framework {
    id: String,
    title: String,
    version: String,
    covers: String,
    requirements: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    id: String,
    title: String,
    verdict: Option<Outcome>,
    controls: Vec<String>,
    findings: Counts,
    limit: Option<String>,
}

/// Reads an assessment that [`super::render`] of this version or of an older one wrote.
///
/// # Errors
/// When it is no assessment, cut short, or of a newer major version.
pub fn read(text: &str) -> Result<Assessment, FormatError> {
    let document: Document = format::read(text, FORMAT)?;
    let Document {
        format,
        tool_version,
        collected_at,
        provenance,
        organization,
        summary,
        framework,
        tree,
        coverage,
        findings,
    } = document;
    Ok(Assessment {
        format,
        tool_version,
        collected_at,
        provenance,
        organization,
        summary: Summary {
            practices: summary.practices.into_iter().map(practice).collect(),
            findings: summary.findings,
            controls: summary.controls,
        },
        framework: framework.map(answers),
        tree,
        coverage,
        findings,
    })
}

fn practice(from: Practice) -> PracticeSummary {
    let Practice { id, title, verdict, n_waived, is_waived, organization, accounts, remedy, by_account } = from;
    PracticeSummary { practice: id, title, verdict, n_waived, is_waived, organization, accounts, remedy, by_account }
}

fn answers(from: Framework) -> FrameworkAnswers {
    let Framework { id, title, version, covers, requirements } = from;
    FrameworkAnswers { id, title, version, covers, answers: requirements.into_iter().map(answer).collect() }
}

fn answer(from: Asked) -> Answer {
    let Asked { id, title, verdict, controls, findings, limit } = from;
    Answer { requirement: Requirement { id, title, limit, part: None }, controls, verdict, findings }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::render;
    use crate::sample;

    #[test]
    fn what_was_written_is_read() {
        for assessment in [sample::assessment(), sample::waived(), sample::clean()] {
            assert_eq!(read(&render(&assessment).expect("writes")), Ok(assessment));
        }
    }

    #[test]
    fn files_of_older_minors_are_read_and_foreign_ones_are_not() {
        let mut older: serde_json::Value =
            serde_json::from_str(&render(&sample::assessment()).expect("writes")).expect("JSON");
        older["format"] = "trailwarden.assessment/1.1".into();
        for absent in ["provenance", "tree", "coverage"] {
            older.as_object_mut().expect("an object").remove(absent).expect("was written");
        }
        let older_read = read(&older.to_string()).expect("reads");
        assert_eq!((older_read.provenance, older_read.tree, older_read.coverage), (None, None, None));
        older["format"] = "trailwarden.snapshot/1.2".into();
        assert!(matches!(read(&older.to_string()), Err(FormatError::Foreign { .. })));
    }
}
