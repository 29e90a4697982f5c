//! What must stay in sight: what waivers accept, and what could not be read.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::assessment::Assessment;
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::ids::AccountId;

use super::pack::plainly;
use crate::report::Report;
use crate::words::thousands;

/// So many accounts are told by name.
const MAX_NAMED: usize = 3;

/// One waiver and what it accepts.
pub(super) struct Waived {
    pub(super) id: String,
    pub(super) reason: String,
    pub(super) owner: String,
    pub(super) expires: String,
    pub(super) n_findings: usize,
    pub(super) controls: String,
}

/// Reads that failed in the same way.
pub(super) struct Unread {
    pub(super) call: String,
    pub(super) code: String,
    /// In the words of the first.
    pub(super) reason: String,
    pub(super) n_findings: usize,
    /// Where it failed, the first accounts by name.
    pub(super) accounts: String,
}

/// What is accepted, by waiver.
pub(super) fn waived(assessment: &Assessment) -> Vec<Waived> {
    let mut waivers: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in assessment.findings.iter().filter(|finding| finding.outcome >= Outcome::Unknown) {
        finding.waiver.iter().for_each(|waiver| waivers.entry(&waiver.id).or_default().push(finding));
    }
    let told = |findings: Vec<&Finding>| {
        let waiver = findings.first()?.waiver.as_ref()?;
        let controls: BTreeSet<&str> = findings.iter().map(|finding| finding.control.as_str()).collect();
        let controls: Vec<&str> = controls.into_iter().collect();
        Some(Waived {
            id: plainly(&waiver.id).into_owned(),
            reason: plainly(&waiver.reason).into_owned(),
            owner: plainly(&waiver.owner).into_owned(),
            expires: waiver.expires.to_string(),
            n_findings: findings.len(),
            controls: plainly(&controls.join(", ")).into_owned(),
        })
    };
    waivers.into_values().filter_map(told).collect()
}

/// What could not be read, by call and error; what leaves most unknown first.
pub(super) fn unread(report: Report<'_>) -> Vec<Unread> {
    let mut unread: BTreeMap<(&str, &str), (&str, usize, BTreeSet<&AccountId>)> = BTreeMap::new();
    for finding in &report.assessment.findings {
        let Some(gap) = &finding.gap else { continue };
        let (_, n, accounts) =
            unread.entry((&gap.call, &gap.code)).or_insert_with(|| (&gap.reason, 0, BTreeSet::new()));
        *n += 1;
        accounts.insert(gap.account.as_ref().unwrap_or(&finding.account));
    }
    let told = |((call, code), (reason, n_findings, accounts)): ((&str, &str), (&str, usize, BTreeSet<_>))| Unread {
        call: plainly(call).into_owned(),
        code: plainly(code).into_owned(),
        reason: plainly(reason).into_owned(),
        n_findings,
        accounts: named(report, &accounts),
    };
    let mut unread: Vec<Unread> = unread.into_iter().map(told).collect();
    unread.sort_by_key(|unread| Reverse(unread.n_findings));
    unread
}

fn named(report: Report<'_>, accounts: &BTreeSet<&AccountId>) -> String {
    let named = accounts.iter().take(MAX_NAMED).map(|id| plainly(&report.account(id)).into_owned());
    let more = accounts.len().checked_sub(MAX_NAMED).filter(|more| *more > 0);
    named.chain(more.map(|more| format!("and {} more", thousands(more)))).collect::<Vec<_>>().join(", ")
}
