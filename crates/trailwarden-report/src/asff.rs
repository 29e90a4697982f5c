//! `asff`: the AWS Security Finding Format, one request of `BatchImportFindings` a line. Security Hub takes findings of an
//! account from that account alone, at most 100 and 6 MB at once: every line is of one account and region.
//!
//! Texts are cut where ASFF limits them, and what is not plain text is written as escapes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::partition::Partition;

use crate::plain::plain;
use crate::report::Report;

/// Findings that one request may hold.
const MAX_FINDINGS: usize = 100;
/// Bytes that one request may hold, with room for what surrounds the findings.
const MAX_BYTES: usize = 6_000_000 - 1_000;
/// Partitions that ASFF has a word for.
const PARTITIONS: [&str; 5] = ["aws", "aws-cn", "aws-us-gov", "aws-us-iso", "aws-us-iso-b"];

/// Writes the findings.
///
/// # Errors
/// When the writer fails.
pub fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    with_places(report, |places| {
        for place in places {
            place.requests()?.iter().try_for_each(|request| writeln!(out, "{request}"))?;
        }
        Ok(())
    })
}

/// Lets `work` have the findings by the account and region that they are imported in.
pub fn with_places<T>(report: &Report<'_>, work: impl FnOnce(&[Place<'_>]) -> T) -> T {
    report.plainly(|report| {
        let mut places: BTreeMap<(&AccountId, String), Vec<&Finding>> = BTreeMap::new();
        for finding in report.findings() {
            places.entry((&finding.account, region(report, finding))).or_default().push(finding);
        }
        let places =
            places.into_iter().map(|((account, region), findings)| Place { report, account, region, findings });
        work(&places.collect::<Vec<_>>())
    })
}

/// The findings of one account and region.
#[derive(Debug)]
pub struct Place<'a> {
    report: Report<'a>,
    /// The account.
    pub account: &'a AccountId,
    /// The region.
    pub region: String,
    findings: Vec<&'a Finding>,
}

impl Place<'_> {
    /// How many findings it has.
    pub fn n_findings(&self) -> usize {
        self.findings.len()
    }

    /// Its requests, each with as many findings as one may hold.
    ///
    /// # Errors
    /// When a finding cannot be written as JSON.
    pub fn requests(&self) -> serde_json::Result<Vec<String>> {
        let mut batch = Batch::default();
        for finding in &self.findings {
            batch.add(serde_json::to_string(&asff(self.report, finding, &self.region))?);
        }
        Ok(batch.finish())
    }
}

/// Findings, as JSON, put into requests.
#[derive(Default)]
struct Batch {
    requests: Vec<String>,
    findings: Vec<String>,
    n_bytes: usize,
}

impl Batch {
    /// Adds one more, in a request of its own where it does not fit beside the others.
    fn add(&mut self, finding: String) {
        if self.findings.len() == MAX_FINDINGS || self.n_bytes + finding.len() > MAX_BYTES {
            self.close();
        }
        self.n_bytes += finding.len() + 1;
        self.findings.push(finding);
    }

    fn close(&mut self) {
        if !self.findings.is_empty() {
            self.requests.push(format!("{{\"Findings\":[{}]}}", self.findings.join(",")));
        }
        self.findings.clear();
        self.n_bytes = 0;
    }

    fn finish(mut self) -> Vec<String> {
        self.close();
        self.requests
    }
}

/// The region that Security Hub gets the finding in: its own, or the leader of the partition.
fn region(report: Report<'_>, finding: &Finding) -> String {
    let leader = || Partition::by_id(report.partition()).map_or("us-east-1", |partition| partition.leader_region);
    finding.region.as_ref().map_or_else(|| leader().to_owned(), ToString::to_string)
}

fn asff(report: Report<'_>, finding: &Finding, region: &str) -> Value {
    let (account, partition) = (&finding.account, report.partition());
    let time = report.assessment.collected_at;
    let severity = match finding.outcome {
        Outcome::Fail | Outcome::Unknown => finding.severity.as_str().to_uppercase(),
        Outcome::Pass | Outcome::NotApplicable => "INFORMATIONAL".to_owned(),
    };
    let types = ["Software and Configuration Checks/AWS Security Best Practices"];
    let mut asff = json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("{}/{}", report.assessment.organization.id, finding.id()),
        "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        "GeneratorId": format!("trailwarden/{}", finding.control),
        "AwsAccountId": account,
        "Types": types,
        "FindingProviderFields": {"Severity": {"Label": severity, "Original": finding.severity}, "Types": types},
        "Severity": {"Label": severity, "Original": finding.severity},
        "CreatedAt": time,
        "UpdatedAt": time,
        "Title": cut(&finding.title, 256),
        "Description": cut(&finding.reason, 1024),
        "ProductFields": product_fields(report, finding),
        "Resources": [resource(report, finding, region)],
        "Compliance": compliance(report, finding),
        "RecordState": "ACTIVE",
    });
    if let (Some(remedy), Some(members)) = (report.remedy(&finding.control), asff.as_object_mut()) {
        members.insert("Remediation".to_owned(), json!({"Recommendation": {"Text": cut(remedy, 512)}}));
    }
    asff
}

