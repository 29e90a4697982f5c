//! One run of all selected controls over one snapshot.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::control::BestPractice;
use crate::finding::{Finding, Outcome};
use crate::framework::FrameworkAnswers;
use crate::ids::{AccountId, Region};
use crate::map::{Coverage, Tree};

/// The format this version writes.
pub const FORMAT: &str = "trailwarden.assessment/1.3";

/// How many findings, or accounts, have each outcome. What waivers accept is counted apart, whatever its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Outcome pass.
    pub pass: usize,
    /// Outcome fail.
    pub fail: usize,
    /// Outcome unknown.
    pub unknown: usize,
    /// Outcome not-applicable.
    pub not_applicable: usize,
    /// Outcome fail or unknown, accepted by a waiver. Of accounts: nothing else is wrong there.
    #[serde(default)]
    pub waived: usize,
}

impl Counts {
    /// Counts one finding more.
    pub fn add_finding(&mut self, finding: &Finding) {
        self.add_part(finding, finding.outcome);
    }

    /// Counts one finding more by the outcome of one of its parts.
    pub fn add_part(&mut self, finding: &Finding, outcome: Outcome) {
        match (&finding.waiver, outcome) {
            (Some(_), Outcome::Fail | Outcome::Unknown) => self.waived += 1,
            _ => self.add(outcome),
        }
    }

    /// Counts one more that no waiver accepts.
    pub fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Pass => self.pass += 1,
            Outcome::Fail => self.fail += 1,
            Outcome::Unknown => self.unknown += 1,
            Outcome::NotApplicable => self.not_applicable += 1,
        }
    }
}

/// One of the seven best practices, over all accounts in scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PracticeSummary {
    /// Which practice.
    pub practice: BestPractice,
    /// Its words.
    pub title: String,
    /// The worst outcome of all: of the organization itself and of every account. Waivers do not change it.
    pub verdict: Outcome,
    /// How many of the findings that decide it are waived.
    #[serde(default)]
    pub n_waived: usize,
    /// True when the verdict would be better without what waivers accept.
    #[serde(default)]
    pub is_waived: bool,
    /// The worst outcome of the findings on the organization itself; not-applicable where no control judges it.
    pub organization: Outcome,
    /// How many accounts have each outcome. An account has the worst outcome of the findings that concern it.
    pub accounts: Counts,
    /// What to do about it, when the verdict is fail.
    pub remedy: Option<String>,
    /// The outcome of each account. Waivers do not change it.
    pub by_account: BTreeMap<AccountId, Outcome>,
}

/// The one-screen verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The seven best practices, in order; those with no selected control are left out.
    pub practices: Vec<PracticeSummary>,
    /// All findings by outcome.
    pub findings: Counts,
    /// All findings by control and outcome.
    pub controls: BTreeMap<String, Counts>,
}

/// The organization, as far as a reader of the assessment needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationSummary {
    /// `o-…`.
    pub id: String,
    /// The management account.
    pub management_account: AccountId,
    /// Names of all accounts.
    pub accounts: BTreeMap<AccountId, String>,
    /// Accounts in scope of this run.
    pub n_accounts_in_scope: usize,
    /// Accounts left out by the caller's filters.
    pub excluded: BTreeSet<AccountId>,
    /// Regions that the caller's filter left; empty when every enabled region was looked at.
    pub region_filter: BTreeSet<Region>,
    /// Accounts whose list of regions could not be read, so that default regions were assumed.
    pub regions_assumed: BTreeSet<AccountId>,
}

/// What an assessment was made from, so that a reader can tell whether two of them are comparable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The partition of the organization, for example `aws`.
    pub partition: String,
    /// SHA-256 of the snapshot, in hex.
    pub snapshot: String,
    /// SHA-256 of the baseline with everything that a file left at its default, in hex.
    pub baseline: String,
    /// The scenario, when the organization is made up.
    pub sandbox: Option<String>,
}

/// `trailwarden.assessment/1.3`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// `trailwarden.assessment/1.3`; 1.0 had no ids and no waivers, 1.1 no provenance, 1.2 neither tree nor
    /// coverage.
    pub format: String,
    /// The version that assessed.
    pub tool_version: String,
    /// When the snapshot was collected.
    pub collected_at: Timestamp,
    /// What it was made from; none in files of 1.1.
    #[serde(default)]
    pub provenance: Option<Provenance>,
    /// Whose accounts.
    pub organization: OrganizationSummary,
    /// The verdict.
    pub summary: Summary,
    /// The tree of the organization; none where it was not read, and in files of 1.2.
    #[serde(default)]
    pub tree: Option<Tree>,
    /// What each account and region records, by account; none where the run did not read what it takes, and in files of 1.2.
    #[serde(default)]
    pub coverage: Option<Vec<Coverage>>,
    /// The answers to a framework's requirements, when the run reports by one.
    pub framework: Option<FrameworkAnswers>,
    /// Every finding, in a stable order.
    pub findings: Vec<Finding>,
}
