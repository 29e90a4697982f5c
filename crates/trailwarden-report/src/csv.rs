//! `csv`: one finding a row, for spreadsheets. A cell that a spreadsheet would take for a formula gets an apostrophe before
//! it, and so does one that begins with an apostrophe; line breaks and what is not plain text are written as escapes.

use std::io::{self, Write};

use ::csv::{ErrorKind, WriterBuilder};
use trailwarden_model::finding::Finding;

use crate::plain::plain;
use crate::report::Report;

const COLUMNS: [&str; 25] = [
    "id",
    "control",
    "title",
    "outcome",
    "severity",
    "account",
    "account_name",
    "region",
    "resource",
    "reason",
    "evidence",
    "gap_call",
    "gap_code",
    "waiver",
    "waiver_owner",
    "waiver_expires",
    "remedy",
    "organization",
    "collected_at",
    "tool_version",
    "snapshot_sha256",
    "baseline_sha256",
    "gap_reason",
    "sandbox",
    "findings_left_out",
];

/// Writes a header and the findings.
///
/// # Errors
/// When the writer fails.
pub fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    report.plainly(|report| {
        let mut rows = WriterBuilder::new().from_writer(out);
        rows.write_record(COLUMNS).map_err(io_error)?;
        let left_out = report.left_out().unwrap_or_default();
        for finding in report.findings() {
            rows.write_record(row(report, finding, &left_out).map(guard)).map_err(io_error)?;
        }
        rows.flush()
    })
}

fn row(report: Report<'_>, finding: &Finding, left_out: &str) -> [String; 25] {
    let assessment = report.assessment;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let (gap, waiver) = (finding.gap.as_ref(), finding.waiver.as_ref());
    let provenance = assessment.provenance.as_ref();
    let evidence: Vec<&str> = finding.evidence.iter().map(|evidence| evidence.fact.as_str()).collect();
    [
        finding.id(),
        finding.control.clone(),
        finding.title.clone(),
        finding.outcome.as_str().to_owned(),
        finding.severity.as_str().to_owned(),
        finding.account.to_string(),
        text(report.account_name(&finding.account)),
        text(finding.region.as_ref().map(|region| region.as_str())),
        finding.resource.as_deref().map(plain).unwrap_or_default(),
        finding.reason.clone(),
        evidence.join("; "),
        text(gap.map(|gap| gap.call.as_str())),
        text(gap.map(|gap| gap.code.as_str())),
        text(waiver.map(|waiver| waiver.id.as_str())),
        text(waiver.map(|waiver| waiver.owner.as_str())),
        waiver.map(|waiver| waiver.expires.to_string()).unwrap_or_default(),
        text(report.remedy(&finding.control)),
        assessment.organization.id.clone(),
        assessment.collected_at.to_string(),
        assessment.tool_version.clone(),
        text(provenance.map(|made| made.snapshot.as_str())),
        text(provenance.map(|made| made.baseline.as_str())),
        text(gap.map(|gap| gap.reason.as_str())),
        text(provenance.and_then(|made| made.sandbox.as_deref())),
        left_out.to_owned(),
    ]
}

/// A cell that no spreadsheet computes.
fn guard(cell: String) -> String {
    match cell.trim_start().chars().next() {
        Some('=' | '+' | '-' | '@' | '\'' | '＝' | '＋' | '－' | '＠') => format!("'{cell}"),
        _ => cell,
    }
}

fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use trailwarden_model::control::Severity;

    #[test]
    fn what_a_spreadsheet_would_compute_is_guarded() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "  =cmd|' /C calc'!A0", "＝1", "'=1"] {
            assert_eq!(guard(formula.to_owned()), format!("'{formula}"));
        }
        assert_eq!(guard("a=b".to_owned()), "a=b");
    }

    #[test]
    fn rows_say_why_a_read_failed_and_what_is_not_among_them() {
        let (mut assessment, controls) = (sample::assessment(), sample::catalogue());
        assessment.provenance.iter_mut().for_each(|made| made.sandbox = Some("acme".to_owned()));
        let report = Report { min_severity: Severity::High, ..sample::report(&assessment, &controls) };
        let mut out = vec![];
        render(&report, &mut out).expect("writes");
        let mut rows = ::csv::Reader::from_reader(out.as_slice());
        let names = rows.headers().expect("a header").clone();
        let rows: Vec<::csv::StringRecord> = rows.records().map(|row| row.expect("a row")).collect();
        let column = |name: &str| {
            let at = names.iter().position(|column| column == name).expect("a column");
            rows.iter().map(|row| row[at].to_owned()).collect::<Vec<_>>()
        };
        assert!(column("gap_reason").contains(&"the role may not describe the key".to_owned()));
        assert!(column("sandbox").iter().all(|scenario| scenario == "acme"));
        assert!(column("findings_left_out").iter().all(|left_out| left_out == "1 below severity high"));
    }
}
