//! What `apply`, `rollback` and `verify` share: the folder of a run, the executor, and what errors of it mean.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use trailwarden_apply::{ApplyError, Clock, Executor, Options, Report};
use trailwarden_aws::{Session, collect_organization};

use super::stages::Reported;
use crate::cli::Runs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stderr;
use crate::run_progress::Lines;
use crate::settings::Settings;

/// Digits of a plan's digest that name its run.
const NAMED_BY: usize = 12;

/// The time of the machine.
pub(super) struct Wall;

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        Settings::clock()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// The folder of the run of a plan: one for each plan, so that applying it twice is seen.
pub(super) fn folder_of(runs: &Runs, organization: &str, digest: &str) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(&runs.runs)
        .map_err(|error| Failure::usage(format!("making folder {}: {error}", runs.runs.display())))?;
    let digits: String = digest.chars().take(NAMED_BY).collect();
    Ok(runs.runs.join(format!("{organization}-{digits}")))
}

/// The folder of a run that was named.
pub(super) fn named_folder(runs: &Runs, run: &Path) -> Result<PathBuf, Failure> {
    let candidates = [run.to_owned(), runs.runs.join(run)];
    candidates.into_iter().find(|folder| folder.is_dir()).ok_or_else(|| {
        Failure::usage(format!("there is no run {}", run.display()))
            .hint(format!("name a folder in {}, or another folder with --runs", runs.runs.display()))
    })
}

/// Lets `work` use an executor for the caller's organization, until it ends or somebody presses Ctrl-C: then the steps in
/// hand are finished.
pub(super) async fn with_executor(
    session: &Session,
    runs: &Runs,
    plan: &trailwarden_model::plan::Plan,
    options: Options,
    work: impl AsyncFnOnce(Executor<'_, Session, Wall>) -> Result<Report, ApplyError>,
) -> Result<Report, Failure> {
    let organization = collect_organization(session, &Default::default()).await?.id;
    let lock = runs.runs.join(format!("{organization}.lock"));
    let stop = AtomicBool::new(false);
    let observer = Lines::new(plan);
    let executor = Executor {
        cloud: session,
        stages: &Reported(session),
        clock: &Wall,
        observer: &observer,
        stop: &stop,
        lock: &lock,
        organization: &organization,
        by: session.caller().arn.as_str(),
        tool_version: env!("CARGO_PKG_VERSION"),
        options,
    };
    let work = work(executor);
    let mut work = std::pin::pin!(work);
    let done = tokio::select! {
        done = &mut work => done,
        _ = tokio::signal::ctrl_c() => {
            stop.store(true, Ordering::Relaxed);
            write_stderr("finishing the steps in hand; no other is begun\n");
            work.await
        }
    };
    done.map_err(failure_of)
}

fn failure_of(error: ApplyError) -> Failure {
    let failure = match &error {
        ApplyError::OtherOrganization { .. }
        | ApplyError::Plan(_)
        | ApplyError::Order { .. }
        | ApplyError::AlreadyBegun { .. }
        | ApplyError::OtherPlan { .. }
        | ApplyError::Over { .. }
        | ApplyError::Stale(_) => Failure::with(Exit::PlanStale, &error),
        ApplyError::InDoubt(_) | ApplyError::Damaged { .. } => Failure::with(Exit::RollbackFailed, &error),
        ApplyError::Illegal(_) => Failure::internal(&error),
        ApplyError::NothingBegun(_)
        | ApplyError::TurnedBack(_)
        | ApplyError::Locked(_)
        | ApplyError::File { .. }
        | ApplyError::Format { .. } => Failure::usage(&error),
    };
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
