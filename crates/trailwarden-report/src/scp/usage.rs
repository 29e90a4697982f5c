//! Who would be denied what they did lately: as text, as Markdown for a change ticket, and as `trailwarden.scp-usage/1`.

mod json;
mod markdown;
mod text;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use trailwarden_model::organization::Organization;
use trailwarden_model::usage::{LogLocation, PlaceUsage};
use trailwarden_policy::Profile;
use trailwarden_policy::usage::{Fate, OwnDenial, Unseen, Use};

pub use json::{FORMAT, render_json};
pub use markdown::render_markdown;
pub use text::render;

/// What was found out before the first change.
#[derive(Debug)]
pub struct Usage<'a> {
    /// The version of the tool.
    pub tool_version: &'a str,
    /// Whose policies.
    pub organization: &'a Organization,
    /// What would be denied.
    pub profile: Profile,
    /// The time asked for.
    pub since: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// The log files that were read instead of the event history.
    pub logs: Option<&'a LogLocation>,
    /// What places answered, those with gaps too.
    pub places: &'a [PlaceUsage],
    /// Accounts in scope.
    pub n_accounts: usize,
    /// Accounts and regions in scope.
    pub n_places: usize,
    /// What was done, judged, in the order in which it is to be shown.
    pub uses: &'a [Use],
    /// Denied actions that no event history shows.
    pub unseen: &'a Unseen,
    /// The declared exceptions.
    pub exceptions: &'a BTreeSet<String>,
    /// What this tool would be denied.
    pub own: OwnRoles<'a>,
    /// What asking took.
    pub pace: Pace,
}

/// The roles that this tool acts with, and what they would be denied.
#[derive(Debug)]
pub struct OwnRoles<'a> {
    /// The name of the role in members.
    pub role: &'a str,
    /// What would be denied.
    pub denials: &'a [OwnDenial],
    /// Actions that only a rollback uses.
    pub only_back: &'a BTreeSet<&'static str>,
}

/// What asking took, beside the least that it can take.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Places asked now; the others had answered before.
    pub n_asked: usize,
    /// Requests made.
    pub n_requests: u64,
    /// How long it took.
    pub wall: Duration,
    /// The least that two requests a second in each place allow, all places asked side by side.
    pub floor_of_rate: Duration,
    /// The least that so many answers of this speed take, with so many calls in flight.
    pub floor_of_width: Duration,
    /// Calls that may be in flight.
    pub in_flight: usize,
}

impl Pace {
    /// The higher of the two floors.
    pub fn floor(&self) -> Duration {
        self.floor_of_rate.max(self.floor_of_width)
    }

    /// How many times as long as the floor it took; none when there was nothing to ask.
    pub fn ratio(&self) -> Option<f64> {
        let floor = self.floor().as_secs_f64();
        (floor > 0.0).then(|| self.wall.as_secs_f64() / floor)
    }
}

impl Usage<'_> {
    /// What was asked, in words.
    pub fn source(&self) -> String {
        self.logs.map_or("the event history".to_owned(), |location| format!("the log files in {location}"))
    }

    /// Places that answered wholly.
    pub fn n_answered(&self) -> usize {
        self.places.iter().filter(|place| place.region.is_some() && place.gap.is_none()).count()
    }

    /// Places in scope that nobody has asked yet.
    pub fn n_not_asked(&self) -> usize {
        let n_heard = self.places.iter().filter(|place| place.region.is_some()).count();
        self.n_places.saturating_sub(n_heard)
    }

    /// Whether more may have been done than is shown.
    pub fn is_partial(&self) -> bool {
        self.n_not_asked() > 0 || self.places.iter().any(|place| place.gap.is_some())
    }

    /// Whether somebody would be denied what they did, or this tool what it does.
    pub fn denies_somebody(&self) -> bool {
        !self.own.denials.is_empty() || self.uses.iter().any(|used| matches!(used.fate, Fate::Denied { .. }))
    }

    /// Whether it cannot be told of somebody.
    pub fn is_undecided(&self) -> bool {
        self.is_partial() || self.uses.iter().any(|used| matches!(used.fate, Fate::Undecided(_)))
    }

    /// The regions that did not answer wholly, by account and reason.
    fn gaps(&self) -> BTreeMap<(String, String), BTreeSet<String>> {
        let mut gaps: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for place in self.places {
            let Some(gap) = &place.gap else { continue };
            let key = (place.account.to_string(), format!("{}: {}: {}", gap.call, gap.code, gap.reason));
            gaps.entry(key).or_default().extend(place.region.as_ref().map(ToString::to_string));
        }
        gaps
    }

    /// Whom the policies bind of those who administer the organization: delegated administrators with their services.
    fn administrators(&self) -> Vec<(String, String)> {
        let known = self.organization.delegated_administrators.known().into_iter().flatten();
        known
            .map(|administrator| {
                let services = administrator
                    .services
                    .known()
                    .map(|services| services.iter().cloned().collect::<Vec<_>>().join(", "));
                (administrator.account.to_string(), services.unwrap_or_else(|| "services not read".to_owned()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
