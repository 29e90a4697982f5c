//! What a judge answers: outcome, reason, evidence; and how many facts become one answer.

use std::collections::BTreeMap;

use trailwarden_model::finding::{Evidence, Outcome};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::storage::{BucketOwner, LogBucket};

use crate::cx::Cx;
use crate::delivery::{Arrival, too_early};

/// The most facts of one kind that a finding lists; the rest is counted.
const MAX_LISTED: usize = 10;

/// The answer of one control about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    pub(crate) reason: String,
    pub(crate) evidence: Vec<Evidence>,
    /// The outcome of each part, by its name in `policies/frameworks.toml`.
    pub(crate) parts: BTreeMap<String, Outcome>,
    pub(crate) gap: Option<Gap>,
}

impl Verdict {
    fn new(outcome: Outcome, reason: impl Into<String>) -> Self {
        Self { outcome, reason: reason.into(), evidence: Vec::new(), parts: BTreeMap::new(), gap: None }
    }

    pub(crate) fn pass(reason: impl Into<String>) -> Self {
        Self::new(Outcome::Pass, reason)
    }

    pub(crate) fn fail(reason: impl Into<String>) -> Self {
        Self::new(Outcome::Fail, reason)
    }

    pub(crate) fn not_applicable(reason: impl Into<String>) -> Self {
        Self::new(Outcome::NotApplicable, reason)
    }

    pub(crate) fn unknown(reason: impl Into<String>, gap: Gap) -> Self {
        let evidence = vec![of_gap(&gap)];
        Self { evidence, gap: Some(gap), ..Self::new(Outcome::Unknown, reason) }
    }

    /// Adds the facts that support the outcome.
    pub(crate) fn with(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(capped(evidence.into_iter().collect()));
        self
    }
}

/// A fact with the call and the place that showed it.
pub(crate) fn fact(text: impl Into<String>, call: &str, account: &AccountId, region: Option<&Region>) -> Evidence {
    Evidence { fact: text.into(), call: Some(call.to_owned()), account: Some(account.clone()), region: region.cloned() }
}

/// A fact about a bucket, in the account that owns it where that is known.
pub(crate) fn of_bucket(bucket: &LogBucket, call: &str, text: impl Into<String>) -> Evidence {
    let account = match bucket.owner.known() {
        Some(BucketOwner::Account(owner)) => Some(owner.clone()),
        _ => None,
    };
    Evidence { fact: text.into(), call: Some(call.to_owned()), account, region: bucket.region.known().cloned() }
}

/// A read that failed, as evidence.
pub(crate) fn of_gap(gap: &Gap) -> Evidence {
    Evidence {
        fact: format!("not read, {}: {}", gap.code, gap.reason),
        call: Some(gap.call.clone()),
        account: gap.account.clone(),
        region: gap.region.clone(),
    }
}

/// What came back from a read that failed, without the place: `sts:AssumeRole: AccessDenied: not allowed`.
pub(crate) fn cause(gap: &Gap) -> String {
    format!("{}: {}: {}", gap.call, gap.code, gap.reason)
}

/// The text with exactly one full stop at its end.
pub(crate) fn sentence(text: &str) -> String {
    format!("{}.", text.trim_end().trim_end_matches('.'))
}

fn capped(mut facts: Vec<Evidence>) -> Vec<Evidence> {
    let n_more = facts.len().saturating_sub(MAX_LISTED);
    facts.truncate(MAX_LISTED);
    if n_more > 0 {
        facts.push(Evidence { fact: format!("{n_more} more like these"), call: None, account: None, region: None });
    }
    facts
}

/// The first few words of a list, the rest counted: `a, b, c and 4 more`.
pub(crate) fn enumerate<T: AsRef<str>>(words: &[T]) -> String {
    joined(", ", "more", words)
}

/// The first few entries of a list whose entries are lists themselves: `a in x, y; b in z; c and 4 more accounts`.
pub(crate) fn enumerate_accounts<T: AsRef<str>>(accounts: &[T]) -> String {
    joined("; ", "more accounts", accounts)
}

fn joined<T: AsRef<str>>(separator: &str, more: &str, words: &[T]) -> String {
    const MAX_NAMED: usize = 3;
    let named: Vec<&str> = words.iter().take(MAX_NAMED).map(AsRef::as_ref).collect();
    match words.len().saturating_sub(MAX_NAMED) {
        0 => named.join(separator),
        n_more => format!("{} and {n_more} {more}", named.join(separator)),
    }
}

