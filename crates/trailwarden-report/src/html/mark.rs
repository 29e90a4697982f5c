//! What one cell of a map says, and the letters, signs and words for it.

use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::map::Recorded;

/// What a cell says, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Nothing,
    NotApplicable,
    Pass,
    Waived,
    Unknown,
    /// Some of it fails, and some does not.
    Partly,
    Fail,
}

impl Mark {
    /// The letter that stands for it in packed rows, and names its style.
    pub(super) fn letter(self) -> char {
        match self {
            Self::Nothing => '_',
            Self::NotApplicable => 'n',
            Self::Pass => 'p',
            Self::Waived => 'w',
            Self::Unknown => 'u',
            Self::Partly => 'h',
            Self::Fail => 'f',
        }
    }

    /// The sign that says the same without colour.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::NotApplicable => "–",
            Self::Pass => "✓",
            Self::Waived => "~",
            Self::Unknown => "?",
            Self::Partly => "/",
            Self::Fail => "✗",
        }
    }

    pub(super) fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::NotApplicable => Self::NotApplicable,
            Outcome::Pass => Self::Pass,
            Outcome::Unknown => Self::Unknown,
            Outcome::Fail => Self::Fail,
        }
    }

    pub(super) fn of_finding(finding: &Finding) -> Self {
        match (&finding.waiver, finding.outcome) {
            (Some(_), Outcome::Fail | Outcome::Unknown) => Self::Waived,
            (_, outcome) => Self::of_outcome(outcome),
        }
    }

    /// All classes of events together: only where each of those that happen is lost does nothing stay.
    pub(super) fn of_classes<'r>(classes: impl Iterator<Item = &'r Recorded>) -> Self {
        let mark = |recorded: &Recorded| match recorded {
            Recorded::NotApplicable => Self::NotApplicable,
            Recorded::Recorded => Self::Pass,
            Recorded::Unknown(_) => Self::Unknown,
            Recorded::Lost(_) => Self::Fail,
        };
        let marks: Vec<Self> = classes.map(mark).filter(|mark| *mark != Self::NotApplicable).collect();
        match marks.iter().max() {
            None => Self::NotApplicable,
            Some(Self::Fail) if marks.iter().any(|mark| *mark != Self::Fail) => Self::Partly,
            Some(worst) => *worst,
        }
    }
}

/// The words of a map for its marks.
pub(super) type Words = &'static [(Mark, &'static str)];
pub(super) const OUTCOMES: Words = &[
    (Mark::Fail, "fail"),
    (Mark::Unknown, "unknown"),
    (Mark::Waived, "waived"),
    (Mark::Pass, "pass"),
    (Mark::NotApplicable, "not applicable"),
    (Mark::Nothing, "not judged here"),
];
pub(super) const RECORDED: Words = &[
    (Mark::Fail, "every class of events is lost"),
    (Mark::Partly, "some classes are lost"),
    (Mark::Unknown, "not known"),
    (Mark::Pass, "every class is recorded"),
    (Mark::NotApplicable, "no event happens"),
    (Mark::Nothing, "not enabled"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_that_loses_some_classes_is_told_from_one_that_loses_all() {
        let lost = Recorded::Lost("an event".to_owned());
        let all = [&lost, &Recorded::NotApplicable];
        let some = [&lost, &Recorded::Recorded];
        let none = [&Recorded::NotApplicable];
        assert_eq!(Mark::of_classes(all.into_iter()), Mark::Fail);
        assert_eq!(Mark::of_classes(some.into_iter()), Mark::Partly);
        assert_eq!(Mark::of_classes(none.into_iter()), Mark::NotApplicable);
    }
}