fn compliance(report: Report<'_>, finding: &Finding) -> Value {
    let status = match finding.outcome {
        Outcome::Pass => "PASSED",
        Outcome::Fail => "FAILED",
        Outcome::Unknown => "WARNING",
        Outcome::NotApplicable => "NOT_AVAILABLE",
    };
    let requirements = report.controls.get(&finding.control).into_iter().flat_map(|text| text.requirement_names());
    let requirements: Vec<String> = requirements.take(32).collect();
    match requirements.is_empty() {
        true => json!({"Status": status}),
        false => json!({"Status": status, "RelatedRequirements": requirements}),
    }
}

/// What ASFF has no member for.
fn product_fields(report: Report<'_>, finding: &Finding) -> Map<String, Value> {
    let mut fields = report.provenance();
    fields.extend([("finding_id", finding.id()), ("outcome", finding.outcome.as_str().to_owned())]);
    fields.extend(finding.gap.as_ref().map(|gap| ("gap", gap.to_string())));
    if let Some(waiver) = &finding.waiver {
        fields.extend([
            ("waiver", waiver.id.clone()),
            ("waiver_owner", waiver.owner.clone()),
            ("waiver_expires", waiver.expires.to_string()),
        ]);
    }
    fields.into_iter().map(|(name, value)| (format!("trailwarden/{name}"), cut(&value, 2048).into())).collect()
}

fn resource(report: Report<'_>, finding: &Finding, region: &str) -> Value {
    let arn: Option<Arn> = finding.resource.as_deref().and_then(|arn| arn.parse().ok());
    let kind = match arn.as_ref().map(|arn| (arn.service(), arn.resource())) {
        Some(("cloudtrail", resource)) if resource.starts_with("trail/") => "AwsCloudTrailTrail",
        Some(("s3", _)) => "AwsS3Bucket",
        Some(("kms", resource)) if resource.starts_with("key/") => "AwsKmsKey",
        _ if finding.resource.is_some() => "Other",
        _ => "AwsAccount",
    };
    let id = finding.resource.as_deref().map(plain).unwrap_or_else(|| format!("AWS::::Account:{}", finding.account));
    let mut resource = json!({"Type": kind, "Id": cut(&id, 512), "Region": region});
    let partition = PARTITIONS.iter().find(|partition| **partition == report.partition());
    if let (Some(partition), Some(members)) = (partition, resource.as_object_mut()) {
        members.insert("Partition".to_owned(), (*partition).into());
    }
    resource
}

/// At most so many characters, and never only blanks, which ASFF refuses.
fn cut(text: &str, n_max: usize) -> String {
    match text.char_indices().nth(n_max) {
        _ if text.trim().is_empty() => "-".to_owned(),
        None => text.to_owned(),
        Some(_) => text.chars().take(n_max - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn texts_are_cut_by_characters() {
        assert_eq!(cut("ログ保管", 4), "ログ保管");
        assert_eq!(cut("ログ保管庫", 4), "ログ保…");
        assert_eq!(cut(" \t", 4), "-");
    }

    #[test]
    fn requests_hold_a_hundred_findings_of_one_account_and_region() {
        let mut assessment = sample::clean();
        let finding = assessment.findings.remove(0);
        assessment.findings = (0..250)
            .map(|n| Finding { resource: Some(format!("arn:aws:s3:::bucket-{n}")), ..finding.clone() })
            .chain([Finding { region: Some("eu-west-1".parse().expect("a region")), ..finding.clone() }])
            .collect();
        let controls = sample::catalogue();
        let mut out = vec![];
        render(&sample::report(&assessment, &controls), &mut out).expect("writes");
        let requests: Vec<Value> = String::from_utf8(out)
            .expect("UTF-8")
            .lines()
            .map(|line| serde_json::from_str(line).expect("a request"))
            .collect();
        let sizes: Vec<usize> =
            requests.iter().map(|request| request["Findings"].as_array().expect("findings").len()).collect();
        assert_eq!(sizes, [1, 100, 100, 50]);
    }

    #[test]
    fn requests_stay_below_their_size() {
        let mut batch = Batch::default();
        for _ in 0..3 {
            batch.add("x".repeat(2_500_000));
        }
        let lines: Vec<usize> = batch.finish().iter().map(String::len).collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|n| *n <= 6_000_000), "{lines:?}");
    }
}
