//! The one integration test binary: what a user can observe, from the command line down to the wire.

#[cfg(test)]
mod cli_errors;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod support;
