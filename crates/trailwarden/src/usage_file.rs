//! The file that keeps what places answered while others are still asked: JSON lines, of which a torn last one is dropped.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use trailwarden_model::format;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::usage::{FORMAT, Header, PlaceUsage};

use crate::failure::Failure;

/// An open file with what it held.
pub(crate) struct UsageFile {
    path: PathBuf,
    file: File,
    /// What the answers are answers to: that of the file where it was begun before.
    pub(crate) header: Header,
    /// The last answer of each place that answered wholly before.
    pub(crate) answered: BTreeMap<(AccountId, Region), PlaceUsage>,
}

impl UsageFile {
    /// Begins a file, or goes on with one that was begun for the same organization, days and events.
    ///
    /// # Errors
    /// When the file is another's or damaged, or cannot be read or written.
    pub(crate) fn open(path: &Path, wanted: Header) -> Result<Self, Failure> {
        let fail = |error: io::Error| unusable(path, &error);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(fail(error)),
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text.get(..whole).unwrap_or_default().lines();
        let kept = lines.next().map(|line| read_header(path, line)).transpose()?;
        let is_new = kept.is_none();
        if let Some(kept) = &kept {
            check(path, kept, &wanted)?;
        } else if !text.is_empty() && !"{\"format\":".starts_with(text.get(..10).unwrap_or(&text)) {
            // Nobody's first line was torn here: this is some other text.
            return Err(foreign(path, "it does not begin with a line of that format"));
        }
        let header = kept.unwrap_or(wanted);
        let mut answered = BTreeMap::new();
        for (index, line) in lines.enumerate() {
            let damaged = |error| foreign(path, &format!("line {}: {error}", index + 2));
            let place: PlaceUsage = serde_json::from_str(line).map_err(damaged)?;
            if let (Some(region), None) = (&place.region, &place.gap) {
                answered.insert((place.account.clone(), region.clone()), place);
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(fail)?;
        file.set_len(u64::try_from(whole).unwrap_or_default()).map_err(fail)?;
        let mut opened = Self { path: path.to_owned(), file, header, answered };
        if is_new {
            let header = serde_json::to_string(&opened.header).map_err(Failure::internal)?;
            opened.append(&header)?;
        }
        Ok(opened)
    }

    /// Keeps an answer: it is with the operating system when this returns, and outlives the process.
    pub(crate) fn keep(&mut self, place: &PlaceUsage) -> Result<(), Failure> {
        let line = serde_json::to_string(place).map_err(Failure::internal)?;
        self.append(&line)
    }

    fn append(&mut self, line: &str) -> Result<(), Failure> {
        self.file.write_all(format!("{line}\n").as_bytes()).map_err(|error| unusable(&self.path, &error))
    }
}

fn read_header(path: &Path, line: &str) -> Result<Header, Failure> {
    format::read(line, FORMAT).map_err(|error| foreign(path, &error.to_string()))
}

fn check(path: &Path, kept: &Header, wanted: &Header) -> Result<(), Failure> {
    let refuse = |what: String| {
        Err(Failure::usage(format!("{} {what}", path.display()))
            .hint("name another file, or ask as it was asked before"))
    };
    if kept.organization != wanted.organization {
        return refuse(format!("is of organization {}, not of {}", kept.organization, wanted.organization));
    }
    if kept.logs != wanted.logs {
        let source = |header: &Header| header.logs.as_ref().map_or("the event history".to_owned(), ToString::to_string);
        return refuse(format!("holds answers of {}, not of {}", source(kept), source(wanted)));
    }
    if kept.days != wanted.days {
        return refuse(format!("was begun for {} days, not for {}", kept.days, wanted.days));
    }
    if kept.lookups != wanted.lookups {
        return refuse("was begun for other events: the profile, or what it guards, is not the same".to_owned());
    }
    Ok(())
}

fn foreign(path: &Path, reason: &str) -> Failure {
    Failure::usage(format!("{} is no file of answers ({FORMAT}): {reason}", path.display()))
        .hint("name a file that --keep wrote, or one that does not exist")
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("keeping answers in {}: {}", path.display(), error.kind()))
        .hint("name a file in a folder that exists and that you may write to")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn header(organization: &str, days: u32) -> Header {
        let (since, until) = ("2026-08-01T00:00:00Z", "2026-10-30T00:00:00Z");
        Header {
            format: FORMAT.to_owned(),
            tool_version: "0".to_owned(),
            organization: organization.to_owned(),
            days,
            since: since.parse().expect("a time"),
            until: until.parse().expect("a time"),
            lookups: Default::default(),
            logs: None,
        }
    }

    fn place(region: &str, gap: Option<trailwarden_model::observed::Gap>) -> PlaceUsage {
        let account = "111122223333".parse().expect("an id");
        PlaceUsage { account, region: region.parse().ok(), n_requests: 1, gap, events: Vec::new() }
    }

    #[test]
    fn whole_answers_are_kept_a_torn_one_is_dropped_and_the_period_is_that_of_the_beginning() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("usage.jsonl");
        let mut file = UsageFile::open(&path, header("o-1", 90)).expect("begun");
        file.keep(&place("eu-west-1", None)).expect("kept");
        let gap = trailwarden_model::observed::Gap::not_collected("cloudtrail:LookupEvents", None, None);
        file.keep(&place("us-east-1", Some(gap))).expect("kept");
        let whole = fs::read_to_string(&path).expect("reads");
        fs::write(&path, format!("{whole}{{\"account\":\"1111")).expect("torn");
        let later = Header { until: "2026-11-02T00:00:00Z".parse().expect("a time"), ..header("o-1", 90) };
        let again = UsageFile::open(&path, later).expect("goes on");
        assert_eq!(again.answered.len(), 1, "what had a gap is asked again");
        assert_eq!(again.header.until, header("o-1", 90).until);
        assert_eq!(fs::read_to_string(&path).expect("reads"), whole);
    }

    #[test]
    fn a_file_of_another_organization_period_or_kind_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("usage.jsonl");
        UsageFile::open(&path, header("o-1", 90)).expect("begun");
        let before = fs::read_to_string(&path).expect("reads");
        for other in [header("o-2", 90), header("o-1", 30)] {
            assert!(UsageFile::open(&path, other).is_err());
        }
        assert_eq!(fs::read_to_string(&path).expect("reads"), before);
        for text in ["{\"format\":\"trailwarden.plan/1.0\"}\n", "shopping list", "{}\n"] {
            fs::write(&path, text).expect("writes");
            assert!(UsageFile::open(&path, header("o-1", 90)).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&path).expect("reads"), text);
        }
    }
}
