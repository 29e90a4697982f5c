//! The verdict in one sentence, and what it does not speak about: accounts, regions and practices that were not looked at, or
//! not surely. Every report for people says it at its top.

use std::collections::BTreeSet;

use trailwarden_model::assessment::{Counts, PracticeSummary};
use trailwarden_model::control::BestPractice;
use trailwarden_model::finding::Outcome;
use trailwarden_model::ids::{AccountId, Region};

use crate::paint::join_and;
use crate::report::Report;
use crate::words::{counted, thousands};

/// So many accounts are told by name.
const MAX_NAMED: usize = 3;

/// `0 of 7 best practices hold: 7 fail; 312 findings fail and 432 are unknown in 13 accounts`.
pub(crate) fn headline(report: Report<'_>) -> String {
    let summary = &report.assessment.summary;
    let accounts = counted(report.assessment.organization.n_accounts_in_scope, "account");
    let findings = format!("{} in {accounts}", findings(summary.findings));
    if summary.practices.is_empty() { findings } else { format!("{}; {findings}", practices(&summary.practices)) }
}

fn practices(practices: &[PracticeSummary]) -> String {
    let n = |outcome| practices.iter().filter(|practice| practice.verdict == outcome).count();
    let told = |outcome, verb: &str, verbs: &str| match n(outcome) {
        0 => None,
        1 => Some(format!("1 {verb}")),
        n => Some(format!("{n} {verbs}")),
    };
    let others = [
        told(Outcome::Fail, "fails", "fail"),
        told(Outcome::Unknown, "is unknown", "are unknown"),
        told(Outcome::NotApplicable, "does not apply", "do not apply"),
    ];
    let mut others: Vec<String> = others.into_iter().flatten().collect();
    match practices.iter().filter(|practice| practice.is_waived).count() {
        0 => {}
        n => others.push(format!("{n} of these only for what is waived")),
    }
    let hold = format!("{} of {} hold", n(Outcome::Pass), counted(practices.len(), "best practice"));
    if others.is_empty() { hold } else { format!("{hold}: {}", others.join(", ")) }
}

fn findings(counts: Counts) -> String {
    let Counts { fail, unknown, waived, .. } = counts;
    let open = match (fail, unknown) {
        (0, 0) => "nothing fails and nothing is unknown".to_owned(),
        (fail, 0) => format!("{} and nothing is unknown", verb(fail, "fails", "fail")),
        (0, unknown) => format!("nothing fails and {}", verb(unknown, "is unknown", "are unknown")),
        (fail, unknown) => {
            let unknown = format!("{} {}", thousands(unknown), if unknown == 1 { "is unknown" } else { "are unknown" });
            format!("{} and {unknown}", verb(fail, "fails", "fail"))
        }
    };
    if waived == 0 { open } else { format!("{open}, {} waived", thousands(waived)) }
}

fn verb(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", counted(n, "finding"), if n == 1 { one } else { many })
}

/// What the verdict does not speak about, in fragments.
pub(crate) fn limits(report: Report<'_>) -> Vec<String> {
    let organization = &report.assessment.organization;
    let mut limits: Vec<String> = left_out(report).into_iter().collect();
    if !organization.region_filter.is_empty() {
        let regions: Vec<&str> = organization.region_filter.iter().map(Region::as_str).collect();
        limits.push(format!(
            "the filters of this run left only {}: nothing is said of other regions",
            regions.join(", ")
        ));
    }
    let n_looked_at = organization.n_accounts_in_scope.saturating_add(organization.excluded.len());
    if let Some(n_closed @ 1..) = organization.accounts.len().checked_sub(n_looked_at) {
        limits.push(format!("{} not audited: suspended, closed or not active yet", counted(n_closed, "account")));
    }
    if !organization.regions_assumed.is_empty() {
        limits.push(format!(
            "regions of {} assumed, not read: the ones enabled by default and the ones you named",
            counted(organization.regions_assumed.len(), "account"),
        ));
    }
    let n_practices = report.assessment.summary.practices.len();
    if (1..BestPractice::ALL.len()).contains(&n_practices) {
        limits.push(format!("the controls of this run decide only {n_practices} of the 7 best practices"));
    }
    limits
}

/// Whose accounts the filters left.
fn left_out(report: Report<'_>) -> Option<String> {
    let organization = &report.assessment.organization;
    let n_excluded = organization.excluded.len();
    if n_excluded == 0 {
        return None;
    }
    let n = organization.n_accounts_in_scope;
    let named: Vec<String> = in_scope(report).into_iter().map(|id| report.account(id)).collect();
    let whom = if named.len() == n && n <= MAX_NAMED { join_and(&named) } else { counted(n, "account") };
    let (looked, left) = (if n == 1 { "was" } else { "were" }, if n_excluded == 1 { "was" } else { "were" });
    let excluded = counted(n_excluded, "account");
    Some(format!("only {whom} {looked} looked at; {excluded} {left} left out by the filters of this run"))
}

/// The accounts in scope, as far as the assessment names them.
fn in_scope(report: Report<'_>) -> BTreeSet<&AccountId> {
    report.assessment.summary.practices.iter().flat_map(|practice| practice.by_account.keys()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_verdict_is_one_sentence() {
        let controls = sample::catalogue();
        let told = |assessment| headline(sample::report(&assessment, &controls));
        assert_eq!(
            told(sample::assessment()),
            "0 of 7 best practices hold: 7 fail; 7 findings fail and 1 is unknown in 3 accounts"
        );
        assert_eq!(
            told(sample::clean()),
            "7 of 7 best practices hold; nothing fails and nothing is unknown in 2 accounts"
        );
        assert_eq!(
            told(sample::waived()),
            "0 of 7 best practices hold: 7 fail, 7 of these only for what is waived; nothing fails and nothing is \
             unknown, 8 waived in 3 accounts"
        );
    }

    #[test]
    fn a_filtered_run_names_the_accounts_that_are_left() {
        let controls = sample::catalogue();
        let mut assessment = sample::assessment();
        let organization = &mut assessment.organization;
        organization.regions_assumed.clear();
        organization.n_accounts_in_scope = 1;
        organization.excluded = organization.accounts.keys().skip(1).cloned().collect();
        for practice in &mut assessment.summary.practices {
            practice.by_account.retain(|id, _| id.as_str() == "000000000001");
        }
        let told = |assessment: &_| limits(sample::report(assessment, &controls));
        let only = "only acme-1 (000000000001) was looked at; 2 accounts were left out by the filters of this run";
        assert_eq!(told(&assessment), [only]);
        assessment.summary.practices.truncate(2);
        assert_eq!(told(&assessment), [only, "the controls of this run decide only 2 of the 7 best practices"]);
        assessment.summary.practices.clear();
        let counted = "only 1 account was looked at; 2 accounts were left out by the filters of this run";
        assert_eq!(told(&assessment), [counted]);
    }
}
