//! `sarif`: SARIF 2.1.0. A control is a rule; what fails or is unknown, and is not waived, is a result of kind `fail` or `open`.
//! Code scanning knows no kinds and would open an alert for whatever else were a result: it is counted. What is judged is no file:
//! its location is `accounts/ACCOUNT/REGION/RESOURCE`, because code scanning services ask for a path and tell alerts apart by it;
//! the ARN is the logical location.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};
use trailwarden_model::assessment::Counts;
use trailwarden_model::control::Severity;
use trailwarden_model::finding::{Finding, Outcome};

use crate::plain::plain;
use crate::report::Report;
use crate::words::sentence;

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
    /// None but for a failure: no other kind may have one. Code scanning then takes that of the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    message: Value,
    locations: Value,
    partial_fingerprints: Value,
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
    let open = report.findings().filter(|finding| finding.is_open());
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
            properties: report.provenance().into_iter().chain(no_results(*report)).collect(),
            results: open.map(|finding| judged(*report, finding, &index)).collect(),
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
    members.insert("shortDescription".to_owned(), json!({"text": message(&sentence(&text.title))}));
    members.insert("fullDescription".to_owned(), json!({"text": message(&text.rule)}));
    members.insert("help".to_owned(), json!({"text": format!("{}\n\n{}", message(&text.why), message(&text.remedy))}));
    rule
}

fn judged<'a>(report: Report<'a>, finding: &'a Finding, index: &BTreeMap<&str, usize>) -> Judged<'a> {
    let (kind, level) = match finding.outcome {
        Outcome::Fail => ("fail", Some(level(finding.severity))),
        _ => ("open", None),
    };
    let id = finding.id();
    let (_, digest) = id.rsplit_once('-').unwrap_or_default();
    Judged {
        rule_id: &finding.control,
        rule_index: index.get(finding.control.as_str()).copied().unwrap_or_default(),
        kind,
        level,
        message: json!({"text": message(&format!("{}: {}", report.place(finding), finding.reason))}),
        locations: json!([location(finding)]),
        partial_fingerprints: json!({"primaryLocationLineHash": format!("{digest}:1"), "findingId/v1": id}),
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
        "logicalLocations": [{"name": plain(name), "fullyQualifiedName": plain(&path.join("/")), "kind": kind}],
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

/// Plain text as a message, in which braces are placeholders and brackets are links.
fn message(text: &str) -> String {
    let mut message = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '{' | '}' => message.extend([c, c]),
            '[' | ']' | '\\' => message.extend(['\\', c]),
            c => message.push(c),
        }
    }
    message
}

/// What has no result, counted, and where it is told.
fn no_results(report: Report<'_>) -> impl Iterator<Item = (&'static str, String)> {
    let mut counts = Counts::default();
    report.findings().for_each(|finding| counts.add_finding(finding));
    let Counts { pass, not_applicable, waived, .. } = counts;
    let told = [("findings_passed", pass), ("findings_not_applicable", not_applicable), ("findings_waived", waived)];
    let how = ("every_finding", "trailwarden report RUN -o json".to_owned());
    told.into_iter().map(|(name, n)| (name, n.to_string())).chain([how])
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use trailwarden_model::assessment::Assessment;

    fn run(assessment: &Assessment) -> Value {
        let controls = sample::catalogue();
        let mut out = vec![];
        render(&sample::report(assessment, &controls), &mut out).expect("writes");
        let log: Value = serde_json::from_slice(&out).expect("JSON");
        log["runs"][0].clone()
    }

    #[test]
    fn only_what_somebody_must_look_at_is_a_result_and_the_rest_is_counted() {
        let assessment = sample::assessment();
        let told = run(&assessment);
        let results = told["results"].as_array().expect("results");
        assert_eq!(results.len(), assessment.findings.iter().filter(|finding| finding.is_open()).count());
        let levels: Vec<_> = results.iter().map(|result| (&result["kind"], &result["level"])).collect();
        assert!(levels.contains(&(&"fail".into(), &"error".into())), "{levels:?}");
        assert!(levels.contains(&(&"open".into(), &Value::Null)), "a level only failures may have: {levels:?}");
        let counted = |told: &Value| {
            ["passed", "not_applicable", "waived"].map(|word| told["properties"][format!("findings_{word}")].clone())
        };
        assert_eq!(counted(&told), ["1", "1", "0"]);
        let waived = run(&sample::waived());
        assert_eq!((waived["results"].as_array().map(Vec::len), counted(&waived)[2].as_str()), (Some(0), Some("8")));
    }

    #[test]
    fn alerts_are_told_apart_by_what_code_scanning_compares() {
        let assessment = sample::assessment();
        let prints = &run(&assessment)["results"][0]["partialFingerprints"];
        let id = assessment.findings[0].id();
        assert_eq!(prints["findingId/v1"].as_str(), Some(id.as_str()));
        assert_eq!(prints["primaryLocationLineHash"], format!("{}:1", &id[id.len() - 12..]));
    }

    #[test]
    fn a_message_has_no_placeholders_and_no_links() {
        assert_eq!(message("{0} [a](http://x) \\"), "{{0}} \\[a\\](http://x) \\\\");
        assert_eq!(message("\u{202e}a"), "\\\\u{{202e}}a");
    }
}
