//! `trailwarden scp lint`: policy files, checked before they are sent to AWS.

use std::io::Read;
use std::path::Path;

use trailwarden_model::baseline::Baseline;
use trailwarden_policy::{Document, Kind, Malformed, Size, lint as rules};
use trailwarden_report::scp::lint::{self, LintedFile, Problem};

use crate::baseline_file::read_baseline;
use crate::cli::{self, PolicyKind, View};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{read_file, write_stdout};
use crate::settings::Settings;

/// Stands for standard input among the files.
const STDIN: &str = "-";

/// Checks every file. That anything was found is the exit code.
pub(super) fn lint(arguments: &cli::Lint, settings: &Settings) -> Result<Exit, Failure> {
    let baseline = read_baseline(arguments.baseline.as_deref())?;
    let texts: Result<Vec<_>, Failure> =
        arguments.files.iter().map(|path| Ok((path.display().to_string(), read(path)?))).collect();
    let files: Vec<LintedFile> =
        texts?.into_iter().map(|(file, text)| check(file, &text, arguments.kind, &baseline)).collect();
    let text = match arguments.format {
        View::Json => lint::render_json(&files).map_err(Failure::internal)?,
        View::Table => lint::render(&files, &settings.view(false, None, "")),
    };
    write_stdout(&text)?;
    let is_clean = files.iter().all(|file| file.problems.is_empty());
    Ok(if is_clean { Exit::Ok } else { Exit::FindingsFailed })
}

fn read(path: &Path) -> Result<String, Failure> {
    if path != Path::new(STDIN) {
        return read_file(path);
    }
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).map_err(|error| {
        Failure::usage(format!("reading standard input: {error}")).hint("send one policy document as UTF-8 text")
    })?;
    Ok(text)
}

fn check(file: String, text: &str, kind: PolicyKind, baseline: &Baseline) -> LintedFile {
    let mut problems: Vec<Problem> = match Document::parse(policy_kind(kind), text) {
        Ok(document) => rules(&document).into_iter().map(problem).collect(),
        Err(malformed) => vec![refusal(&malformed, kind, text)],
    };
    problems.extend(quota(text, kind, baseline));
    LintedFile { file, kind: kind.name(), characters: Size::of(text.trim_end()).as_sent, problems }
}

fn policy_kind(kind: PolicyKind) -> Kind {
    match kind {
        PolicyKind::Scp => Kind::ServiceControl,
        PolicyKind::Rcp => Kind::ResourceControl,
        PolicyKind::Resource => Kind::Resource,
        PolicyKind::Trust => Kind::Trust,
        PolicyKind::Identity => Kind::Identity,
    }
}

fn problem(lint: trailwarden_policy::Lint) -> Problem {
    Problem {
        line: lint.span.line,
        column: lint.span.column,
        is_refused: false,
        rule: lint.rule.id(),
        reason: lint.reason,
        suggestion: lint.suggestion,
    }
}

/// A document that AWS would refuse; when it would take it as a policy of another kind, that is suggested.
fn refusal(malformed: &Malformed, kind: PolicyKind, text: &str) -> Problem {
    let would_fit = |other: &PolicyKind| *other != kind && Document::parse(policy_kind(*other), text).is_ok();
    let other = [PolicyKind::Rcp, PolicyKind::Resource, PolicyKind::Trust, PolicyKind::Scp].into_iter().find(would_fit);
    Problem {
        line: malformed.span.line,
        column: malformed.span.column,
        is_refused: true,
        rule: "malformed",
        reason: malformed.reason.clone(),
        suggestion: other.map(|other| format!("if it is {}, check it with --kind {}", other.about(), other.name())),
    }
}

/// A policy of the organization that is longer than AWS takes, or nearly so.
fn quota(text: &str, kind: PolicyKind, baseline: &Baseline) -> Option<Problem> {
    let limit = match kind {
        PolicyKind::Scp => baseline.scp_policy_characters,
        PolicyKind::Rcp => baseline.rcp_policy_characters,
        PolicyKind::Resource | PolicyKind::Trust | PolicyKind::Identity => return None,
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let Size { as_sent: n, minified } = Size::of(text.trim_end());
    let is_over = n > limit;
    // From nine tenths on there is no room for another statement.
    if n < limit - limit / 10 {
        return None;
    }
    let reason = match is_over {
        true => format!("the document has {n} characters, and a policy may have {limit}"),
        false => format!("the document has {n} of the {limit} characters that a policy may have"),
    };
    Some(Problem {
        line: 1,
        column: 1,
        is_refused: is_over,
        rule: if is_over { "over-quota" } else { "near-quota" },
        reason,
        suggestion: (minified < n).then(|| format!("without white space between its elements it has {minified}")),
    })
}
