//! The state of a run as a fold of its journal. An event that cannot follow what is written is an error, never skipped.

use super::{Direction, Event, FORMAT, Line, Outcome, Run, Standing};
use crate::format::{self, FormatError};
use crate::plan::StepId;

/// Why lines are no journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// Another format, or a newer one.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A line is missing or stands there twice.
    #[error("line {expected} is expected, and line {found} follows")]
    Number {
        /// The number that should follow.
        expected: u64,
        /// The number that follows.
        found: u64,
    },
    /// A run that begins in the middle, twice, or goes on after its end.
    #[error("line {number}: the run cannot have {event} here")]
    Run {
        /// The line.
        number: u64,
        /// What it says.
        event: &'static str,
    },
    /// A step that makes a leap, such as one that is done without having been intended.
    #[error("line {number}: step {step} cannot have {event} here")]
    Step {
        /// The line.
        number: u64,
        /// The step.
        step: StepId,
        /// What it says.
        event: &'static str,
    },
}

/// The state after these lines; of none, an empty run.
///
/// # Errors
/// When a line cannot follow those before it.
pub fn fold<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Result<Run, FoldError> {
    let mut run = Run::default();
    for line in lines {
        run.take(line)?;
    }
    Ok(run)
}

impl Run {
    /// Takes in one more line.
    ///
    /// # Errors
    /// When it cannot follow those before it; the state stays as it was.
    pub fn take(&mut self, line: &Line) -> Result<(), FoldError> {
        let expected = self.n_lines + 1;
        if line.number != expected {
            return Err(FoldError::Number { expected, found: line.number });
        }
        match &line.event {
            Event::Began { format, plan, organization, .. } if self.n_lines == 0 => {
                format::check(format, FORMAT)?;
                (self.plan, self.organization) = (plan.clone(), organization.clone());
            }
            Event::Resumed { direction, .. } if self.may_go(*direction) => {
                (self.direction, self.outcome) = (*direction, None);
            }
            Event::Shown { stage } if self.is_going_forward() => {
                self.shown.entry(*stage).or_insert(line.at);
                self.not_shown = None;
            }
            Event::NotShown { stage, reason } if self.is_going_forward() => {
                // Nobody knows since when: it soaks anew once it holds.
                self.shown.remove(stage);
                self.not_shown = Some((*stage, reason.clone()));
            }
            Event::Ended { outcome } if self.may_end(*outcome) => self.outcome = Some(*outcome),
            Event::Began { .. }
            | Event::Resumed { .. }
            | Event::Shown { .. }
            | Event::NotShown { .. }
            | Event::Ended { .. } => {
                return Err(FoldError::Run { number: line.number, event: line.event.word() });
            }
            Event::Intended { step, .. }
            | Event::Done { step, .. }
            | Event::Failed { step, .. }
            | Event::Kept { step, .. } => self.take_step(line, step)?,
        }
        self.n_lines = line.number;
        Ok(())
    }

    fn take_step(&mut self, line: &Line, step: &StepId) -> Result<(), FoldError> {
        let illegal = || FoldError::Step { number: line.number, step: step.clone(), event: line.event.word() };
        let standing = self.steps.get(step);
        if !self.is_running() || !self.is_on_the_way(&line.event, standing) {
            return Err(illegal());
        }
        let moved = moved(standing, &line.event).ok_or_else(illegal)?;
        if let Standing::Done { left, .. } = &moved {
            self.bindings.insert(step.clone(), left.clone());
        }
        self.steps.insert(step.clone(), moved);
        Ok(())
    }

    fn is_running(&self) -> bool {
        self.n_lines > 0 && self.outcome.is_none()
    }

    fn is_going_forward(&self) -> bool {
        self.is_running() && self.direction == Direction::Forward
    }

    fn may_go(&self, direction: Direction) -> bool {
        self.n_lines > 0
            && match direction {
                Direction::Forward => self.direction == Direction::Forward && self.outcome != Some(Outcome::Applied),
                Direction::Back => self.outcome != Some(Outcome::RolledBack),
            }
    }

    fn may_end(&self, outcome: Outcome) -> bool {
        let fits = match outcome {
            Outcome::Applied | Outcome::Soaking => self.direction == Direction::Forward,
            Outcome::RolledBack | Outcome::Stuck => self.direction == Direction::Back,
            Outcome::Incomplete => true,
        };
        self.is_running() && fits
    }

    /// On the way back nothing is made any more; only what was in doubt may turn out as made or not.
    fn is_on_the_way(&self, event: &Event, standing: Option<&Standing>) -> bool {
        let direction = match event {
            Event::Intended { direction, .. } | Event::Done { direction, .. } | Event::Failed { direction, .. } => {
                *direction
            }
            _ => Direction::Back,
        };
        let is_settled_now =
            matches!(standing, Some(Standing::InDoubt { .. })) && !matches!(event, Event::Intended { .. });
        direction == self.direction || (direction == Direction::Forward && is_settled_now)
    }
}

