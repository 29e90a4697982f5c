//! The port: what applying a plan needs of AWS and of time. `trailwarden-aws` is behind the one, the program behind the other.

use std::future::Future;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use trailwarden_model::observed::Gap;
use trailwarden_model::plan::{Call, Place, Plan, Stage, Subject};

/// AWS, as far as steps need it. Arguments hold no placeholders.
pub trait Cloud: Send + Sync {
    /// What is observed of a subject, in the shape that its [`trailwarden_model::plan::Aspect`] states. A resource that does
    /// not exist is null, which is knowledge; only what could not be read is a gap.
    fn look(&self, subject: &Subject) -> impl Future<Output = Result<Value, Gap>> + Send;

    /// Makes the call once. It is not repeated behind the caller's back, whatever the answer: only the caller knows whether
    /// that is safe.
    fn perform(&self, place: &Place, call: &Call) -> impl Future<Output = Result<(), Refusal>> + Send;
}

/// Whether what the stages of a plan promise holds, by what AWS reports now. The proof is made outside: this crate knows no
/// policies.
pub trait StageCheck: Sync {
    /// Whether a stage and those before it still reach the accounts that they were planned to reach, and no other account that the
    /// plan knew.
    fn reach<'a>(&'a self, plan: &'a Plan, stage: &'a Stage) -> BoxFuture<'a, Result<(), String>>;

    /// Shows that a stage holds, or says who gets through, what has moved, or what could not be read.
    fn show<'a>(&'a self, plan: &'a Plan, stage: &'a Stage) -> BoxFuture<'a, Result<(), String>>;
}

/// Why a call was not answered with success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {reason}")]
pub struct Refusal {
    /// AWS's error code, or our own word when no answer came.
    pub code: String,
    /// One sentence for people, without request ids or secrets.
    pub reason: String,
    /// Whether it is certain that nothing was changed.
    pub certainty: Certainty,
}

/// What a call without success may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// AWS refused it: nothing was changed.
    NothingChanged,
    /// AWS was too busy to look at it: nothing was changed, and the same call may succeed later.
    Throttled,
    /// No answer, or one that tells nothing: the change may have been made.
    InDoubt,
}

/// The time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Waits.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}
