//! `trailwarden audit`: a snapshot in, findings out, the verdict as exit code.

use trailwarden_audit::{assess, controls, frameworks};
use trailwarden_model::assessment::Provenance;
use trailwarden_model::control::Severity;

use super::select::{find_framework, select_controls};
use super::source::{Facts, collect_snapshot, read_snapshot};
use crate::baseline_file::{check_against, read_baseline};
use crate::cli;
use crate::digest::digest;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report_file::{Written, check_outputs};
use crate::settings::Settings;
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
    check_outputs(&arguments.output)?;
    let snapshot = match &arguments.snapshot {
        Some(path) => read_snapshot(path)?,
        None => {
            let facts = Facts::of_controls(&controls, &baseline);
            collect_snapshot(&arguments.connect, &arguments.select, facts, settings)?
        }
    };
    check_against(&snapshot.organization, &baseline, arguments.baseline.as_deref())?;
    let mut assessment = assess(&snapshot, &baseline, &waivers, &controls, env!("CARGO_PKG_VERSION"));
    assessment.framework = framework.map(|framework| frameworks::answers(&framework, &controls, &assessment));
    assessment.provenance = Some(Provenance {
        partition: snapshot.caller.arn.partition().to_owned(),
        snapshot: digest(&snapshot)?,
        baseline: digest(&baseline)?,
        sandbox: arguments.connect.sandbox.clone(),
    });
    let exit = Exit::of_findings(assessment.summary.findings);
    let min_severity = Severity::Informational;
    Written { assessment: &assessment, min_severity, exit, settings }.write(&arguments.output)?;
    Ok(exit)
}
