//! Who used certain actions, from the log files in a bucket: which folders belong to an account and region, and which of their
//! files are opened.
//!
//! A folder holds the files of one day. Where CloudTrail delivers digests, each region has some of every hour, whether or not
//! anything happened: a day of which there is neither a log file nor a digest is not known.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use trailwarden_model::history::PastEvent;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind, Observed};
use trailwarden_model::storage::BucketOwner;
use trailwarden_model::usage::{LogLocation, Lookup, PlaceUsage};

use super::super::questions::Place;
use super::super::{Context, buckets};
use super::UsageQuery;
use crate::error::CollectError;
use crate::read::s3::log_files::{self, LIST_OBJECTS, Reader};
use crate::read::s3::{Existence, existence};

/// The folders of log files and of digests. Source: CloudTrail User Guide, "Finding your CloudTrail log files".
const KINDS: [&str; 2] = ["CloudTrail", "CloudTrail-Digest"];

/// Log files opened at once for one account and region; the session bounds the calls in flight.
const FILES_AT_ONCE: usize = 8;

/// A bucket with log files, and whose they are.
pub(super) struct LogBucket<'a> {
    location: &'a LogLocation,
    owner: AccountId,
    region: Region,
}

impl<'a> LogBucket<'a> {
    /// Finds the bucket.
    ///
    /// # Errors
    /// When it is not there, or nobody can read it for us.
    pub(super) async fn find(context: &Context<'_>, location: &'a LogLocation) -> Result<Self, CollectError> {
        let (session, name) = (context.session, location.bucket.as_str());
        let unusable = |reason: String| CollectError::LogBucket { bucket: name.to_owned(), reason };
        let site = session.own_site(&session.leader).await.map_err(|gap| unusable(gap.to_string()))?;
        let existence = existence(session, &site, name).await;
        let owner = match buckets::find_owner(context, name, &[], &existence).await {
            Observed::Known(BucketOwner::Account(account)) => account,
            Observed::Known(BucketOwner::Missing) => return Err(unusable("it does not exist".to_owned())),
            Observed::Known(BucketOwner::OutsideOrganization) => {
                return Err(unusable("it belongs to an account outside the organization".to_owned()));
            }
            Observed::Gap(gap) => return Err(unusable(gap.to_string())),
        };
        match existence {
            Existence::Exists(Some(region)) => Ok(Self { location, owner, region }),
            _ => Err(unusable("S3 does not tell its region".to_owned())),
        }
    }

    /// Every account with each region of which the bucket has a folder for some account. Accounts without any come with the gap.
    pub(super) async fn places(
        &self,
        context: &Context<'_>,
        accounts: &BTreeSet<AccountId>,
    ) -> Result<(Vec<Place>, Vec<PlaceUsage>), CollectError> {
        let listed = futures::stream::iter(accounts)
            .map(|account| async move { Ok((account, self.regions_of(context, account).await?)) });
        let found: BTreeMap<&AccountId, BTreeSet<Region>> =
            listed.buffer_unordered(context.width).try_collect().await.map_err(|gap: Gap| CollectError::LogBucket {
                bucket: self.location.bucket.clone(),
                reason: gap.to_string(),
            })?;
        let mut regions: BTreeSet<&Region> = found.values().flatten().collect();
        regions.retain(|region| context.regions.is_empty() || context.regions.contains(region));
        let (empty, full): (Vec<_>, Vec<_>) = found.iter().partition(|(_, regions)| regions.is_empty());
        let unknown = empty.into_iter().map(|(account, _)| {
            let gap = self.nothing(account, None, "it has no log file and no digest of this account");
            PlaceUsage { account: (*account).clone(), region: None, n_requests: 0, gap: Some(gap), events: Vec::new() }
        });
        let places =
            regions.iter().flat_map(|region| full.iter().map(|(account, _)| ((**account).clone(), (*region).clone())));
        Ok((places.collect(), unknown.collect()))
    }

    async fn reader(&self, context: &Context<'_>) -> Result<Reader, Gap> {
        let site = context.site(&self.owner, &self.region).await?;
        Ok(Reader { site, bucket: self.location.bucket.clone() })
    }

    /// The regions of which the bucket has a folder for this account.
    async fn regions_of(&self, context: &Context<'_>, account: &AccountId) -> Result<BTreeSet<Region>, Gap> {
        let mut regions = BTreeSet::new();
        let folders =
            self.roots(context, account).into_iter().flat_map(|root| KINDS.map(|kind| format!("{root}{kind}/")));
        for folder in folders {
            let reader = self.reader(context).await?;
            let names = log_files::folders(context.session, &reader, &folder).await?;
            regions.extend(names.iter().filter_map(|name| name.parse::<Region>().ok()));
        }
        Ok(regions)
    }

    /// Where files of an account may lie: those of a trail of its own, and those of an organization trail.
    fn roots(&self, context: &Context<'_>, account: &AccountId) -> [String; 2] {
        let LogLocation { prefix, .. } = self.location;
        let slash = if prefix.is_empty() { "" } else { "/" };
        let root = format!("{prefix}{slash}AWSLogs/");
        [format!("{root}{account}/"), format!("{root}{}/{account}/", context.organization.id)]
    }

