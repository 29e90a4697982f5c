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
}

impl Default for Baseline {
    fn default() -> Self {
        Self {
            retention_days: 365,
            freshness_hours: 24,
            log_archive_accounts: BTreeSet::new(),
            tamper_exceptions: BTreeSet::new(),
        }
    }
}
