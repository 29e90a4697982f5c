//! `trailwarden audit`: a snapshot in, findings out, the verdict as exit code.

use std::path::{Path, PathBuf};

use trailwarden_audit::{assess, controls, frameworks};
use trailwarden_model::assessment::Provenance;

use super::map;
use super::report::outputs;
use super::select::{find_framework, select_controls};
use super::sign::sign_with;
use super::source::{Facts, collect_snapshot, read_snapshot};
use crate::baseline_file::{check_against, read_baseline};
use crate::cli;
use crate::digest::digest;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stderr;
use crate::report_file::{Written, check_outputs};
use crate::run_store;
use crate::settings::Settings;
use crate::signature::SecretKey;
use crate::waiver_file::read_waivers;

/// Audits and reports; what the findings amount to is the exit code.
pub(super) fn audit(arguments: &cli::Audit, settings: &Settings) -> Result<Exit, Failure> {
    let framework = arguments.framework.as_deref().map(find_framework).transpose()?;
    let controls = match &framework {
        Some(framework) => {
            controls::ALL.iter().copied().filter(|control| control.answers_any_of(&framework.id)).collect()
        }
        None => select_controls(&arguments.control)?,
    };
    let baseline = read_baseline(arguments.baseline.as_deref())?;
    let waivers = read_waivers(arguments.waivers.as_deref())?;
    let inputs = [&arguments.snapshot, &arguments.baseline, &arguments.waivers, &arguments.sign_key];
    check_outputs(&arguments.output, &inputs.into_iter().flatten().map(PathBuf::as_path).collect::<Vec<_>>())?;
    let key = arguments.sign_key.as_deref().map(SecretKey::read).transpose()?;
    if arguments.keep {
        run_store::check(&arguments.store.runs)?;
    }
    let snapshot = match &arguments.snapshot {
        Some(path) => read_snapshot(path)?,
        None => {
            let mut facts = Facts::of_controls(&controls, &baseline);
            if arguments.keep {
                facts.add_approval(&controls);
            }
            collect_snapshot(&arguments.connect, &arguments.select, facts, settings)?
        }
    };
    check_against(&snapshot.organization, &baseline, arguments.baseline.as_deref())?;
    let mut assessment = assess(&snapshot, &baseline, &waivers, &controls, env!("CARGO_PKG_VERSION"));
    assessment.framework = framework.map(|framework| frameworks::answers(&framework, &controls, &assessment));
    assessment.tree = map::tree(&snapshot.organization);
    assessment.coverage = map::coverage(&snapshot, &baseline);
    assessment.provenance = Some(Provenance {
        partition: snapshot.caller.arn.partition().to_owned(),
        snapshot: digest(&snapshot)?,
        baseline: digest(&baseline)?,
        sandbox: arguments.connect.sandbox.clone(),
    });
    let thresholds = &arguments.thresholds;
    let exit = Exit::of_assessment(&assessment, thresholds.fail_on);
    let runs = &arguments.store.runs;
    let kept = arguments.keep.then(|| run_store::keep(runs, &assessment, &snapshot)).transpose();
    if let Ok(Some(name)) = &kept
        && !settings.quiet
    {
        write_stderr(&format!("kept as run {name} in {}\n", runs.display()));
    }
    let words = exit.words_of_assessment(&assessment, thresholds.fail_on);
    let min_severity = thresholds.min_severity;
    let written = Written { assessment: &assessment, min_severity, runs, exit: &words, settings };
    written.write(outputs(&arguments.output, settings))?;
    // Whatever stands in the way of keeping or signing, the outputs are there.
    if let (Some(name), Some(key)) = (kept?, &key) {
        sign_with(key, &run_store::file_of(runs, Path::new(&name), settings)?, false, settings)?;
    }
    Ok(exit)
}
