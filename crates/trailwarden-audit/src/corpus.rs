//! Every control on every case of `tests/corpus`: a new case guards all controls, a new control faces all cases.
//!
//! A case is a snapshot and what each control must say about it. Snapshots are written from the builder with
//! `TRAILWARDEN_WRITE_CORPUS=1 cargo test -p trailwarden-audit corpus::snapshots`, each on one line; sort it out with `jq .`
//! and `diff` it with that of `clean` to see its flaw. Outcomes are written by people, from the facts: a missing or stale one fails the test and is printed.

mod forgetting;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use serde::Deserialize;
use trailwarden_model::assessment::Assessment;
use trailwarden_model::baseline::Baseline;
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::format;
use trailwarden_model::snapshot::{FORMAT, Snapshot};

use crate::testing::World;
use crate::testing::cases::{self, Case};
use crate::{assess, controls};

/// Outcomes that no case shows, by control.
const MISSING: &[(&str, Outcome)] = &[
    // The feature set comes with the organization, without which there is no snapshot.
    ("all-features-enabled", Outcome::Unknown),
];

/// `expected.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// The situation.
    about: String,
    /// What is commonly got wrong about it.
    hole: Option<String>,
    /// What differs from the default.
    #[serde(default)]
    baseline: Baseline,
    /// The case whose trails are the approved ones.
    approved: Option<String>,
    /// What fails or is unknown, by control and subject; and what passes or does not apply, where that is not as in the
    /// case `clean`. Everything else must be as there, and what is not there must pass or not apply.
    #[serde(default)]
    outcomes: BTreeMap<String, BTreeMap<String, Outcome>>,
}

impl Expected {
    fn of(case: &str) -> Self {
        let mut expected: Self =
            toml::from_str(&read(case, "expected.toml")).unwrap_or_else(|error| panic!("{case}: {error}"));
        if let Some(approved) = &expected.approved {
            expected.baseline.approved_trails = Some(snapshot(approved).trails);
        }
        expected
    }
}

fn folder(case: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus")).join(case)
}

fn read(case: &str, file: &str) -> String {
    let path = folder(case).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn snapshot(case: &str) -> Snapshot {
    format::read(&read(case, "snapshot.json"), FORMAT).expect("a snapshot of this version")
}

/// What is judged, as `expected.toml` names it: `111122223333 eu-west-1 arn:…`, without what a finding does not have.
fn subject(finding: &Finding) -> String {
    let region = finding.region.as_ref().map(|region| format!(" {region}")).unwrap_or_default();
    let resource = finding.resource.as_ref().map(|resource| format!(" {resource}")).unwrap_or_default();
    format!("{}{region}{resource}", finding.account)
}

/// A case as it lies in its folder, assessed once for all tests.
struct Assessed {
    name: &'static str,
    expected: Expected,
    snapshot: Snapshot,
    assessment: Assessment,
}

static ASSESSED: LazyLock<Vec<Assessed>> = LazyLock::new(|| {
    let assessed = |case: &'static Case| {
        let (expected, snapshot) = (Expected::of(case.name), snapshot(case.name));
        let assessment = assess(&snapshot, &expected.baseline, &[], controls::ALL, "test");
        Assessed { name: case.name, expected, snapshot, assessment }
    };
    cases::all().map(assessed).collect()
});

/// Findings by control and subject.
type Findings<'a> = BTreeMap<(&'a str, String), &'a Finding>;

impl Assessed {
    fn findings(&self) -> Findings<'_> {
        let mut findings = Findings::new();
        for finding in &self.assessment.findings {
            let twice = findings.insert((&finding.control, subject(finding)), finding);
            assert!(twice.is_none(), "{}: {} judges {} twice", self.name, finding.control, subject(finding));
        }
        findings
    }
}

/// What must hold of a subject, and whether it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Listed(Outcome),
    AsInClean(Outcome),
    PassOrNotApplicable,
}

impl Wanted {
    fn is_met_by(self, found: Outcome) -> bool {
        match self {
            Self::Listed(outcome) | Self::AsInClean(outcome) => outcome == found,
            Self::PassOrNotApplicable => is_sound(found),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Listed(outcome) => outcome.as_str().to_owned(),
            Self::AsInClean(outcome) => format!("{} (not listed, so as in clean)", outcome.as_str()),
            Self::PassOrNotApplicable => "pass or not-applicable (not listed)".to_owned(),
        }
    }
}

fn is_sound(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Pass | Outcome::NotApplicable)
}

