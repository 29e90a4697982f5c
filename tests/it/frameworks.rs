//! `frameworks`, and `audit --framework`: findings seen through published requirements.

use serde_json::Value;

use crate::support::{Run, trailwarden};

fn by_framework(id: &str, more: &[&str]) -> Run {
    trailwarden(&[&["audit", "--framework", id][..], more].concat())
}

fn requirement<'a>(document: &'a Value, id: &str) -> &'a Value {
    let requirements = document["framework"]["requirements"].as_array().expect("requirements");
    requirements.iter().find(|requirement| requirement["id"] == id).unwrap_or_else(|| panic!("{id}: {document}"))
}

#[test]
fn a_clean_organization_passes_what_is_answered_and_is_told_what_is_not() {
    let run = by_framework("cis-aws-5.0.0", &["--sandbox=clean"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for line in ["3.1          ✓ pass", "4.15         ✓ pass", "4.16         not answered", "! No control answers 4.16"]
    {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
}

#[test]
fn each_requirement_has_the_worst_of_its_own_controls() {
    let run = by_framework("nist-800-53-r5", &["--sandbox=blank", "-o", "json"]);
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    let document = run.json();
    let controls = |id| requirement(&document, id)["controls"].as_array().expect("controls").len();
    assert_eq!(requirement(&document, "AU-12")["verdict"], "fail");
    assert_eq!((controls("AU-8"), &requirement(&document, "AU-8")["verdict"]), (0, &Value::Null));
    for finding in document["findings"].as_array().expect("findings") {
        let answers = |asked: &Value| asked["controls"].as_array().is_some_and(|ids| ids.contains(&finding["control"]));
        let requirements = document["framework"]["requirements"].as_array().expect("requirements");
        assert!(requirements.iter().any(answers), "{} answers nothing and was judged", finding["control"]);
    }
}

#[test]
fn frameworks_are_listed_and_shown_with_their_controls() {
    let list = trailwarden(&["frameworks"]);
    assert_eq!(list.code, Some(0));
    for id in ["aws-fsbp-1.0.0", "cis-aws-7.0.0", "iso-27001-2022", "mitre-attack", "soc-2"] {
        assert!(list.stdout.contains(id), "{id}: {}", list.stdout);
    }
    let shown = trailwarden(&["frameworks", "show", "pci-dss-4.0.1"]).stdout;
    assert!(shown.contains("10.5.1") && shown.contains("log-bucket-retention-sufficient"), "{shown}");
    assert!(shown.contains("no control answers it"), "{shown}");
}

#[test]
fn a_framework_that_does_not_exist_is_refused_before_anything_is_read() {
    let run = by_framework("cis-aws-6.0.0", &["--sandbox=clean"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("no framework is called \"cis-aws-6.0.0\""), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean cis-aws-"), "{}", run.stderr);
    let both = trailwarden(&["audit", "--framework", "soc-2", "--control", "trail-is-logging"]);
    assert_eq!(both.code, Some(2), "{}", both.stderr);
}
