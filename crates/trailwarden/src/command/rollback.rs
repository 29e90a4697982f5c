//! `trailwarden rollback`: what a run did, taken back in reverse order.

use trailwarden_apply::{Options, read};

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
    let plan = read(&folder).map_err(Failure::usage)?.plan;
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
