//! What collection tells while it runs.

use trailwarden_model::ids::{AccountId, Region};

/// Something that happened during collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// The organization was read.
    OrganizationRead {
        /// Accounts of the organization, whatever their state.
        n_accounts: usize,
        /// Accounts in scope of this run.
        n_in_scope: usize,
    },
    /// An account was entered and its regions are known, or it could not be entered.
    AccountEntered {
        /// The account.
        account: &'a AccountId,
        /// Regions to read there; zero when it could not be entered.
        n_regions: usize,
    },
    /// Trails and their status were read in one account and region, or could not be.
    RegionRead {
        /// The account.
        account: &'a AccountId,
        /// The region.
        region: &'a Region,
    },
    /// Every region was read; what the trails point at comes next.
    TrailsRead {
        /// Distinct trails.
        n_trails: usize,
    },
    /// Collection is over.
    Finished {
        /// API calls made, retries not counted.
        n_calls: u64,
    },
}

/// The listener of a collection. `()` listens to nothing.
pub trait Progress: Sync {
    /// Called from the collecting task; must not block.
    fn event(&self, event: Event<'_>);
}

impl Progress for () {
    fn event(&self, _: Event<'_>) {}
}
