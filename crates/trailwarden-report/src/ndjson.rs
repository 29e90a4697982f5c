//! `ndjson`: one finding a line, each with what it was made from, for tools that read as they go.

use std::io::{self, Write};

use serde::Serialize;

use crate::json::{self, Finding};
use crate::report::Report;

/// The format of each line. 1.0 did not say what was left out.
pub const FORMAT: &str = "trailwarden.finding/1.1";

#[derive(Serialize)]
struct Line<'a> {
    format: &'static str,
    organization: &'a str,
    collected_at: String,
    tool_version: &'a str,
    snapshot_sha256: Option<&'a str>,
    baseline_sha256: Option<&'a str>,
    sandbox: Option<&'a str>,
    findings_left_out: Option<&'a str>,
    account_name: Option<&'a str>,
    #[serde(flatten)]
    finding: Finding<'a>,
}

/// Writes the findings.
///
/// # Errors
/// When the writer fails.
pub fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let assessment = report.assessment;
    let provenance = assessment.provenance.as_ref();
    let left_out = report.left_out();
    for finding in report.findings() {
        let line = Line {
            format: FORMAT,
            organization: &assessment.organization.id,
            collected_at: assessment.collected_at.to_string(),
            tool_version: &assessment.tool_version,
            snapshot_sha256: provenance.map(|made| made.snapshot.as_str()),
            baseline_sha256: provenance.map(|made| made.baseline.as_str()),
            sandbox: provenance.and_then(|made| made.sandbox.as_deref()),
            findings_left_out: left_out.as_deref(),
            account_name: report.account_name(&finding.account),
            finding: json::finding(finding),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
