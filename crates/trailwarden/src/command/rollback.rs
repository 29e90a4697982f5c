//! `trailwarden rollback`: what a run did, taken back in reverse order.

use std::path::Path;

use trailwarden_apply::{Options, RunFiles, read};
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
        // A run that cannot be read is told of when somebody goes on with it.
        let Ok(other) = read(&folder) else { continue };
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
            return Err(Failure::with(Exit::PlanStale, message).hint(hint));
        }
    }
    Ok(())
}

/// A step that another run made, and the step of this one that a guard of it is about.
fn reliance<'a>(files: &'a RunFiles, other: &'a RunFiles) -> Option<(&'a Step, &'a StepId)> {
    let is_done = |run: &Run, step: &&Step| {
        matches!(run.steps.get(&step.id), Some(Standing::Done { found: Some(_), .. } | Standing::Kept(_)))
    };
    let own: Vec<&Step> = files.plan.steps.iter().filter(|step| is_done(&files.run, step)).collect();
    let removes = |step: &&Step| matches!(step.call, Call::StopLogging { .. } | Call::DeleteTrail { .. });
    other.plan.steps.iter().filter(removes).filter(|step| is_done(&other.run, step)).find_map(|step| {
        let relied = own.iter().find(|own| step.guards.iter().any(|guard| guard.subject == own.subject))?;
        Some((step, &relied.id))
    })
}
