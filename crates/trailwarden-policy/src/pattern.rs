//! Wildcard patterns (`*`, `?`) as sets of strings: membership, inclusion, intersection, and a string that shows it.

mod arn;
mod token;
mod witness;

pub(crate) use arn::ArnPattern;
pub use token::Pattern;
pub(crate) use token::Piece;
pub use witness::TooComplex;
pub(crate) use witness::{MAX_WORK, witness, witness_within};
