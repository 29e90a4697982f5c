//! The runs of audits that are kept: a folder each, with the assessment, its snapshot and an entry for the list.

mod entry;
mod history;
mod removal;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use trailwarden_model::assessment::Assessment;
use trailwarden_model::format;
use trailwarden_model::snapshot::{self, Snapshot};
use trailwarden_report::{json, plain};

pub use self::entry::FORMAT;
pub(crate) use self::entry::{Entry, Scope};
pub(crate) use self::history::history;
pub(crate) use self::removal::{obstacle, remove};
use crate::digest::digest;
use crate::failure::Failure;
use crate::output::{UNFINISHED, check_writable, read_file, write_private, write_stderr};
use crate::report_file::read_assessment;
use crate::settings::Settings;
use crate::snapshot_file::{read_kept, read_snapshot, write_kept};

/// The file with the assessment, in the folder of a run.
const ASSESSMENT: &str = "assessment.json";
/// The file with its signature, where there is one.
const SIGNATURE: &str = "assessment.json.sig";
/// The file with the snapshot that was judged.
const SNAPSHOT: &str = "snapshot.json.gz";
/// The file with the entry. Each run has its own, so that runs that end at once do not overwrite each other's.
const ENTRY: &str = "run.json";
/// Everything that a run has; the entry, which makes it one, is the last.
const FILES: [&str; 4] = [ASSESSMENT, SIGNATURE, SNAPSHOT, ENTRY];
/// The file that makes a folder the run of a plan.
const PLAN: &str = "plan.json";
/// Digits of the assessment's digest that tell runs of one second apart.
const NAMED_BY: usize = 6;
/// Runs that are named when they cannot be read; the others are counted.
const N_NAMED: usize = 10;

/// What a folder of runs holds.
pub(crate) struct Kept {
    /// Audits, the oldest first.
    pub(crate) audits: Vec<Entry>,
    /// Folders with an entry that cannot be read, and why.
    pub(crate) unread: Vec<(String, String)>,
    /// How many runs of plans are kept beside them.
    pub(crate) n_plans: usize,
}

impl Kept {
    /// Names on standard error what could not be read, so that nobody takes the rest for everything.
    pub(crate) fn name_unread(&self, runs: &Path, settings: &Settings) {
        if self.unread.is_empty() || settings.quiet {
            return;
        }
        let mut text = format!("left out of {}, because they cannot be read: {}\n", runs.display(), self.unread.len());
        for (name, reason) in self.unread.iter().take(N_NAMED) {
            text.push_str(&format!("  {}: {}\n", plain(name), plain(reason)));
        }
        if self.unread.len() > N_NAMED {
            text.push_str(&format!("  and {} more\n", self.unread.len() - N_NAMED));
        }
        write_stderr(&text);
    }
}

/// Refuses early what could not be kept in the end.
pub(crate) fn check(runs: &Path) -> Result<(), Failure> {
    fs::create_dir_all(runs).map_err(|error| Failure::usage(format!("making folder {}: {error}", runs.display())))?;
    check_writable(&runs.join(ENTRY))
}

/// Keeps an assessment with the snapshot it was made from, and gives the name of its run. The same assessment is the same run.
pub(crate) fn keep(runs: &Path, assessment: &Assessment, snapshot: &Snapshot) -> Result<String, Failure> {
    let digits: String = digest(assessment)?.chars().take(NAMED_BY).collect();
    let time = assessment.collected_at.strftime("%Y%m%dT%H%M%SZ");
    let name = format!("{}-{time}-{digits}", assessment.organization.id);
    let entry = Entry::new(name.clone(), assessment);
    let folder = runs.join(&name);
    if folder.is_dir() {
        write_run(&folder, &entry, assessment, snapshot)?;
        return Ok(name);
    }
    // It appears whole or not at all.
    let unwritable = |error| Failure::usage(format!("making folder {}: {error}", folder.display()));
    let unfinished = private_folder(runs).map_err(unwritable)?;
    write_run(unfinished.path(), &entry, assessment, snapshot)?;
    match fs::rename(unfinished.path(), &folder) {
        // Somebody else has just kept the same.
        Err(error) if matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) => {}
        renamed => renamed.map_err(unwritable)?,
    }
    Ok(name)
}

/// A folder in this one, for its owner alone.
fn private_folder(runs: &Path) -> io::Result<tempfile::TempDir> {
    let mut folder = tempfile::Builder::new();
    folder.prefix(UNFINISHED);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        folder.permissions(fs::Permissions::from_mode(0o700));
    }
    folder.tempdir_in(runs)
}

/// Writes the files of a run, for its owner alone: they tell attackers what nobody watches.
fn write_run(folder: &Path, entry: &Entry, assessment: &Assessment, snapshot: &Snapshot) -> Result<(), Failure> {
    write_private(&folder.join(ASSESSMENT), &json::render(assessment).map_err(Failure::internal)?)?;
    write_kept(&folder.join(SNAPSHOT), snapshot)?;
    let entry = serde_json::to_string_pretty(entry).map_err(Failure::internal)?;
    write_private(&folder.join(ENTRY), &format!("{entry}\n"))
}

/// Everything that is kept.
pub(crate) fn list(runs: &Path) -> Result<Kept, Failure> {
    let unreadable = |error| {
        Failure::usage(format!("reading folder {}: {error}", runs.display()))
            .hint("keep a run with `trailwarden audit --keep`, or name another folder with --runs")
    };
    let mut kept = Kept { audits: vec![], unread: vec![], n_plans: 0 };
    for folder in fs::read_dir(runs).map_err(unreadable)? {
        let folder = folder.map_err(unreadable)?;
        let (name, path) = (folder.file_name().to_string_lossy().into_owned(), folder.path());
        if name.starts_with(UNFINISHED) {
            continue;
        }
        if path.join(ENTRY).is_file() {
            match read_entry(&path.join(ENTRY), &name) {
                Ok(entry) => kept.audits.push(entry),
                Err(reason) => kept.unread.push((name, reason)),
            }
        } else if path.join(PLAN).is_file() {
            kept.n_plans += 1;
        }
    }
    kept.audits.sort_by(|a, b| (a.collected_at, &a.name).cmp(&(b.collected_at, &b.name)));
    kept.unread.sort();
    Ok(kept)
}

