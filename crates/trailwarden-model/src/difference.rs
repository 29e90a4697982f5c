//! What changed between two assessments of one organization.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::assessment::Provenance;
use crate::control::Severity;
use crate::finding::Outcome;
use crate::ids::{AccountId, Region};

/// The format this version writes.
pub const FORMAT: &str = "trailwarden.difference/1.1";

/// How a finding changed, worst first. Open is what fails or is unknown and no waiver accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Fails, and did not before.
    New,
    /// Unknown, and was not before.
    Unread,
    /// As open as before, for another reason.
    Reason,
    /// Open before; not judged any more.
    Gone,
    /// Open before; a waiver accepts it now.
    Waived,
    /// Open before; passes or does not apply now.
    Fixed,
    /// As open as before, for the same reason.
    Still,
}

impl Kind {
    /// Every kind, worst first.
    pub const ALL: [Self; 7] =
        [Self::New, Self::Unread, Self::Reason, Self::Gone, Self::Waived, Self::Fixed, Self::Still];

    /// The word used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unread => "unread",
            Self::Reason => "reason",
            Self::Gone => "gone",
            Self::Waived => "waived",
            Self::Fixed => "fixed",
            Self::Still => "still",
        }
    }
}

/// What a comparison can be asked to end badly for: findings that changed in a way, or what is seen to be gone or taken over
/// besides them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// A finding changed so.
    Finding(Kind),
    /// A trail is not there any more.
    TrailsGone,
    /// A trail could not be looked for.
    TrailsUnread,
    /// An account left the organization.
    AccountsVanished,
    /// A resource has another owner.
    Owners,
}

impl Alarm {
    /// Everything that there is to choose from.
    pub fn all() -> Vec<Self> {
        let others = [Self::TrailsGone, Self::TrailsUnread, Self::AccountsVanished, Self::Owners];
        Kind::ALL.into_iter().map(Self::Finding).chain(others).collect()
    }

    /// The word on the command line: that of the kind, or of the member of the JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finding(kind) => kind.as_str(),
            Self::TrailsGone => "trails-gone",
            Self::TrailsUnread => "trails-unread",
            Self::AccountsVanished => "accounts-vanished",
            Self::Owners => "owners",
        }
    }
}

/// One of the two assessments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// When its snapshot was collected.
    pub collected_at: Timestamp,
    /// The version that assessed.
    pub tool_version: String,
    /// What it was made from.
    pub provenance: Option<Provenance>,
    /// Accounts that it was told to leave out.
    #[serde(default)]
    pub excluded: BTreeSet<AccountId>,
    /// The regions that it was told to look at; empty when all.
    #[serde(default)]
    pub region_filter: BTreeSet<Region>,
}

impl Side {
    /// True when it was told to look at no account or region that the other leaves out.
    pub fn is_within(&self, other: &Self) -> bool {
        let regions = other.region_filter.is_empty()
            || !self.region_filter.is_empty() && self.region_filter.is_subset(&other.region_filter);
        regions && other.excluded.is_subset(&self.excluded)
    }

    /// True when both were told to look at the same accounts and regions.
    pub fn looked_at_the_same(&self, other: &Self) -> bool {
        self.excluded == other.excluded && self.region_filter == other.region_filter
    }
}

/// A finding in one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What was found.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// The id of the waiver that accepts it.
    pub waiver: Option<String>,
}

/// One finding that is open in one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// How it changed.
    pub kind: Kind,
    /// The id of the finding.
    pub id: String,
    /// The id of the control.
    pub control: String,
    /// How bad a failure is.
    pub severity: Severity,
    /// Where.
    pub account: AccountId,
    /// Where.
    pub region: Option<Region>,
    /// The ARN of the resource judged.
    pub resource: Option<String>,
    /// What was found before; none when it was not judged.
    pub before: Option<Standing>,
    /// What is found now; none when it is not judged any more.
    pub after: Option<Standing>,
}

/// A resource that another account owns now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Owner {
    /// Its ARN.
    pub resource: String,
    /// Who owned it.
    pub before: AccountId,
    /// Who owns it.
    pub after: AccountId,
}

/// `trailwarden.difference/1.1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// `trailwarden.difference/1.1`; 1.0 did not say what each side left out.
    pub format: String,
    /// `o-…`.
    pub organization: String,
    /// The earlier assessment.
    pub before: Side,
    /// The later one.
    pub after: Side,
    /// Names of all accounts of both, the later name first.
    pub accounts: BTreeMap<AccountId, String>,
    /// Findings that are open in one of them, worst first.
    pub changes: Vec<Change>,
    /// Accounts that joined the organization.
    pub accounts_appeared: BTreeSet<AccountId>,
    /// Accounts that left it.
    pub accounts_vanished: BTreeSet<AccountId>,
    /// Trails that were not there.
    pub trails_appeared: BTreeSet<String>,
    /// Trails that are not there any more.
    pub trails_gone: BTreeSet<String>,
    /// Trails that only one of them shows, of accounts and regions that the other could not or was not to look at.
    pub trails_unread: BTreeSet<String>,
    /// Resources with another owner.
    pub owners: BTreeSet<Owner>,
    /// Controls that only one of them judges: nothing is said of their findings.
    pub not_compared: BTreeSet<String>,
    /// Findings of other controls, open in one, of what the other was not told to look at: nothing is said of them either.
    #[serde(default)]
    pub n_not_compared: usize,
}

impl Difference {
    /// How many findings changed in a way.
    pub fn n(&self, kind: Kind) -> usize {
        self.changes.iter().filter(|change| change.kind == kind).count()
    }

    /// True when there is what an alarm is for.
    pub fn sets_off(&self, alarm: Alarm) -> bool {
        match alarm {
            Alarm::Finding(kind) => self.n(kind) > 0,
            Alarm::TrailsGone => !self.trails_gone.is_empty(),
            Alarm::TrailsUnread => !self.trails_unread.is_empty(),
            Alarm::AccountsVanished => !self.accounts_vanished.is_empty(),
            Alarm::Owners => !self.owners.is_empty(),
        }
    }

    /// True when nothing changed.
    pub fn is_empty(&self) -> bool {
        self.changes.iter().all(|change| change.kind == Kind::Still)
            && self.accounts_appeared.is_empty()
            && self.accounts_vanished.is_empty()
            && self.trails_appeared.is_empty()
            && self.trails_gone.is_empty()
            && self.trails_unread.is_empty()
            && self.owners.is_empty()
            && self.not_compared.is_empty()
            && self.n_not_compared == 0
            && self.before.looked_at_the_same(&self.after)
    }
}
