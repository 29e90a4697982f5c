//! The one integration test binary: what a user can observe, from the command line down to the wire.

#[cfg(test)]
mod approval;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod cli_errors;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod docs_fresh;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod exports;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod frameworks;
#[cfg(test)]
mod govern;
#[cfg(test)]
mod html;
#[cfg(test)]
mod moto;
#[cfg(test)]
mod plan_registry;
#[cfg(test)]
mod plan_scripts;
#[cfg(test)]
mod push;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod remedy;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod rollout;
#[cfg(test)]
mod run_store;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod sandbox_audit;
#[cfg(test)]
mod scp_evaluate;
#[cfg(test)]
mod scp_generate;
#[cfg(test)]
mod scp_lint;
#[cfg(test)]
mod scp_prove;
#[cfg(test)]
mod scp_show;
#[cfg(test)]
mod scp_simulate;
#[cfg(test)]
mod scp_usage;
#[cfg(test)]
mod served;
#[cfg(test)]
mod signing;
#[cfg(test)]
mod support;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod venv;
