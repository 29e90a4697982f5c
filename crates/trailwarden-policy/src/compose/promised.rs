//! What a profile promises of one account, for those who hold it against policies other than the composed ones.

use super::exceptions::Exceptions;
use super::proof::promise_of;
use super::{ComposeError, Guarded, Profile};
use crate::chain::Chain;
use crate::prove::Call;

/// The calls that a profile promises to deny in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promised {
    /// Denied to everybody but the declared exceptions.
    pub but_exceptions: Vec<Call>,
    /// Denied to everybody.
    pub everybody: Vec<Call>,
}

/// The calls that a profile promises to deny to the callers of the account of a chain, on what is guarded and on what may yet be
/// made, as far as the policies of the chain tell it apart.
///
/// # Errors
/// When an exception is no pattern over ARNs that a policy can spare, or the policies tell too much apart.
pub fn promised(profile: Profile, guarded: &Guarded, chain: &Chain) -> Result<Promised, ComposeError> {
    let exceptions = Exceptions::new(&guarded.exceptions, &guarded.partition)?;
    promise_of(profile, guarded, &exceptions, |promise| {
        Ok(Promised { but_exceptions: promise.calls(chain, true)?, everybody: promise.calls(chain, false)? })
    })
}
