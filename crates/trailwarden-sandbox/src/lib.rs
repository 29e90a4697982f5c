//! An embedded AWS on loopback: the real wire formats, the visibility rules that the audit lives on, and no kindness.
//!
//! A request passes `server` → `protocol` (one wire format per file) → `auth` (who calls) → `throttle` and `faults` →
//! `authorize` (policies) → `service` (one file per AWS service, over one `world`) and back through `protocol`.

pub mod auth;
pub mod authorize;
pub mod error;
pub mod faults;
pub mod policy;
pub mod protocol;
pub mod reply;
pub mod request;
pub mod scenario;
pub mod server;
pub mod service;
mod state;
pub mod throttle;
pub mod world;
pub mod xml;
