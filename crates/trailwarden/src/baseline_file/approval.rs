//! The approved trails of a baseline: where they are, whether they still are what was approved, and approving them anew.
//! Whatever else the baseline file says stays as it was written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;
use toml_edit::{DocumentMut, Item, Table, value};
use trailwarden_model::approval::{ApprovedTrails, FORMAT};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::format;
use trailwarden_model::ids::Arn;
use trailwarden_model::trail::Trail;

use super::{HINT, parse};
use crate::digest::digest_of_bytes;
use crate::failure::Failure;
use crate::output::{check_writable, read_file, write_file};
use crate::snapshot_file::read_snapshot;
use crate::toml_file::Mistake;

/// The table of the baseline that an approval writes.
const TABLE: &str = "approved_trails";
/// The setting that the table takes the place of.
const SNAPSHOT: &str = "approved_snapshot";

const ABOUT: &str = "\n# The trails must be as they were approved; `trailwarden baseline approve` writes this.\n";

/// The table, as it stands in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApprovedKeys {
    file: Spanned<PathBuf>,
    sha256: String,
    run: String,
    snapshot: String,
    approved_by: String,
    approved_at: Datetime,
}

/// Where the approved trails are.
#[derive(Debug)]
pub(super) enum Approved {
    /// In a snapshot.
    Snapshot(PathBuf),
    /// In a file that an approval wrote.
    Trails(ApprovedKeys),
}

impl Approved {
    /// What the baseline says of it.
    pub(super) fn of(
        snapshot: Option<Spanned<PathBuf>>,
        trails: Option<ApprovedKeys>,
    ) -> Result<Option<Self>, Mistake> {
        match (snapshot, trails) {
            (Some(snapshot), Some(_)) => Err(Mistake::at(&snapshot, "the approved trails are named twice")
                .hint(format!("take {SNAPSHOT} out, or the table {TABLE}"))),
            (Some(snapshot), None) => Ok(Some(Self::Snapshot(snapshot.into_inner()))),
            (None, trails) => Ok(trails.map(Self::Trails)),
        }
    }

    /// The trails, which must be those that were approved.
    pub(super) fn read_trails(&self, baseline: &Path, text: &str) -> Result<BTreeMap<Arn, Trail>, Failure> {
        let keys = match self {
            Self::Snapshot(file) => return Ok(read_snapshot(&baseline.with_file_name(file))?.trails),
            Self::Trails(keys) => keys,
        };
        let path = baseline.with_file_name(keys.file.get_ref());
        let held = read_file(&path)?;
        if digest_of_bytes(held.as_bytes()) != keys.sha256 {
            let message = format!("{} is not what {} approved", path.display(), keys.approved_by);
            let hint = format!(
                "restore the file from version control; or take the table {TABLE} out of {} and approve anew with `trailwarden \
                 baseline approve`",
                baseline.display()
            );
            return Err(Mistake::at(&keys.file, message).in_file("baseline", baseline, text, &hint));
        }
        let approved: ApprovedTrails = format::read(&held, FORMAT)
            .map_err(|error| Failure::usage(format!("approved trails {}: {error}", path.display())))?;
        Ok(approved.trails)
    }

    /// Who approved them, in words.
    fn words(&self) -> String {
        match self {
            Self::Snapshot(file) => format!("those of {}", file.display()),
            Self::Trails(keys) => {
                let ApprovedKeys { run, snapshot, approved_by: by, approved_at: at, .. } = keys;
                format!("those of run {run} with snapshot {snapshot}, approved by {by} at {at}")
            }
        }
    }
}

/// An approval to be written down.
pub(crate) struct Approval<'a> {
    pub(crate) trails: ApprovedTrails,
    /// The run whose trails are approved, and the digest of its snapshot.
    pub(crate) run: &'a str,
    pub(crate) snapshot: &'a str,
    pub(crate) by: &'a str,
    /// RFC 3339, in seconds.
    pub(crate) at: String,
}

/// A baseline file whose trails are about to be approved.
pub(crate) struct Approvable {
    path: PathBuf,
    text: String,
    trails_file: PathBuf,
    /// What it says besides.
    pub(crate) settings: Baseline,
    /// The trails approved so far; none where none are.
    pub(crate) before: BTreeMap<Arn, Trail>,
    /// Who approved those, in words.
    pub(crate) words: Option<String>,
}

