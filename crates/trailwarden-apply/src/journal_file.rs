//! The run directory: the plan as it was approved, and the journal, of which every line is on disk before the next thing
//! happens. What lines mean is the model's.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;
use trailwarden_model::format;
use trailwarden_model::journal::{self, Event, FoldError, Line, Run};
use trailwarden_model::plan::{self, Plan};

use crate::error::ApplyError;

const PLAN: &str = "plan.json";
const JOURNAL: &str = "journal.jsonl";

/// What stands in a run directory.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFiles {
    /// The plan.
    pub plan: Plan,
    /// The state of its run.
    pub run: Run,
    /// The whole lines of its journal.
    pub lines: Vec<Line>,
}

/// Reads a run directory without changing it; a last line that was torn when the process was killed is passed over.
///
/// # Errors
/// When no run was begun there, or plan or journal are damaged or do not belong together.
pub fn read(dir: &Path) -> Result<RunFiles, ApplyError> {
    let (lines, _) = read_journal(&dir.join(JOURNAL))?;
    let run = fold(&dir.join(JOURNAL), &lines)?;
    if run.n_lines == 0 {
        return Err(ApplyError::NothingBegun(dir.to_owned()));
    }
    let path = dir.join(PLAN);
    let text = fs::read_to_string(&path).map_err(|source| failed("reading", &path, source))?;
    let plan = plan::open(&text)?;
    if plan.digest != run.plan {
        return Err(ApplyError::OtherPlan { dir: dir.to_owned(), theirs: plan.digest, ours: run.plan });
    }
    match run.steps.keys().find(|id| plan.step(id).is_none()) {
        Some(id) => Err(damaged(&dir.join(JOURNAL), format!("it speaks of step {id}, which the plan does not have"))),
        None => Ok(RunFiles { plan, run, lines }),
    }
}

/// A journal that is being written.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    run: Run,
}

impl Journal {
    /// Refuses a run directory that has seen a run.
    pub(crate) fn refuse_begun(dir: &Path) -> Result<(), ApplyError> {
        let path = dir.join(JOURNAL);
        let (lines, _) = read_journal(&path)?;
        match fold(&path, &lines)? {
            Run { n_lines: 0, .. } => Ok(()),
            Run { outcome, .. } => Err(ApplyError::AlreadyBegun { dir: dir.to_owned(), outcome }),
        }
    }

    /// Makes a run directory for a plan; its journal is still empty.
    pub(crate) fn create(dir: &Path, plan: &Plan, text: &str) -> Result<Self, ApplyError> {
        Self::refuse_begun(dir)?;
        fs::create_dir_all(dir).map_err(|source| failed("creating", dir, source))?;
        let path = dir.join(JOURNAL);
        keep_plan(dir, plan, text)?;
        // Whatever stands there is a first line torn by a kill: nothing was begun.
        let file = File::create(&path).map_err(|source| failed("creating", &path, source))?;
        sync(dir)?;
        match dir.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => sync(parent)?,
            _ => sync(Path::new("."))?,
        }
        Ok(Self { path, file, run: Run::default() })
    }

    /// Opens the journal of a run to go on with it, and drops a torn last line.
    pub(crate) fn open(dir: &Path) -> Result<(Plan, Self), ApplyError> {
        let RunFiles { plan, run, .. } = read(dir)?;
        let path = dir.join(JOURNAL);
        let (_, n_whole) = read_journal(&path)?;
        let opened = OpenOptions::new().append(true).open(&path).and_then(|file| {
            file.set_len(n_whole)?;
            file.sync_all()?;
            Ok(file)
        });
        let file = opened.map_err(|source| failed("opening", &path, source))?;
        Ok((plan, Self { path, file, run }))
    }

    /// Writes one event, and returns when it is on disk. After an error nothing more must be written.
    pub(crate) fn append(&mut self, at: Timestamp, event: Event) -> Result<Line, ApplyError> {
        let line = Line { number: self.run.n_lines + 1, at, event };
        self.run.take(&line).map_err(ApplyError::Illegal)?;
        let written = serde_json::to_string(&line).map_err(io::Error::from).and_then(|text| {
            self.file.write_all(format!("{text}\n").as_bytes())?;
            self.file.sync_data()
        });
        written.map_err(|source| failed("writing", &self.path, source))?;
        Ok(line)
    }

    pub(crate) fn run(&self) -> &Run {
        &self.run
    }
}

/// Keeps the text of the plan beside the journal. It appears as a whole or not at all.
fn keep_plan(dir: &Path, plan: &Plan, text: &str) -> Result<(), ApplyError> {
    let (path, draft) = (dir.join(PLAN), dir.join("plan.json.new"));
    match fs::read_to_string(&path) {
        Ok(kept) if kept == text => return Ok(()),
        Ok(kept) => {
            let theirs = plan::open(&kept)?.digest;
            return Err(ApplyError::OtherPlan { dir: dir.to_owned(), theirs, ours: plan.digest.clone() });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(failed("reading", &path, source)),
    }
    let kept = File::create(&draft).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &path)
    });
    kept.map_err(|source| failed("writing", &path, source))
}

/// The whole lines, and how many bytes they take. What follows the last line feed was being written when the process was
/// killed, so nothing was done on its account.
fn read_journal(path: &Path) -> Result<(Vec<Line>, u64), ApplyError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(source) => return Err(failed("reading", path, source)),
    };
    let n_whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let whole = bytes.get(..n_whole).unwrap_or_default();
    let text = str::from_utf8(whole).map_err(|error| damaged(path, error.to_string()))?;
    let lines = text.lines().enumerate().map(|(at, text)| read_line(path, at + 1, text)).collect::<Result<_, _>>()?;
    Ok((lines, n_whole as u64))
}

fn read_line(path: &Path, number: usize, text: &str) -> Result<Line, ApplyError> {
    let damaged = |error: serde_json::Error| damaged(path, format!("line {number}: {error}"));
    let value: Value = serde_json::from_str(text).map_err(damaged)?;
    // The version is asked first: lines of a newer one may look like anything.
    if let Some(stated) = value.pointer("/event/began/format").and_then(Value::as_str) {
        format::check(stated, journal::FORMAT)
            .map_err(|source| ApplyError::Format { path: path.to_owned(), source })?;
    }
    serde_json::from_value(value).map_err(damaged)
}

fn fold(path: &Path, lines: &[Line]) -> Result<Run, ApplyError> {
    journal::fold(lines).map_err(|error| match error {
        FoldError::Format(source) => ApplyError::Format { path: path.to_owned(), source },
        error => damaged(path, error.to_string()),
    })
}

/// A new name in a directory lasts only when the directory is on disk, too.
fn sync(dir: &Path) -> Result<(), ApplyError> {
    match cfg!(unix) {
        true => File::open(dir).and_then(|dir| dir.sync_all()).map_err(|source| failed("writing", dir, source)),
        false => Ok(()),
    }
}

fn failed(doing: &'static str, path: &Path, source: io::Error) -> ApplyError {
    ApplyError::File { doing, path: path.to_owned(), source }
}

fn damaged(path: &Path, reason: String) -> ApplyError {
    ApplyError::Damaged { path: path.to_owned(), reason }
}
