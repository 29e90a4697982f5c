//! `trailwarden rollback`: what a run did, taken back in reverse order.

use std::path::Path;

use trailwarden_apply::{ApplyError, Options, RunFiles, read};
use trailwarden_model::journal::{Outcome, Run, Standing};
use trailwarden_model::plan::{Call, Step, StepId};

use super::apply::{ask, show};
use super::runs::{named_folder, with_executor};
use super::source::with_session;
use crate::cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::settings::Settings;

/// Rolls a run back.
pub(super) fn rollback(arguments: &cli::Rollback, settings: &Settings) -> Result<Exit, Failure> {
    let folder = named_folder(&arguments.runs, &arguments.run)?;
    let files = read(&folder).map_err(Failure::usage)?;
    let plan = files.plan.clone();
    check_relied_on(&arguments.runs.runs, &files)?;
    if !arguments.yes {
        ask(&plan.organization, &format!("roll back the run {}", folder.display()))?;
    }
    with_session(&arguments.runs.connect, settings, async |session, _| {
        let report = with_executor(session, &arguments.runs, &plan, Options::default(), async |executor| {
            executor.roll_back(&folder).await
        })
        .await?;
        Ok((show(&plan, &report, &folder, settings)?, plan.accounts.len()))
    })
}

/// Refuses to take back what another run relied on when it stopped or deleted a trail: nothing would record what that one did.
fn check_relied_on(runs: &Path, files: &RunFiles) -> Result<(), Failure> {
    let folders = std::fs::read_dir(runs).into_iter().flatten().flatten().map(|entry| entry.path());
    for folder in folders.filter(|folder| folder.join("plan.json").is_file()) {
        let other = match read(&folder) {
            Ok(other) => other,
            Err(ApplyError::NothingBegun(_)) => continue,
            // What it removed is not known, and may be what this run's trail replaces.
            Err(error) => {
                let hint =
                    format!("mend {}, or move it elsewhere if it has nothing to do with this run", folder.display());
                return Err(Failure::stale(error).hint(hint));
            }
        };
        let is_other = other.plan.digest != files.plan.digest && other.plan.organization == files.plan.organization;
        if !is_other || other.run.outcome == Some(Outcome::RolledBack) {
            continue;
        }
        if let Some((relying, relied)) = reliance(files, &other) {
            let message = format!(
                "step {} of run {} ({}) relies on step {relied} of this one: without it, nothing records what that one removed",
                relying.id,
                folder.display(),
                relying.title
            );
            let hint = "make another trail record it first, or leave this run as it is";
            return Err(Failure::stale(message).hint(hint));
        }
    }
    Ok(())
}

/// A step with which another run stopped or deleted a trail, or may have, and the step of this one that a guard of it is about.
fn reliance<'a>(files: &'a RunFiles, other: &'a RunFiles) -> Option<(&'a Step, &'a StepId)> {
    let may_stand = |run: &Run, step: &&Step| {
        let standing = run.steps.get(&step.id);
        !matches!(
            standing,
            None | Some(Standing::Failed { .. } | Standing::RolledBack | Standing::Done { found: None, .. })
        )
    };
    let removes = |step: &&Step| matches!(step.call, Call::StopLogging { .. } | Call::DeleteTrail { .. });
    let own: Vec<&Step> = files.plan.steps.iter().filter(|step| may_stand(&files.run, step)).collect();
    other.plan.steps.iter().filter(removes).filter(|step| may_stand(&other.run, step)).find_map(|step| {
        let relied = own.iter().find(|own| step.guards.iter().any(|guard| guard.subject == own.subject))?;
        Some((step, &relied.id))
    })
}
