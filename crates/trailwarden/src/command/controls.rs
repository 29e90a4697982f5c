//! `trailwarden controls`: the catalogue, and one control in full.

use std::fmt::Write;

use tabled::builder::Builder;
use tabled::settings::{Padding, Style};
use trailwarden_audit::{Control, controls};

use super::select::find_control;
use crate::cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stdout;
use crate::settings::Settings;

/// Lists the controls or shows one.
pub(super) fn controls(arguments: &cli::Controls, settings: &Settings) -> Result<Exit, Failure> {
    let text = match &arguments.verb {
        None => list(),
        Some(cli::ControlsVerb::Show { id }) => show(find_control(id)?, settings.width),
    };
    write_stdout(&text)?;
    Ok(Exit::Ok)
}

fn list() -> String {
    let mut rows = Builder::default();
    rows.push_record(["ID", "SEVERITY", "JUDGES EACH", "BEST PRACTICE"]);
    for control in controls::every() {
        let practice = control.practice.map_or("", |practice| practice.title());
        rows.push_record([control.id, control.severity.as_str(), control.scope().as_str(), practice]);
    }
    let mut table = rows.build();
    table.with(Style::empty()).with(Padding::new(0, 2, 0, 0));
    let lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}

fn show(control: &Control, width: usize) -> String {
    let mut text = format!("{}\n{}\n\n", control.id, control.title);
    let practice = control.practice.map_or("none of the seven", |practice| practice.title());
    let needs: Vec<String> = control.needs.iter().map(json_word).collect();
    let facts = [
        ("severity", control.severity.as_str().to_owned()),
        ("judges each", control.scope().as_str().to_owned()),
        ("best practice", practice.to_owned()),
        ("reads", needs.join(", ")),
    ];
    for (name, fact) in facts {
        let _ = writeln!(text, "{name:14}{fact}");
    }
    for (heading, body) in
        [("What is judged", control.rule), ("Why it matters", control.why), ("When it fails", control.remedy)]
    {
        let _ = writeln!(text, "\n{heading}\n{}", textwrap::fill(body, indented(width)));
    }
    text.push_str("\nReferences\n");
    for reference in control.references {
        let _ = writeln!(text, "  {reference}");
    }
    if !control.frameworks.is_empty() {
        text.push_str("\nFrameworks\n");
    }
    for (framework, requirements) in control.frameworks {
        let line = format!("{framework}: {}", requirements.join(", "));
        let _ = writeln!(text, "{}", textwrap::fill(&line, indented(width).subsequent_indent("      ")));
    }
    text
}

/// A unit variant as the artifacts spell it.
fn json_word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn indented(width: usize) -> textwrap::Options<'static> {
    textwrap::Options::new(width)
        .initial_indent("  ")
        .subsequent_indent("  ")
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}