/// What a case shows that its `expected.toml` does not say, and what that says in vain; a line each.
fn surprises(expected: &Expected, found: &Findings<'_>, clean: &Findings<'_>) -> Vec<String> {
    let mut surprises = Vec::new();
    for (key @ (control, subject), finding) in found {
        let unlisted = match clean.get(key).map(|finding| finding.outcome).filter(|&outcome| is_sound(outcome)) {
            Some(outcome) => Wanted::AsInClean(outcome),
            None => Wanted::PassOrNotApplicable,
        };
        let listed = expected.outcomes.get(*control).and_then(|subjects| subjects.get(subject));
        let wanted = listed.map_or(unlisted, |&outcome| Wanted::Listed(outcome));
        if !wanted.is_met_by(finding.outcome) {
            let (outcome, reason) = (finding.outcome.as_str(), &finding.reason);
            surprises.push(format!("{control}: {subject}: expected {}, found {outcome}: {reason}", wanted.words()));
        } else if listed.is_some() && unlisted.is_met_by(finding.outcome) {
            surprises.push(format!("{control}: {subject}: says what holds without it"));
        }
    }
    for (control, subjects) in &expected.outcomes {
        for subject in subjects.keys().filter(|&subject| !found.contains_key(&(control.as_str(), subject.clone()))) {
            surprises.push(format!("{control}: {subject}: stale: there is no such finding"));
        }
    }
    surprises
}

#[test]
fn every_folder_is_a_case() {
    let folders: BTreeSet<String> = std::fs::read_dir(folder(""))
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(folders, cases::all().map(|case| case.name.to_owned()).collect());
}

#[test]
fn every_case_says_what_it_is_about() {
    for case in &*ASSESSED {
        for text in [Some(&case.expected.about), case.expected.hole.as_ref()].into_iter().flatten() {
            assert!(text.len() > 20 && text.ends_with('.'), "{}: not a sentence: {text:?}", case.name);
        }
    }
}

#[test]
fn snapshots_are_as_built() {
    for case in cases::all() {
        let World { snapshot: built, .. } = (case.world)();
        if std::env::var_os("TRAILWARDEN_WRITE_CORPUS").is_some() {
            std::fs::create_dir_all(folder(case.name)).expect("a folder");
            let text = serde_json::to_string(&built).expect("JSON") + "\n";
            std::fs::write(folder(case.name).join("snapshot.json"), text).expect("a file");
        }
        assert_eq!(snapshot(case.name), built, "{} differs from what is built", case.name);
    }
}

#[test]
fn every_control_has_the_expected_outcome_in_every_case() {
    let clean = ASSESSED.iter().find(|case| case.name == "clean").expect("the case clean").findings();
    let mut report = String::new();
    for case in &*ASSESSED {
        let found = case.findings();
        let mut lines = surprises(&case.expected, &found, &clean);
        let silent = controls::ALL.iter().filter(|control| !found.keys().any(|&(id, _)| id == control.id));
        lines.extend(silent.map(|control| format!("{}: said nothing", control.id)));
        for line in lines {
            report += &format!("\n{}: {line}", case.name);
        }
    }
    assert!(report.is_empty(), "{report}\n");
}

#[test]
fn every_control_passes_fails_and_is_unknown_somewhere() {
    let findings = ASSESSED.iter().flat_map(|case| &case.assessment.findings);
    let shown: BTreeSet<_> = findings.map(|finding| (finding.control.as_str(), finding.outcome)).collect();
    let wanted = [Outcome::Pass, Outcome::Unknown, Outcome::Fail];
    let all = controls::ALL.iter().flat_map(|control| wanted.map(|outcome| (control.id, outcome)));
    let missing: BTreeSet<_> = all.filter(|shows| !shown.contains(shows)).collect();
    assert_eq!(missing, MISSING.iter().copied().collect(), "what no case shows, and what is listed as such");
}

#[test]
fn every_failure_and_every_unknown_shows_evidence() {
    for case in &*ASSESSED {
        for finding in &case.assessment.findings {
            assert!(is_sound(finding.outcome) || !finding.evidence.is_empty(), "{}: {finding:#?}", case.name);
        }
    }
}

#[test]
fn equal_snapshots_give_equal_bytes_whatever_the_order_of_their_keys() {
    for case in &*ASSESSED {
        let value: serde_json::Value = serde_json::from_str(&read(case.name, "snapshot.json")).expect("JSON");
        let shuffled: Snapshot = format::read(&backwards(&value), FORMAT).expect("a snapshot");
        assert_eq!(shuffled, case.snapshot, "{}", case.name);
        let again = assess(&shuffled, &case.expected.baseline, &[], controls::ALL, "test");
        let write = |assessment| serde_json::to_string(assessment).expect("JSON");
        assert_eq!(write(&again), write(&case.assessment), "{}", case.name);
    }
}

/// The same JSON with the keys of every object in reverse order.
fn backwards(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by(|(a, _), (b, _)| b.cmp(a));
            let entries: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| format!("{}:{}", serde_json::Value::from(key.as_str()), backwards(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        serde_json::Value::Array(list) => {
            format!("[{}]", list.iter().map(backwards).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}
