//! `sarif`: SARIF 2.1.0. A control is a rule; its findings are results of kind `fail`, `open` (unknown), `pass` or
//! `notApplicable`. What is judged is no file: its location is `accounts/ACCOUNT/REGION/RESOURCE`, because code scanning
//! services ask for a path and tell alerts apart by it; the ARN is the logical location.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};
use trailwarden_model::control::Severity;
use trailwarden_model::finding::{Finding, Outcome};

use crate::report::Report;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    automation_details: Value,
    invocations: Value,
    original_uri_base_ids: Value,
    column_kind: &'static str,
    properties: BTreeMap<&'static str, String>,
    results: Vec<Judged<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Judged<'a> {
    rule_id: &'a str,
    rule_index: usize,
    kind: &'static str,
    level: &'static str,
    message: Value,
    locations: Value,
    partial_fingerprints: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Value>,
    properties: Value,
}

/// Writes the findings.
///
/// # Errors
/// When the writer fails.
pub fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut severities: BTreeMap<&str, Severity> = BTreeMap::new();
    for finding in report.findings() {
        severities.insert(&finding.control, finding.severity);
    }
    let index: BTreeMap<&str, usize> = severities.keys().enumerate().map(|(index, id)| (*id, index)).collect();
    let assessment = report.assessment;
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: json!({"driver": {
                "name": "trailwarden",
                "semanticVersion": assessment.tool_version,
                "rules": severities.iter().map(|(id, severity)| rule(*report, id, *severity)).collect::<Vec<_>>(),
            }}),
            automation_details: json!({"id": format!("trailwarden/{}/", assessment.organization.id)}),
            invocations: json!([{"executionSuccessful": true, "endTimeUtc": assessment.collected_at}]),
            original_uri_base_ids: json!({"ORGANIZATION": {
                "description": {"text": "The organization; accounts, regions and resources are named as folders of it."},
            }}),
            column_kind: "unicodeCodePoints",
            properties: report.provenance().into_iter().collect(),
            results: report.findings().map(|finding| judged(*report, finding, &index)).collect(),
        }],
    };
    serde_json::to_writer(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn rule(report: Report<'_>, id: &str, severity: Severity) -> Value {
    let mut rule = json!({
        "id": id,
        "defaultConfiguration": {"level": level(severity)},
        "properties": {"tags": ["security", "cloudtrail"], "security-severity": score(severity)},
    });
    let (Some(text), Some(members)) = (report.controls.get(id), rule.as_object_mut()) else { return rule };
    members.insert("shortDescription".to_owned(), json!({"text": sentence(&text.title)}));
    members.insert("fullDescription".to_owned(), json!({"text": text.rule}));
    members.insert("help".to_owned(), json!({"text": format!("{}\n\n{}", text.why, text.remedy)}));
    rule
}

fn judged<'a>(report: Report<'a>, finding: &'a Finding, index: &BTreeMap<&str, usize>) -> Judged<'a> {
    let (kind, level) = match finding.outcome {
        Outcome::Fail => ("fail", level(finding.severity)),
        Outcome::Unknown => ("open", "none"),
        Outcome::Pass => ("pass", "none"),
        Outcome::NotApplicable => ("notApplicable", "none"),
    };
    let waiver = finding.waiver.iter().map(|waiver| {
        let justification = format!("{} ({}, until {})", waiver.reason, waiver.owner, waiver.expires);
        json!({"kind": "external", "status": "accepted", "justification": justification})
    });
    Judged {
        rule_id: &finding.control,
        rule_index: index.get(finding.control.as_str()).copied().unwrap_or_default(),
        kind,
        level,
        message: json!({"text": format!("{}: {}", report.place(finding), finding.reason)}),
        locations: json!([location(finding)]),
        partial_fingerprints: json!({"findingId/v1": finding.id()}),
        suppressions: waiver.collect(),
        properties: json!({
            "account": finding.account,
            "accountName": report.account_name(&finding.account),
            "region": finding.region,
            "severity": finding.severity,
            "reason": finding.reason,
            "evidence": finding.evidence.iter().map(|evidence| &evidence.fact).collect::<Vec<_>>(),
            "gap": finding.gap,
        }),
    }
}

fn location(finding: &Finding) -> Value {
    let mut path = vec!["accounts", finding.account.as_str()];
    path.extend(finding.region.as_ref().map(|region| region.as_str()));
    path.extend(finding.resource.as_deref());
    let name = path.last().copied().unwrap_or_default();
    let uri = path.iter().map(|part| segment(part)).collect::<Vec<_>>().join("/");
    let kind = if finding.resource.is_some() { "resource" } else { "namespace" };
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": "ORGANIZATION"},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{"name": name, "fullyQualifiedName": path.join("/"), "kind": kind}],
    })
}

/// One segment of a path, with everything but what a URI may hold as it is written as escapes.
fn segment(text: &str) -> String {
    if matches!(text, "." | "..") {
        // Paths go up here, however the dots are escaped.
        return text.replace('.', "%252E");
    }
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => segment.push(char::from(byte)),
            byte => segment.push_str(&format!("%{byte:02X}")),
        }
    }
    segment
}

/// Rules are described in sentences.
fn sentence(title: &str) -> String {
    if title.ends_with('.') { title.to_owned() } else { format!("{title}.") }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "note",
    }
}

/// The middle of the band that code scanning shows as this severity.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Informational => "0.0",
    }
}
