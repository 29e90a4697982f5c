//! Why applying, resuming or rolling back is refused or had to end at once. What befalls single steps is in the report.

use std::fmt;
use std::path::PathBuf;

use serde_json::Value;
use trailwarden_model::format::FormatError;
use trailwarden_model::journal::{FoldError, Outcome};
use trailwarden_model::observed::Gap;
use trailwarden_model::plan::{SealError, StepId, Subject};

/// Why nothing was done, or why a run ended at once.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The plan was made for others.
    #[error("the plan is for organization {plan}, and the credentials belong to {caller}")]
    OtherOrganization {
        /// `o-…` of the plan.
        plan: String,
        /// `o-…` of the caller.
        caller: String,
    },
    /// The plan file is none, or was changed.
    #[error(transparent)]
    Plan(#[from] SealError),
    /// Steps that could never be made in their order.
    #[error("step {step} of the plan needs step {needs}, which does not come before it")]
    Order {
        /// The step.
        step: StepId,
        /// What it needs.
        needs: StepId,
    },
    /// The run directory has a journal.
    #[error("the plan was already begun in {}{}", dir.display(), ended(*outcome))]
    AlreadyBegun {
        /// The run directory.
        dir: PathBuf,
        /// How that run ended; none when it runs or was killed.
        outcome: Option<Outcome>,
    },
    /// The run directory has no journal.
    #[error("no plan was begun in {}", .0.display())]
    NothingBegun(PathBuf),
    /// Plan and journal in the run directory do not belong together, or the directory holds another plan.
    #[error("{} belongs to plan {theirs}, and not to {ours}", dir.display())]
    OtherPlan {
        /// The run directory.
        dir: PathBuf,
        /// The digest that stands in it.
        theirs: String,
        /// The digest that was to be applied or that the journal names.
        ours: String,
    },
    /// Nothing is left to do that way.
    #[error("the run in {} is over: {}", dir.display(), ended_word(*outcome))]
    Over {
        /// The run directory.
        dir: PathBuf,
        /// How it ended.
        outcome: Outcome,
    },
    /// The run was turned back.
    #[error("the run in {} is being rolled back", .0.display())]
    TurnedBack(PathBuf),
    /// Another process changes this organization.
    #[error("another process holds the lock {}", .0.display())]
    Locked(PathBuf),
    /// The disk.
    #[error("{doing} {}: {source}", path.display())]
    File {
        /// For example `writing`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A journal that is damaged elsewhere than at its torn end.
    #[error("the journal {} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A journal of something else, or of a newer version.
    #[error("reading {}: {source}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FormatError,
    },
    /// The run would have done something that its journal does not allow: a mistake of ours, stopped before it was written.
    #[error("keeping the journal: {0}")]
    Illegal(FoldError),
    /// The basis of the plan is no longer observed. Nothing was changed.
    #[error("the plan is stale: {}", moved(.0))]
    Stale(Vec<Stale>),
    /// Steps of which only a person can tell what happened.
    #[error("in doubt, and neither as before nor as planned: {}", listed(.0))]
    InDoubt(Vec<Doubt>),
}

impl ApplyError {
    /// What a person can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::OtherOrganization { .. } => "use credentials of the organization that the plan was made for",
            Self::Plan(SealError::Broken { .. }) | Self::Order { .. } => "make the plan again; plans are not edited",
            Self::AlreadyBegun { .. } => "resume the run or roll it back; to apply once more make a new plan",
            Self::NothingBegun(_) => "name the run directory in which the plan was applied",
            Self::OtherPlan { .. } => "each plan has a run directory of its own",
            Self::Over { .. } | Self::Stale(_) => "make a new plan from a new snapshot",
            Self::TurnedBack(_) => "go on rolling back; then make a new plan",
            Self::Locked(_) => "wait until the other process has ended; one at a time changes an organization",
            Self::Damaged { .. } => {
                "do not mend the journal by hand: compare the account with the plan, then make a new plan"
            }
            Self::InDoubt(_) => {
                "look at each, bring it to the state before or to the planned one, then resume or roll back"
            }
            Self::Plan(SealError::Format(FormatError::TooNew { .. }))
            | Self::Format { source: FormatError::TooNew { .. }, .. } => {
                "use the version of trailwarden that began the run"
            }
            Self::Plan(_) | Self::File { .. } | Self::Format { .. } | Self::Illegal(_) => return None,
        })
    }
}

/// One difference between what a plan or run rests on and what is observed.
#[derive(Debug, Clone, PartialEq)]
pub struct Stale {
    /// The step.
    pub step: StepId,
    /// What the step does, in one line.
    pub title: String,
    /// What was looked at.
    pub subject: Subject,
    /// What should be observed.
    pub expected: Value,
    /// What is instead.
    pub staleness: Staleness,
}

/// What is observed instead of what was expected.
#[derive(Debug, Clone, PartialEq)]
pub enum Staleness {
    /// What the step should bring about: somebody else did it.
    AlreadySo(Value),
    /// Something else.
    Moved(Value),
    /// A guard does not hold; the reason says what the call would do.
    Guard {
        /// What is observed.
        observed: Value,
        /// Why the call would do harm.
        because: String,
    },
    /// A done step was changed by somebody else.
    Changed(Value),
    /// It could not be looked at.
    Unseen(Gap),
}

/// A step in doubt that looking at does not settle.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// The step.
    pub step: StepId,
    /// What was looked at.
    pub subject: Subject,
    /// What was found before the call.
    pub found: Value,
    /// What the call should bring about.
    pub expected: Value,
    /// What is observed, or why it cannot be.
    pub observed: Result<Value, Gap>,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, title, expected, .. } = self;
        match &self.staleness {
            Staleness::AlreadySo(_) => write!(f, "{step} is already so"),
            Staleness::Moved(observed) => write!(f, "{step} should find {expected} and finds {observed}"),
            Staleness::Guard { observed, because } => {
                write!(f, "{step} needs {expected} where {observed} is observed ({because})")
            }
            Staleness::Changed(observed) => write!(f, "{step} ({title}) left {expected}, which is now {observed}"),
            Staleness::Unseen(gap) => write!(f, "{step} cannot be looked at: {gap}"),
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, found, expected, .. } = self;
        match &self.observed {
            Ok(observed) => write!(f, "{step} should turn {found} into {expected}, and {observed} is observed"),
            Err(gap) => write!(f, "{step} should turn {found} into {expected}, and cannot be looked at: {gap}"),
        }
    }
}

/// What is already so is only counted when it is much: whoever applies a plan again finds every step so.
fn moved(stale: &[Stale]) -> String {
    let (so, other): (Vec<&Stale>, Vec<&Stale>) =
        stale.iter().partition(|stale| matches!(stale.staleness, Staleness::AlreadySo(_)));
    match so.as_slice() {
        [first, _, _, .., last] => {
            let so = format!("{} steps from {} to {} are already so", so.len(), first.step, last.step);
            [vec![so], other.iter().map(ToString::to_string).collect()].concat().join("; ")
        }
        _ => listed(stale),
    }
}

fn listed<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn ended(outcome: Option<Outcome>) -> String {
    outcome.map(|outcome| format!(" and ended {}", ended_word(outcome))).unwrap_or_default()
}

fn ended_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "applied",
        Outcome::Incomplete => "incomplete",
        Outcome::Soaking => "soaking",
        Outcome::RolledBack => "rolled back",
        Outcome::Stuck => "stuck",
    }
}