/// Many facts that become one verdict: fail beats unknown beats pass, and nothing read is lost.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    failures: Vec<Evidence>,
    gaps: Vec<Gap>,
    support: Vec<Evidence>,
}

impl Tally {
    /// A fact that makes the control fail.
    pub(crate) fn fail(&mut self, evidence: Evidence) {
        self.failures.push(evidence);
    }

    /// A fact that could not be read.
    pub(crate) fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// A fact that speaks for the good state.
    pub(crate) fn support(&mut self, evidence: Evidence) {
        self.support.push(evidence);
    }

    /// Counts one delivery as seen in an account and region.
    pub(crate) fn arrival(&mut self, arrival: Arrival, account: &AccountId, region: &Region) {
        let seen = |words| fact(words, "cloudtrail:GetTrailStatus", account, Some(region));
        match arrival {
            Arrival::Fine(words) => self.support(seen(words)),
            Arrival::Broken(words) => self.fail(seen(words)),
            Arrival::TooEarly(words) => self.gap(too_early(words, account, region)),
        }
    }

    /// True when nothing was said at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.failures.is_empty() && self.gaps.is_empty() && self.support.is_empty()
    }

    /// The verdict. `pass` says why it holds, `fail` why it does not, from the facts against it.
    pub(crate) fn settle(
        self,
        cx: &Cx<'_>,
        pass: impl FnOnce() -> String,
        fail: impl FnOnce(&[Evidence]) -> String,
    ) -> Verdict {
        let Self { failures, gaps, support } = self;
        let gap_facts: Vec<Evidence> = gaps.iter().map(of_gap).collect();
        let n_gaps = gaps.len();
        let verdict = match (failures.as_slice(), gaps.into_iter().next()) {
            ([_, ..], _) => Verdict::fail(fail(&failures)),
            ([], Some(gap)) if n_gaps == 1 => Verdict { evidence: Vec::new(), ..cx.unknown(gap) },
            ([], Some(gap)) => {
                let first = cx.words(&gap);
                let reason = format!("Not known, because {n_gaps} facts could not be read; the first: {first}");
                Verdict { gap: Some(gap), ..Verdict::new(Outcome::Unknown, reason) }
            }
            ([], None) => Verdict::pass(pass()),
        };
        verdict.with(failures).with(gap_facts).with(support)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    fn saw(text: &str) -> Evidence {
        Evidence { fact: text.to_owned(), call: None, account: None, region: None }
    }

    fn settle(tally: Tally) -> Verdict {
        let world = World::clean();
        let cx = Cx::new(&world.snapshot, &world.baseline);
        tally.settle(&cx, || "good.".to_owned(), |failures| format!("{} bad.", failures.len()))
    }

    #[test]
    fn a_failure_beats_a_gap_and_the_gap_is_still_listed() {
        let mut tally = Tally::default();
        tally.gap(Gap::not_collected("cloudtrail:GetTrailStatus", None, None));
        tally.support(saw("fine elsewhere"));
        tally.fail(saw("stopped here"));
        let verdict = settle(tally);
        assert_eq!((verdict.outcome, verdict.reason.as_str()), (Outcome::Fail, "1 bad."));
        assert_eq!(verdict.gap, None, "a failure needs no gap to be believed");
        assert_eq!(verdict.evidence.len(), 3);
    }

    #[test]
    fn a_gap_beats_support() {
        let mut tally = Tally::default();
        tally.support(saw("fine elsewhere"));
        tally.gap(Gap::not_collected("cloudtrail:GetTrailStatus", None, None));
        let verdict = settle(tally);
        assert_eq!(verdict.outcome, Outcome::Unknown);
        assert!(verdict.gap.is_some());
    }

    #[test]
    fn long_lists_are_cut_and_counted() {
        let mut tally = Tally::default();
        (0..25).for_each(|n| tally.fail(saw(&format!("region {n}"))));
        let verdict = settle(tally);
        assert_eq!(verdict.evidence.len(), 11);
        assert_eq!(verdict.evidence[10].fact, "15 more like these");
    }

    #[test]
    fn enumerations_name_three() {
        assert_eq!(enumerate(&["a", "b"]), "a, b");
        assert_eq!(enumerate(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
        assert_eq!(enumerate_accounts(&["a in x", "b in x, y"]), "a in x; b in x, y");
    }
}
