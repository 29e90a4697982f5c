//! `trailwarden audit`: a snapshot in, findings out, the verdict as exit code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use trailwarden_audit::{assess, controls, frameworks};
use trailwarden_model::assessment::Assessment;
use trailwarden_report::{json, table};

use super::select::{find_framework, select_controls};
use super::source::{Facts, collect_snapshot, read_snapshot, sandbox_notice};
use crate::baseline_file::{check_against, read_baseline};
use crate::cli::{self, Format, Output};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{check_writable, write_file, write_stdout};
use crate::settings::Settings;
use crate::waiver_file::read_waivers;

/// Columns of a table that is written to a file.
const FILE_WIDTH: usize = 120;

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
    let exit = Exit::of_findings(assessment.summary.findings);
    let notice = sandbox_notice(&arguments.connect);
    let report = Report { assessment: &assessment, notice: notice.as_deref(), exit, settings };
    for output in &arguments.output {
        report.write(output)?;
    }
    Ok(exit)
}

/// Refuses, before anything is collected, what could not be written in the end.
fn check_outputs(outputs: &[Output]) -> Result<(), Failure> {
    let mut targets: BTreeSet<Option<&Path>> = BTreeSet::new();
    for output in outputs {
        let target = output.path.as_deref();
        if !targets.insert(target) {
            let name = target.map_or_else(|| "standard output".to_owned(), |path| path.display().to_string());
            return Err(Failure::usage(format!("two outputs go to {name}"))
                .hint("give all but one a file, for example -o table -o json:audit.json"));
        }
        target.map_or(Ok(()), check_writable)?;
    }
    Ok(())
}

/// An assessment and what its readers need besides.
struct Report<'a> {
    assessment: &'a Assessment,
    notice: Option<&'a str>,
    exit: Exit,
    settings: &'a Settings,
}

impl Report<'_> {
    fn write(&self, output: &Output) -> Result<(), Failure> {
        let text = match output.format {
            Format::Table => self.table(output.path.is_some()),
            Format::Json => json::render(self.assessment).map_err(Failure::internal)?,
        };
        match &output.path {
            Some(path) => write_file(path, &text),
            None => write_stdout(&text),
        }
    }

    fn table(&self, is_file: bool) -> String {
        let remedies: BTreeMap<String, String> =
            controls::every().map(|control| (control.id.to_owned(), control.remedy.to_owned())).collect();
        let exit = format!("exit code {}: {}", self.exit.code(), self.exit.meaning());
        let view = table::View {
            width: if is_file { FILE_WIDTH } else { self.settings.width },
            colour: self.settings.colour && !is_file,
            notice: self.notice,
            exit: &exit,
            remedies: &remedies,
        };
        table::render(self.assessment, &view)
    }
}
