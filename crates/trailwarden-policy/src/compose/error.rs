//! Why a set of policies could not be composed.

use crate::pattern::TooComplex;
use crate::span::Malformed;

/// Why no policies were composed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// A declared exception has no equal in a condition of a policy.
    #[error("exception {pattern:?} cannot be written into a policy: {reason}")]
    Exception {
        /// As declared.
        pattern: String,
        /// Why not.
        reason: &'static str,
        /// What to declare instead.
        hint: &'static str,
    },
    /// One action on one resource does not fit a policy.
    #[error(
        "denying {action} on {resource} with {n_exceptions} exceptions takes more than the {limit} characters of a policy"
    )]
    TooLarge {
        /// The action.
        action: String,
        /// The resource as the policy names it.
        resource: String,
        /// How many exceptions the statement spares.
        n_exceptions: usize,
        /// The characters a policy may have.
        limit: usize,
    },
    /// The declared exceptions match every principal of every account.
    #[error("the declared exceptions spare everybody, so that nothing would be denied")]
    EverybodySpared,
    /// More policies than a node takes.
    #[error(
        "{at} would need {n_policies} {} besides the one that allows, and {limit} may be attached in all",
        if *n_policies == 1 { "policy" } else { "policies" }
    )]
    TooMany {
        /// The root or account.
        at: String,
        /// How many it would need.
        n_policies: usize,
        /// How many may be attached there.
        limit: usize,
    },
    /// A composed document is not one that AWS would accept.
    #[error("composed policy {name}")]
    Malformed {
        /// Its name.
        name: String,
        /// What is wrong with it.
        #[source]
        reason: Malformed,
    },
    /// The policies tell too many resources apart to say what may yet be made.
    #[error("what may yet be made in CloudTrail cannot be listed: {0}")]
    TooComplex(#[from] TooComplex),
    /// The composed documents do not deny what the profile promises.
    #[error("{action} on {resource} is not proved denied in account {account}: {reason}")]
    NotProved {
        /// The action.
        action: String,
        /// The resource.
        resource: String,
        /// The account of the caller.
        account: String,
        /// A caller who gets through, or why it cannot be told.
        reason: String,
    },
    /// The composed RCPs deny a call to somebody whom they must let through.
    #[error("{action} on {resource} would be denied to {principal}, whom resource control policies must let through")]
    ShutsOut {
        /// The action.
        action: String,
        /// The resource.
        resource: String,
        /// Who would be denied, in words.
        principal: String,
    },
    /// The composed documents deny a call to somebody who is declared as an exception.
    #[error("{action} on {resource} would be denied to {principal}, which is a declared exception")]
    NotSpared {
        /// The action.
        action: String,
        /// The resource.
        resource: String,
        /// One of the principals.
        principal: String,
    },
}

impl ComposeError {
    /// What to do about it, when something can be done.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Exception { hint, .. } => Some(hint),
            Self::TooLarge { .. } => Some("declare fewer exceptions, for example one role name for all accounts"),
            Self::TooMany { .. } => Some("declare fewer exceptions, or choose a smaller profile"),
            Self::TooComplex(_) => Some("name fewer trails by patterns in the policies of the organization"),
            Self::EverybodySpared => Some("declare the roles that may tamper, by name"),
            Self::Malformed { .. } | Self::NotProved { .. } | Self::ShutsOut { .. } | Self::NotSpared { .. } => None,
        }
    }
}
