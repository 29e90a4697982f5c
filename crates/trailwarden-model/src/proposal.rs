//! What an organization shows that its baseline may want to say: what `trailwarden init` writes down.

use std::collections::{BTreeMap, BTreeSet};

use crate::baseline::DataEvents;
use crate::ids::AccountId;
use crate::observed::Gap;
use crate::organization::NodeId;
use crate::trail::Insight;

/// What was seen of an organization. Nothing of it is required by anybody yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposal {
    /// `o-…`.
    pub organization: String,
    /// Names of all accounts.
    pub names: BTreeMap<AccountId, String>,
    /// Owners of the organization trails' buckets besides the management account, with these buckets.
    pub log_archive_accounts: BTreeMap<AccountId, BTreeSet<String>>,
    /// Accounts that administer CloudTrail.
    pub delegated_administrators: BTreeSet<AccountId>,
    /// Principal patterns that service control policies exempt from a Deny of tampering, with the statements that do.
    pub exemptions: BTreeMap<String, BTreeSet<String>>,
    /// Days after which lifecycle rules remove objects, the fewest of each log bucket; a bucket without such a rule is absent.
    pub expiries: BTreeMap<String, u32>,
    /// Data events that trails select, with the names of these trails.
    pub data_events: BTreeMap<DataEvents, BTreeSet<String>>,
    /// Insights that are on, with the names of the trails.
    pub insights: BTreeMap<Insight, BTreeSet<String>>,
    /// Every OU, with the names from the root down.
    pub units: BTreeMap<NodeId, Vec<String>>,
    /// What could not be read, and so is not proposed.
    pub gaps: BTreeSet<Gap>,
}
