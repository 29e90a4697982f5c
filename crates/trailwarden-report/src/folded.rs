//! Findings that say the same, told once: failures by control and reason, unknowns by the call that failed, and what waivers
//! accept. A reason is the same when only its account, region and resource differ.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::control::Severity;
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::waiver::Acceptance;

use crate::places::Places;
use crate::report::Report;

/// The open findings of one control.
pub(crate) struct Block<'a> {
    pub(crate) first: &'a Finding,
    pub(crate) all: Places<'a>,
    /// The most frequent first.
    pub(crate) reasons: Vec<(String, Places<'a>)>,
}

/// The open findings of an outcome by control, worst first.
pub(crate) fn blocks(report: Report<'_>, outcome: Outcome) -> Vec<Block<'_>> {
    let mut controls: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in open(report, outcome) {
        controls.entry(&finding.control).or_default().push(finding);
    }
    let mut blocks: Vec<Block<'_>> = controls.values().filter_map(|findings| block(report, findings)).collect();
    blocks.sort_by_key(|block| (Reverse(block.first.severity), Reverse(block.all.n_accounts())));
    blocks
}

fn open(report: Report<'_>, outcome: Outcome) -> impl Iterator<Item = &Finding> {
    report.findings().filter(move |finding| finding.outcome == outcome && finding.is_open())
}

fn block<'a>(report: Report<'a>, findings: &[&'a Finding]) -> Option<Block<'a>> {
    let first = findings.first().copied()?;
    let mut all = Places::default();
    let mut by_reason: BTreeMap<String, Places<'_>> = BTreeMap::new();
    for finding in findings {
        all.add(finding);
        by_reason.entry(general_reason(report, finding)).or_default().add(finding);
    }
    let worded = |(general, places): (String, Places<'a>)| {
        let own = places.first().filter(|_| places.n_findings() == 1).map(|finding| finding.reason.clone());
        (own.unwrap_or(general), places)
    };
    let mut reasons: Vec<_> = by_reason.into_iter().collect();
    reasons.sort_by_key(|(_, places)| Reverse(places.n_findings()));
    Some(Block { first, all, reasons: reasons.into_iter().map(worded).collect() })
}

/// The reason with the finding's own region, account and resource taken out, so that equal reasons in many places
/// collapse; they stand in the list of places.
fn general_reason(report: Report<'_>, finding: &Finding) -> String {
    let mut reason = finding.reason.clone();
    if let Some(name) = report.account_name(&finding.account) {
        reason = reason.replace(&format!("{name} ({})", finding.account), "‹account›");
    }
    if let Some(resource) = &finding.resource {
        reason = reason.replace(resource.as_str(), "‹resource›");
    }
    if let Some(region) = &finding.region {
        reason = reason.replace(region.as_str(), "‹region›");
    }
    reason.replace(finding.account.as_str(), "‹account›")
}

/// Unknown findings with the same cause.
#[derive(Default)]
pub(crate) struct Cause<'a> {
    pub(crate) reasons: BTreeSet<&'a str>,
    pub(crate) places: Places<'a>,
    pub(crate) controls: BTreeSet<(Reverse<Severity>, &'a str)>,
}

/// Every cause of an unknown outcome by its title, the one that leaves most open first.
pub(crate) fn causes(report: Report<'_>) -> Vec<(String, Cause<'_>)> {
    let mut causes: BTreeMap<String, Cause<'_>> = BTreeMap::new();
    for finding in open(report, Outcome::Unknown) {
        let cause = causes.entry(title(finding)).or_default();
        cause.reasons.insert(reason(finding));
        cause.places.add(finding);
        cause.controls.insert((Reverse(finding.severity), &finding.control));
    }
    let mut causes: Vec<(String, Cause<'_>)> = causes.into_iter().collect();
    causes.sort_by_key(|(_, cause)| Reverse(cause.places.n_findings()));
    causes
}

/// The failed call and its error code, which together tell one cause from another.
fn title(finding: &Finding) -> String {
    match &finding.gap {
        Some(gap) => format!("{}: {}", gap.call, gap.code),
        None => finding.reason.clone(),
    }
}

/// What AWS said, or why nothing can be said.
fn reason(finding: &Finding) -> &str {
    finding.gap.as_ref().map_or(finding.reason.as_str(), |gap| &gap.reason)
}

impl Cause<'_> {
    /// What AWS said, called an example where it said several things.
    pub(crate) fn said(&self, title: &str) -> Option<String> {
        let reason = self.reasons.first().filter(|reason| **reason != title)?;
        Some(if self.reasons.len() > 1 { format!("for example: {reason}") } else { (*reason).to_owned() })
    }
}

/// Findings that one waiver accepts, by control and outcome.
pub(crate) type Accepted<'a> = BTreeMap<(&'a str, Outcome), Places<'a>>;

/// What each waiver accepts.
pub(crate) fn accepted(report: Report<'_>) -> BTreeMap<&Acceptance, Accepted<'_>> {
    let mut waivers: BTreeMap<&Acceptance, Accepted<'_>> = BTreeMap::new();
    for finding in report.findings() {
        if let Some(waiver) = &finding.waiver {
            let accepted = waivers.entry(waiver).or_default();
            accepted.entry((finding.control.as_str(), finding.outcome)).or_default().add(finding);
        }
    }
    waivers
}
