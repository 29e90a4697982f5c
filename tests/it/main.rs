//! The one integration test binary: what a user can observe, from the command line down to the wire.

#[cfg(test)]
mod cli_errors;
#[cfg(test)]
mod docs_fresh;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod sandbox_audit;
#[cfg(test)]
mod served;
#[cfg(test)]
mod support;
