//! The answers to a framework's requirements in `trailwarden.assessment/1`.

use serde::Serialize;
use trailwarden_model::finding::Outcome;
use trailwarden_model::framework::{self, FrameworkAnswers};

use super::{Counts, counts};

#[derive(Serialize)]
pub(super) struct Framework<'a> {
    id: &'a str,
    title: &'a str,
    version: &'a str,
    covers: &'a str,
    requirements: Vec<Requirement<'a>>,
}

/// `verdict` is null where no control answers, or where those that do found nothing to judge.
#[derive(Serialize)]
struct Requirement<'a> {
    id: &'a str,
    title: &'a str,
    verdict: Option<Outcome>,
    controls: &'a [String],
    findings: Counts,
    limit: Option<&'a str>,
}

pub(super) fn framework(from: &FrameworkAnswers) -> Framework<'_> {
    Framework {
        id: &from.id,
        title: &from.title,
        version: &from.version,
        covers: &from.covers,
        requirements: from.answers.iter().map(requirement).collect(),
    }
}

fn requirement(from: &framework::Answer) -> Requirement<'_> {
    Requirement {
        id: &from.requirement.id,
        title: &from.requirement.title,
        verdict: from.verdict,
        controls: &from.controls,
        findings: counts(from.findings),
        limit: from.requirement.limit.as_deref(),
    }
}
