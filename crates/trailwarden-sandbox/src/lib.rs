//! An embedded AWS on loopback: the real wire formats, the visibility rules that the audit lives on, and no kindness.
//!
//! A request passes `server` → `protocol` (one wire format per file) → `auth` (who calls) → `throttle` and `faults` →
//! `authorize` (policies) → `service` (one file per AWS service, over one `world`) and back through `protocol`.

pub mod error;
pub mod policy;
pub mod reply;
pub mod request;
pub mod service;
pub mod world;
pub mod xml;
