//! Who used certain actions lately: which events are looked up where, and what each account and region answered. A file of
//! such answers is JSON lines: a [`Header`], then a [`PlaceUsage`] for each place, the last one of a place being in force.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::history::PastEvent;
use crate::ids::{AccountId, Region};
use crate::observed::Gap;

/// The format of the file.
pub const FORMAT: &str = "trailwarden.usage/1.0";

/// An event to look up, as CloudTrail records it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// For example `s3.amazonaws.com`.
    pub source: String,
    /// For example `PutBucketLifecycle`: the name in the record, which is not always that of the operation.
    pub name: String,
    /// The service records in the leader region of the partition alone.
    pub is_global: bool,
}

/// The events to look up, by account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookups {
    /// In every account.
    pub everywhere: BTreeSet<Lookup>,
    /// Besides, in these.
    pub accounts: BTreeMap<AccountId, BTreeSet<Lookup>>,
}

impl Lookups {
    /// Those of one account and region.
    pub fn at(&self, account: &AccountId, is_leader: bool) -> BTreeSet<&Lookup> {
        let own = self.accounts.get(account).into_iter().flatten();
        self.everywhere.iter().chain(own).filter(|lookup| is_leader || !lookup.is_global).collect()
    }
}

/// What the answers of a file are answers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// The version that began the file.
    pub tool_version: String,
    /// `o-…`.
    pub organization: String,
    /// How many days were asked for.
    pub days: u32,
    /// Where the time asked for begins.
    pub since: Timestamp,
    /// Where it ends: when asking began. Whoever goes on later asks for the same time.
    pub until: Timestamp,
    /// What is looked up.
    pub lookups: Lookups,
}

/// What one account and region answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceUsage {
    /// The account.
    pub account: AccountId,
    /// The region; none of an account of which the regions are not known.
    pub region: Option<Region>,
    /// Requests that the answer took: one for each event and page.
    pub n_requests: u32,
    /// Why not everything was answered.
    pub gap: Option<Gap>,
    /// What was found, newest first; with a gap, what was found before it.
    pub events: Vec<PastEvent>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str, is_global: bool) -> Lookup {
        Lookup { source: "any.amazonaws.com".to_owned(), name: name.to_owned(), is_global }
    }

    #[test]
    fn an_account_is_asked_for_its_own_besides_and_global_services_in_one_region() {
        let (one, two): (AccountId, AccountId) = ("111111111111".parse().unwrap(), "222222222222".parse().unwrap());
        let lookups = Lookups {
            everywhere: [lookup("StopLogging", false), lookup("LeaveOrganization", true)].into(),
            accounts: [(two.clone(), [lookup("DisableKey", false)].into())].into(),
        };
        let names = |account, is_leader| -> Vec<String> {
            lookups.at(account, is_leader).into_iter().map(|lookup| lookup.name.clone()).collect()
        };
        assert_eq!(names(&one, false), ["StopLogging"]);
        assert_eq!(names(&two, true), ["DisableKey", "LeaveOrganization", "StopLogging"]);
    }
}
