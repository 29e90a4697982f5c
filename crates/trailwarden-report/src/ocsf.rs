//! `ocsf`: OCSF 1.8 compliance findings (class 2003, profile cloud), one array with one event a line. *Unknown* is the
//! status Warning, which OCSF has for missing information; *not-applicable* is Other.

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use trailwarden_model::control::Severity;
use trailwarden_model::finding::{Finding, Outcome};

use crate::json;
use crate::report::{ControlText, Report};

const VERSION: &str = "1.8.0";

/// Writes the findings.
///
/// # Errors
/// When the writer fails.
pub fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (n, finding) in report.findings().enumerate() {
        out.write_all(if n == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &event(*report, finding)?)?;
    }
    out.write_all(b"\n]\n")
}

fn event(report: Report<'_>, finding: &Finding) -> io::Result<Value> {
    let assessment = report.assessment;
    let time = assessment.collected_at.as_millisecond();
    let (severity_id, severity) = severity(finding.severity);
    let mut event = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200_301,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "message": finding.reason,
        "metadata": {
            // A lake can tell by it whether it has the event already.
            "uid": format!("{}-{time}", finding.id()),
            "version": VERSION,
            "profiles": ["cloud"],
            "product": {"name": "trailwarden", "vendor_name": "trailwarden", "version": assessment.tool_version},
        },
        "finding_info": {"uid": finding.id(), "title": finding.title, "desc": finding.reason, "last_seen_time": time},
        "cloud": cloud(report, finding),
        "compliance": compliance(finding, report.controls.get(&finding.control)),
        "resources": [resource(report, finding)],
        "unmapped": unmapped(report, finding)?,
    });
    let more = [
        ("status_id", status_id(finding).map(Value::from)),
        ("remediation", report.remedy(&finding.control).map(|remedy| json!({"desc": remedy}))),
        ("evidences", evidences(finding)?),
    ];
    if let Some(members) = event.as_object_mut() {
        members.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    Ok(event)
}

fn cloud(report: Report<'_>, finding: &Finding) -> Value {
    let mut account = json!({"uid": finding.account, "type_id": 10, "type": "AWS Account"});
    if let (Some(name), Some(members)) = (report.account_name(&finding.account), account.as_object_mut()) {
        members.insert("name".to_owned(), name.into());
    }
    let mut cloud = json!({
        "provider": "AWS",
        "cloud_partition": report.partition(),
        "account": account,
        "org": {"uid": report.assessment.organization.id},
    });
    if let (Some(region), Some(members)) = (&finding.region, cloud.as_object_mut()) {
        members.insert("region".to_owned(), region.as_str().into());
    }
    cloud
}

fn compliance(finding: &Finding, text: Option<&ControlText>) -> Value {
    let (status_id, status) = match finding.outcome {
        Outcome::Pass => (1, "Pass"),
        Outcome::Unknown => (2, "Warning"),
        Outcome::Fail => (3, "Fail"),
        Outcome::NotApplicable => (99, "not-applicable"),
    };
    let mut compliance = json!({
        "control": finding.control,
        "status_id": status_id,
        "status": status,
        "status_details": [finding.reason],
    });
    if let (Some(text), Some(members)) = (text, compliance.as_object_mut()) {
        let standards: Vec<&String> = text.requirements.keys().collect();
        let requirements: Vec<String> = text.requirement_names().collect();
        members.extend([
            ("desc".to_owned(), json!(text.rule)),
            ("standards".to_owned(), json!(standards)),
            ("requirements".to_owned(), json!(requirements)),
        ]);
    }
    compliance
}

fn resource(report: Report<'_>, finding: &Finding) -> Value {
    let (uid, kind) = match (&finding.resource, &finding.region) {
        (Some(arn), _) => (arn.clone(), "AWS resource"),
        (None, Some(region)) => (format!("{}/{region}", finding.account), "AWS account and region"),
        (None, None) => (finding.account.to_string(), "AWS account"),
    };
    let mut resource = json!({"uid": uid, "type": kind, "cloud_partition": report.partition()});
    if let (Some(region), Some(members)) = (&finding.region, resource.as_object_mut()) {
        members.insert("region".to_owned(), region.as_str().into());
    }
    resource
}

/// What OCSF has no member for.
fn unmapped(report: Report<'_>, finding: &Finding) -> io::Result<Value> {
    let mut unmapped: Map<String, Value> =
        report.provenance().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let written = json::finding(finding);
    if written.gap.is_some() {
        unmapped.insert("gap".to_owned(), serde_json::to_value(&written.gap)?);
    }
    if written.waiver.is_some() {
        unmapped.insert("waiver".to_owned(), serde_json::to_value(&written.waiver)?);
    }
    Ok(unmapped.into())
}

fn evidences(finding: &Finding) -> io::Result<Option<Value>> {
    let facts = serde_json::to_value(&json::finding(finding).evidence)?;
    let each = facts.as_array().into_iter().flatten().map(|fact| json!({"data": fact}));
    let all: Vec<Value> = each.collect();
    Ok((!all.is_empty()).then(|| all.into()))
}

/// New where somebody must look, Suppressed where a waiver accepts it; nothing of what is well.
fn status_id(finding: &Finding) -> Option<u8> {
    match finding.outcome {
        Outcome::Fail | Outcome::Unknown if finding.waiver.is_some() => Some(3),
        Outcome::Fail | Outcome::Unknown => Some(1),
        Outcome::Pass | Outcome::NotApplicable => None,
    }
}

fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Informational => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}
