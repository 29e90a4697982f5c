//! Reports of an assessment in every format, to standard output and files, and assessments read back from files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use trailwarden_audit::{Control, controls};
use trailwarden_model::assessment::Assessment;
use trailwarden_model::control::Severity;
use trailwarden_model::framework::{Framework, FrameworkAnswers};
use trailwarden_report::{
    Catalogue, ControlText, Report, asff, csv, html, json, junit, markdown, ndjson, ocsf, sarif, table,
};

use crate::cli::{Format, Output};
use crate::failure::Failure;
use crate::framework_file::frameworks;
use crate::output::{check_writable, read_file, resolved, stream_file, stream_stdout};
use crate::run_store::{history, is_of_run};
use crate::settings::Settings;

/// An assessment and what its readers need besides.
pub(crate) struct Written<'a> {
    pub(crate) assessment: &'a Assessment,
    pub(crate) min_severity: Severity,
    /// The folder of runs whose trend is told, where there is one.
    pub(crate) runs: &'a Path,
    /// What the exit code means.
    pub(crate) exit: &'a str,
    pub(crate) settings: &'a Settings,
}

/// What a page says besides the assessment.
#[derive(Default)]
struct Page {
    frameworks: Vec<FrameworkAnswers>,
    trend: Vec<html::Point>,
}

impl Written<'_> {
    /// Writes every output.
    pub(crate) fn write(&self, outputs: &[Output]) -> Result<(), Failure> {
        let controls = catalogue();
        let page =
            if outputs.iter().any(|output| output.format == Format::Html) { self.page()? } else { Page::default() };
        outputs.iter().try_for_each(|output| match &output.path {
            Some(path) => stream_file(path, |out| self.render(output, &controls, &page, out)),
            None => stream_stdout(|out| self.render(output, &controls, &page, out)),
        })
    }

    /// What a page says besides the assessment.
    fn page(&self) -> Result<Page, Failure> {
        let trend = history(self.runs, self.assessment, self.settings);
        Ok(Page { frameworks: answers(self.assessment)?, trend })
    }

    fn render(&self, output: &Output, controls: &Catalogue, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let report = Report { assessment: self.assessment, controls, min_severity: self.min_severity };
        match output.format {
            Format::Table => {
                let notice = self.notice();
                let view = self.settings.view(output.path.is_some(), notice.as_deref(), self.exit);
                out.write_all(table::render(&report, &view).as_bytes())
            }
            Format::Json => out.write_all(json::render(self.assessment).map_err(io::Error::other)?.as_bytes()),
            Format::Ndjson => ndjson::render(&report, out),
            Format::Csv => csv::render(&report, out),
            Format::Markdown => out.write_all(markdown::render(&report, self.exit).as_bytes()),
            Format::Html => {
                let notice = self.notice();
                let Page { frameworks, trend } = page;
                html::render(
                    &report,
                    &html::Around { notice: notice.as_deref(), exit: self.exit, frameworks, trend },
                    out,
                )
            }
            Format::Sarif => sarif::render(&report, out),
            Format::Junit => junit::render(&report, out),
            Format::Ocsf => ocsf::render(&report, out),
            Format::Asff => asff::render(&report, out),
        }
    }

    fn notice(&self) -> Option<String> {
        let scenario = self.assessment.provenance.as_ref()?.sandbox.as_deref()?;
        Some(sandbox_notice(scenario))
    }
}

/// What an assessment says about the framework it was made for; else about those of which it judged every control, since the
/// others' answers could be too good.
fn answers(assessment: &Assessment) -> Result<Vec<FrameworkAnswers>, Failure> {
    if let Some(answers) = &assessment.framework {
        return Ok(vec![answers.clone()]);
    }
    let is_judged = |control: &&&Control| assessment.summary.controls.contains_key(control.id);
    let judged: Vec<&Control> = controls::ALL.iter().filter(is_judged).copied().collect();
    let is_whole = |framework: &Framework| {
        let mut asked = controls::ALL.iter().filter(|control| control.answers_any_of(&framework.id));
        asked.all(|control| judged.iter().any(|judged| judged.id == control.id))
    };
    let known = frameworks().map_err(Failure::internal)?;
    let whole = known.iter().filter(|framework| is_whole(framework));
    Ok(whole.map(|framework| trailwarden_audit::frameworks::answers(framework, &judged, assessment)).collect())
}

/// What a report says at its top when the organization is made up.
pub(crate) fn sandbox_notice(scenario: &str) -> String {
    format!("SANDBOX: the made-up organization {scenario:?} inside this program; no AWS account was asked")
}

/// Refuses, before anything is collected, what could not be written in the end, and what would replace these inputs or a
/// run that is kept.
pub(crate) fn check_outputs<F>(outputs: &[Output<F>], inputs: &[&Path]) -> Result<(), Failure> {
    let inputs: BTreeSet<PathBuf> = inputs.iter().map(|input| resolved(input)).collect();
    let mut targets: BTreeSet<Option<PathBuf>> = BTreeSet::new();
    for output in outputs {
        let target = output.path.as_deref().map(resolved);
        let is_kept = target.as_ref().is_some_and(|file| inputs.contains(file) || is_of_run(file));
        let is_other = targets.insert(target);
        let Some(path) = &output.path else {
            if is_other {
                continue;
            }
            return Err(two_outputs("standard output"));
        };
        let name = path.display();
        if !is_other {
            return Err(two_outputs(name));
        }
        if is_kept {
            return Err(Failure::usage(format!("an output would replace {name}, which is read or kept"))
                .hint("name another file"));
        }
        check_writable(path)?;
    }
    Ok(())
}

fn two_outputs(to: impl Display) -> Failure {
    Failure::usage(format!("two outputs go to {to}"))
        .hint("give all but one a file, for example -o table -o json:audit.json")
}

/// The assessment in a file that `-o json` wrote.
pub(crate) fn read_assessment(path: &Path) -> Result<Assessment, Failure> {
    json::read(&read_file(path)?).map_err(|error| {
        Failure::usage(format!("assessment {}: {error}", path.display()))
            .hint("give a file that `trailwarden audit -o json:FILE` of this version or an older one wrote")
    })
}

/// What every control says.
pub(crate) fn catalogue() -> Catalogue {
    controls::every().map(|control| (control.id.to_owned(), text(control))).collect()
}

fn text(control: &Control) -> ControlText {
    let requirements = control.frameworks.iter().map(|(framework, ids)| {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        ((*framework).to_owned(), ids)
    });
    ControlText {
        title: control.title.to_owned(),
        rule: control.rule.to_owned(),
        why: control.why.to_owned(),
        remedy: control.remedy.to_owned(),
        practice: control.practice,
        requirements: requirements.collect::<BTreeMap<_, _>>(),
    }
}
