//! Ages of deliveries in words, and the gap of a delivery that is not due yet.

use jiff::{SignedDuration, Timestamp};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::trail::TrailStatus;

use crate::cx::Cx;

/// What one status says about one kind of delivery.
pub(crate) enum Arrival {
    /// It works; the words say since when.
    Fine(String),
    /// It does not; the words say why.
    Broken(String),
    /// Logging began so lately that nothing need have arrived.
    TooEarly(String),
}

impl Cx<'_> {
    /// `3 h ago`, or `12 min ago` within the first two hours.
    pub(crate) fn ago(&self, time: Timestamp) -> String {
        let age = self.age(time);
        match age.as_hours() {
            0 | 1 => format!("{} min ago", age.as_mins()),
            hours => format!("{hours} h ago"),
        }
    }

    /// True when logging began within the freshness.
    pub(crate) fn has_just_started(&self, status: &TrailStatus) -> bool {
        status.started_at.is_some_and(|time| self.is_fresh(time))
    }

    /// `24 h`, the freshness in words.
    pub(crate) fn freshness_words(&self) -> String {
        format!("{} h", self.baseline.freshness_hours)
    }

    /// Judges the last time of a delivery that must happen within the freshness.
    pub(crate) fn arrival(&self, what: &str, status: &TrailStatus, last: Option<Timestamp>) -> Arrival {
        match last {
            Some(time) if self.is_fresh(time) => Arrival::Fine(format!("last {what} {}", self.ago(time))),
            Some(time) => {
                Arrival::Broken(format!("last {what} {}, more than {}", self.ago(time), self.freshness_words()))
            }
            None if self.has_just_started(status) => {
                let words = format!("no {what} yet; logging started within the last {}", self.freshness_words());
                Arrival::TooEarly(words)
            }
            None => Arrival::Broken(format!("no {what} ever")),
        }
    }
}

/// The gap of a delivery that AWS cannot show yet.
pub(crate) fn too_early(words: String, account: &AccountId, region: &Region) -> Gap {
    nothing_delivered_yet("cloudtrail:GetTrailStatus", words, account, region)
}

/// The gap of something that a call shows to exist and not to have delivered anything so far.
pub(crate) fn nothing_delivered_yet(call: &str, words: String, account: &AccountId, region: &Region) -> Gap {
    Gap {
        kind: GapKind::TooEarly,
        call: call.to_owned(),
        account: Some(account.clone()),
        region: Some(region.clone()),
        code: "TooEarly".to_owned(),
        reason: words,
    }
}

/// Time between two deliveries, when the second came later.
pub(crate) fn lag(earlier: Timestamp, later: Timestamp) -> SignedDuration {
    later.duration_since(earlier).max(SignedDuration::ZERO)
}