    /// What the log files of one account and region tell.
    pub(super) async fn ask(
        &self,
        context: &Context<'_>,
        query: UsageQuery<'_>,
        (account, region): Place,
    ) -> PlaceUsage {
        let mut usage =
            PlaceUsage { account, region: Some(region.clone()), n_requests: 0, gap: None, events: Vec::new() };
        // A file names the region that recorded the event: for global services the one where they record.
        let lookups = query.lookups.at(&usage.account, true);
        let period = Period::new(query.since, query.until);
        match self.read(context, &mut usage, &lookups, &period).await {
            Ok(()) => {}
            Err(gap) => usage.gap = Some(gap),
        }
        usage.events.retain(|event| query.since <= event.time && event.time <= query.until);
        usage.events.sort_by(|a, b| (b.time, &a.id).cmp(&(a.time, &b.id)));
        usage.events.dedup_by(|a, b| a.id == b.id);
        usage
    }

    async fn read(
        &self,
        context: &Context<'_>,
        usage: &mut PlaceUsage,
        lookups: &BTreeSet<&Lookup>,
        period: &Period,
    ) -> Result<(), Gap> {
        let Some(region) = usage.region.clone() else { return Ok(()) };
        let mut missing: BTreeSet<Date> = period.days();
        for root in self.roots(context, &usage.account) {
            let files = self.list(context, usage, &format!("{root}CloudTrail/{region}/"), period).await?;
            missing.retain(|day| !files.iter().any(|(of, _)| of == day));
            let files = files.into_iter().map(|(_, key)| key).filter(|key| key.ends_with(".json.gz"));
            let opened = futures::stream::iter(files).map(|key| async move {
                // Credentials may end while a place is read.
                let reader = self.reader(context).await?;
                Ok::<_, Gap>(log_files::events(context.session, &reader, &key, lookups).await?)
            });
            let mut opened = opened.buffer_unordered(FILES_AT_ONCE);
            while let Some(events) = opened.next().await {
                usage.n_requests += 1;
                let events: Vec<PastEvent> = events?;
                usage.events.extend(events);
            }
        }
        for root in self.roots(context, &usage.account) {
            if !missing.is_empty() {
                let digests = self.list(context, usage, &format!("{root}CloudTrail-Digest/{region}/"), period).await?;
                missing.retain(|day| !digests.iter().any(|(of, _)| of == day));
            }
        }
        match missing.first() {
            None => Ok(()),
            Some(first) => {
                let n_days = missing.len();
                let reason = format!("it has neither log files nor digests of {n_days} days, {first} the first");
                Err(self.nothing(&usage.account, Some(&region), &reason))
            }
        }
    }

    /// The files of a folder in a period, with their days.
    async fn list(
        &self,
        context: &Context<'_>,
        usage: &mut PlaceUsage,
        folder: &str,
        period: &Period,
    ) -> Result<Vec<(Date, String)>, Gap> {
        let reader = self.reader(context).await?;
        let (after, before) = period.keys(folder);
        let (keys, n_pages) = log_files::keys(context.session, &reader, folder, (&after, &before)).await;
        usage.n_requests += n_pages;
        Ok(keys?.into_iter().filter_map(|key| Some((day_of(key.strip_prefix(folder)?)?, key))).collect())
    }

    fn nothing(&self, account: &AccountId, region: Option<&Region>, reason: &str) -> Gap {
        Gap {
            kind: GapKind::NotVisible,
            call: LIST_OBJECTS.operation.to_owned(),
            account: Some(account.clone()),
            region: region.cloned(),
            code: "NoLogFiles".to_owned(),
            reason: format!("{}: {reason}", self.location),
        }
    }
}

/// The days of a period. What happened shortly before midnight may be delivered after it.
struct Period {
    first: Date,
    last: Date,
}

impl Period {
    fn new(since: Timestamp, until: Timestamp) -> Self {
        let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
        Self { first: day(since), last: day(until) }
    }

    /// The whole days in it, which must have files: neither the one with which it begins nor the one with which it ends.
    fn days(&self) -> BTreeSet<Date> {
        self.first.series(1.day()).skip(1).take_while(|day| *day < self.last).collect()
    }

    /// The keys between which its files lie in a folder.
    fn keys(&self, folder: &str) -> (String, String) {
        let key = |day: Date| format!("{folder}{}/", day.strftime("%Y/%m/%d"));
        let end = self.last.saturating_add(2.days());
        (key(self.first), key(end))
    }
}

/// The day of a file: `2026/11/28/…`.
fn day_of(path: &str) -> Option<Date> {
    Date::strptime("%Y/%m/%d", path.get(..10)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_listed_from_its_first_day_to_the_one_after_its_last() {
        let period = Period::new("2026-02-27T23:59:00Z".parse().unwrap(), "2026-03-02T00:01:00Z".parse().unwrap());
        let (after, before) = period.keys("AWSLogs/1/CloudTrail/eu-west-1/");
        assert_eq!(after, "AWSLogs/1/CloudTrail/eu-west-1/2026/02/27/");
        assert_eq!(before, "AWSLogs/1/CloudTrail/eu-west-1/2026/03/04/");
        let days: Vec<String> = period.days().iter().map(ToString::to_string).collect();
        assert_eq!(days, ["2026-02-28", "2026-03-01"]);
        assert_eq!(day_of("2026/03/01/1_CloudTrail.json.gz").map(|day| day.to_string()).as_deref(), Some("2026-03-01"));
        assert_eq!(day_of("notes.txt"), None);
    }
}