/// Where a step stands after an event; none when the event cannot follow.
fn moved(standing: Option<&Standing>, event: &Event) -> Option<Standing> {
    use Direction::{Back, Forward};
    Some(match (event, standing) {
        (Event::Intended { direction: Forward, found, .. }, None | Some(Standing::Failed { .. })) => {
            Standing::InDoubt { found: found.clone() }
        }
        (Event::Done { direction: Forward, left, already: false, .. }, Some(Standing::InDoubt { found })) => {
            Standing::Done { found: Some(found.clone()), left: left.clone() }
        }
        (Event::Done { direction: Forward, left, already: true, .. }, None | Some(Standing::Failed { .. })) => {
            Standing::Done { found: None, left: left.clone() }
        }
        (
            Event::Failed { direction: Forward, code, reason, .. },
            None | Some(Standing::Failed { .. } | Standing::InDoubt { .. }),
        ) => Standing::Failed { code: code.clone(), reason: reason.clone() },
        (
            Event::Intended { direction: Back, .. },
            Some(Standing::Done { found: Some(found), left } | Standing::Stuck { found, left, .. }),
        ) => Standing::UndoInDoubt { found: found.clone(), left: left.clone() },
        (Event::Done { direction: Back, already: false, .. }, Some(Standing::UndoInDoubt { .. }))
        | (
            Event::Done { direction: Back, already: true, .. },
            Some(Standing::Done { found: Some(_), .. } | Standing::Stuck { .. }),
        ) => Standing::RolledBack,
        (
            Event::Failed { direction: Back, code, reason, .. },
            Some(
                Standing::Done { found: Some(found), left }
                | Standing::UndoInDoubt { found, left }
                | Standing::Stuck { found, left, .. },
            ),
        ) => Standing::Stuck { found: found.clone(), left: left.clone(), code: code.clone(), reason: reason.clone() },
        (Event::Kept { reason, .. }, Some(Standing::Done { found: Some(_), .. } | Standing::UndoInDoubt { .. })) => {
            Standing::Kept(reason.clone())
        }
        _ => return None,
    })
}

