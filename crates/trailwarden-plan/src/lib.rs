//! From findings to a plan: one desired state per target, then ordered steps. Pure: no AWS, no clock, no environment.
//!
//! Planning is a function of what the audit found and of facts looked at in full. It says which facts it misses; the caller
//! looks at them and asks again, until nothing is missing. Equal inputs give equal plans.

mod alarms;
mod archive;
mod asks;
mod bench;
mod buckets;
mod config;
mod facts;
mod finish;
mod foreseen;
mod groups;
mod guardrail;
mod inputs;
mod keys;
mod left;
pub mod lint;
mod organization;
mod ownership;
mod removal;
mod requests;
mod required;
mod rollout;
mod selectors;
mod statements;
mod stores;
mod targets;
mod trails;

pub use facts::Facts;
pub use inputs::{Family, Group, Inputs, ObjectLock, Options, Redundancy};
pub use left::never_planned;
pub use rollout::{Adopted, Rollout, adopt, draft_rollout, proposals};
pub use targets::{Draft, draft};
