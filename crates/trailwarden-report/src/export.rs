//! Plans for other tools: what trailwarden would do itself, written down for whoever wants to do it another way.

use trailwarden_model::ids::AccountId;

mod aws_cli;
mod cloudformation;
pub(crate) mod command;
mod outputs;
mod provenance;
mod resource;
mod rules;
mod terraform;
#[cfg(test)]
mod tests;

pub use aws_cli::aws_cli;
pub use cloudformation::cloudformation;
pub use terraform::terraform;

/// How the accounts of a plan are entered.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// The name of the role to assume in every account but the caller's.
    pub role: &'a str,
    /// The account whose credentials are there to begin with.
    pub caller: &'a AccountId,
}
