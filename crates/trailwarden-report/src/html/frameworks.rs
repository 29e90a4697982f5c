//! What a run says about the requirements of frameworks.

use trailwarden_model::assessment::Counts;
use trailwarden_model::finding::Outcome;
use trailwarden_model::framework::{Answer, FrameworkAnswers};

use super::pack::plainly;
use crate::words::{counted, thousands};

/// A framework with its answers.
pub(super) struct Framework {
    pub(super) title: String,
    pub(super) covers: String,
    /// How many requirements have each verdict.
    pub(super) tally: String,
    pub(super) answers: Vec<Answered>,
}

pub(super) struct Answered {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) verdict: &'static str,
    pub(super) is_outcome: bool,
    pub(super) findings: String,
    pub(super) controls: String,
    pub(super) limit: String,
}

pub(super) fn framework(from: &FrameworkAnswers) -> Framework {
    let n = |fits: fn(&Answer) -> bool| from.answers.iter().filter(|answer| fits(answer)).count();
    let tally = [
        (n(|answer| answer.verdict == Some(Outcome::Fail)), "fail"),
        (n(|answer| answer.verdict == Some(Outcome::Unknown)), "unknown"),
        (n(|answer| answer.verdict == Some(Outcome::Pass)), "pass"),
        (n(|answer| answer.verdict == Some(Outcome::NotApplicable)), "not applicable"),
        (n(|answer| answer.controls.is_empty()), "not answered"),
    ];
    let told: Vec<String> =
        tally.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", thousands(n))).collect();
    Framework {
        title: plainly(&format!("{} {}", from.title, from.version)).into_owned(),
        covers: plainly(&from.covers).into_owned(),
        tally: format!("{}: {}", counted(from.answers.len(), "requirement"), told.join(", ")),
        answers: from.answers.iter().map(answered).collect(),
    }
}

fn answered(from: &Answer) -> Answered {
    let verdict = match (from.verdict, from.controls.is_empty()) {
        (Some(verdict), _) => verdict.as_str(),
        (None, true) => "not answered",
        (None, false) => "nothing to judge",
    };
    let Counts { pass, fail, unknown, waived, .. } = from.findings;
    let counts = [(fail, "fail"), (unknown, "unknown"), (waived, "waived"), (pass, "pass")];
    let told: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", thousands(n))).collect();
    Answered {
        id: plainly(&from.requirement.id).into_owned(),
        title: plainly(&from.requirement.title).into_owned(),
        verdict,
        is_outcome: from.verdict.is_some(),
        findings: told.join(", "),
        controls: plainly(&from.controls.join(", ")).into_owned(),
        limit: from.requirement.limit.as_deref().map(plainly).unwrap_or_default().into_owned(),
    }
}
