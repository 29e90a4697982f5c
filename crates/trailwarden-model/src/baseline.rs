//! The required settings. Defaults are those of the control catalogue; a file may override each.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::AccountId;

/// What the organization requires of its trails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Baseline {
    /// Days log and digest objects, and log group events, must be kept. At least 1.
    pub retention_days: u32,
    /// Hours after which a last delivery is too old. At least 1.
    pub freshness_hours: u32,
    /// Accounts that may own the central log bucket. Empty: the account owning the organization trail's bucket,
    /// when it is neither the management account nor the workload itself.
    pub log_archive_accounts: BTreeSet<AccountId>,
    /// Principals that the tamper-denying SCPs may exempt: ARN patterns with `*` and `?`.
    pub tamper_exceptions: BTreeSet<String>,
    /// Service control policies that may be attached directly to one root, OU or account. At least 1. Source: "Quotas and
    /// service limits for AWS Organizations", which raised it from 5 to 10 in May 2026.
    pub scp_policies_per_node: u32,
    /// Characters that one service control policy may have. At least 1. Source: as above, from 5120 to 10240.
    pub scp_policy_characters: u32,
}

impl Default for Baseline {
    fn default() -> Self {
        Self {
            retention_days: 365,
            freshness_hours: 24,
            log_archive_accounts: BTreeSet::new(),
            tamper_exceptions: BTreeSet::new(),
            scp_policies_per_node: 10,
            scp_policy_characters: 10_240,
        }
    }
}
