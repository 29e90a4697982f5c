//! What a control is: its texts, what it needs read, and the function that judges one thing.

use trailwarden_model::baseline::{Baseline, Required};
use trailwarden_model::control::{BestPractice, Scope, Severity};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{LogBucket, LogGroup, TrailKey};
use trailwarden_model::trail::Trail;

use crate::cx::Cx;
use crate::verdict::Verdict;
use crate::waivers::Use;

/// What a judge answers. A gap becomes an *unknown* finding, so `?` on a fact is the short way and the right way.
pub(crate) type Judged = Result<Verdict, Gap>;

/// One testable statement that should hold. Everything but the judging itself is public: command line and pages show it.
#[derive(Debug)]
pub struct Control {
    /// Kebab-case, says the good state, equals the file name.
    pub id: &'static str,
    /// The good state in a few words, without a full stop.
    pub title: &'static str,
    /// How bad a failure is.
    pub severity: Severity,
    /// The best practice it helps to decide.
    pub practice: Option<BestPractice>,
    /// What has to be read to judge it.
    pub needs: &'static [Need],
    /// What exactly is judged: when it fails or passes, and when it cannot be told or does not apply.
    pub rule: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to change when it fails.
    pub remedy: &'static str,
    /// Pages of the AWS documentation to read on, by title.
    pub references: &'static [&'static str],
    /// The requirements of published frameworks that it helps to answer, by framework.
    pub frameworks: &'static [Mapping],
    pub(crate) applies: Applies,
    pub(crate) judge: Judge,
}

/// A framework's id, as in `policies/frameworks.toml`, and the ids of its requirements.
pub type Mapping = (&'static str, &'static [&'static str]);

/// Where a control judges at all.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Applies {
    /// Everywhere.
    Always,
    /// Where the baseline requires it; elsewhere it does not apply, and what only it needs is not read.
    WhereRequired {
        is_required: fn(&Required) -> bool,
        /// What the baseline does not require, as the end of a sentence.
        what: &'static str,
    },
    /// Where the baseline as a whole sets something.
    WhereSet {
        is_set: fn(&Baseline) -> bool,
        /// What the baseline does not name, as the end of a sentence.
        what: &'static str,
    },
}

impl Control {
    /// True when the baseline lets it judge anything.
    pub fn is_needed(&self, baseline: &Baseline) -> bool {
        match self.applies {
            Applies::Always => true,
            Applies::WhereRequired { is_required, .. } => baseline.requires_anywhere(is_required),
            Applies::WhereSet { is_set, .. } => is_set(baseline),
        }
    }

    /// What it judges, one at a time.
    pub fn scope(&self) -> Scope {
        match self.judge {
            Judge::Organization(_) => Scope::Organization,
            Judge::Account(..) => Scope::Account,
            Judge::AccountRegion(..) => Scope::AccountRegion,
            Judge::Trail(..) | Judge::ApprovedTrail(_) => Scope::Trail,
            Judge::LogBucket(..) => Scope::LogBucket,
            Judge::TrailKey(..) => Scope::TrailKey,
            Judge::LogGroup(..) => Scope::LogGroup,
            Judge::Waiver(_) => Scope::Waiver,
        }
    }
}

/// The function that judges, typed by scope.
#[derive(Debug)]
pub(crate) enum Judge {
    Organization(fn(&Cx<'_>) -> Judged),
    Account(Accounts, fn(&Cx<'_>, &AccountId) -> Judged),
    AccountRegion(Regions, fn(&Cx<'_>, &AccountId, &Region) -> Judged),
    Trail(Trailless, fn(&Cx<'_>, &Trail) -> Judged),
    ApprovedTrail(fn(&Cx<'_>, Pair<'_>) -> Judged),
    LogBucket(Trailless, fn(&Cx<'_>, &LogBucket) -> Judged),
    TrailKey(Trailless, fn(&Cx<'_>, &TrailKey) -> Judged),
    LogGroup(Trailless, fn(&Cx<'_>, &LogGroup) -> Judged),
    Waiver(fn(&Cx<'_>, &Use<'_>) -> Verdict),
}

/// A trail as it is and as it was approved.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pair<'a> {
    /// It exists and was approved.
    Both { trail: &'a Trail, approved: &'a Trail },
    /// It exists and was not approved.
    New(&'a Trail),
    /// It was approved, and no account in scope shows it.
    Gone(&'a Trail),
}

/// Which accounts an account control judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accounts {
    /// Those in scope that could be entered; the others are unknown.
    Entered,
    /// All in scope: the facts are in AWS Organizations.
    InScope,
    /// All of the organization but the excluded, whatever their state.
    OfOrganization,
}

/// Which regions of an account that could be entered an account-region control judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Regions {
    /// Those whose trails could be listed, because the answer rests on them; the others are unknown.
    WithTrails,
    /// Every region: the facts are not those of trails.
    All,
}

/// What the absence of any trail in an account means for a control of trails or of what they point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trailless {
    /// The good state cannot hold without a trail.
    Fails,
    /// There is nothing to judge; other controls say that a trail is missing.
    NotApplicable,
}
