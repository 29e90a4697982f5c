//! The trails that somebody approved, as the file beside a baseline holds them. Who approved them, and when, is said in the
//! baseline.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::Arn;
use crate::trail::Trail;

/// The format this version writes.
pub const FORMAT: &str = "trailwarden.trails/1.0";

/// `trailwarden.trails/1.0`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovedTrails {
    /// `trailwarden.trails/1.0`.
    pub format: String,
    /// Whose trails: `o-…`.
    pub organization: String,
    /// Every trail, by ARN.
    pub trails: BTreeMap<Arn, Trail>,
}
