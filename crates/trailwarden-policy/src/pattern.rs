//! Wildcard patterns (`*`, `?`) as sets of strings: membership, inclusion, intersection, and a string that shows it.

mod arn;
mod token;
mod witness;

pub use arn::ArnPattern;
pub use token::{Pattern, Piece};
pub(crate) use witness::witness_within;
pub use witness::{TooComplex, witness};
