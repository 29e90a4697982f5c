//! `trailwarden verify`: what a run promised, compared with what is there now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use trailwarden_apply::{StageCheck, read, verify_steps};
use trailwarden_audit::{Control, assess};
use trailwarden_aws::Session;
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::journal::Run;
use trailwarden_model::observed::GapKind;
use trailwarden_model::plan::{Plan, Stage, Step, StepId};
use trailwarden_model::verification::{Change, FORMAT, Promise, StageStanding, Verification};
use trailwarden_report::run as run_view;

use super::plan::assessed;
use super::runs::named_folder;
use super::source::{self, collect_in, with_session};
use super::stages::Reported;
use crate::baseline_file::read_baseline;
use crate::cli::{self, Judge, Select};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{write_file, write_stdout};
use crate::settings::Settings;
use crate::terminal::Bar;
use crate::waiver_file::read_waivers;

/// The file in the folder of a run.
const FILE: &str = "verification.json";

/// Verifies a run, and keeps the verification with it.
pub(super) fn verify(arguments: &cli::Verify, settings: &Settings) -> Result<Exit, Failure> {
    let folder = named_folder(&arguments.runs, &arguments.run)?;
    let files = read(&folder).map_err(Failure::usage)?;
    let verification = with_session(&arguments.runs.connect, settings, async |session, bar| {
        let verification = verification(session, &files.plan, &files.run, &arguments.judge, bar).await?;
        Ok((verification, files.plan.accounts.len()))
    })?;
    keep(&folder, &verification)?;
    let exit = exit_of(&verification);
    let text = match arguments.format {
        cli::View::Json => run_view::render_verification_json(&verification).map_err(Failure::internal)?,
        cli::View::Table => {
            let words = format!("exit code {}: {}", exit.code(), exit.meaning_of_run());
            let view = settings.view(false, None, &words);
            run_view::render_verification(&files.plan, &verification, &view).map_err(Failure::internal)?
        }
    };
    write_stdout(&text)?;
    Ok(exit)
}

/// Keeps a verification with its run.
pub(super) fn keep(folder: &Path, verification: &Verification) -> Result<(), Failure> {
    write_file(&folder.join(FILE), &run_view::render_verification_json(verification).map_err(Failure::internal)?)
}

/// What a verification amounts to.
pub(super) fn exit_of(verification: &Verification) -> Exit {
    match (verification.holds(), verification.is_early()) {
        (true, _) => Exit::Ok,
        (false, true) => Exit::FindingsUnknown,
        (false, false) => Exit::VerificationDiverged,
    }
}

/// Looks at every step's promise, and judges the controls that the plan touches again.
pub(super) async fn verification(
    session: &Session,
    plan: &Plan,
    run: &Run,
    judge: &Judge,
    bar: &Bar,
) -> Result<Verification, Failure> {
    let baseline = read_baseline(judge.baseline.as_deref())?;
    let waivers = read_waivers(judge.waivers.as_deref())?;
    let awaited = awaited(plan, run);
    let mut steps = verify_steps(plan, run, session).await;
    let to_come = plan.stages.iter().skip(awaited.start - 1).flat_map(|stage| &stage.steps);
    steps.extend(to_come.clone().map(|step| (step.clone(), Promise::Awaited)));
    let due: BTreeSet<&str> = promised(plan, &to_come.collect());
    let stages = stages(session, plan, awaited.start).await;
    let controls = touched(plan);
    let now = Settings::clock();
    let facts = source::Facts::of_controls(&controls, &baseline);
    let snapshot = collect_in(session, &Select::default(), facts, now, bar).await?;
    let found = assess(&snapshot, &baseline, &waivers, &controls, env!("CARGO_PKG_VERSION")).findings;
    Ok(Verification {
        format: FORMAT.to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        plan: plan.digest.clone(),
        at: now,
        steps,
        stages,
        findings: changes(&due, &found),
        broken: broken(plan, &found),
    })
}

/// The controls whose findings the plan is to mend.
fn touched(plan: &Plan) -> Vec<&'static Control> {
    let is_touched = |control: &&Control| {
        let asks = |finding: &&str| finding.rsplit_once('-').is_some_and(|(id, _)| id == control.id);
        plan.promised().iter().any(asks)
    };
    assessed().into_iter().filter(is_touched).collect()
}

/// The findings that are to be mended by now: all but those that only steps to come ask for.
fn promised<'p>(plan: &'p Plan, to_come: &BTreeSet<&StepId>) -> BTreeSet<&'p str> {
    let asked = |step: &&Step| to_come.contains(&step.id);
    let later = plan.steps.iter().filter(asked).flat_map(|step| step.findings.iter().map(String::as_str));
    let later: BTreeSet<&str> = later.collect();
    plan.promised().into_iter().filter(|finding| !later.contains(finding)).collect()
}

/// The stages of which no step was begun and none was shown, after one that was: they are still to come.
fn awaited(plan: &Plan, run: &Run) -> std::ops::Range<usize> {
    let is_begun = |stage: &Stage| stage.steps.iter().any(|step| run.steps.contains_key(step));
    let numbered = (1..).zip(&plan.stages);
    let begun = numbered.filter(|(number, stage)| is_begun(stage) || run.shown.contains_key(number));
    let last = begun.map(|(number, _)| number).max().unwrap_or_default();
    last + 1..plan.stages.len() + 1
}

async fn stages(session: &Session, plan: &Plan, awaited: usize) -> BTreeMap<usize, StageStanding> {
    let mut standings = BTreeMap::new();
    for (number, stage) in (1..).zip(&plan.stages) {
        let standing = match number >= awaited {
            true => StageStanding::Awaited,
            false => {
                Reported(session).show(plan, stage).await.map_or_else(StageStanding::Open, |()| StageStanding::Holds)
            }
        };
        standings.insert(number, standing);
    }
    standings
}

fn changes(due: &BTreeSet<&str>, found: &[Finding]) -> BTreeMap<String, Change> {
    let found: BTreeMap<String, &Finding> = found.iter().map(|finding| (finding.id(), finding)).collect();
    let change = |id: &&str| {
        let now = found.get(*id);
        let change = Change {
            before: Outcome::Fail,
            after: now.map(|finding| finding.outcome),
            reason: now.map_or_else(|| "this is not judged any more".to_owned(), |finding| finding.reason.clone()),
            is_early: now.is_some_and(|finding| is_early(finding)),
        };
        ((*id).to_owned(), change)
    };
    due.iter().map(change).collect()
}

fn is_early(finding: &Finding) -> bool {
    finding.outcome == Outcome::Unknown && finding.gap.as_ref().is_some_and(|gap| gap.kind == GapKind::TooEarly)
}

/// What fails now and was not known to fail when the plan was made.
fn broken(plan: &Plan, found: &[Finding]) -> BTreeMap<String, String> {
    let of_steps = plan.steps.iter().flat_map(|step| &step.findings);
    let known: BTreeSet<&String> = of_steps.chain(plan.unplanned.iter().flat_map(|left| &left.findings)).collect();
    let fails = found.iter().filter(|finding| finding.outcome == Outcome::Fail && finding.waiver.is_none());
    fails.map(|finding| (finding.id(), finding.reason.clone())).filter(|(id, _)| !known.contains(id)).collect()
}
