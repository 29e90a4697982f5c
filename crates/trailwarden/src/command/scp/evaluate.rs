//! `trailwarden scp evaluate`: the verdict of every case of a file.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde::Serialize;
use trailwarden_model::format;
use trailwarden_policy::{Chain, ChainVerdict, Request};

use super::cases::{Case, CaseFile, FORMAT, Organizations};
use crate::cli::{self, View};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{read_file, write_stdout};

/// What the policies say about one request, in the words of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
enum Word {
    Allowed,
    ExplicitDeny,
    ImplicitDeny,
    /// Only a document that AWS would refuse, and that the file has attached all the same, stands between the request and an
    /// Allow: what is in force in its place is not known.
    InvalidDocument,
}

impl Word {
    fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ExplicitDeny => "explicitDeny",
            Self::ImplicitDeny => "implicitDeny",
            Self::InvalidDocument => "invalidDocument",
        }
    }
}

/// The verdict of one case.
#[derive(Debug, Serialize)]
struct Decided<'a> {
    id: &'a str,
    verdict: Word,
    /// Why the verdict is not certain. A Deny that may not match does not count and an Allow that may match does, so that no
    /// protection is claimed that is not certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    undecided: Option<String>,
}

/// Decides every case. Only the table compares with what is expected.
pub(super) fn evaluate(arguments: &cli::Evaluate) -> Result<Exit, Failure> {
    let file = read(&arguments.cases)?;
    let decided = decide_all(&file).map_err(|reason| unfit(&arguments.cases, reason))?;
    match arguments.format {
        View::Json => {
            let mut text = serde_json::to_string_pretty(&decided).map_err(Failure::internal)?;
            text.push('\n');
            write_stdout(&text)?;
            Ok(Exit::Ok)
        }
        View::Table => {
            let (text, exit) = table(&file.cases, &decided);
            write_stdout(&text)?;
            Ok(exit)
        }
    }
}

fn read(path: &Path) -> Result<CaseFile, Failure> {
    format::read(&read_file(path)?, FORMAT).map_err(|error| unfit(path, error))
}

fn unfit(path: &Path, reason: impl std::fmt::Display) -> Failure {
    Failure::usage(format!("cases {}: {reason}", path.display()))
        .hint(format!("give a {FORMAT} file: policies, organizations and cases with their requests"))
}

fn decide_all(file: &CaseFile) -> Result<Vec<Decided<'_>>, String> {
    let organizations = Organizations::new(file)?;
    let decide_one = |case| {
        let request = Case::request(case)?;
        let chain = organizations.chain(case, &request)?;
        let (verdict, undecided) = decide(&chain, &request);
        Ok(Decided { id: &case.id, verdict, undecided })
    };
    file.cases.iter().map(decide_one).collect()
}

fn decide(chain: &Chain, request: &Request) -> (Word, Option<String>) {
    match chain.evaluate(request) {
        ChainVerdict::NotBound(_) | ChainVerdict::Allowed(_) => (Word::Allowed, None),
        ChainVerdict::ExplicitDeny(_) => (Word::ExplicitDeny, None),
        ChainVerdict::ImplicitDeny { node } if has_refused(chain, &node) => (Word::InvalidDocument, None),
        ChainVerdict::ImplicitDeny { .. } => (Word::ImplicitDeny, None),
        // No Deny matches for certain, and every node may allow.
        ChainVerdict::Undecided(reason) => (Word::Allowed, Some(reason)),
    }
}

fn has_refused(chain: &Chain, node: &str) -> bool {
    let at_node = chain.nodes.iter().filter(|found| found.id == node);
    at_node.flat_map(|found| &found.policies).any(|policy| policy.document.is_err())
}

/// Every verdict where nothing is expected, else the differences; then the totals.
fn table(cases: &[Case], decided: &[Decided<'_>]) -> (String, Exit) {
    let mut text = String::new();
    let mut totals: BTreeMap<Word, usize> = BTreeMap::new();
    let (mut n_expected, mut n_different) = (0_usize, 0_usize);
    for (case, Decided { id, verdict, undecided }) in cases.iter().zip(decided) {
        *totals.entry(*verdict).or_default() += 1;
        let word = verdict.as_str();
        match &case.expected {
            None => _ = writeln!(text, "{id}  {word}"),
            Some(expected) => {
                n_expected += 1;
                if expected != word {
                    n_different += 1;
                    let _ = writeln!(text, "✗ {id}  {word}, expected {expected}  {}", case.category);
                }
            }
        }
        if let Some(reason) = undecided {
            let _ = writeln!(text, "? {id}  not certain: {reason}");
        }
    }
    let counts: Vec<String> = totals.iter().map(|(word, n)| format!("{n} {}", word.as_str())).collect();
    let _ = writeln!(text, "{} cases: {}", cases.len(), counts.join(", "));
    if n_expected > 0 {
        let _ = writeln!(text, "{} of {n_expected} as expected", n_expected - n_different);
    }
    let exit = match n_different {
        1.. => Exit::FindingsFailed,
        0 if decided.iter().any(|decided| decided.undecided.is_some()) => Exit::FindingsUnknown,
        0 => Exit::Ok,
    };
    (text, exit)
}
