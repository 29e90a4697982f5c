//! Reports of an assessment in every format, to standard output and files, and assessments read back from files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use trailwarden_audit::{Control, controls};
use trailwarden_model::assessment::Assessment;
use trailwarden_model::control::Severity;
use trailwarden_model::framework::{Framework, FrameworkAnswers};
use trailwarden_report::{
    Catalogue, ControlText, Report, asff, csv, html, json, junit, markdown, ndjson, ocsf, sarif, table,
};

use crate::cli::{Format, Output};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::framework_file::frameworks;
use crate::output::{check_writable, read_file, stream_file, stream_stdout};
use crate::run_store::history;
use crate::settings::Settings;

/// An assessment and what its readers need besides.
pub(crate) struct Written<'a> {
    pub(crate) assessment: &'a Assessment,
    pub(crate) min_severity: Severity,
    /// The folder of runs whose trend is told.
    pub(crate) runs: Option<&'a Path>,
    pub(crate) exit: Exit,
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
        let trend = self.runs.map(|runs| history(runs, self.assessment)).transpose()?;
        Ok(Page { frameworks: answers(self.assessment)?, trend: trend.unwrap_or_default() })
    }

    fn render(&self, output: &Output, controls: &Catalogue, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let report = Report { assessment: self.assessment, controls, min_severity: self.min_severity };
        let exit = format!("exit code {}: {}", self.exit.code(), self.exit.meaning());
        match output.format {
            Format::Table => {
                let notice = self.notice();
                let view = self.settings.view(output.path.is_some(), notice.as_deref(), &exit);
                out.write_all(table::render(&report, &view).as_bytes())
            }
            Format::Json => out.write_all(json::render(self.assessment).map_err(io::Error::other)?.as_bytes()),
            Format::Ndjson => ndjson::render(&report, out),
            Format::Csv => csv::render(&report, out),
            Format::Markdown => out.write_all(markdown::render(&report, &exit).as_bytes()),
            Format::Html => {
                let notice = self.notice();
                let Page { frameworks, trend } = page;
                html::render(&report, &html::Around { notice: notice.as_deref(), exit: &exit, frameworks, trend }, out)
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

/// Refuses, before anything is collected, what could not be written in the end.
pub(crate) fn check_outputs<F>(outputs: &[Output<F>]) -> Result<(), Failure> {
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
