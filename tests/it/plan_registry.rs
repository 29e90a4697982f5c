//! Every control is planned for, or listed as one that never is: no failure falls between.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_audit::controls;
use trailwarden_model::baseline::Baseline;
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::plan::Hindrance;
use trailwarden_model::snapshot::Snapshot;
use trailwarden_plan::{Facts, Inputs, Options, draft, never_planned};

use crate::support::acme;

/// A failure of a control on a trail that exists.
fn failure(control: &trailwarden_audit::Control, snapshot: &Snapshot) -> Finding {
    let trail = snapshot.trails.values().find(|trail| trail.is_organization).expect("an organization trail");
    Finding {
        control: control.id.to_owned(),
        outcome: Outcome::Fail,
        severity: control.severity,
        account: trail.owner.clone(),
        region: Some(trail.home_region.clone()),
        resource: Some(trail.arn.to_string()),
        title: control.title.to_owned(),
        reason: "because".to_owned(),
        evidence: vec![],
        parts: BTreeMap::new(),
        gap: None,
        waiver: None,
    }
}

#[test]
fn every_control_is_planned_for_or_never() {
    let text = std::fs::read_to_string(acme()).expect("a snapshot");
    let snapshot: Snapshot = serde_json::from_str(&text).expect("a snapshot");
    let (baseline, options, redundancy) = (Baseline::default(), Options::default(), BTreeMap::new());
    let never: BTreeSet<&str> = never_planned().collect();
    for control in controls::every() {
        let findings = [failure(control, &snapshot)];
        let inputs = Inputs {
            snapshot: &snapshot,
            findings: &findings,
            baseline: &baseline,
            options: &options,
            families: &[],
            redundancy: &redundancy,
            snapshot_digest: "",
            tool_version: "",
        };
        let plan = draft(inputs, &Facts::default(), &|_| BTreeSet::new()).plan;
        let is_left = |left: &trailwarden_model::plan::Unplanned| {
            matches!(left.hindrance, Hindrance::Manual | Hindrance::OtherCommand) && left.target.is_none()
        };
        let unforeseen = plan.unplanned.iter().any(|left| left.reason.contains("plans nothing for the control"));
        assert!(!unforeseen, "{} is neither planned for nor listed", control.id);
        if never.contains(control.id) {
            assert!(plan.unplanned.iter().any(is_left), "{} is listed, and not left to people", control.id);
        }
    }
    for id in never {
        assert!(controls::every().any(|control| control.id == id), "{id} is no control");
    }
}
