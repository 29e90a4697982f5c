//! Every control on every case of `tests/corpus`: a new case guards all controls, a new control faces all cases.
//!
//! A case is a snapshot and the outcome that each control must have for each thing it judges. Snapshots are written from
//! the builder with `TRAILWARDEN_WRITE_CORPUS=1 cargo test -p trailwarden-audit corpus`; outcomes are written by people:
//! a missing or stale one fails the test and is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::format;
use trailwarden_model::snapshot::{FORMAT, Snapshot};

use crate::testing::World;
use crate::testing::cases::CASES;
use crate::{assess, controls};

/// `expected.json`: the baseline, and outcomes by control, then by account, region and resource.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    about: String,
    baseline: Baseline,
    outcomes: BTreeMap<String, BTreeMap<String, Outcome>>,
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

/// `111122223333 eu-west-1 arn:…`, without what a finding does not have.
fn subject(finding: &Finding) -> String {
    let region = finding.region.as_ref().map(|region| format!(" {region}")).unwrap_or_default();
    let resource = finding.resource.as_ref().map(|resource| format!(" {resource}")).unwrap_or_default();
    format!("{}{region}{resource}", finding.account)
}

fn outcomes(snapshot: &Snapshot, baseline: &Baseline) -> BTreeMap<String, BTreeMap<String, Outcome>> {
    let mut outcomes: BTreeMap<String, BTreeMap<String, Outcome>> = BTreeMap::new();
    for finding in assess(snapshot, baseline, controls::ALL, "test").findings {
        let of_control = outcomes.entry(finding.control.clone()).or_default();
        let twice = of_control.insert(subject(&finding), finding.outcome);
        assert_eq!(twice, None, "{} judges {} twice", finding.control, subject(&finding));
    }
    outcomes
}

#[test]
fn every_folder_is_a_case() {
    let folders: BTreeSet<String> = std::fs::read_dir(folder(""))
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(folders, CASES.iter().map(|case| case.name.to_owned()).collect());
}

#[test]
fn snapshots_are_as_built() {
    for case in CASES {
        let World { snapshot: built, .. } = (case.world)();
        if std::env::var_os("TRAILWARDEN_WRITE_CORPUS").is_some() {
            std::fs::create_dir_all(folder(case.name)).expect("a folder");
            let text = serde_json::to_string_pretty(&built).expect("JSON") + "\n";
            std::fs::write(folder(case.name).join("snapshot.json"), text).expect("a file");
        }
        assert_eq!(snapshot(case.name), built, "{} differs from what is built", case.name);
    }
}

#[test]
fn every_control_has_the_expected_outcome_in_every_case() {
    for case in CASES {
        let expected: Expected = serde_json::from_str(&read(case.name, "expected.json")).expect("expected outcomes");
        let found = outcomes(&snapshot(case.name), &expected.baseline);
        let shown = serde_json::to_string_pretty(&found).expect("JSON");
        assert_eq!(found, expected.outcomes, "{}: found {shown}", case.name);
        let judged: Vec<&str> = found.keys().map(String::as_str).collect();
        let all: BTreeSet<&str> = controls::ALL.iter().map(|control| control.id).collect();
        assert_eq!(judged, all.into_iter().collect::<Vec<_>>(), "{}: a control said nothing", case.name);
    }
}

#[test]
fn every_failure_and_every_unknown_shows_evidence() {
    for case in CASES {
        for finding in assess(&snapshot(case.name), &Baseline::default(), controls::ALL, "test").findings {
            let is_sound = matches!(finding.outcome, Outcome::Pass | Outcome::NotApplicable);
            assert!(is_sound || !finding.evidence.is_empty(), "{}: {finding:#?}", case.name);
        }
    }
}

#[test]
fn equal_snapshots_give_equal_bytes_whatever_the_order_of_their_keys() {
    for case in CASES {
        let value: serde_json::Value = serde_json::from_str(&read(case.name, "snapshot.json")).expect("JSON");
        let shuffled: Snapshot = format::read(&backwards(&value), FORMAT).expect("a snapshot");
        let write = |snapshot: &Snapshot| {
            let assessment = assess(snapshot, &Baseline::default(), controls::ALL, "test");
            serde_json::to_string(&assessment).expect("JSON")
        };
        let bytes = write(&snapshot(case.name));
        assert_eq!(bytes, write(&snapshot(case.name)), "{}", case.name);
        assert_eq!(bytes, write(&shuffled), "{}", case.name);
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