impl Approvable {
    /// Reads the baseline, which need not be there yet. Approved trails that somebody changed are refused, not replaced.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = if path.exists() { read_file(path)? } else { String::new() };
        let (settings, approved) = parse(&text).map_err(|mistake| mistake.in_file("baseline", path, &text, HINT))?;
        let stem = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
        let mut trails_file = PathBuf::from(format!("{stem}-trails.json"));
        if let Some(Approved::Trails(keys)) = &approved {
            trails_file.clone_from(keys.file.get_ref());
        }
        let before = approved.as_ref().map(|approved| approved.read_trails(path, &text)).transpose()?;
        let words = approved.as_ref().map(Approved::words);
        check_writable(path)?;
        Ok(Self { path: path.to_owned(), text, trails_file, settings, before: before.unwrap_or_default(), words })
    }

    /// Writes the approved trails, then the baseline that names them, and gives the file of the trails.
    pub(crate) fn approve(&self, approval: &Approval<'_>) -> Result<PathBuf, Failure> {
        let trails = serde_json::to_string_pretty(&approval.trails).map_err(Failure::internal)? + "\n";
        let edited = edit(&self.text, &self.trails_file, &digest_of_bytes(trails.as_bytes()), approval)?;
        let file = self.path.with_file_name(&self.trails_file);
        write_file(&file, &trails)?;
        write_file(&self.path, &edited)?;
        Ok(file)
    }
}

/// The text of a baseline with the approval in it, and everything else as it was.
fn edit(text: &str, file: &Path, sha256: &str, approval: &Approval<'_>) -> Result<String, Failure> {
    let mut document: DocumentMut = text.parse().map_err(Failure::internal)?;
    // The comments before a setting belong to whoever wrote them.
    let comments = document.key(SNAPSHOT).and_then(|key| key.leaf_decor().prefix()?.as_str()).unwrap_or_default();
    let comments = format!("{comments}{}", ABOUT.trim_start_matches(|c| c == '\n' && text.is_empty()));
    document.remove(SNAPSHOT);
    let table = document.entry(TABLE).or_insert_with(|| {
        let mut table = Table::new();
        table.decor_mut().set_prefix(comments);
        Item::Table(table)
    });
    let table = table.as_table_like_mut().ok_or_else(|| Failure::internal(format!("{TABLE} is no table")))?;
    let at: toml_edit::Datetime = approval.at.parse().map_err(Failure::internal)?;
    let written: [(&str, toml_edit::Value); 6] = [
        ("file", file.to_string_lossy().into_owned().into()),
        ("sha256", sha256.into()),
        ("run", approval.run.into()),
        ("snapshot", approval.snapshot.into()),
        ("approved_by", approval.by.into()),
        ("approved_at", at.into()),
    ];
    for (key, new) in written {
        // In place, so that what stands beside a value stays there.
        match table.get_mut(key).and_then(Item::as_value_mut) {
            Some(old) => {
                let decor = old.decor().clone();
                *old = new;
                *old.decor_mut() = decor;
            }
            None => drop(table.insert(key, value(new))),
        }
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, by: &str) -> String {
        let trails = ApprovedTrails { format: FORMAT.to_owned(), organization: "o-1".to_owned(), trails: [].into() };
        let at = "2026-11-28T10:00:00Z".to_owned();
        let approval = Approval { trails, run: "run-1", snapshot: "ab", by, at };
        let edited = edit(text, Path::new("b-trails.json"), "cd", &approval).expect("edits");
        let (_, approved) = parse(&edited).expect("a baseline");
        assert_eq!(
            approved.map(|approved| approved.words()).as_deref(),
            Some("those of run run-1 with snapshot ab, approved by Ö \"x\" at 2026-11-28T10:00:00Z")
        );
        edited
    }

    #[test]
    fn everything_else_stays_as_it_was_written() {
        let text = "# ours\nretention_days   = 400 # by law\n\n# kept\napproved_snapshot = \"old.json\"\n\n[override.444455556666]\nretention_days = 9 # less\n";
        let by = "Ö \"x\"";
        let first = edited(text, by);
        for kept in [
            "# ours\nretention_days   = 400 # by law\n",
            "# kept\n",
            "[override.444455556666]\nretention_days = 9 # less\n",
        ] {
            assert!(first.contains(kept), "{first}");
        }
        assert!(!first.contains(SNAPSHOT), "{first}");
        assert_eq!(edited(&first, by), first);
        let remarked = first.replace("run = \"run-1\"", "run = \"run-0\" # the first");
        assert_eq!(edited(&remarked, by), first.replace("run = \"run-1\"", "run = \"run-1\" # the first"));
        assert!(edited("", by).starts_with("# The trails must be"));
    }
}
