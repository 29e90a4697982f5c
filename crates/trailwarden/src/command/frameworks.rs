//! `trailwarden frameworks`: what the program reports by, and which control answers which requirement.

use std::fmt::Write;

use tabled::builder::Builder;
use tabled::settings::{Padding, Style};
use trailwarden_audit::{Control, controls};
use trailwarden_model::framework::{Framework, Requirement};

use super::select::{find_framework, known_frameworks};
use crate::cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stdout;
use crate::settings::Settings;

/// Lists the frameworks or shows one.
pub(super) fn frameworks(arguments: &cli::Frameworks, settings: &Settings) -> Result<Exit, Failure> {
    let text = match &arguments.verb {
        None => list(&known_frameworks()?),
        Some(cli::FrameworksVerb::Show { id }) => show(&find_framework(id)?, settings.width),
    };
    write_stdout(&text)?;
    Ok(Exit::Ok)
}

fn list(frameworks: &[Framework]) -> String {
    let mut rows = Builder::default();
    rows.push_record(["ID", "ANSWERED", "FRAMEWORK"]);
    for framework in frameworks {
        let n_answered = framework.requirements.iter().filter(|asked| is_answered(framework, asked)).count();
        let answered = format!("{n_answered} of {}", framework.requirements.len());
        rows.push_record([framework.id.clone(), answered, format!("{} {}", framework.title, framework.version)]);
    }
    let mut table = rows.build();
    table.with(Style::empty()).with(Padding::new(0, 2, 0, 0));
    let lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}

fn show(framework: &Framework, width: usize) -> String {
    let Framework { id, title, version, publisher, covers, source, requirements } = framework;
    let mut text = format!("{id}\n{title} {version}, {publisher}\n");
    for fact in [format!("Covers {covers}."), format!("Mappings from: {source}")] {
        let _ = writeln!(text, "{}", textwrap::fill(&fact, width));
    }
    for asked in requirements {
        let _ = writeln!(text, "\n{}  {}", asked.id, asked.title);
        if let Some(limit) = &asked.limit {
            let _ = writeln!(text, "    {limit}");
        }
        let answering: Vec<&str> = answering(framework, asked).map(|control| control.id).collect();
        match answering.as_slice() {
            [] => text.push_str("    no control answers it\n"),
            ids => ids.iter().for_each(|id| text.push_str(&format!("    {id}\n"))),
        }
    }
    text
}

fn is_answered(framework: &Framework, asked: &Requirement) -> bool {
    answering(framework, asked).next().is_some()
}

fn answering<'a>(framework: &'a Framework, asked: &'a Requirement) -> impl Iterator<Item = &'static Control> + 'a {
    let answers = |control: &&'static Control| control.requirements_of(&framework.id).any(|id| id == asked.id);
    controls::ALL.iter().copied().filter(answers)
}
