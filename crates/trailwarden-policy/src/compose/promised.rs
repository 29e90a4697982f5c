//! What a profile promises of one account, for those who hold it against policies other than the composed ones.

use super::exceptions::Exceptions;
use super::proof::promise_of;
use super::{ComposeError, Guarded, Profile};
use crate::prove::Call;

/// The calls that a profile promises to deny in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promised {
    /// Denied to everybody but the declared exceptions.
    pub but_exceptions: Vec<Call>,
    /// Denied to everybody.
    pub everybody: Vec<Call>,
}

/// The calls that a profile promises to deny to the callers of an account, on what is guarded.
///
/// # Errors
/// When an exception is no pattern over ARNs that a policy can spare.
pub fn promised(profile: Profile, guarded: &Guarded, account: &str) -> Result<Promised, ComposeError> {
    let exceptions = Exceptions::new(&guarded.exceptions, &guarded.partition)?;
    Ok(promise_of(profile, guarded, &exceptions, |promise| Promised {
        but_exceptions: promise.calls(account, true),
        everybody: promise.calls(account, false),
    }))
}
