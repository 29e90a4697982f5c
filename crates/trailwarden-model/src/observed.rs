//! What was read, or why it could not be: the difference between "no" and "not known" (a law of `docs/architecture.md`).

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Region};

/// Why a fact could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// AWS answered that the caller may not make this call.
    AccessDenied,
    /// The account could not be entered: no role, no trust, or refused.
    AccountNotEntered,
    /// Still throttled after every retry.
    Throttled,
    /// The region is not usable in this account.
    RegionDisabled,
    /// The endpoint does not implement the call.
    NotImplemented,
    /// No answer: connection refused, dropped or timed out.
    Connection,
    /// The resource is not visible from where it was read (for example an organization trail by name from a member).
    NotVisible,
    /// AWS cannot tell yet: the resource is younger than the time its first delivery may take.
    TooEarly,
    /// An answer that this version does not understand.
    Unexpected,
    /// The snapshot was taken without this fact; collect again with the control selected.
    NotCollected,
}

/// A fact that could not be read: which call, where, and what came back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error)]
#[serde(deny_unknown_fields)]
#[error("{call} in {}{}: {code}: {reason}", account.as_ref().map_or("no account", AccountId::as_str), region_suffix(region.as_ref()))]
pub struct Gap {
    /// Class of the failure.
    pub kind: GapKind,
    /// The API operation, `service:Operation`, for example `cloudtrail:GetTrailStatus`.
    pub call: String,
    /// The account the call was made in.
    pub account: Option<AccountId>,
    /// The region the call was made in; absent for global services.
    pub region: Option<Region>,
    /// AWS's error code, or our own word when no answer came.
    pub code: String,
    /// One sentence for people: what came back, without request ids or secrets.
    pub reason: String,
}

fn region_suffix(region: Option<&Region>) -> String {
    region.map(|r| format!(" {r}")).unwrap_or_default()
}

impl Gap {
    /// The gap of a fact that this snapshot was not asked to hold.
    pub fn not_collected(call: &str, account: Option<&AccountId>, region: Option<&Region>) -> Self {
        Self {
            kind: GapKind::NotCollected,
            call: call.to_owned(),
            account: account.cloned(),
            region: region.cloned(),
            code: "NotCollected".to_owned(),
            reason: "the snapshot was taken without this read; collect again with this control selected".to_owned(),
        }
    }
}

/// A fact that was read, or the gap where it should be. "Not found" and "not configured" are facts: use `Option` inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observed<T> {
    /// The fact as read.
    Known(T),
    /// Why it is not known.
    Gap(Gap),
}

impl<T> Observed<T> {
    /// The fact, or a copy of the gap: `?` in a control turns missing evidence into *unknown*.
    pub fn get(&self) -> Result<&T, Gap> {
        match self {
            Self::Known(fact) => Ok(fact),
            Self::Gap(gap) => Err(gap.clone()),
        }
    }

    /// The fact, when known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(fact) => Some(fact),
            Self::Gap(_) => None,
        }
    }

    /// True for a fact that the snapshot was not asked to hold.
    pub fn is_not_collected(&self) -> bool {
        matches!(self, Self::Gap(gap) if gap.kind == GapKind::NotCollected)
    }

    /// The gap, when there is one.
    pub fn gap(&self) -> Option<&Gap> {
        match self {
            Self::Known(_) => None,
            Self::Gap(gap) => Some(gap),
        }
    }
}

/// A fact that nobody asked for, as in a snapshot of an older minor version.
impl<T> Default for Observed<T> {
    fn default() -> Self {
        Self::Gap(Gap::not_collected("trailwarden:Collect", None, None))
    }
}

impl<T> From<Result<T, Gap>> for Observed<T> {
    fn from(read: Result<T, Gap>) -> Self {
        match read {
            Ok(fact) => Self::Known(fact),
            Err(gap) => Self::Gap(gap),
        }
    }
}
