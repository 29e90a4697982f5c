//! The only crate that knows the AWS SDK: sessions, discovery of the organization, collection of a snapshot,
//! and the calls of a plan.
//!
//! [`Session::connect`] finds credentials, partition and caller; [`collect`] reads everything the selected controls
//! need and returns a [`trailwarden_model::snapshot::Snapshot`]. Failures that leave nothing to audit are
//! [`CollectError`]s; every other failed read becomes a [`trailwarden_model::observed::Gap`] and the rest goes on.
//! The session is also the [`trailwarden_apply::Cloud`] through which plans are applied.

mod catalog;
mod clients;
mod cloud;
mod collect;
mod connection;
mod discover;
mod error;
mod gap;
mod limits;
mod look;
mod permissions;
mod probe;
mod progress;
mod read;
mod results;
mod retry;
mod session;
mod shape;
mod vault;
mod write;

pub use catalog::{Caller, Read};
pub use collect::{Selection, UsageEffort, UsageQuery, collect, collect_organization, collect_usage};
pub use connection::{Connection, Effort, StaticCredentials};
pub use error::CollectError;
pub use look::{look_actions, look_reads};
pub use permissions::{
    REMEDIATION_ROLE, changing_actions, log_reader_policy, management_policy, management_remediation_policy,
    member_policy, member_remediation_actions, member_remediation_policy, remediation_policy, remediation_stack_set,
    rollout_policy, security_hub_member_policy, security_hub_policy,
};
pub use progress::{Event, Progress};
pub use read::reads;
pub use results::result_calls;
pub use results::securityhub::Import;
pub use session::Session;
