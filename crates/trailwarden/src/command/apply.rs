//! `trailwarden apply`: an approved plan, made step by step, and whether what it promised came true.

use std::io::{BufRead, IsTerminal};
use std::path::Path;

use trailwarden_apply::{Fate, Options, Report, read};
use trailwarden_aws::Session;
use trailwarden_model::journal::Outcome;
use trailwarden_model::plan::Plan;
use trailwarden_report::{plan as plan_view, run as run_view};

use super::runs::{folder_of, named_folder, with_executor};
use super::source::{sandbox_notice, with_session};
use super::verify::{exit_of, verification};
use crate::baseline_file::read_baseline;
use crate::cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{write_stderr, write_stdout};
use crate::plan_file::read_plan;
use crate::settings::Settings;
use crate::terminal::Bar;
use crate::waiver_file::read_waivers;

/// Applies a plan, or goes on with a run.
pub(super) fn apply(arguments: &cli::Apply, settings: &Settings) -> Result<Exit, Failure> {
    read_baseline(arguments.judge.baseline.as_deref())?;
    read_waivers(arguments.judge.waivers.as_deref())?;
    let (plan, text, folder) = match (&arguments.resume, &arguments.plan) {
        (Some(run), _) => {
            let folder = named_folder(&arguments.runs, run)?;
            (read(&folder).map_err(Failure::usage)?.plan, None, folder)
        }
        (None, Some(path)) => {
            let (plan, text) = read_plan(path)?;
            let folder = folder_of(&arguments.runs, &plan.organization, &plan.digest)?;
            (plan, Some(text), folder)
        }
        (None, None) => return Err(Failure::usage("no plan is named").hint("name a plan, or a run with --resume")),
    };
    if plan.steps.is_empty() {
        write_stdout("the plan has no steps: nothing to do\n")?;
        return Ok(Exit::Ok);
    }
    if text.is_some() {
        approve(&plan, arguments, settings)?;
    }
    with_session(&arguments.runs.connect, settings, async |session, bar| {
        let options = Options { waits_for_soak: arguments.wait, ..Options::default() };
        let report = with_executor(session, &arguments.runs, &plan, options, async |executor| match &text {
            Some(text) => executor.apply(text, &folder).await,
            None => executor.resume(&folder).await,
        })
        .await?;
        let exit = finish(&plan, &report, &folder, arguments, (session, bar, settings)).await?;
        Ok((exit, plan.accounts.len()))
    })
}

/// A person types the organization's id, or automation names the digest of what was approved.
fn approve(plan: &Plan, arguments: &cli::Apply, settings: &Settings) -> Result<(), Failure> {
    if let Some(digest) = &arguments.approve {
        return match *digest == plan.digest {
            true => Ok(()),
            false => Err(Failure::stale(format!("digest {digest} was approved, and the plan has {}", plan.digest))
                .hint("approve the digest of the plan that you read")),
        };
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("nobody can be asked to approve the plan: standard input is no terminal")
            .hint("read the plan, then name its digest with --approve DIGEST"));
    }
    let notice = sandbox_notice(&arguments.runs.connect);
    let view = settings.view(false, notice.as_deref(), "");
    write_stderr(&plan_view::render_text(plan, &view).map_err(Failure::internal)?);
    ask(&plan.organization, &format!("apply these {} steps", plan.steps.len()))
}

/// Goes on only when the id is typed.
pub(super) fn ask(organization: &str, what: &str) -> Result<(), Failure> {
    write_stderr(&format!("\nType {organization} to {what}: "));
    let mut typed = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut typed)
        .map_err(|error| Failure::internal(format!("reading standard input: {error}")))?;
    match typed.trim() == organization {
        true => Ok(()),
        false => Err(Failure::usage("not confirmed: nothing was changed").hint("type the id exactly as shown")),
    }
}

/// What the run came to: rolled back if that was asked for, verified if every step is done.
async fn finish(
    plan: &Plan,
    report: &Report,
    folder: &Path,
    arguments: &cli::Apply,
    (session, bar, settings): (&Session, &Bar, &Settings),
) -> Result<Exit, Failure> {
    let is_applied = report.outcome == Outcome::Applied;
    if report.outcome == Outcome::Incomplete && arguments.roll_back_on_failure {
        let back = with_executor(session, &arguments.runs, plan, Options::default(), async |executor| {
            executor.roll_back(folder).await
        })
        .await?;
        return show(plan, &back, folder, settings);
    }
    if !is_applied {
        return show(plan, report, folder, settings);
    }
    let run = read(folder).map_err(Failure::internal)?.run;
    let verification = verification(session, plan, &run, &arguments.judge, bar).await?;
    super::verify::keep(folder, &verification)?;
    let exit = exit_of(&verification);
    let words = format!("run {}; exit code {}: {}", folder.display(), exit.code(), exit.meaning_of_run());
    let view = settings.view(false, None, &words);
    write_stdout(&run_view::render_verification(plan, &verification, &view).map_err(Failure::internal)?)?;
    Ok(exit)
}

/// Shows a run that did not end with every step done, and says how it can go on.
pub(super) fn show(plan: &Plan, report: &Report, folder: &Path, settings: &Settings) -> Result<Exit, Failure> {
    let in_doubt = report.steps.values().any(|fate| matches!(fate, Fate::InDoubt { .. }));
    let exit = match report.outcome {
        Outcome::Stuck => Exit::RollbackFailed,
        Outcome::Soaking => Exit::ApplySoaking,
        _ if in_doubt => Exit::RollbackFailed,
        _ => Exit::ApplyIncomplete,
    };
    let run = read(folder).map_err(Failure::internal)?.run;
    let words = format!("run {}; exit code {}: {}", folder.display(), exit.code(), exit.meaning_of_run());
    let view = settings.view(false, None, &words);
    write_stdout(&run_view::render_run(plan, &run, &view).map_err(Failure::internal)?)?;
    Ok(exit)
}
