//! The runs of audits that are kept: a folder each, with the assessment and an entry for the list.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trailwarden_model::assessment::{Assessment, Counts, Provenance};
use trailwarden_model::format;
use trailwarden_model::snapshot::{self, Snapshot};
use trailwarden_report::html::Point;
use trailwarden_report::json;

use crate::digest::digest;
use crate::failure::Failure;
use crate::output::{check_writable, read_file, write_file};
use crate::report_file::read_assessment;
use crate::signature::SUFFIX;
use crate::snapshot_file::{read_kept, read_snapshot, write_kept};

/// The format of an entry.
pub const FORMAT: &str = "trailwarden.run/1.0";

/// The file with the assessment, in the folder of a run.
pub(crate) const ASSESSMENT: &str = "assessment.json";
/// The file with the snapshot that was judged.
const SNAPSHOT: &str = "snapshot.json.gz";
/// The file with the entry. Each run has its own, so that runs that end at once do not overwrite each other's.
const ENTRY: &str = "run.json";
/// The file that makes a folder the run of a plan.
const PLAN: &str = "plan.json";
/// Digits of the assessment's digest that tell runs of one second apart.
const NAMED_BY: usize = 6;

/// What the list says of one run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    format: String,
    pub(crate) name: String,
    pub(crate) organization: String,
    pub(crate) collected_at: Timestamp,
    pub(crate) tool_version: String,
    pub(crate) provenance: Option<Provenance>,
    pub(crate) framework: Option<String>,
    pub(crate) n_accounts: usize,
    pub(crate) findings: Counts,
}

/// What a folder of runs holds.
pub(crate) struct Kept {
    /// Audits, the oldest first.
    pub(crate) audits: Vec<Entry>,
    /// How many runs of plans are kept beside them.
    pub(crate) n_plans: usize,
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
    let folder = runs.join(&name);
    fs::create_dir_all(&folder)
        .map_err(|error| Failure::usage(format!("making folder {}: {error}", folder.display())))?;
    let entry = Entry {
        format: FORMAT.to_owned(),
        name: name.clone(),
        organization: assessment.organization.id.clone(),
        collected_at: assessment.collected_at,
        tool_version: assessment.tool_version.clone(),
        provenance: assessment.provenance.clone(),
        framework: assessment.framework.as_ref().map(|answers| answers.id.clone()),
        n_accounts: assessment.organization.n_accounts_in_scope,
        findings: assessment.summary.findings,
    };
    write_file(&folder.join(ASSESSMENT), &json::render(assessment).map_err(Failure::internal)?)?;
    write_kept(&folder.join(SNAPSHOT), snapshot)?;
    let entry = serde_json::to_string_pretty(&entry).map_err(Failure::internal)?;
    write_file(&folder.join(ENTRY), &format!("{entry}\n"))?;
    Ok(name)
}

/// Everything that is kept.
pub(crate) fn list(runs: &Path) -> Result<Kept, Failure> {
    let unreadable = |error| {
        Failure::usage(format!("reading folder {}: {error}", runs.display()))
            .hint("keep a run with `trailwarden audit --keep`, or name another folder with --runs")
    };
    let mut kept = Kept { audits: vec![], n_plans: 0 };
    for folder in fs::read_dir(runs).map_err(unreadable)? {
        let folder = folder.map_err(unreadable)?.path();
        let entry = folder.join(ENTRY);
        if entry.is_file() {
            kept.audits.push(read_entry(&entry)?);
        } else if folder.join(PLAN).is_file() {
            kept.n_plans += 1;
        }
    }
    kept.audits.sort_by(|a, b| (a.collected_at, &a.name).cmp(&(b.collected_at, &b.name)));
    Ok(kept)
}

/// The runs before an assessment that are comparable with it, and itself at the end. A folder that is not there yet has none.
pub(crate) fn history(runs: &Path, assessment: &Assessment) -> Result<Vec<Point>, Failure> {
    let kept = if runs.is_dir() { list(runs)?.audits } else { vec![] };
    let framework = assessment.framework.as_ref().map(|answers| &answers.id);
    let sandbox = |provenance: &Option<Provenance>| provenance.as_ref().and_then(|made| made.sandbox.clone());
    let is_before = |entry: &&Entry| {
        entry.organization == assessment.organization.id
            && entry.collected_at < assessment.collected_at
            && entry.framework.as_ref() == framework
            && sandbox(&entry.provenance) == sandbox(&assessment.provenance)
    };
    let before = kept.iter().filter(is_before);
    let mut points: Vec<Point> =
        before.map(|entry| Point { collected_at: entry.collected_at, findings: entry.findings }).collect();
    points.push(Point { collected_at: assessment.collected_at, findings: assessment.summary.findings });
    Ok(points)
}

fn read_entry(path: &Path) -> Result<Entry, Failure> {
    format::read(&read_file(path)?, FORMAT).map_err(|error| {
        Failure::usage(format!("run {}: {error}", path.display())).hint("remove the folder if it is no run of an audit")
    })
}

/// Removes a run.
pub(crate) fn remove(runs: &Path, entry: &Entry) -> Result<(), Failure> {
    let folder = runs.join(&entry.name);
    // The entry goes last: what is interrupted is still listed, and removed next time.
    let signature = format!("{ASSESSMENT}{SUFFIX}");
    [ASSESSMENT, &signature, SNAPSHOT, ENTRY]
        .iter()
        .try_for_each(|file| match fs::remove_file(folder.join(file)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .and_then(|()| fs::remove_dir(&folder))
        .map_err(|error| Failure::usage(format!("removing {}: {error}", folder.display())))
}

/// The assessment that was named: a file, a folder of a run, its name in the folder of runs, `latest` or `previous`.
pub(crate) fn named(runs: &Path, run: &Path) -> Result<Assessment, Failure> {
    read_assessment(&file_of(runs, run)?)
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
pub(crate) fn judged(runs: &Path, run: &Path) -> Result<Judged, Failure> {
    let file = file_of(runs, run)?;
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
pub(crate) fn file_of(runs: &Path, run: &Path) -> Result<PathBuf, Failure> {
    match run.to_str() {
        Some("latest") => return nth_newest(runs, 0),
        Some("previous") => return nth_newest(runs, 1),
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

/// The newest run but so many, where all are of one organization.
fn nth_newest(runs: &Path, n: usize) -> Result<PathBuf, Failure> {
    let audits = list(runs)?.audits;
    if audits.iter().any(|entry| audits.first().is_some_and(|first| first.organization != entry.organization)) {
        return Err(Failure::usage(format!("{} keeps runs of several organizations", runs.display()))
            .hint("name the run, as `trailwarden runs list` shows it"));
    }
    let entry = audits.iter().rev().nth(n).ok_or_else(|| {
        Failure::usage(format!("{} keeps only {} of audits", runs.display(), audits.len()))
            .hint("keep runs with `trailwarden audit --keep`")
    })?;
    Ok(runs.join(&entry.name).join(ASSESSMENT))
}
