//! What is wrong with policy files: `trailwarden.policy-lint/1`, and the same as lines that editors understand.

use serde::Serialize;
use trailwarden_model::finding::Outcome;

use super::{Page, View};
use crate::ReportError;
use crate::paint::count;

/// The format written by [`render_json`].
pub const FORMAT: &str = "trailwarden.policy-lint/1";

/// What was found in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LintedFile {
    /// The file as it was named.
    pub file: String,
    /// What kind of policy it was read as.
    pub kind: &'static str,
    /// Its length as AWS would count it when it is sent so.
    pub characters: usize,
    /// What is wrong, in order of place.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// True when AWS would refuse the document, so that it could never be in force.
    pub is_refused: bool,
    /// The rule, in kebab-case.
    pub rule: &'static str,
    /// Why.
    pub reason: String,
    /// What to do instead, when it can be told.
    pub suggestion: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    files: &'a [LintedFile],
}

/// Renders what was found as pretty-printed JSON with a newline at the end.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_json(files: &[LintedFile]) -> Result<String, ReportError> {
    crate::json::write(FORMAT, &Document { format: FORMAT, files })
}

/// Renders what was found for people, ending in a newline.
pub fn render(files: &[LintedFile], view: &View<'_>) -> String {
    let page = Page::new(view);
    let mut text = String::new();
    for file in files {
        for problem in &file.problems {
            text.push_str(&line(&page, &file.file, problem));
            text.extend(problem.suggestion.iter().map(|suggestion| page.line(4, &format!("→ {suggestion}"))));
        }
    }
    let n_problems: usize = files.iter().map(|file| file.problems.len()).sum();
    let in_files = count(files.len(), "file");
    text.push_str(&match n_problems {
        0 => format!("{} {in_files}: nothing found\n", page.paint.outcome(Outcome::Pass, "✓")),
        n => format!("{in_files}: {} found\n", count(n, "problem")),
    });
    text
}

/// Never wrapped, so that editors and `grep` find the place.
fn line(page: &Page, file: &str, problem: &Problem) -> String {
    let Problem { line, column, is_refused, rule, reason, .. } = problem;
    let (outcome, word) = match is_refused {
        true => (Outcome::Fail, "✗ AWS refuses it"),
        false => (Outcome::Unknown, "! suspicious"),
    };
    format!("{file}:{line}:{column}: {}: {reason} [{rule}]\n", page.paint.outcome(outcome, word))
}