impl Event {
    /// How it is called in the journal.
    fn word(&self) -> &'static str {
        match self {
            Self::Began { .. } => "began",
            Self::Resumed { .. } => "resumed",
            Self::Intended { .. } => "intended",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::Kept { .. } => "kept",
            Self::Shown { .. } => "shown",
            Self::NotShown { .. } => "not-shown",
            Self::Ended { .. } => "ended",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::journal::Direction::{Back, Forward};

    fn began() -> Event {
        let [plan, organization, by, tool_version] = ["d1", "o-example", "arn:by", "0.1.0"].map(str::to_owned);
        Event::Began { format: FORMAT.to_owned(), plan, organization, by, tool_version }
    }

    fn resumed(direction: Direction) -> Event {
        Event::Resumed { direction, by: "arn:by".to_owned() }
    }

    fn intended(direction: Direction) -> Event {
        Event::Intended { step: "s001".to_owned(), direction, found: json!("found") }
    }

    fn done(direction: Direction, already: bool) -> Event {
        Event::Done { step: "s001".to_owned(), direction, left: json!({"Arn": "left"}), already }
    }

    fn failed(direction: Direction) -> Event {
        Event::Failed { step: "s001".to_owned(), direction, code: "Code".to_owned(), reason: "why".to_owned() }
    }

    fn kept() -> Event {
        Event::Kept { step: "s001".to_owned(), reason: "why".to_owned() }
    }

    fn ended(outcome: Outcome) -> Event {
        Event::Ended { outcome }
    }

    fn shown(stage: usize) -> Event {
        Event::Shown { stage }
    }

    fn not_shown(stage: usize) -> Event {
        Event::NotShown { stage, reason: "why".to_owned() }
    }

    fn run(events: &[Event]) -> Result<Run, FoldError> {
        let at = "2026-11-28T00:00:00Z".parse().expect("a time");
        let lines: Vec<Line> =
            events.iter().zip(1..).map(|(event, number)| Line { number, at, event: event.clone() }).collect();
        fold(&lines)
    }

    fn standing(events: &[Event]) -> Option<Standing> {
        run(&[&[began()], events].concat()).expect("folds").steps.remove("s001")
    }

    #[test]
    fn a_step_goes_from_doubt_to_done_and_back() {
        let found = json!("found");
        let left = json!({"Arn": "left"});
        assert_eq!(standing(&[intended(Forward)]), Some(Standing::InDoubt { found: found.clone() }));
        let made = [intended(Forward), done(Forward, false)];
        assert_eq!(standing(&made), Some(Standing::Done { found: Some(found.clone()), left: left.clone() }));
        assert_eq!(standing(&[done(Forward, true)]), Some(Standing::Done { found: None, left: left.clone() }));
        let undoing = [&made[..], &[resumed(Back), intended(Back)]].concat();
        assert_eq!(standing(&undoing), Some(Standing::UndoInDoubt { found, left }));
        let undone = [&undoing[..], &[failed(Back), intended(Back), done(Back, false)]].concat();
        assert_eq!(standing(&undone), Some(Standing::RolledBack));
        let run = run(&[&[began()], &undone[..]].concat()).expect("folds");
        assert_eq!(run.bindings["s001"], json!({"Arn": "left"}), "others may still have to name it");
        assert_eq!((run.direction, run.outcome, run.n_lines), (Back, None, 8));
    }

    #[test]
    fn what_is_in_doubt_may_turn_out_either_way_after_turning_back() {
        let turned = [intended(Forward), resumed(Back)];
        assert!(matches!(standing(&[&turned[..], &[done(Forward, false)]].concat()), Some(Standing::Done { .. })));
        assert!(matches!(standing(&[&turned[..], &[failed(Forward)]].concat()), Some(Standing::Failed { .. })));
    }

    #[test]
    fn no_event_leaps() {
        let leaps: &[&[Event]] = &[
            &[intended(Forward)],
            &[began(), began()],
            &[began(), done(Forward, false)],
            &[began(), intended(Forward), intended(Forward)],
            &[began(), intended(Forward), done(Forward, true)],
            &[began(), intended(Back)],
            &[began(), intended(Forward), done(Forward, false), failed(Forward)],
            &[began(), intended(Forward), done(Forward, false), kept()],
            &[began(), intended(Forward), done(Forward, false), intended(Back)],
            &[began(), done(Forward, true), resumed(Back), intended(Back)],
            &[began(), done(Forward, true), resumed(Back), kept()],
            &[began(), resumed(Back), intended(Forward)],
            &[began(), resumed(Back), done(Forward, true)],
            &[began(), resumed(Back), resumed(Forward)],
            &[began(), ended(Outcome::Applied), resumed(Forward)],
            &[began(), ended(Outcome::Incomplete), intended(Forward)],
            &[began(), ended(Outcome::RolledBack)],
            &[began(), resumed(Back), ended(Outcome::Applied)],
            &[began(), resumed(Back), ended(Outcome::RolledBack), resumed(Back)],
            &[shown(1)],
            &[not_shown(1)],
            &[began(), resumed(Back), shown(1)],
            &[began(), resumed(Back), not_shown(1)],
            &[began(), ended(Outcome::Soaking), shown(1)],
            &[began(), ended(Outcome::Incomplete), not_shown(1)],
            &[began(), resumed(Back), ended(Outcome::Soaking)],
        ];
        for leap in leaps {
            assert!(run(leap).is_err(), "{leap:?}");
            assert!(leap.len() == 1 || run(&leap[..leap.len() - 1]).is_ok(), "the last is the leap in {leap:?}");
        }
    }

    #[test]
    fn a_stage_keeps_the_time_when_it_was_first_shown_and_what_was_heard_of_it_last() {
        let events = [began(), shown(1), ended(Outcome::Soaking), resumed(Forward), shown(1), not_shown(2)];
        let at = |second: i64| jiff::Timestamp::from_second(second).expect("a time");
        let lines: Vec<Line> = events
            .iter()
            .zip(1..)
            .map(|(event, n)| Line { number: n, at: at(n as i64), event: event.clone() })
            .collect();
        let run = fold(&lines).expect("folds");
        assert_eq!(run.shown, BTreeMap::from([(1, at(2))]), "its soak does not begin anew");
        assert_eq!((run.not_shown.clone(), run.outcome), (Some((2, "why".to_owned())), None));
        let mut mended = run;
        mended.take(&Line { number: 7, at: at(7), event: shown(2) }).expect("follows");
        assert_eq!((mended.not_shown, mended.shown[&2]), (None, at(7)));
    }

    #[test]
    fn a_foreign_or_newer_journal_and_one_with_a_missing_line_are_refused() {
        let other = |format: &str| {
            let Event::Began { plan, organization, by, tool_version, .. } = began() else { unreachable!() };
            run(&[Event::Began { format: format.to_owned(), plan, organization, by, tool_version }])
        };
        assert!(other("trailwarden.journal/1.7").is_ok());
        assert!(matches!(other("trailwarden.journal/2.0"), Err(FoldError::Format(FormatError::TooNew { .. }))));
        assert!(matches!(other("trailwarden.plan/1.0"), Err(FoldError::Format(FormatError::Foreign { .. }))));
        let at = "2026-11-28T00:00:00Z".parse().expect("a time");
        let lines = [Line { number: 1, at, event: began() }, Line { number: 3, at, event: intended(Forward) }];
        assert_eq!(fold(&lines), Err(FoldError::Number { expected: 2, found: 3 }));
    }
}
