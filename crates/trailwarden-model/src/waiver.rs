//! Waivers: dated, owned, reasoned acceptances of findings. They never change an outcome.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::finding::{Finding, Outcome};
use crate::ids::{AccountId, Region};
use crate::organization::NodeId;

/// One entry of the waiver file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The id given in the file, or one made from control and scope; unique in the file.
    pub id: String,
    /// The control whose findings it accepts.
    pub control: String,
    /// Which of them.
    pub scope: Scope,
    /// The outcomes it accepts. Accepting a failure does not accept that nobody can look, nor the other way round.
    pub accepts: BTreeSet<Accepted>,
    /// Why they are accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day, in UTC, on which it accepts anything.
    pub expires: Date,
}

/// Which findings of a control a waiver speaks of: those that fit every list that is not empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Of these accounts, or of those below [`Scope::units`].
    pub accounts: BTreeSet<AccountId>,
    /// Roots and OUs, with everything below them.
    pub units: BTreeSet<NodeId>,
    /// In these regions.
    pub regions: BTreeSet<Region>,
    /// On resources whose ARN is like one of these patterns with `*` and `?`.
    pub resources: BTreeSet<String>,
}

impl Scope {
    /// True when it names nothing: the whole organization.
    pub fn is_everything(&self) -> bool {
        let Self { accounts, units, regions, resources } = self;
        accounts.is_empty() && units.is_empty() && regions.is_empty() && resources.is_empty()
    }

    /// An id for a waiver of a control that was given none: the same as long as control and scope are the same, whoever
    /// extends it.
    pub fn id_of(&self, control: &str) -> String {
        let Self { accounts, units, regions, resources } = self;
        let digest = Sha256::digest(format!("{control} {accounts:?} {units:?} {regions:?} {resources:?}"));
        let hex: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("{control}-w{hex}")
    }
}

/// An outcome that can be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accepted {
    /// The good state does not hold.
    Fail,
    /// It is not known whether it holds.
    Unknown,
}

impl Waiver {
    /// True when it accepts nothing any more on this day.
    pub fn is_expired(&self, today: Date) -> bool {
        today > self.expires
    }

    /// True when it accepts this outcome.
    pub fn accepts(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Fail => self.accepts.contains(&Accepted::Fail),
            Outcome::Unknown => self.accepts.contains(&Accepted::Unknown),
            Outcome::Pass | Outcome::NotApplicable => false,
        }
    }

    /// What a finding says of the waiver that accepts it.
    pub fn acceptance(&self) -> Acceptance {
        let Self { id, reason, owner, expires, .. } = self.clone();
        Acceptance { id, reason, owner, expires }
    }
}

/// The waiver that accepts a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Acceptance {
    /// Id of the waiver.
    pub id: String,
    /// Why the finding is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day, in UTC.
    pub expires: Date,
}

impl Finding {
    /// True when it fails or is unknown, and no waiver accepts that.
    pub fn is_open(&self) -> bool {
        self.waiver.is_none() && matches!(self.outcome, Outcome::Fail | Outcome::Unknown)
    }
}
