//! `junit`: JUnit XML as CI systems read it. A control is a suite, a finding a test case: what fails is a failure, what is
//! unknown an error, what does not apply or is waived is skipped. What is not plain text is written as escapes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use trailwarden_model::finding::{Finding, Outcome};

use crate::report::Report;

/// What a suite, or all of them, add up to.
#[derive(Default)]
struct Totals {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// What CI makes of a finding.
enum Case {
    Passed,
    Failed,
    Errored,
    Skipped(String),
}

/// Writes the findings.
///
/// # Errors
/// When the writer fails.
pub fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    report.plainly(|report| {
        let mut suites: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in report.findings() {
            suites.entry(&finding.control).or_default().push(finding);
        }
        let all = Totals::of(suites.values().flatten().copied());
        let mut xml = Writer::new_with_indent(out, b' ', 2);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        xml.create_element("testsuites")
            .with_attribute(("name", "trailwarden"))
            .with_attribute(("tests", all.tests.to_string().as_str()))
            .with_attribute(("failures", all.failures.to_string().as_str()))
            .with_attribute(("errors", all.errors.to_string().as_str()))
            .write_inner_content(|xml| {
                suites.iter().try_for_each(|(control, findings)| suite(xml, report, control, findings))
            })?;
        xml.into_inner().write_all(b"\n")
    })
}

type Xml<'a> = Writer<&'a mut dyn Write>;

fn suite(xml: &mut Xml<'_>, report: Report<'_>, control: &str, findings: &[&Finding]) -> io::Result<()> {
    let totals = Totals::of(findings.iter().copied());
    let timestamp = report.assessment.collected_at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    xml.create_element("testsuite")
        .with_attribute(("name", control))
        .with_attribute(("tests", totals.tests.to_string().as_str()))
        .with_attribute(("failures", totals.failures.to_string().as_str()))
        .with_attribute(("errors", totals.errors.to_string().as_str()))
        .with_attribute(("skipped", totals.skipped.to_string().as_str()))
        .with_attribute(("timestamp", timestamp.as_str()))
        .write_inner_content(|xml| {
            xml.create_element("properties").write_inner_content(|xml| properties(xml, report))?;
            findings.iter().try_for_each(|finding| case(xml, report, finding))
        })?;
    Ok(())
}

fn properties(xml: &mut Xml<'_>, report: Report<'_>) -> io::Result<()> {
    for (name, value) in report.provenance() {
        let property = xml.create_element("property");
        property.with_attribute(("name", name)).with_attribute(("value", value.as_str())).write_empty()?;
    }
    Ok(())
}

fn case(xml: &mut Xml<'_>, report: Report<'_>, finding: &Finding) -> io::Result<()> {
    let place = report.place(finding);
    let element = xml
        .create_element("testcase")
        .with_attribute(("name", place.as_str()))
        .with_attribute(("classname", finding.control.as_str()));
    let (name, kind, message) = match Case::of(finding) {
        Case::Passed => return element.write_empty().map(drop),
        Case::Failed => ("failure", finding.severity.as_str(), finding.reason.clone()),
        Case::Errored => {
            ("error", finding.gap.as_ref().map_or("unknown", |gap| gap.code.as_str()), finding.reason.clone())
        }
        Case::Skipped(why) => ("skipped", finding.outcome.as_str(), why),
    };
    let body = body(report, finding);
    element.write_inner_content(|xml| {
        let inner =
            xml.create_element(name).with_attribute(("type", kind)).with_attribute(("message", message.as_str()));
        inner.write_text_content(BytesText::new(&body)).map(drop)
    })?;
    Ok(())
}

/// What a reader wants besides the reason.
fn body(report: Report<'_>, finding: &Finding) -> String {
    let mut lines = vec![finding.reason.clone(), format!("id: {}", finding.id())];
    lines.extend(finding.evidence.iter().map(|evidence| format!("evidence: {}", evidence.fact)));
    lines.extend(finding.gap.as_ref().map(|gap| format!("not read: {gap}")));
    lines.extend(report.remedy(&finding.control).map(|remedy| format!("to mend: {remedy}")));
    lines.join("\n")
}

impl Case {
    fn of(finding: &Finding) -> Self {
        match (&finding.waiver, finding.outcome) {
            (_, Outcome::Pass) => Self::Passed,
            (_, Outcome::NotApplicable) => Self::Skipped(finding.reason.clone()),
            (Some(waiver), _) => Self::Skipped(format!(
                "{}, waived by {} until {}: {}",
                finding.outcome.as_str(),
                waiver.owner,
                waiver.expires,
                waiver.reason
            )),
            (None, Outcome::Fail) => Self::Failed,
            (None, Outcome::Unknown) => Self::Errored,
        }
    }
}

impl Totals {
    fn of<'a>(findings: impl Iterator<Item = &'a Finding>) -> Self {
        let mut totals = Self::default();
        for finding in findings {
            totals.tests += 1;
            match Case::of(finding) {
                Case::Passed => {}
                Case::Failed => totals.failures += 1,
                Case::Errored => totals.errors += 1,
                Case::Skipped(_) => totals.skipped += 1,
            }
        }
        totals
    }
}
