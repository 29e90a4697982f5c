//! Who used certain actions lately: which events are looked up where, and what each account and region answered. A file of
//! such answers is JSON lines: a [`Header`], then a [`PlaceUsage`] for each place, the last one of a place being in force.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

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

/// Where log files lie: `s3://BUCKET` or `s3://BUCKET/PREFIX`, the prefix being that of the trail, before `/AWSLogs/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LogLocation {
    /// The bucket.
    pub bucket: String,
    /// The prefix of the trail, without slashes around it; empty when it has none.
    pub prefix: String,
}

impl FromStr for LogLocation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = text.strip_prefix("s3://").ok_or_else(|| format!("{text:?} does not begin with s3://"))?;
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        let prefix = prefix.trim_matches('/');
        if bucket.is_empty() {
            return Err(format!("{text:?} names no bucket"));
        }
        if prefix.split('/').any(|part| part == "AWSLogs") {
            return Err(format!("{text:?} goes too far: leave out AWSLogs and what follows"));
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl TryFrom<String> for LogLocation {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<LogLocation> for String {
    fn from(location: LogLocation) -> Self {
        location.to_string()
    }
}

impl fmt::Display for LogLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bucket, prefix } = self;
        let slash = if prefix.is_empty() { "" } else { "/" };
        write!(f, "s3://{bucket}{slash}{prefix}")
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
    /// The log files that were read; none when the event history was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<LogLocation>,
}

/// What one account and region answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceUsage {
    /// The account.
    pub account: AccountId,
    /// The region; none of an account of which the regions are not known.
    pub region: Option<Region>,
    /// Requests that the answer took: of the event history one for each event and page, of log files one for each page and file.
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

    #[test]
    fn a_place_of_log_files_is_read_as_it_is_written() {
        for (text, bucket, prefix) in [("s3://acme-logs", "acme-logs", ""), ("s3://acme-logs/a/b", "acme-logs", "a/b")]
        {
            let location: LogLocation = text.parse().unwrap();
            assert_eq!((location.bucket.as_str(), location.prefix.as_str()), (bucket, prefix));
            assert_eq!(location.to_string(), text);
        }
        assert_eq!("s3://acme-logs/a/".parse::<LogLocation>().unwrap().to_string(), "s3://acme-logs/a");
        for wrong in ["acme-logs", "s3://", "s3:///a", "s3://acme-logs/a/AWSLogs/o-1"] {
            assert!(wrong.parse::<LogLocation>().is_err(), "{wrong}");
        }
    }
}
