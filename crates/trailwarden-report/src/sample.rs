//! Assessments for the tests of all formats.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::assessment::{Assessment, Counts, OrganizationSummary, PracticeSummary, Provenance, Summary};
use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::finding::{Evidence, Finding, Outcome};
use trailwarden_model::framework::{Answer, FrameworkAnswers, Requirement};
use trailwarden_model::ids::AccountId;
use trailwarden_model::map::{Coverage, Denied, Node, Policy, PolicyKind, Recorded, Tree};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::waiver::Acceptance;

use crate::report::{Catalogue, ControlText, Report};

fn account(n: usize) -> AccountId {
    format!("{n:012}").parse().expect("twelve digits")
}

pub(crate) fn catalogue() -> Catalogue {
    let text = |practice, remedy: &str| ControlText {
        practice: Some(practice),
        title: "A title".to_owned(),
        rule: "A rule.".to_owned(),
        why: "A reason to care.".to_owned(),
        remedy: remedy.to_owned(),
        requirements: [("cis-aws-5.0.0".to_owned(), vec!["3.1".to_owned()])].into(),
    };
    BTreeMap::from([
        (
            "trail-is-logging".to_owned(),
            text(BestPractice::CloudTrailInEveryRegion, "Start logging again in the trail's home region."),
        ),
        (
            "management-events-recorded".to_owned(),
            text(BestPractice::Centralized, "Create an organization trail for all regions."),
        ),
    ])
}

/// Answers to a framework: one answered in part, one not at all.
pub(crate) fn answers() -> FrameworkAnswers {
    let answer = |id: &str, controls: &[&str], verdict, findings| Answer {
        requirement: Requirement {
            id: id.to_owned(),
            title: "CloudTrail is enabled in all Regions, and records management events".to_owned(),
            limit: Some("The console is not looked at.".to_owned()),
            part: None,
        },
        controls: controls.iter().map(|&control| control.to_owned()).collect(),
        verdict,
        findings,
    };
    let findings = Counts { fail: 2, unknown: 1, pass: 3, ..Counts::default() };
    FrameworkAnswers {
        id: "cis-aws-5.0.0".to_owned(),
        title: "CIS AWS Foundations Benchmark".to_owned(),
        version: "5.0.0".to_owned(),
        covers: "logging".to_owned(),
        answers: vec![
            answer("3.1", &["trail-is-logging"], Some(Outcome::Fail), findings),
            answer("3.9", &[], None, Counts::default()),
        ],
    }
}

/// A report of everything in an assessment.
pub(crate) fn report<'a>(assessment: &'a Assessment, controls: &'a Catalogue) -> Report<'a> {
    Report { assessment, controls, min_severity: Severity::Informational }
}

fn finding(
    control: &str,
    severity: Severity,
    outcome: Outcome,
    n: usize,
    region: Option<&str>,
    reason: &str,
) -> Finding {
    Finding {
        control: control.to_owned(),
        outcome,
        severity,
        account: account(n),
        region: region.map(|code| code.parse().expect("a region")),
        resource: None,
        title: format!("Title of {control}"),
        reason: reason.to_owned(),
        evidence: vec![],
        parts: BTreeMap::new(),
        gap: None,
        waiver: None,
    }
}

fn assemble(findings: Vec<Finding>, n_accounts: usize) -> Assessment {
    let mut summary = Summary { practices: vec![], findings: Counts::default(), controls: BTreeMap::new() };
    for finding in &findings {
        summary.findings.add_finding(finding);
        summary.controls.entry(finding.control.clone()).or_default().add_finding(finding);
    }
    let worst = findings.iter().map(|finding| finding.outcome).max().unwrap_or(Outcome::Pass);
    for practice in BestPractice::ALL {
        let by_account: BTreeMap<_, _> = (1..=n_accounts).map(|n| (account(n), worst)).collect();
        let mut accounts = Counts::default();
        by_account.values().for_each(|outcome| accounts.add(*outcome));
        let remedy = (worst == Outcome::Fail).then(|| "Do something.".to_owned());
        summary.practices.push(PracticeSummary {
            practice,
            title: practice.title().to_owned(),
            verdict: worst,
            n_waived: 0,
            is_waived: false,
            organization: if practice == BestPractice::Centralized { worst } else { Outcome::NotApplicable },
            accounts,
            remedy,
            by_account,
        });
    }
    Assessment {
        format: trailwarden_model::assessment::FORMAT.to_owned(),
        tool_version: "0.1.0".to_owned(),
        collected_at: "2026-11-20T13:00:00Z".parse().expect("a time"),
        provenance: Some(Provenance {
            partition: "aws".to_owned(),
            snapshot: "5a".repeat(32),
            baseline: "ba".repeat(32),
            sandbox: None,
        }),
        organization: OrganizationSummary {
            id: "o-acme123456".to_owned(),
            management_account: account(1),
            accounts: (1..=n_accounts).map(|n| (account(n), format!("acme-{n}"))).collect(),
            n_accounts_in_scope: n_accounts,
            excluded: BTreeSet::new(),
            region_filter: BTreeSet::new(),
            regions_assumed: BTreeSet::from([account(2)]),
        },
        summary,
        framework: None,
        tree: Some(tree(n_accounts)),
        coverage: Some(coverage(n_accounts)),
        findings,
    }
}

