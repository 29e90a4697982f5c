//! What is open, by control and reason, for readers without a script and on paper.

use std::collections::HashMap;

use trailwarden_model::finding::Finding;

use super::pack::{Pack, plainly};
use crate::report::Report;

/// Reasons of one control that are told before the rest is only counted.
const MAX_REASONS: usize = 4;
/// Places of one reason that are told before the rest is only counted.
const MAX_PLACES: usize = 5;

/// One control with open findings of one outcome.
pub(super) struct OpenControl {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) outcome: &'static str,
    pub(super) severity: &'static str,
    pub(super) n_findings: usize,
    pub(super) n_accounts: usize,
    pub(super) why: String,
    pub(super) remedy: String,
    pub(super) reasons: Vec<Reason>,
    pub(super) n_more_reasons: usize,
}

/// Findings that say the same, whatever their places.
pub(super) struct Reason {
    /// In the words of the first.
    pub(super) text: String,
    pub(super) n_findings: usize,
    pub(super) places: Vec<Place>,
}

/// Where one finding is, and its id.
pub(super) struct Place {
    pub(super) at: String,
    pub(super) id: String,
}

impl Reason {
    pub(super) fn n_more(&self) -> usize {
        self.n_findings - self.places.len()
    }
}

/// The controls with open findings, the worst first, as the pack has them.
pub(super) fn open(report: Report<'_>, pack: &Pack<'_>) -> Vec<OpenControl> {
    let mut groups: Vec<Vec<(usize, &Finding)>> = Vec::new();
    let mut places: HashMap<(usize, &str), usize> = HashMap::new();
    for (row, finding) in pack.rows.iter().zip(&pack.findings).filter(|(_, finding)| finding.is_open()) {
        let Some(statement) = pack.statements.values().get(row.statement) else { continue };
        let key = (statement.control, finding.outcome.as_str());
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups.get_mut(place).into_iter().for_each(|findings| findings.push((statement.reason, finding)));
    }
    groups.iter().filter_map(|findings| control(report, findings)).collect()
}

fn control(report: Report<'_>, findings: &[(usize, &Finding)]) -> Option<OpenControl> {
    let (_, first) = findings.first()?;
    let mut accounts: Vec<_> = findings.iter().map(|(_, finding)| &finding.account).collect();
    accounts.sort();
    accounts.dedup();
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut by_reason: Vec<Vec<&Finding>> = Vec::new();
    for (reason, finding) in findings {
        let place = *places.entry(*reason).or_insert_with(|| {
            by_reason.push(Vec::new());
            by_reason.len() - 1
        });
        by_reason.get_mut(place).into_iter().for_each(|findings| findings.push(finding));
    }
    by_reason.sort_by_key(|findings| std::cmp::Reverse(findings.len()));
    let text = report.controls.get(&first.control);
    Some(OpenControl {
        id: plainly(&first.control).into_owned(),
        title: plainly(&first.title).into_owned(),
        outcome: first.outcome.as_str(),
        severity: first.severity.as_str(),
        n_findings: findings.len(),
        n_accounts: accounts.len(),
        why: text.map(|text| text.why.clone()).unwrap_or_default(),
        remedy: text.map(|text| text.remedy.clone()).unwrap_or_default(),
        n_more_reasons: by_reason.len().saturating_sub(MAX_REASONS),
        reasons: by_reason.iter().take(MAX_REASONS).filter_map(|findings| reason(report, findings)).collect(),
    })
}

fn reason(report: Report<'_>, findings: &[&Finding]) -> Option<Reason> {
    let place = |finding: &&Finding| Place {
        at: plainly(&report.place(finding)).into_owned(),
        id: plainly(&finding.id()).into_owned(),
    };
    Some(Reason {
        text: plainly(&findings.first()?.reason).into_owned(),
        n_findings: findings.len(),
        places: findings.iter().take(MAX_PLACES).map(place).collect(),
    })
}
