//! A moment in scenario data: fixed, or so long before the clock.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A moment: `2026-03-01T00:00:00Z`, or `90m ago` (units `s`, `m`, `h`, `d`), which moves with the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum When {
    /// A fixed moment.
    At(Timestamp),
    /// So many seconds before the clock, whenever it is asked.
    Ago(i64),
}

impl When {
    /// The moment, by this clock.
    pub fn by(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ago(seconds) => now.saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(now),
        }
    }
}

/// The text is neither a timestamp nor `N[smhd] ago`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a time such as 2026-03-01T00:00:00Z nor a distance such as \"90m ago\"")]
pub struct NotAMoment(String);

impl FromStr for When {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        let wrong = || NotAMoment(text.to_owned());
        let Some(distance) = text.strip_suffix(" ago") else {
            return text.parse().map(Self::At).map_err(|_| wrong());
        };
        let digits = distance.trim_end_matches(|c: char| !c.is_ascii_digit());
        let number: u32 = digits.parse().map_err(|_| wrong())?;
        let unit = match distance.strip_prefix(digits) {
            Some("s") => 1,
            Some("m") => 60,
            Some("h") => 3_600,
            Some("d") => 86_400,
            _ => return Err(wrong()),
        };
        Ok(Self::Ago(i64::from(number) * unit))
    }
}

impl TryFrom<String> for When {
    type Error = NotAMoment;

    fn try_from(text: String) -> Result<Self, NotAMoment> {
        text.parse()
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(moment) => write!(f, "{moment}"),
            Self::Ago(seconds) => write!(f, "{seconds}s ago"),
        }
    }
}

impl From<When> for String {
    fn from(when: When) -> Self {
        when.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_move_with_the_clock_and_moments_do_not() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().expect("valid");
        let by = |text: &str| text.parse::<When>().expect("valid").by(now).to_string();
        assert_eq!(by("90m ago"), "2026-11-20T10:30:00Z");
        assert_eq!(by("2d ago"), "2026-11-18T12:00:00Z");
        assert_eq!(by("2026-01-01T00:00:00Z"), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn a_wrong_unit_is_refused() {
        for text in ["3 weeks ago", "ago", "-3h ago", "3h", "3hh ago"] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }
}