/// The entry of the run in the folder of this name. Only the folder says which run it is: what an entry says could lead
/// anywhere.
fn read_entry(path: &Path, name: &str) -> Result<Entry, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{ENTRY}: {error}"))?;
    let entry: Entry = format::read(&text, FORMAT).map_err(|error| format!("{ENTRY}: {error}"))?;
    match entry.name == name {
        true => Ok(entry),
        false => Err(format!("{ENTRY} is of a run {}: the folder is a copy, or was renamed", entry.name)),
    }
}

/// True for the name of a signed run.
pub(crate) fn is_signed(runs: &Path, name: &str) -> bool {
    runs.join(name).join(SIGNATURE).is_file()
}

/// True for a file that makes up a kept run, which no report may replace.
pub(crate) fn is_of_run(file: &Path) -> bool {
    let is_named_so = file.file_name().is_some_and(|name| FILES.iter().any(|one| name == *one));
    let is_run = || fs::read_to_string(file.with_file_name(ENTRY)).is_ok_and(|text| format::is_of_kind(&text, FORMAT));
    is_named_so && is_run()
}

/// The assessment that was named: a file, a folder of a run, its name in the folder of runs, `latest` or `previous`.
pub(crate) fn named(runs: &Path, run: &Path, settings: &Settings) -> Result<Assessment, Failure> {
    read_assessment(&file_of(runs, run, settings)?)
}

/// What the audit of a run judged.
pub(crate) struct Judged {
    /// The name of the run, or the file of the snapshot.
    pub(crate) name: String,
    pub(crate) snapshot: Snapshot,
    /// The digest of the snapshot, as the assessment states it.
    pub(crate) digest: String,
}

/// The snapshot that the named run judged; a run is named as for [`named`], or by the file of a snapshot itself.
pub(crate) fn judged(runs: &Path, run: &Path, settings: &Settings) -> Result<Judged, Failure> {
    let file = file_of(runs, run, settings)?;
    if format::is_of_kind(&read_file(&file)?, snapshot::FORMAT) {
        let snapshot = read_snapshot(&file)?;
        return Ok(Judged { name: file.display().to_string(), digest: digest(&snapshot)?, snapshot });
    }
    let kept = file.with_file_name(SNAPSHOT);
    if !kept.is_file() {
        return Err(Failure::usage(format!("{} has no snapshot beside it", file.display()))
            .hint("keep a run with `trailwarden audit --keep`, or give a file that `trailwarden collect` wrote"));
    }
    let assessment = read_assessment(&file)?;
    let (snapshot, digest) = read_kept(&kept)?;
    if assessment.provenance.is_none_or(|provenance| provenance.snapshot != digest) {
        return Err(Failure::usage(format!("{} is not what {} was made from", kept.display(), file.display()))
            .hint("one of the two was changed after the audit: audit anew with --keep"));
    }
    let folder = file.parent().and_then(Path::file_name).unwrap_or(file.as_os_str());
    Ok(Judged { name: folder.to_string_lossy().into_owned(), snapshot, digest })
}

/// The file of the assessment that was named.
pub(crate) fn file_of(runs: &Path, run: &Path, settings: &Settings) -> Result<PathBuf, Failure> {
    match run.to_str() {
        Some("latest") => return newest(runs, settings, |kept| kept.last()),
        Some("previous") => return newest(runs, settings, previous),
        _ => {}
    }
    let candidates = [run.to_owned(), run.join(ASSESSMENT), runs.join(run).join(ASSESSMENT)];
    candidates.into_iter().find(|file| file.is_file()).ok_or_else(|| {
        Failure::usage(format!("there is no run {}", run.display())).hint(format!(
            "name a file that `audit -o json:FILE` wrote, a run that `trailwarden runs list` shows in {}, latest or previous",
            runs.display()
        ))
    })
}

/// The newest run before the latest that looked at the same.
fn previous(kept: &[Entry]) -> Option<&Entry> {
    let (latest, before) = kept.split_last()?;
    before.iter().rev().find(|entry| entry.looked_at_the_same(latest))
}

/// One of the runs, where all are of one organization.
fn newest(runs: &Path, settings: &Settings, choose: impl Fn(&[Entry]) -> Option<&Entry>) -> Result<PathBuf, Failure> {
    let kept = list(runs)?;
    kept.name_unread(runs, settings);
    let audits = kept.audits;
    if audits.iter().any(|entry| audits.first().is_some_and(|first| first.organization != entry.organization)) {
        return Err(Failure::usage(format!("{} keeps runs of several organizations", runs.display()))
            .hint("name the run, as `trailwarden runs list` shows it"));
    }
    let entry = choose(&audits).ok_or_else(|| match audits.len() {
        0 => Failure::usage(format!("{} keeps no run of an audit", runs.display()))
            .hint("keep runs with `trailwarden audit --keep`"),
        1 => Failure::usage(format!("{} keeps only one run of an audit", runs.display()))
            .hint("keep runs with `trailwarden audit --keep`"),
        _ => Failure::usage(format!("{} keeps no earlier run that looked at the same as the latest", runs.display()))
            .hint("name the run to compare with; `trailwarden runs list` shows the scope of each"),
    })?;
    Ok(runs.join(&entry.name).join(ASSESSMENT))
}
