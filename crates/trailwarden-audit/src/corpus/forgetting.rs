//! A fact that is not known makes nothing pass and nothing fail: whatever is removed from a snapshot, outcomes only move to
//! *unknown*.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;
use trailwarden_model::snapshot::Need;

use super::*;

/// Outcomes that a gap may lead to by design.
const BY_DESIGN: &[(&str, Outcome)] = &[
    // Where another trail of the same accounts raises the alarms, those of this one are no longer asked for.
    ("tamper-alarms-actionable", Outcome::NotApplicable),
    // An account or region that could not be read is what it exists to report.
    ("every-account-audited", Outcome::Fail),
];

/// Controls that judge a trail wherever it is seen. A place that could not be listed does not show it: then an unknown finding
/// stands for the place, and the trail is judged by the others.
const BY_PLACE: &[&str] = &[
    "cloudwatch-logs-delivery-healthy",
    "digest-delivery-healthy",
    "log-delivery-healthy",
    "notification-delivery-healthy",
    "trail-is-logging",
];

/// What is removed from a snapshot.
#[derive(Debug, Clone)]
enum Forgotten {
    /// One known fact, wherever it is.
    Fact(Index),
    /// A group of reads, as if the snapshot had been taken without them.
    Need(Index),
    /// All of an account, as if it could not be entered.
    Account(Index),
}

fn forgotten() -> impl Strategy<Value = Forgotten> {
    prop_oneof![
        8 => any::<Index>().prop_map(Forgotten::Fact),
        1 => any::<Index>().prop_map(Forgotten::Need),
        1 => any::<Index>().prop_map(Forgotten::Account),
    ]
}

fn gap(call: &str) -> Value {
    json!({"kind": "access-denied", "call": call, "account": null, "region": null, "code": "Forgotten", "reason": "forgotten"})
}

/// The paths of every known fact.
fn facts(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if object.len() == 1 && object.contains_key("known") {
                found.push(path.to_owned());
            }
            for (key, inner) in object {
                facts(inner, &format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                facts(inner, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// The snapshot without one more thing, and what that was.
fn without(snapshot: &Value, forgotten: &Forgotten) -> (Value, String) {
    let mut less = snapshot.clone();
    let what = match forgotten {
        Forgotten::Fact(index) => {
            let mut found = Vec::new();
            facts(snapshot, "", &mut found);
            let path = index.get(&found).clone();
            *less.pointer_mut(&path).expect("just found") = json!({"gap": gap("test:Forgotten")});
            path
        }
        Forgotten::Need(index) => {
            let needs: Vec<Need> = serde_json::from_value(snapshot["needs"].clone()).expect("needs");
            if needs.is_empty() {
                return (less, "nothing".to_owned());
            }
            let dropped = index.index(needs.len());
            less["needs"].as_array_mut().expect("needs").remove(dropped);
            format!("{:?}", needs[dropped])
        }
        Forgotten::Account(index) => {
            let accounts = snapshot["accounts"].as_object().expect("accounts");
            let id = accounts.keys().nth(index.index(accounts.len())).expect("an account").clone();
            let gap = json!({"gap": gap("sts:AssumeRole")});
            less["accounts"][&id] = json!({"entered_as": gap, "region_list": gap, "regions": {}});
            id
        }
    };
    (less, what)
}

/// What a finding is about, whatever was read of where it is.
fn about(finding: &Finding) -> (&str, String) {
    let subject = finding.resource.clone().unwrap_or_else(|| subject(finding));
    (&finding.control, subject)
}

/// True when a place that decided about a trail is unknown now by itself.
fn is_judged_elsewhere(finding: &Finding, before: &[Finding], after: &[Finding]) -> bool {
    let of_places = |findings: &[Finding]| {
        let of_control = findings.iter().filter(|other| other.control == finding.control && other.resource.is_none());
        of_control.filter(|other| other.outcome == Outcome::Unknown).count()
    };
    BY_PLACE.contains(&finding.control.as_str()) && of_places(after) > of_places(before)
}

/// The findings that did not move to *unknown*, nor stay what they were; a line each.
fn moved(before: &[Finding], after: &[Finding]) -> Vec<String> {
    let outcomes = |findings: &[Finding]| -> BTreeMap<(String, String), Outcome> {
        findings
            .iter()
            .map(|finding| (about(finding), finding.outcome))
            .map(|((id, on), outcome)| ((id.to_owned(), on), outcome))
            .collect()
    };
    let (known, left) = (outcomes(before), outcomes(after));
    let unknowns: BTreeSet<(&str, &AccountId)> = after
        .iter()
        .filter(|finding| finding.outcome == Outcome::Unknown)
        .map(|finding| (finding.control.as_str(), &finding.account))
        .collect();
    let mut lines = Vec::new();
    for finding in after.iter().filter(|finding| finding.outcome != Outcome::Unknown) {
        let (control, subject) = about(finding);
        let was = known.get(&(control.to_owned(), subject.clone()));
        let is_meant = match was {
            Some(outcome) => *outcome == finding.outcome || is_judged_elsewhere(finding, before, after),
            // What the baseline does not require does not apply to what could not be listed either.
            None => finding.outcome == Outcome::NotApplicable,
        };
        if !is_meant && !BY_DESIGN.contains(&(control, finding.outcome)) {
            lines.push(format!(
                "{control}: {subject}: {was:?} became {}: {}",
                finding.outcome.as_str(),
                finding.reason
            ));
        }
    }
    for finding in before {
        let (control, subject) = about(finding);
        let is_left = left.contains_key(&(control.to_owned(), subject.clone()));
        // That there was nothing to judge at all is said of one account; what is unknown may be of another.
        let is_replaced = match finding.outcome {
            Outcome::NotApplicable => unknowns.iter().any(|(other, _)| *other == control),
            _ => unknowns.contains(&(control, &finding.account)),
        };
        if !is_left && !is_replaced {
            lines.push(format!(
                "{control}: {subject}: {} is gone, and nothing unknown stands for it",
                finding.outcome.as_str()
            ));
        }
    }
    lines
}

fn assessed(snapshot: &Value, baseline: &Baseline) -> Vec<Finding> {
    let snapshot: Snapshot = serde_json::from_value(snapshot.clone()).expect("a snapshot");
    assess(&snapshot, baseline, &[], controls::ALL, "test").findings
}

fn raw(case: &str) -> Value {
    serde_json::from_str(&read(case, "snapshot.json")).expect("JSON")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn forgetting_makes_nothing_pass_and_nothing_fail(
        case in any::<Index>(),
        forgotten in prop::collection::vec(forgotten(), 1..6),
    ) {
        let case = case.get(&cases::all().collect::<Vec<_>>()).name;
        let baseline = Expected::of(case).baseline;
        let mut snapshot = raw(case);
        let before = assessed(&snapshot, &baseline);
        let mut told = Vec::new();
        for one in &forgotten {
            let (less, what) = without(&snapshot, one);
            snapshot = less;
            told.push(what);
        }
        let lines = moved(&before, &assessed(&snapshot, &baseline));
        prop_assert!(lines.is_empty(), "{case} without {}:\n{}", told.join(", "), lines.join("\n"));
    }
}
