//! What changed between two assessments of one organization.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::assessment::Provenance;
use crate::control::Severity;
use crate::finding::Outcome;
use crate::ids::{AccountId, Region};

/// The format this version writes.
pub const FORMAT: &str = "trailwarden.difference/1.0";

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

/// One of the two assessments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// When its snapshot was collected.
    pub collected_at: Timestamp,
    /// The version that assessed.
    pub tool_version: String,
    /// What it was made from.
    pub provenance: Option<Provenance>,
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

/// `trailwarden.difference/1.0`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// `trailwarden.difference/1.0`.
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
    /// Trails that the later assessment does not show, of accounts and regions that it could not or was not to look at.
    pub trails_unread: BTreeSet<String>,
    /// Resources with another owner.
    pub owners: BTreeSet<Owner>,
    /// Controls that only one of them judges: nothing is said of their findings.
    pub not_compared: BTreeSet<String>,
}

impl Difference {
    /// How many findings changed in a way.
    pub fn n(&self, kind: Kind) -> usize {
        self.changes.iter().filter(|change| change.kind == kind).count()
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
    }
}
