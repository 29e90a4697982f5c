//! From an event in a log group to somebody who hears of it: metric filter, alarm, action.

mod action;
mod composite;
mod raised;
mod watch;

pub(crate) use action::notified;
pub(crate) use watch::{Watched, demanded, is_delivering, watched_elsewhere, watched_families};

use trailwarden_model::ids::Arn;
use trailwarden_model::observed::{Gap, GapKind};

/// How far a chain of links holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// To its end; the words say how, as in `raises alarm a, which notifies …`.
    Holds(String),
    /// Something that could not be read or decided hides it.
    Unread(Gap),
    /// It is broken; the words say where.
    Broken(String),
}

impl Link {
    /// The best of several: one that holds will do.
    fn best(links: impl IntoIterator<Item = Self>, none: impl FnOnce() -> Self) -> Self {
        let rank = |link: &Self| match link {
            Self::Holds(_) => 0,
            Self::Unread(_) => 1,
            Self::Broken(_) => 2,
        };
        links.into_iter().min_by_key(rank).unwrap_or_else(none)
    }

    /// This link, and the one after it when it holds.
    fn then(self, next: impl FnOnce(String) -> Self) -> Self {
        match self {
            Self::Holds(words) => next(words),
            other => other,
        }
    }
}

/// The gap of what an alarm or filter leaves open, in the call that returned it.
fn undecided(reason: String, call: &str, place: &Arn) -> Gap {
    Gap {
        kind: GapKind::Unexpected,
        call: call.to_owned(),
        account: place.account(),
        region: place.region(),
        code: "Undecided".to_owned(),
        reason,
    }
}