/// A root with a guard, and every account but the first in an OU.
fn tree(n_accounts: usize) -> Tree {
    let policy =
        |id: &str, name: &str, kind| Policy { id: id.to_owned(), name: name.to_owned(), kind, malformed: None };
    let root = Node {
        id: "r-acme".to_owned(),
        name: "Root".to_owned(),
        parent: None,
        policies: vec![
            policy("p-FullAWSAccess", "FullAWSAccess", PolicyKind::ServiceControl),
            policy("p-guard", "guard-cloudtrail", PolicyKind::ServiceControl),
        ],
        gaps: vec![],
        denies: [(
            "cloudtrail:StopLogging".to_owned(),
            Denied::AllBut(["arn:aws:iam::*:role/admin".to_owned()].into()),
        )]
        .into(),
    };
    let unit = Node {
        id: "ou-acme-workload".to_owned(),
        name: "Workloads".to_owned(),
        parent: Some("r-acme".to_owned()),
        policies: vec![],
        gaps: vec![],
        denies: BTreeMap::new(),
    };
    let above = |n| Some(if n == 1 { "r-acme" } else { "ou-acme-workload" }.to_owned());
    Tree {
        notes: vec!["resource control policies were not read".to_owned()],
        nodes: vec![root, unit],
        accounts: (1..=n_accounts).map(|n| (account(n), above(n))).collect(),
    }
}

/// The second account loses events in one region; the third could not be entered.
fn coverage(n_accounts: usize) -> Vec<Coverage> {
    let place = |n, regions: &[&str], recorded: Recorded| Coverage {
        account: account(n),
        regions: regions.iter().map(|code| code.parse().expect("a region")).collect(),
        classes: [("management-write".to_owned(), recorded)].into(),
    };
    let of_account = |n| match n {
        2 => vec![
            place(n, &["us-east-1"], Recorded::Recorded),
            place(n, &["eu-west-1"], Recorded::Lost("kms.amazonaws.com DisableKey".to_owned())),
        ],
        3 => vec![place(n, &[], Recorded::Unknown("the account could not be entered".to_owned()))],
        _ => vec![place(n, &["eu-west-1", "us-east-1"], Recorded::Recorded)],
    };
    (1..=n_accounts).flat_map(of_account).collect()
}

/// Some of everything.
pub(crate) fn assessment() -> Assessment {
    let mut stopped = finding(
        "trail-is-logging",
        Severity::Critical,
        Outcome::Fail,
        2,
        Some("eu-west-1"),
        "the trail does not log in eu-west-1",
    );
    stopped.resource = Some("arn:aws:cloudtrail:eu-west-1:000000000002:trail/local".to_owned());
    stopped.evidence.push(Evidence {
        fact: "IsLogging is false".to_owned(),
        call: Some("cloudtrail:GetTrailStatus".to_owned()),
        account: Some(account(2)),
        region: Some("eu-west-1".parse().expect("a region")),
    });
    let mut unread =
        finding("kms-key-usable", Severity::Critical, Outcome::Unknown, 3, None, "the key could not be read");
    unread.gap = Some(Gap {
        kind: GapKind::AccessDenied,
        call: "kms:DescribeKey".to_owned(),
        account: Some(account(3)),
        region: None,
        code: "AccessDeniedException".to_owned(),
        reason: "the role may not describe the key".to_owned(),
    });
    let lost = |n, region| {
        let reason = format!("no trail records write events of {region}; kms:DisableKey would be lost");
        finding("management-events-recorded", Severity::Critical, Outcome::Fail, n, Some(region), &reason)
    };
    let regions = ["eu-west-1", "eu-west-2", "eu-west-3", "us-east-1"];
    let mut findings: Vec<Finding> = regions.into_iter().map(|region| lost(2, region)).collect();
    findings.push(lost(3, "eu-west-1"));
    findings.extend([stopped, unread]);
    findings.push(finding(
        "log-bucket-lifecycle-configured",
        Severity::Medium,
        Outcome::Fail,
        1,
        None,
        "no trail records this account",
    ));
    findings.push(finding("logs-centralized", Severity::High, Outcome::Pass, 1, None, "delivered to the archive"));
    findings.push(finding(
        "tampering-denied-by-scp",
        Severity::Critical,
        Outcome::NotApplicable,
        1,
        None,
        "no SCP binds it",
    ));
    assemble(findings, 3)
}

/// The same, with everything that is not good accepted by somebody.
pub(crate) fn waived() -> Assessment {
    let mut assessment = assessment();
    for finding in &mut assessment.findings {
        finding.waiver = finding.is_open().then(|| Acceptance {
            id: "migration".to_owned(),
            reason: "Replaced by the organization trail in February.".to_owned(),
            owner: "platform@example.com".to_owned(),
            expires: "2027-02-28".parse().expect("a date"),
        });
    }
    let mut waived = assemble(assessment.findings, 3);
    for practice in &mut waived.summary.practices {
        practice.n_waived = 9;
        practice.is_waived = true;
        practice.accounts = Counts { waived: 3, ..Counts::default() };
    }
    waived
}

/// Every account fails the same way in two regions.
pub(crate) fn fleet(n_accounts: usize) -> Assessment {
    let findings = (1..=n_accounts).flat_map(|n| {
        ["eu-west-1", "us-east-1"].map(|region| {
            let reason = format!("nothing records account {} in {region}", account(n));
            finding("management-events-recorded", Severity::Critical, Outcome::Fail, n, Some(region), &reason)
        })
    });
    assemble(findings.collect(), n_accounts)
}

/// Everything passes.
pub(crate) fn clean() -> Assessment {
    assemble(vec![finding("logs-centralized", Severity::High, Outcome::Pass, 1, None, "delivered to the archive")], 2)
}
